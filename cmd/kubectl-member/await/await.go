// Package await waits until the operator has acted on changed Members.
package await

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/watch"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/cmd/kubectl-member/apicall"
	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
	"rollcall.dev/rollcall/cmd/kubectl-member/humanize"
	"rollcall.dev/rollcall/cmd/kubectl-member/query"
)

// watchPause is how long to wait before a watch that failed is started again.
const watchPause = time.Second

// All waits until the operator has reached the conditions of all named members, with one list
// and one watch. It ends early when all that remain are stuck. It prints each member that the
// operator has not finished, with the reason, and returns an error with the exit code for a
// deadline.
func All(ctx context.Context, s *cli.Session, cluster client.WithWatch, namespace string, conditions map[string]Condition, timeout time.Duration) error {
	t := newTracker(s, conditions)
	limited, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	for t.goesOn() {
		if err := t.follow(limited, cluster, namespace); apicall.IsPermanent(err) {
			return fmt.Errorf("saved, but waiting failed: %w", apicall.Explain("", namespace, err))
		}
		if t.goesOn() && !apicall.Pause(limited, watchPause) {
			break
		}
	}
	return t.report(ctx, s, len(conditions), timeout)
}

// follow lists and watches until no member is left to wait for, or the watch ends.
func (t *tracker) follow(ctx context.Context, cluster client.WithWatch, namespace string) error {
	options := []client.ListOption{client.InNamespace(namespace)}
	if len(t.conditions) == 1 {
		for name := range t.conditions {
			options = append(options, client.MatchingFieldsSelector{Selector: fields.OneTermEqualSelector("metadata.name", name)})
		}
	}
	version, err := t.list(ctx, cluster, options)
	if err != nil || len(t.conditions) == 0 {
		return err
	}
	options = append(options, &client.ListOptions{Raw: &metav1.ListOptions{ResourceVersion: version}})
	stream, err := cluster.Watch(ctx, &v1alpha1.MemberList{}, options...)
	if err != nil {
		return err
	}
	defer stream.Stop()
	for t.goesOn() {
		if open, err := t.next(stream); !open || err != nil {
			return err
		}
	}
	return nil
}

// list checks all members once, and returns the version of the list.
func (t *tracker) list(ctx context.Context, cluster client.Client, options []client.ListOption) (version string, err error) {
	found, page := map[string]bool{}, &v1alpha1.MemberList{}
	for begun := false; !begun || page.Continue != ""; begun = true {
		next := append(slices.Clone(options), client.Limit(query.PageSize), client.Continue(page.Continue))
		page = &v1alpha1.MemberList{}
		if err := cluster.List(ctx, page, next...); err != nil {
			return "", err
		}
		for i := range page.Items {
			found[page.Items[i].Name] = true
			t.check(page.Items[i].Name, &page.Items[i])
		}
	}
	for name := range t.conditions {
		if !found[name] {
			t.check(name, nil)
		}
	}
	return page.ResourceVersion, nil
}

// next handles the next event, or returns when the grace period of stuck members ends.
func (t *tracker) next(stream watch.Interface) (open bool, err error) {
	var graceEnds <-chan time.Time
	if t.allStuck() {
		timer := time.NewTimer(max(0, t.grace-t.now().Sub(t.stuckSince)))
		defer timer.Stop()
		graceEnds = timer.C
	}
	select {
	case event, open := <-stream.ResultChan():
		if !open {
			return false, nil
		}
		member, isMember := event.Object.(*v1alpha1.Member)
		switch {
		case event.Type == watch.Error:
			return true, fmt.Errorf("the watch ended: %v", event.Object)
		case !isMember || event.Type == watch.Bookmark:
		case event.Type == watch.Deleted:
			t.check(member.Name, nil)
		default:
			t.check(member.Name, member)
		}
		return true, nil
	case <-graceEnds:
		return true, nil
	}
}

// report prints the members that are still waited for.
func (t *tracker) report(ctx context.Context, s *cli.Session, count int, timeout time.Duration) error {
	slices.Sort(t.notes)
	for _, note := range t.notes {
		cli.Say(s.ErrOut, "note: %s\n", note)
	}
	awaited := slices.Sorted(maps.Keys(t.conditions))
	if ctx.Err() != nil && len(awaited) > 0 {
		t.printDetails(s, awaited, "")
		return cli.Errorf(cli.ExitInterrupted, "interrupted: the change is saved, but the operator had not acted on %s yet", humanize.Names(awaited))
	}
	names := slices.Sorted(slices.Values(slices.Concat(t.gone, awaited)))
	if len(names) == 0 {
		return nil
	}
	t.printDetails(s, names, "the API server did not answer")
	who, example := names[0], names[0]
	if count > 1 {
		who = fmt.Sprintf("%d of %d members", len(names), count)
	}
	if len(names) > 1 {
		example = "NAME"
	}
	if t.isHopeless() {
		return cli.Errorf(cli.ExitDeadline, "Saved, but %s cannot become Ready until this is fixed. Run: kubectl member show %s", who, example)
	}
	return cli.Errorf(cli.ExitDeadline, "Saved, but the operator did not act on %s within %s. Run: kubectl member show %s", who, timeout, example)
}

// printDetails prints what is missing of each member.
func (t *tracker) printDetails(s *cli.Session, names []string, otherwise string) {
	for _, name := range names {
		if detail := cmp.Or(t.details[name], otherwise); detail != "" {
			cli.Say(s.ErrOut, "error: %s: %s\n", name, detail)
		}
	}
}

// tracker holds the members that are still waited for.
type tracker struct {
	conditions map[string]Condition
	// details holds what was last missing, by name.
	details map[string]string
	// stuck holds the members that cannot proceed by themselves. stuckSince is when the last of
	// them got stuck, and grace is how long that must last.
	stuck      map[string]bool
	stuckSince time.Time
	grace      time.Duration
	now        func() time.Time
	// notes are printed about members that are done.
	notes []string
	// gone holds members that were deleted in the meantime.
	gone []string
}

func newTracker(s *cli.Session, conditions map[string]Condition) *tracker {
	return &tracker{
		conditions: maps.Clone(conditions), details: map[string]string{}, stuck: map[string]bool{},
		grace: s.StuckGrace, now: s.Now,
	}
}

// goesOn reports whether waiting can still help a member.
func (t *tracker) goesOn() bool { return len(t.conditions) > 0 && !t.isHopeless() }

// isHopeless reports whether all remaining members have been stuck for the grace period.
func (t *tracker) isHopeless() bool { return t.allStuck() && t.now().Sub(t.stuckSince) >= t.grace }

func (t *tracker) allStuck() bool { return len(t.conditions) > 0 && len(t.stuck) == len(t.conditions) }

// check updates the tracker with a member, which may be one that is not waited for.
func (t *tracker) check(name string, member *v1alpha1.Member) {
	condition, isAwaited := t.conditions[name]
	if !isAwaited {
		return
	}
	progress := condition(member)
	switch {
	case progress.Phase != Stuck:
		delete(t.stuck, name)
	case !t.stuck[name]:
		t.stuck[name] = true
		t.stuckSince = t.now()
	}
	if progress.Phase == Done {
		delete(t.conditions, name)
		delete(t.details, name)
		if progress.Detail != "" {
			t.notes = append(t.notes, name+": "+progress.Detail)
		}
		return
	}
	t.details[name] = progress.Detail
	if member == nil {
		delete(t.conditions, name)
		t.gone = append(t.gone, name)
	}
}
