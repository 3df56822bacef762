package member

import (
	"context"
	"errors"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/priorityqueue"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/claims"
	"rollcall.dev/rollcall/internal/licensing"
)

// at is when the tests take place.
var at = time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)

// orderedQueue notes the priorities that requests are added with.
type orderedQueue struct {
	workqueue.TypedRateLimitingInterface[reconcile.Request]
	priorities []int
}

func (q *orderedQueue) AddWithOpts(options priorityqueue.AddOpts, _ ...reconcile.Request) {
	q.priorities = append(q.priorities, *options.Priority)
}

func (q *orderedQueue) GetWithPriority() (reconcile.Request, int, bool) {
	return reconcile.Request{}, 0, true
}

func TestACutOffComesBeforeEverythingElseByTheStateOfTheMember(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		member v1alpha1.Member
		start  bool
		want   int
	}{
		"a new member":                   {v1alpha1.Member{}, false, 0},
		"one seen at the start":          {v1alpha1.Member{}, true, handler.LowPriority},
		"forced offline, still allowed":  {forced(v1alpha1.LoginAllowed), false, cutOffPriority},
		"the same, seen at the start":    {forced(v1alpha1.LoginAllowed), true, cutOffPriority},
		"forced offline, not looked at":  {forced(""), false, cutOffPriority},
		"forced offline, denied already": {forced(v1alpha1.LoginDenied), true, handler.LowPriority},
		"a leaver, still allowed": {v1alpha1.Member{
			ObjectMeta: metav1.ObjectMeta{DeletionTimestamp: &metav1.Time{Time: at}},
			Status:     v1alpha1.MemberStatus{Login: v1alpha1.LoginAllowed},
		}, false, cutOffPriority},
		"inactive, still allowed": {v1alpha1.Member{
			Spec: v1alpha1.MemberSpec{Active: new(false)}, Status: v1alpha1.MemberStatus{Login: v1alpha1.LoginAllowed},
		}, false, cutOffPriority},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			queue := &orderedQueue{}
			claims := claims.New(claimAskers(unreadable{}))
			watch := memberWatch{now: func() time.Time { return at }, claims: claims, seats: licensing.New(cacheSnapshots{unreadable{}}, claims.IsDuplicate)}
			watch.handler().Create(t.Context(), event.TypedCreateEvent[*v1alpha1.Member]{Object: &test.member, IsInInitialList: test.start}, queue)
			if len(queue.priorities) != 1 || queue.priorities[0] != test.want {
				t.Errorf("priorities are %v, not %d", queue.priorities, test.want)
			}
			queue.priorities = nil
			watch.handler().Update(t.Context(), event.TypedUpdateEvent[*v1alpha1.Member]{ObjectOld: &test.member, ObjectNew: &test.member}, queue)
			if want := max(test.want, 0); len(queue.priorities) != 1 || queue.priorities[0] != want {
				t.Errorf("priorities of an update are %v, not %d", queue.priorities, want)
			}
		})
	}
}

// forced is a Member forced offline, with a login state.
func forced(login v1alpha1.LoginState) v1alpha1.Member {
	return v1alpha1.Member{Spec: v1alpha1.MemberSpec{ForceOffline: true}, Status: v1alpha1.MemberStatus{Login: login}}
}

// unreadable is a cache that has stopped.
type unreadable struct{ client.Reader }

func (unreadable) List(context.Context, client.ObjectList, ...client.ListOption) error {
	return errors.New("it has stopped")
}

func TestWhoMustLosePermissionsComesBeforeEverythingElse(t *testing.T) {
	t.Parallel()
	withRole := func(role v1alpha1.Role) *v1alpha1.Member {
		return &v1alpha1.Member{
			Spec:   v1alpha1.MemberSpec{Email: "ana@example.com", Role: role},
			Status: v1alpha1.MemberStatus{Login: v1alpha1.LoginAllowed},
		}
	}
	claims := claims.New(claimAskers(unreadable{}))
	watch := memberWatch{
		now: func() time.Time { return at }, gone: func(*v1alpha1.Member) {},
		claims: claims, seats: licensing.New(cacheSnapshots{unreadable{}}, claims.IsDuplicate),
	}
	for name, test := range map[string]struct {
		before, after v1alpha1.Role // conditions.False role after: the Member is deleted
		want          int
	}{
		"another administrator's role": {v1alpha1.RoleDeskAdmin, v1alpha1.RoleSupervisor, cutOffPriority},
		"no administrator any more":    {v1alpha1.RoleSupervisor, v1alpha1.RoleDeskStaff, cutOffPriority},
		"the role as before":           {v1alpha1.RoleDeskAdmin, v1alpha1.RoleDeskAdmin, 0},
		"a Super Admin is deleted":     {v1alpha1.RoleSuperAdmin, "", cutOffPriority},
		"a Desk Admin is deleted":      {v1alpha1.RoleDeskAdmin, "", cutOffPriority},
		"a Supervisor is deleted":      {v1alpha1.RoleSupervisor, "", cutOffPriority},
		"Desk Staff is deleted":        {v1alpha1.RoleDeskStaff, "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			queue := &orderedQueue{}
			if test.after == "" {
				watch.handler().Delete(t.Context(), event.TypedDeleteEvent[*v1alpha1.Member]{Object: withRole(test.before)}, queue)
			} else {
				watch.handler().Update(t.Context(), event.TypedUpdateEvent[*v1alpha1.Member]{ObjectOld: withRole(test.before), ObjectNew: withRole(test.after)}, queue)
			}
			if len(queue.priorities) != 1 || queue.priorities[0] != test.want {
				t.Errorf("priorities are %v, not %d", queue.priorities, test.want)
			}
		})
	}
}
