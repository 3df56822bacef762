package directory

import (
	"slices"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/login"
)

func TestLoginIsDeniedIfSpecOrStatusDeniesIt(t *testing.T) {
	t.Parallel()
	later, earlier := metav1.NewTime(testTime.Add(time.Second)), metav1.NewTime(testTime.Add(-time.Second))
	denied := func(reason v1alpha1.LoginReason) func(*v1alpha1.Member) {
		return func(m *v1alpha1.Member) { m.Status.Login, m.Status.LoginReason = v1alpha1.LoginDenied, reason }
	}
	for name, test := range map[string]struct {
		change func(*v1alpha1.Member)
		want   v1alpha1.LoginReason
	}{
		"nothing denies":                    {nil, ""},
		"forced offline, not yet in status": {func(m *v1alpha1.Member) { m.Spec.ForceOffline = true }, v1alpha1.LoginReasonForcedOffline},
		"forced offline until later":        {func(m *v1alpha1.Member) { m.Spec.ForceOfflineUntil = &later }, v1alpha1.LoginReasonForcedOffline},
		"forced offline until earlier":      {func(m *v1alpha1.Member) { m.Spec.ForceOfflineUntil = &earlier }, ""},
		"inactive":                          {func(m *v1alpha1.Member) { m.Spec.Active = new(false) }, v1alpha1.LoginReasonInactive},
		"being deleted":                     {func(m *v1alpha1.Member) { m.DeletionTimestamp = &earlier }, v1alpha1.LoginReasonDeleting},
		"restored, not yet in status":       {denied(v1alpha1.LoginReasonForcedOffline), v1alpha1.LoginReasonForcedOffline},
		"denied by status alone":            {denied(v1alpha1.LoginReasonNotIssued), v1alpha1.LoginReasonNotIssued},
		"forced offline until earlier, not yet in status": {func(m *v1alpha1.Member) {
			m.Spec.ForceOfflineUntil = &earlier
			denied(v1alpha1.LoginReasonForcedOffline)(m)
		}, v1alpha1.LoginReasonForcedOffline},
		"not reconciled yet":            {func(m *v1alpha1.Member) { m.Status.Login, m.Status.LoginReason = "", "" }, reasonUnknown},
		"denied without a reason":       {denied(""), reasonUnknown},
		"the spec's reason comes first": {func(m *v1alpha1.Member) { m.Spec.ForceOffline = true; denied(v1alpha1.LoginReasonNotIssued)(m) }, v1alpha1.LoginReasonForcedOffline},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			directory, feeds := newTestDirectory(atTestTime)
			replaceAll(t, feeds["members"], testMember(test.change))
			got, ok := directory.MemberByUID("desk", "uid-ana")
			if !ok || got.Denial != string(test.want) {
				t.Errorf("denial %q (found: %t), want %q", got.Denial, ok, test.want)
			}
		})
	}
}

func TestDenialInSpecEndsSessionsEvenIfStatusNeverShowsIt(t *testing.T) {
	t.Parallel()
	now := testTime
	directory, feeds := newTestDirectory(func() time.Time { return now })
	later := metav1.NewTime(testTime.Add(time.Minute))
	for name, deny := range map[string]func(*v1alpha1.Member){
		"force offline":       func(m *v1alpha1.Member) { m.Spec.ForceOffline = true },
		"force offline until": func(m *v1alpha1.Member) { m.Spec.ForceOfflineUntil = &later },
		"deactivation":        func(m *v1alpha1.Member) { m.Spec.Active = new(false) },
		"denied by status":    func(m *v1alpha1.Member) { m.Status.Login = v1alpha1.LoginDenied },
		"no denial":           nil,
	} {
		uid := types.UID(name)
		memberWith := func(change func(*v1alpha1.Member)) *v1alpha1.Member {
			return testMember(func(m *v1alpha1.Member) {
				m.Name, m.UID = strings.ReplaceAll(name, " ", "-"), uid
				if change != nil {
					change(m)
				}
			})
		}
		update := func(change func(*v1alpha1.Member)) {
			if err := feeds["members"].Update(memberWith(change)); err != nil {
				t.Fatal(err)
			}
		}
		update(nil)
		update(deny)
		now = now.Add(time.Second)
		update(nil)
		want := now.UnixMilli()
		if deny == nil {
			want = 0
		}
		now = now.Add(time.Second)
		update(func(m *v1alpha1.Member) { m.Spec.Nickname = "Another" })
		if member, _ := directory.MemberByUID("desk", string(uid)); member.SessionsAfter != want {
			t.Errorf("%s: sessions are valid from %d, want %d", name, member.SessionsAfter, want)
		}
		// A list keeps that time. A new Member with the same name does not inherit it.
		replaceAll(t, feeds["members"], memberWith(nil))
		if member, _ := directory.MemberByUID("desk", string(uid)); member.SessionsAfter != want {
			t.Errorf("%s: after a list, sessions are valid from %d, want %d", name, member.SessionsAfter, want)
		}
		update(func(m *v1alpha1.Member) { m.UID = "another" })
		if member, _ := directory.MemberByUID("desk", "another"); member.SessionsAfter != 0 {
			t.Errorf("%s: a new Member's sessions are valid from %d, want 0", name, member.SessionsAfter)
		}
	}
}

func TestAllowedSinceIsTheStartOfTheCurrentPeriod(t *testing.T) {
	t.Parallel()
	member := testMember(nil)
	if got := login.Period(&member.Status); got != testTime.Add(-time.Hour).Unix() {
		t.Errorf("login is allowed since %d, want an hour before the test", got)
	}
	member.Status.Conditions[0].Status = metav1.ConditionFalse
	if got := login.Period(&member.Status); got != 0 {
		t.Errorf("login is denied, but allowed since %d; want 0", got)
	}
	if record := newMemberRecord(testMember(nil)); types.UID(record.member.UID) != "uid-ana" || !slices.Equal(record.member.SkillGroups, []string{"billing", "sales"}) {
		t.Errorf("the record is %+v", record.member)
	}
}
