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

// testTime is the time on the fake clock.
var testTime = time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)

// priorityRecorder records the priorities of added requests.
type priorityRecorder struct {
	workqueue.TypedRateLimitingInterface[reconcile.Request]
	priorities []int
}

func (q *priorityRecorder) AddWithOpts(options priorityqueue.AddOpts, _ ...reconcile.Request) {
	q.priorities = append(q.priorities, *options.Priority)
}

func (q *priorityRecorder) GetWithPriority() (reconcile.Request, int, bool) {
	return reconcile.Request{}, 0, true
}

// expect checks that one request was added, and with which priority.
func (q *priorityRecorder) expect(t *testing.T, want int) {
	t.Helper()
	if len(q.priorities) != 1 || q.priorities[0] != want {
		t.Errorf("priorities are %v, want only %d", q.priorities, want)
	}
}

// stoppedCache is a cache that stopped.
type stoppedCache struct{ client.Reader }

func (stoppedCache) List(context.Context, client.ObjectList, ...client.ListOption) error {
	return errors.New("the cache stopped")
}

// newMemberWatch returns a watch without other Members.
func newMemberWatch() memberWatch {
	claims := claims.New(listRequesters(stoppedCache{}))
	return memberWatch{
		now: func() time.Time { return testTime }, forget: func(*v1alpha1.Member) {},
		claims: claims, seats: licensing.New(cacheSnapshots{stoppedCache{}}, claims.IsDuplicate),
	}
}

func TestTheStateOfAMemberDecidesItsPriority(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		member  v1alpha1.Member
		initial bool
		want    int
	}{
		"a new Member":                   {v1alpha1.Member{}, false, 0},
		"a Member of the initial list":   {v1alpha1.Member{}, true, handler.LowPriority},
		"forced offline, still allowed":  {forcedOffline(v1alpha1.LoginAllowed), false, urgentPriority},
		"the same, in the initial list":  {forcedOffline(v1alpha1.LoginAllowed), true, urgentPriority},
		"forced offline, not reconciled": {forcedOffline(""), false, urgentPriority},
		"forced offline, denied already": {forcedOffline(v1alpha1.LoginDenied), true, handler.LowPriority},
		"being deleted, still allowed": {v1alpha1.Member{
			ObjectMeta: metav1.ObjectMeta{DeletionTimestamp: &metav1.Time{Time: testTime}},
			Status:     v1alpha1.MemberStatus{Login: v1alpha1.LoginAllowed},
		}, false, urgentPriority},
		"inactive, still allowed": {v1alpha1.Member{
			Spec: v1alpha1.MemberSpec{Active: new(false)}, Status: v1alpha1.MemberStatus{Login: v1alpha1.LoginAllowed},
		}, false, urgentPriority},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			watch := newMemberWatch()
			created, updated := &priorityRecorder{}, &priorityRecorder{}
			watch.handler().Create(t.Context(), event.TypedCreateEvent[*v1alpha1.Member]{Object: &test.member, IsInInitialList: test.initial}, created)
			created.expect(t, test.want)
			watch.handler().Update(t.Context(), event.TypedUpdateEvent[*v1alpha1.Member]{ObjectOld: &test.member, ObjectNew: &test.member}, updated)
			updated.expect(t, max(test.want, 0))
		})
	}
}

// forcedOffline returns a Member that is forced offline, with a login state.
func forcedOffline(login v1alpha1.LoginState) v1alpha1.Member {
	return v1alpha1.Member{Spec: v1alpha1.MemberSpec{ForceOffline: true}, Status: v1alpha1.MemberStatus{Login: login}}
}

func TestMembersThatLosePermissionsComeFirst(t *testing.T) {
	t.Parallel()
	withRole := func(role v1alpha1.Role) *v1alpha1.Member {
		return &v1alpha1.Member{
			Spec:   v1alpha1.MemberSpec{Email: "ana@example.com", Role: role},
			Status: v1alpha1.MemberStatus{Login: v1alpha1.LoginAllowed},
		}
	}
	watch := newMemberWatch()
	for name, test := range map[string]struct {
		before, after v1alpha1.Role // without a role after it, the Member is deleted
		want          int
	}{
		"another administrator's role": {v1alpha1.RoleDeskAdmin, v1alpha1.RoleSupervisor, urgentPriority},
		"no permissions any more":      {v1alpha1.RoleSupervisor, v1alpha1.RoleDeskStaff, urgentPriority},
		"the same role":                {v1alpha1.RoleDeskAdmin, v1alpha1.RoleDeskAdmin, 0},
		"a Super Admin is deleted":     {v1alpha1.RoleSuperAdmin, "", urgentPriority},
		"a Desk Admin is deleted":      {v1alpha1.RoleDeskAdmin, "", urgentPriority},
		"a Supervisor is deleted":      {v1alpha1.RoleSupervisor, "", urgentPriority},
		"Desk Staff is deleted":        {v1alpha1.RoleDeskStaff, "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			queue := &priorityRecorder{}
			if test.after == "" {
				watch.handler().Delete(t.Context(), event.TypedDeleteEvent[*v1alpha1.Member]{Object: withRole(test.before)}, queue)
			} else {
				watch.handler().Update(t.Context(), event.TypedUpdateEvent[*v1alpha1.Member]{ObjectOld: withRole(test.before), ObjectNew: withRole(test.after)}, queue)
			}
			queue.expect(t, test.want)
		})
	}
}

func TestMembersAreRequeuedOnceTheRolesOfAProfileAreWritten(t *testing.T) {
	t.Parallel()
	profile := func(change ...func(*v1alpha1.UserProfile)) *v1alpha1.UserProfile {
		p := &v1alpha1.UserProfile{ObjectMeta: metav1.ObjectMeta{Name: "narrow", UID: "1", Generation: 1}}
		p.Status.ObservedGeneration = 1
		for _, mutate := range change {
			mutate(p)
		}
		return p
	}
	ready := func(reason string) func(*v1alpha1.UserProfile) {
		return func(p *v1alpha1.UserProfile) {
			p.Status.Conditions = []metav1.Condition{{Type: v1alpha1.ReadyCondition, Reason: reason}}
		}
	}
	for name, test := range map[string]struct {
		before, after *v1alpha1.UserProfile
		want          bool
	}{
		"nothing changed":                        {profile(), profile(), false},
		"its spec changed":                       {profile(), profile(func(p *v1alpha1.UserProfile) { p.Generation = 2 }), false},
		"the Roles of the new spec were written": {profile(), profile(func(p *v1alpha1.UserProfile) { p.Status.ObservedGeneration = 2 }), true},
		"its members were counted":               {profile(), profile(func(p *v1alpha1.UserProfile) { p.Status.Members = new(int32(5)) }), false},
		"a Role could not be written":            {profile(ready("Ready")), profile(ready("RoleNotWritten")), true},
		"a Role is foreign":                      {profile(ready("Ready")), profile(ready("RoleConflict")), true},
		"the Role is no longer foreign": {
			profile(ready("RoleConflict")), profile(ready("Ready")), true,
		},
		"its deletion began":                 {profile(), profile(func(p *v1alpha1.UserProfile) { p.DeletionTimestamp = &metav1.Time{Time: testTime} }), true},
		"another UserProfile has the name":   {profile(), profile(func(p *v1alpha1.UserProfile) { p.UID = "2" }), true},
		"it became Ready for the first time": {profile(), profile(ready("Ready")), false},
	} {
		if got := concernsMembers(test.before, test.after); got != test.want {
			t.Errorf("%s: concernsMembers is %t, want %t", name, got, test.want)
		}
	}
}
