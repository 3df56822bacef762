// Package await waits until the operator has acted on changed Members.
package await

import (
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

// watchPause is how long to wait before a watch that failed is begun anew.
const watchPause = time.Second

// All waits until the operator has done what was asked for with all of these
// members, with one list and one watch however many they are. It gives up early when
// all who are left are stuck. Those for whom it has not when the time is up are named
// on ErrOut, each with the reason; the error then has the exit code for a deadline.
func All(ctx context.Context, s *cli.Session, cluster client.WithWatch, namespace string, names map[string]Condition, timeout time.Duration) error {
	w := newTracker(s, names)
	limited, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	for w.goesOn() {
		if err := w.follow(limited, cluster, namespace); apicall.IsPermanent(err) {
			return fmt.Errorf("it is asked for, but waiting failed: %w", apicall.Explain("", namespace, err))
		}
		if w.goesOn() && !apicall.Pause(limited, watchPause) {
			break
		}
	}
	return report(ctx, s, w, len(names), timeout)
}

// follow lists and watches until nobody is waited for, or the watch ends.
func (w *tracker) follow(ctx context.Context, cluster client.WithWatch, namespace string) error {
	options := []client.ListOption{client.InNamespace(namespace)}
	if len(w.names) == 1 {
		for name := range w.names {
			options = append(options, client.MatchingFieldsSelector{Selector: fields.OneTermEqualSelector("metadata.name", name)})
		}
	}
	version, err := w.list(ctx, cluster, options)
	if err != nil || len(w.names) == 0 {
		return err
	}
	options = append(options, &client.ListOptions{Raw: &metav1.ListOptions{ResourceVersion: version}})
	stream, err := cluster.Watch(ctx, &v1alpha1.MemberList{}, options...)
	if err != nil {
		return err
	}
	defer stream.Stop()
	for w.goesOn() {
		if open, err := w.next(stream); !open || err != nil {
			return err
		}
	}
	return nil
}

// next takes in what a watch reports next, or lets the time pass after which those
// who are stuck are waited for in vain.
func (w *tracker) next(stream watch.Interface) (open bool, err error) {
	var enough <-chan time.Time
	if w.allStuck() {
		timer := time.NewTimer(max(0, w.grace-w.now().Sub(w.since)))
		defer timer.Stop()
		enough = timer.C
	}
	select {
	case event, open := <-stream.ResultChan():
		if !open {
			return false, nil
		}
		return true, w.see(event)
	case <-enough:
		return true, nil
	}
}

// list looks at all members once, and says of which version the list is.
func (w *tracker) list(ctx context.Context, cluster client.Client, options []client.ListOption) (version string, err error) {
	seen := map[string]bool{}
	token := ""
	for {
		page := &v1alpha1.MemberList{}
		if err := cluster.List(ctx, page, append(slices.Clone(options), client.Limit(query.PageSize), client.Continue(token))...); err != nil {
			return "", err
		}
		for i := range page.Items {
			seen[page.Items[i].Name] = true
			w.look(page.Items[i].Name, &page.Items[i])
		}
		if token = page.Continue; token == "" {
			version = page.ResourceVersion
			break
		}
	}
	for name := range maps.Clone(w.names) {
		if !seen[name] {
			w.look(name, nil)
		}
	}
	return version, nil
}

// see takes in what a watch reports.
func (w *tracker) see(event watch.Event) error {
	member, is := event.Object.(*v1alpha1.Member)
	switch {
	case event.Type == watch.Error:
		return fmt.Errorf("the watch ended: %v", event.Object)
	case !is || event.Type == watch.Bookmark:
	case event.Type == watch.Deleted:
		w.look(member.Name, nil)
	default:
		w.look(member.Name, member)
	}
	return nil
}

// report says who is still waited for, if anybody is.
func report(ctx context.Context, s *cli.Session, w *tracker, count int, timeout time.Duration) error {
	slices.Sort(w.notes)
	for _, note := range w.notes {
		cli.Say(s.ErrOut, "note: %s\n", note)
	}
	names := slices.Sorted(maps.Keys(w.names))
	if ctx.Err() != nil && len(names) > 0 {
		for _, name := range names {
			if why := w.why[name]; why != "" {
				cli.Say(s.ErrOut, "error: %s: %s\n", name, why)
			}
		}
		return cli.Errorf(cli.ExitInterrupted, "interrupted while waiting: it is asked for, and the operator had not done it for %s", humanize.Names(names))
	}
	names = append(names, slices.Sorted(maps.Keys(w.gone))...)
	if len(names) == 0 {
		return nil
	}
	slices.Sort(names)
	for _, name := range names {
		why := w.why[name]
		if why == "" {
			why = "the API server did not answer"
		}
		cli.Say(s.ErrOut, "error: %s: %s\n", name, why)
	}
	of := ""
	if count > 1 {
		of = fmt.Sprintf(" for %d of %d members", len(names), count)
	}
	if w.inVain() {
		return cli.Errorf(cli.ExitDeadline, "it is asked for, and waiting longer is in vain%s: see kubectl member show", of)
	}
	return cli.Errorf(cli.ExitDeadline, "it is asked for, and the operator has not done it within %s%s: see kubectl member show", timeout, of)
}
