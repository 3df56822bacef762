package controllers

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// at is the time of all tests of pure functions.
var at = time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)

// observedMember is a Member with a Secret of its own, in a contact centre with
// mail, of which everything was done already.
func observedMember(change ...func(*memberObservation)) memberObservation {
	observed := memberObservation{
		now: at,
		member: &v1alpha1.Member{
			ObjectMeta: metav1.ObjectMeta{Name: "ana", UID: "1", Generation: 4},
			Spec:       v1alpha1.MemberSpec{Email: "ana@example.com"},
			Status: v1alpha1.MemberStatus{
				Credentials: &v1alpha1.CredentialsStatus{SecretName: "ana-credentials", IssueID: "one", Issue: 1, IssuedAt: metav1.NewTime(at)},
				Mail:        &v1alpha1.MailStatus{IssueID: "one", MessageID: "one@example.com", Attempts: 1, Settings: "settings"},
			},
		},
		center: &v1alpha1.ContactCenter{Spec: v1alpha1.ContactCenterSpec{Mail: &v1alpha1.Mail{}}},
		secret: secretFacts{standing: secretOurs, uid: "s", issueID: "one", issue: 1, intact: true, complete: true},
		claims: v1alpha1.Claims{Email: "ana@example.com"},
	}
	observed.mailServer.Settings, observed.mailServer.Known = "settings", true
	for _, mutate := range change {
		mutate(&observed)
	}
	return observed
}

// isNew takes away all that was done for the Member.
func isNew(o *memberObservation) {
	o.member.Status = v1alpha1.MemberStatus{}
	o.secret = secretFacts{}
}

func TestPlanMember(t *testing.T) {
	t.Parallel()
	deleting := func(o *memberObservation) { o.member.DeletionTimestamp = &metav1.Time{Time: at} }
	noCenter := func(o *memberObservation) { o.center = nil }
	secret := func(change func(*secretFacts)) func(*memberObservation) {
		return func(o *memberObservation) { change(&o.secret) }
	}
	reset := func(o *memberObservation) { o.member.Spec.PasswordReset = "monday" }
	gone := secret(func(s *secretFacts) { *s = secretFacts{} })
	for name, test := range map[string]struct {
		observed []func(*memberObservation)
		want     memberPlan
	}{
		"nothing to do":                     {nil, memberPlan{}},
		"a new member gets its first":       {of(isNew), memberPlan{secret: createSecret, issue: 1, issuedFor: "first"}},
		"a first one answers the reset":     {of(isNew, reset), memberPlan{secret: createSecret, issue: 1, issuedFor: "first", passwordReset: "monday"}},
		"a reset replaces":                  {of(reset), memberPlan{secret: replacePassword, issue: 2, issuedFor: "reset", passwordReset: "monday"}},
		"a handled reset does nothing":      {of(reset, secret(func(s *secretFacts) { s.passwordReset = "monday" })), memberPlan{}},
		"the Secret knows what was handled": {of(reset, func(o *memberObservation) { o.member.Status.Credentials.PasswordReset = "monday" }), memberPlan{secret: replacePassword, issue: 2, issuedFor: "reset", passwordReset: "monday"}},
		"a deleted Secret is made anew":     {of(gone), memberPlan{secret: createSecret, issue: 2, issuedFor: "repair"}},
		"an edited Secret is replaced":      {of(secret(func(s *secretFacts) { s.intact = false })), memberPlan{secret: replacePassword, issue: 2, issuedFor: "repair"}},
		"an immutable one is made anew":     {of(secret(func(s *secretFacts) { s.intact, s.immutable = false, true })), memberPlan{secret: recreateSecret, deleteUID: "s", issue: 2, issuedFor: "repair"}},
		"lost labels are put back":          {of(secret(func(s *secretFacts) { s.complete = false })), memberPlan{secret: completeSecret}},
		"the number goes on from the larger": {
			of(reset, secret(func(s *secretFacts) { s.issue = 9 })),
			memberPlan{secret: replacePassword, issue: 10, issuedFor: "reset", passwordReset: "monday"},
		},
		"a predecessor's is deleted": {
			of(isNew, secret(func(s *secretFacts) { s.standing, s.uid, s.issue = secretPredecessors, "old", 3 })),
			memberPlan{secret: recreateSecret, deleteUID: "old", issue: 4, issuedFor: "first"},
		},
		"an orphan is adopted":                 {of(isNew, secret(func(s *secretFacts) { s.standing = secretOrphaned })), memberPlan{secret: adoptSecret}},
		"an orphan needs no contact centre":    {of(isNew, noCenter, secret(func(s *secretFacts) { s.standing = secretOrphaned })), memberPlan{secret: adoptSecret}},
		"a foreign one is looked at again":     {of(isNew, secret(func(s *secretFacts) { s.standing = secretForeign })), memberPlan{requeueAfter: time.Minute}},
		"one about to go is waited for":        {of(secret(func(s *secretFacts) { s.deleting, s.intact = true, false })), memberPlan{}},
		"without a contact centre: no first":   {of(isNew, noCenter), memberPlan{}},
		"without a contact centre: no reset":   {of(reset, noCenter), memberPlan{}},
		"without a contact centre: no repair":  {of(gone, noCenter), memberPlan{}},
		"for a leaver nothing is made":         {of(isNew, deleting), memberPlan{}},
		"for a leaver nothing is repaired":     {of(gone, deleting), memberPlan{}},
		"a duplicate gets nothing":             {of(isNew, func(o *memberObservation) { o.claims = v1alpha1.Claims{} }), memberPlan{}},
		"a member forced offline gets its one": {of(isNew, func(o *memberObservation) { o.member.Spec.ForceOffline = true }), memberPlan{secret: createSecret, issue: 1, issuedFor: "first"}},
		"the end of a cut-off is waited for": {
			of(func(o *memberObservation) { o.member.Spec.ForceOfflineUntil = &metav1.Time{Time: at.Add(time.Hour)} }),
			memberPlan{requeueAfter: time.Hour},
		},
		"a cut-off that is over is not": {of(func(o *memberObservation) { o.member.Spec.ForceOfflineUntil = &metav1.Time{Time: at} }), memberPlan{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := planMember(observedMember(test.observed...)); got != test.want {
				t.Errorf("planMember = %+v, not %+v", got, test.want)
			}
		})
	}
}

// of is a list of changes.
func of(changes ...func(*memberObservation)) []func(*memberObservation) { return changes }

func TestDeniesLogin(t *testing.T) {
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
				t.Errorf("DeniesLogin = %q, not %q", got, test.want)
			}
		})
	}
}
