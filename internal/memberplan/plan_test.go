package memberplan

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/credentials"
	"rollcall.dev/rollcall/internal/ownership"
)

// at is the time in the tests of this package.
var at = time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)

// observedMember returns the observation of a Member with its own Secret, in a contact center with
// mail. Everything that the Member requests is in place.
func observedMember(change ...func(*Observation)) Observation {
	observed := Observation{
		Now: at,
		Member: &v1alpha1.Member{
			ObjectMeta: metav1.ObjectMeta{Name: "ana", UID: "1", Generation: 4},
			Spec:       v1alpha1.MemberSpec{Email: "ana@example.com"},
			Status: v1alpha1.MemberStatus{
				Credentials: &v1alpha1.CredentialsStatus{SecretName: "ana-credentials", IssueID: "one", Issue: 1, IssuedAt: metav1.NewTime(at)},
				Mail:        &v1alpha1.MailStatus{IssueID: "one", MessageID: "one@example.com", Attempts: 1, Settings: "settings"},
			},
		},
		Center: &v1alpha1.ContactCenter{Spec: v1alpha1.ContactCenterSpec{Mail: &v1alpha1.Mail{}}},
		Secret: credentials.Facts{Ownership: ownership.Ours, UID: "s", IssueID: "one", Issue: 1, Intact: true, Complete: true},
		Claims: v1alpha1.Claims{Email: "ana@example.com"},
	}
	observed.MailServer.Settings, observed.MailServer.Known = "settings", true
	for _, mutate := range change {
		mutate(&observed)
	}
	return observed
}

// isNew removes the Secret and the status of the Member.
func isNew(o *Observation) {
	o.Member.Status = v1alpha1.MemberStatus{}
	o.Secret = credentials.Facts{}
}

func TestForReturnsThePlanOfAMember(t *testing.T) {
	t.Parallel()
	deleting := func(o *Observation) { o.Member.DeletionTimestamp = &metav1.Time{Time: at} }
	noCenter := func(o *Observation) { o.Center = nil }
	secret := func(change func(*credentials.Facts)) func(*Observation) {
		return func(o *Observation) { change(&o.Secret) }
	}
	reset := func(o *Observation) { o.Member.Spec.PasswordReset = "monday" }
	gone := secret(func(s *credentials.Facts) { *s = credentials.Facts{} })
	for name, test := range map[string]struct {
		observed []func(*Observation)
		want     Plan
	}{
		"nothing to do":                      {nil, Plan{}},
		"a new member gets a first password": {of(isNew), Plan{Secret: CreateSecret, Issue: 1, IssuedFor: "first"}},
		"the first password answers a reset": {of(isNew, reset), Plan{Secret: CreateSecret, Issue: 1, IssuedFor: "first", PasswordReset: "monday"}},
		"a reset replaces the password":      {of(reset), Plan{Secret: ReplacePassword, Issue: 2, IssuedFor: "reset", PasswordReset: "monday"}},
		"a handled reset does nothing":       {of(reset, secret(func(s *credentials.Facts) { s.PasswordReset = "monday" })), Plan{}},
		"the Secret overrules the status":    {of(reset, func(o *Observation) { o.Member.Status.Credentials.PasswordReset = "monday" }), Plan{Secret: ReplacePassword, Issue: 2, IssuedFor: "reset", PasswordReset: "monday"}},
		"a deleted Secret is created again":  {of(gone), Plan{Secret: CreateSecret, Issue: 2, IssuedFor: "repair"}},
		"an edited Secret is replaced":       {of(secret(func(s *credentials.Facts) { s.Intact = false })), Plan{Secret: ReplacePassword, Issue: 2, IssuedFor: "repair"}},
		"an immutable Secret is recreated":   {of(secret(func(s *credentials.Facts) { s.Intact, s.Immutable = false, true })), Plan{Secret: RecreateSecret, DeleteUID: "s", Issue: 2, IssuedFor: "repair"}},
		"lost labels are restored":           {of(secret(func(s *credentials.Facts) { s.Complete = false })), Plan{Secret: CompleteSecret}},
		"the next number exceeds that of the Secret": {
			of(reset, secret(func(s *credentials.Facts) { s.Issue = 9 })),
			Plan{Secret: ReplacePassword, Issue: 10, IssuedFor: "reset", PasswordReset: "monday"},
		},
		"a predecessor's Secret is deleted": {
			of(isNew, secret(func(s *credentials.Facts) { s.Ownership, s.UID, s.Issue = ownership.Predecessors, "old", 3 })),
			Plan{Secret: RecreateSecret, DeleteUID: "old", Issue: 4, IssuedFor: "first"},
		},
		"an orphaned Secret is adopted":           {of(isNew, secret(func(s *credentials.Facts) { s.Ownership = ownership.Orphaned })), Plan{Secret: AdoptSecret}},
		"adoption needs no contact center":        {of(isNew, noCenter, secret(func(s *credentials.Facts) { s.Ownership = ownership.Orphaned })), Plan{Secret: AdoptSecret}},
		"a foreign Secret is checked again":       {of(isNew, secret(func(s *credentials.Facts) { s.Ownership = ownership.Foreign })), Plan{RequeueAfter: time.Minute}},
		"a Secret being deleted stays":            {of(secret(func(s *credentials.Facts) { s.Deleting, s.Intact = true, false })), Plan{}},
		"no contact center: no first password":    {of(isNew, noCenter), Plan{}},
		"no contact center: no reset":             {of(reset, noCenter), Plan{}},
		"no contact center: no repair":            {of(gone, noCenter), Plan{}},
		"being deleted: no first password":        {of(isNew, deleting), Plan{}},
		"being deleted: no repair":                {of(gone, deleting), Plan{}},
		"a duplicate gets nothing":                {of(isNew, func(o *Observation) { o.Claims = v1alpha1.Claims{} }), Plan{}},
		"a member forced offline gets a password": {of(isNew, func(o *Observation) { o.Member.Spec.ForceOffline = true }), Plan{Secret: CreateSecret, Issue: 1, IssuedFor: "first"}},
		"the end of a denial requeues": {
			of(func(o *Observation) { o.Member.Spec.ForceOfflineUntil = &metav1.Time{Time: at.Add(time.Hour)} }),
			Plan{RequeueAfter: time.Hour},
		},
		"a denial that is over does not requeue": {of(func(o *Observation) { o.Member.Spec.ForceOfflineUntil = &metav1.Time{Time: at} }), Plan{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := For(observedMember(test.observed...)); got != test.want {
				t.Errorf("For() = %+v, want %+v", got, test.want)
			}
		})
	}
}

