package operator

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/test/bench/setup"
)

const (
	// batchLabel names the batch of a Member, and watchedLabel the measurement that
	// watches it.
	batchLabel   = "bench.rollcall.dev/batch"
	watchedLabel = "bench.rollcall.dev/watched"
	// lastLetters is how many of the last recipients are asked about, before all are.
	lastLetters = 100
	// askPause is between two questions about one of them.
	askPause = 5 * time.Millisecond
	// standstill is how long nothing may happen before it is an error. The outbox
	// leaves a mail server that failed alone for a minute at most.
	standstill = 3 * time.Minute
)

// batch is Members that are made together.
type batch struct {
	name string
	// first is the number of the first of them.
	first, count int
	// watched has, by their position, those that a measurement watches.
	watched map[int]string
}

// member is the Member at a position.
func (b batch) member(namespace string, position int) *v1alpha1.Member {
	member := setup.NewMember(namespace, b.first+position)
	member.Labels = map[string]string{batchLabel: b.name}
	if watched := b.watched[position]; watched != "" {
		member.Labels[watchedLabel] = watched
	}
	return member
}

// makeBatch makes the Members of a batch.
func (w *Bench) makeBatch(ctx context.Context, b batch) error {
	w.Made += b.count
	return setup.InParallel(ctx, w.Concurrency, b.count, func(ctx context.Context, i int) error {
		return w.Admin.Create(ctx, b.member(setup.Namespace, i))
	})
}

// MakeMore makes more Members, from that number on.
func (w *Bench) MakeMore(ctx context.Context, first, count int) error {
	w.Printf("making %d more Members", count)
	return w.makeBatch(ctx, batch{name: "more", first: first, count: count})
}

// awaitReady waits until a batch is Ready, all others being so already, and returns
// when it was. Until all messages have arrived, it asks the API server nothing.
func (w *Bench) awaitReady(ctx context.Context, b batch) (time.Time, error) {
	if err := w.awaitMessages(ctx); err != nil {
		return time.Time{}, err
	}
	var names []string
	for _, address := range w.letters.latest(min(lastLetters, b.count)) {
		name, _, _ := strings.Cut(address, "@")
		names = append(names, name)
	}
	// What the last of them have to wait for, all have: the messages' results are
	// written down in their order, with few exceptions, which the list finds.
	for {
		if err := w.awaitEach(ctx, names); err != nil {
			return time.Time{}, err
		}
		ready := w.Now()
		var err error
		if names, err = w.which(ctx, b.name, func(member *v1alpha1.Member) bool { return !isReady(member) }); err != nil {
			return time.Time{}, err
		}
		if len(names) == 0 {
			return ready, nil
		}
	}
}

// awaitMessages waits until everybody has a message: whoever was made, and the Super
// Admin.
func (w *Bench) awaitMessages(ctx context.Context) error {
	last, progress := 0, w.Now()
	return wait.PollUntilContextCancel(ctx, 2*time.Millisecond, true, func(context.Context) (bool, error) {
		if err := w.operator.Exited(); err != nil {
			return false, err
		}
		arrived := w.letters.counts().Recipients
		switch {
		case arrived > last:
			last, progress = arrived, w.Now()
		case w.Since(progress) > standstill:
			return false, fmt.Errorf("no letter for %s; %d of %d arrived", standstill, arrived, w.Made+1)
		}
		return arrived >= w.Made+1, nil
	})
}

// awaitEach waits until each of some Members is Ready.
func (w *Bench) awaitEach(ctx context.Context, names []string) error {
	ctx, cancel := context.WithTimeoutCause(ctx, standstill, errors.New("a Member with a letter is still not Ready"))
	defer cancel()
	return setup.InParallel(ctx, w.Concurrency, len(names), func(ctx context.Context, i int) error {
		err := wait.PollUntilContextCancel(ctx, askPause, true, func(ctx context.Context) (bool, error) {
			var member v1alpha1.Member
			err := w.Admin.Get(ctx, client.ObjectKey{Namespace: setup.Namespace, Name: names[i]}, &member)
			return isReady(&member), err
		})
		if cause := context.Cause(ctx); cause != nil {
			err = cause // and not only that the time is over
		}
		if err != nil {
			return fmt.Errorf("waiting for Member %s: %w", names[i], err)
		}
		return nil
	})
}

func isReady(member *v1alpha1.Member) bool {
	return member.Status.ObservedGeneration == member.Generation &&
		apimeta.IsStatusConditionTrue(member.Status.Conditions, v1alpha1.ReadyCondition)
}

// which are the names of the wanted ones of a batch.
func (w *Bench) which(ctx context.Context, name string, wanted func(*v1alpha1.Member) bool) ([]string, error) {
	var list v1alpha1.MemberList
	if err := w.Admin.List(ctx, &list, client.InNamespace(setup.Namespace), client.MatchingLabels{batchLabel: name}); err != nil {
		return nil, err
	}
	var names []string
	for i := range list.Items {
		if member := &list.Items[i]; wanted(member) {
			names = append(names, member.Name)
		}
	}
	return names, nil
}

// AwaitCounts waits until the contact center and the groups have counted every member.
func (w *Bench) AwaitCounts(ctx context.Context) error {
	var missing error
	counting, cancel := context.WithTimeout(ctx, standstill)
	defer cancel()
	err := wait.PollUntilContextCancel(counting, 200*time.Millisecond, true, func(ctx context.Context) (bool, error) {
		if err := w.operator.Exited(); err != nil {
			return false, err
		}
		var err error
		missing, err = w.miscounted(ctx)
		return missing == nil, err
	})
	return errors.Join(err, missing)
}

// miscounted is what the contact center or the groups have not counted yet.
func (w *Bench) miscounted(ctx context.Context) (missing, err error) {
	var center v1alpha1.ContactCenter
	if err := w.Admin.Get(ctx, client.ObjectKey{Namespace: setup.Namespace, Name: v1alpha1.ContactCenterName}, &center); err != nil {
		return nil, err
	}
	counts := center.Status.Members
	if counts == nil || int(counts.Total) != w.Made+1 || counts.MailPending != 0 {
		return fmt.Errorf("the contact center counts %+v, and has %d Members", counts, w.Made+1), nil
	}
	var list v1alpha1.SkillGroupList
	if err := w.Admin.List(ctx, &list, client.InNamespace(setup.Namespace)); err != nil {
		return nil, err
	}
	wanted, counted, available := 2*w.Made, 0, 0
	if w.group {
		wanted += w.Made
	}
	for i := range list.Items {
		if status := list.Items[i].Status; status.Members != nil && status.Available != nil {
			counted += int(*status.Members)
			available += int(*status.Available)
		}
	}
	allowed := int(counts.LoginAllowed) - 1 // the Super Admin is in no group
	if counted != wanted || available != allowed*wanted/max(w.Made, 1) {
		return fmt.Errorf("the skill groups count %d members, %d of them available, and have %d", counted, available, wanted), nil
	}
	return nil, nil
}