// of returns its arguments as a list.
func of(changes ...func(*Observation)) []func(*Observation) { return changes }

func TestDeniesLoginReturnsTheReasonInTheSpec(t *testing.T) {
	t.Parallel()
	past, future := metav1.NewTime(at.Add(-time.Second)), metav1.NewTime(at.Add(time.Second))
	for name, test := range map[string]struct {
		spec v1alpha1.MemberSpec
		want v1alpha1.LoginReason
	}{
		"nothing denies":          {v1alpha1.MemberSpec{}, ""},
		"active":                  {v1alpha1.MemberSpec{Active: new(true)}, ""},
		"inactive":                {v1alpha1.MemberSpec{Active: new(false)}, v1alpha1.LoginReasonInactive},
		"forced":                  {v1alpha1.MemberSpec{ForceOffline: true}, v1alpha1.LoginReasonForcedOffline},
		"until later":             {v1alpha1.MemberSpec{ForceOfflineUntil: &future}, v1alpha1.LoginReasonForcedOffline},
		"until now":               {v1alpha1.MemberSpec{ForceOfflineUntil: &metav1.Time{Time: at}}, ""},
		"until earlier":           {v1alpha1.MemberSpec{ForceOfflineUntil: &past}, ""},
		"forced, until earlier":   {v1alpha1.MemberSpec{ForceOffline: true, ForceOfflineUntil: &past}, v1alpha1.LoginReasonForcedOffline},
		"inactive, until earlier": {v1alpha1.MemberSpec{Active: new(false), ForceOfflineUntil: &past}, v1alpha1.LoginReasonInactive},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := (&v1alpha1.Member{Spec: test.spec}).DeniesLogin(at); got != test.want {
				t.Errorf("DeniesLogin() = %q, want %q", got, test.want)
			}
		})
	}
}
