package describe

import (
	"slices"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/cmd/kubectl-member/goldentest"
)

// noon is the current time of these tests.
var noon = time.Date(2027, 1, 4, 12, 0, 0, 0, time.UTC)

// screenOf returns the screen of a member who can log in, after a change.
func screenOf(change func(*v1alpha1.Member)) *screen {
	at := metav1.NewTime(noon.Add(-time.Hour))
	member := &v1alpha1.Member{
		ObjectMeta: metav1.ObjectMeta{Namespace: "support-desk", Name: "ana", Generation: 3},
		Spec:       v1alpha1.MemberSpec{Email: "ana@example.com", Role: v1alpha1.RoleDeskStaff},
		Status: v1alpha1.MemberStatus{
			ObservedGeneration: 3, Login: v1alpha1.LoginAllowed, LoginReason: v1alpha1.LoginReasonActive,
			Credentials: &v1alpha1.CredentialsStatus{SecretName: "ana-credentials", Issue: 2, IssuedAt: at},
			Mail:        &v1alpha1.MailStatus{AcceptedAt: &at, Attempts: 1},
			Conditions: []metav1.Condition{
				{Type: v1alpha1.PasswordMailedCondition, Status: metav1.ConditionTrue, Reason: v1alpha1.ReasonMailed},
				{Type: v1alpha1.LoginAllowedCondition, Status: metav1.ConditionTrue, Reason: "Active", LastTransitionTime: at},
			},
		},
	}
	change(member)
	return &screen{member: member, now: noon, connection: " --namespace support-desk", paint: func(_, text string) string { return text }}
}

// denied makes the status deny login.
func denied(member *v1alpha1.Member, reason v1alpha1.LoginReason) {
	member.Status.Login, member.Status.LoginReason = v1alpha1.LoginDenied, reason
	member.Status.Conditions[1].Status, member.Status.Conditions[1].Reason = metav1.ConditionFalse, string(reason)
}

func TestTheHeadlineSaysWhetherAMemberCanLogIn(t *testing.T) {
	t.Parallel()
	later, earlier := metav1.NewTime(noon.Add(time.Hour)), metav1.NewTime(noon.Add(-time.Minute))
	for _, test := range []struct {
		name, want string
		change     func(*v1alpha1.Member)
	}{
		{"all is well", "ana can log in.", func(*v1alpha1.Member) {}},
		{"no status yet", "ana cannot log in yet: the operator has not seen this member.", func(m *v1alpha1.Member) {
			m.Status = v1alpha1.MemberStatus{ObservedGeneration: -1}
		}},
		{"the spec denies, the status does not yet", "ana must not log in (forced offline), but the operator has not carried it out yet: status.login is still Allowed.", func(m *v1alpha1.Member) {
			m.Spec.ForceOfflineUntil = &later
		}},
		{"forced offline", "ana cannot log in: forced offline.", func(m *v1alpha1.Member) {
			m.Spec.ForceOffline = true
			denied(m, v1alpha1.LoginReasonForcedOffline)
		}},
		{"the time has passed", "ana is to be allowed to log in again, but the operator has not carried it out yet: status.login is still Denied.", func(m *v1alpha1.Member) {
			m.Spec.ForceOfflineUntil = &earlier
			denied(m, v1alpha1.LoginReasonForcedOffline)
		}},
		{"just restored", "ana cannot log in: forced offline. The operator has not seen the last change yet.", func(m *v1alpha1.Member) {
			m.Generation++
			denied(m, v1alpha1.LoginReasonForcedOffline)
		}},
		{"a duplicate", "ana cannot log in: another member holds the e-mail address.", func(m *v1alpha1.Member) {
			denied(m, v1alpha1.LoginReasonDuplicate)
		}},
		{"waiting for a seat", "ana cannot log in: no Premium seat is free, and the member waits for one.", func(m *v1alpha1.Member) {
			denied(m, v1alpha1.LoginReasonNoLicense)
			m.Status.License = &v1alpha1.LicenseStatus{Tier: v1alpha1.TierStandard, Requested: v1alpha1.TierPremium}
		}},
		{"without a license", "ana cannot log in: no license is requested for the member.", func(m *v1alpha1.Member) {
			denied(m, v1alpha1.LoginReasonNoLicense)
		}},
		{"meant to have no license", "ana cannot log in: the member is to have no license.", func(m *v1alpha1.Member) {
			m.Spec.License = v1alpha1.LicenseNone
			denied(m, v1alpha1.LoginReasonNoLicense)
		}},
		{"a Supervisor by template without a Premium license", "ana cannot log in: a Supervisor needs a Premium license, and none is requested.", func(m *v1alpha1.Member) {
			m.Status.Role = &v1alpha1.Assignment{Name: "Supervisor", Source: v1alpha1.SourceTemplate("night")}
			denied(m, v1alpha1.LoginReasonNoLicense)
		}},
		{"without the e-mail", "ana is allowed to log in, but the e-mail with the password has not been sent: Retrying.", func(m *v1alpha1.Member) {
			m.Status.Conditions[0].Status, m.Status.Conditions[0].Reason = metav1.ConditionFalse, v1alpha1.ReasonRetrying
		}},
		{"changed since", "ana is allowed to log in. The operator has not seen the last change yet.", func(m *v1alpha1.Member) { m.Generation++ }},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got, _ := screenOf(test.change).headline(); got != test.want {
				t.Errorf("got %q", got)
			}
		})
	}
}

func TestTheEndOfADenialFollowsTheSpec(t *testing.T) {
	t.Parallel()
	later, no := metav1.NewTime(noon.Add(8*time.Hour)), false
	for want, change := range map[string]func(*v1alpha1.MemberSpec){
		"":                             func(*v1alpha1.MemberSpec) {},
		"2027-01-04T20:00:00Z (in 8h)": func(s *v1alpha1.MemberSpec) { s.ForceOfflineUntil = &later },
		"an administrator restores the member online":                  func(s *v1alpha1.MemberSpec) { s.ForceOffline = true },
		"an administrator sets active":                                 func(s *v1alpha1.MemberSpec) { s.Active = &no },
		"an administrator restores the member online, and sets active": func(s *v1alpha1.MemberSpec) { s.Active, s.ForceOffline = &no, true },
		"an administrator restores the member online; 2027-01-04T20:00:00Z (in 8h) does not end it, since forceOffline is set too": func(s *v1alpha1.MemberSpec) {
			s.ForceOffline, s.ForceOfflineUntil = true, &later
		},
	} {
		if got := screenOf(func(m *v1alpha1.Member) { change(&m.Spec) }).until(); got != want {
			t.Errorf("got %q, and not %q", got, want)
		}
	}
}

func TestTheStateOfTheMailIsDescribed(t *testing.T) {
	t.Parallel()
	next := metav1.NewTime(noon.Add(5 * time.Minute))
	p := screenOf(func(m *v1alpha1.Member) {
		m.Status.Conditions[0].Status, m.Status.Conditions[0].Reason = metav1.ConditionFalse, v1alpha1.ReasonRetrying
		m.Status.Mail = &v1alpha1.MailStatus{Attempts: 4, LastError: "connection refused", NextAttemptAt: &next}
	})
	if got, want := p.mail(), "Retrying, tried 4 times, last: connection refused; next attempt 2027-01-04T12:05:00Z (in 5m)"; got != want {
		t.Errorf("got %q", got)
	}
}

func TestTheLastWriterOfAFieldIsShown(t *testing.T) {
	t.Parallel()
	early, late := metav1.NewTime(noon.Add(-2*time.Hour)), metav1.NewTime(noon.Add(-time.Hour))
	fields := metav1.NewFieldsV1
	p := screenOf(func(m *v1alpha1.Member) {
		m.ManagedFields = []metav1.ManagedFieldsEntry{
			{Manager: "rollcall-cli", Time: &late, FieldsV1: fields(`{"f:spec":{"f:forceOffline":{}}}`)},
			{Manager: "flux", Time: &early, FieldsV1: fields(`{"f:spec":{"f:email":{},"f:active":{},"f:forceOffline":{}}}`)},
			{Manager: "edit", Time: &early, FieldsV1: fields(`{"f:spec":{"f:active":{}}}`)},
			{Manager: "rollcall", Time: &late, Subresource: "status", FieldsV1: fields(`{"f:spec":{"f:active":{}}}`)},
			{Manager: "tomorrow", Time: &late, FieldsV1: fields(`[]`)},
		}
	})
	got := lastWriters(p.member)
	want := []writer{{"spec", "", "rollcall-cli", late}, {"spec.active", "true", "edit", early}, {"spec.forceOffline", "false", "rollcall-cli", late}}
	if !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
}

func TestTheCreatorOfAMemberDoesNotCountAsTheWriterOfADefault(t *testing.T) {
	t.Parallel()
	at := metav1.NewTime(noon)
	p := screenOf(func(m *v1alpha1.Member) {
		m.ManagedFields = []metav1.ManagedFieldsEntry{{Manager: "flux", Time: &at, FieldsV1: metav1.NewFieldsV1(`{"f:spec":{"f:email":{},"f:active":{}}}`)}}
	})
	whole := writer{"spec", "", "flux", at}
	if got := lastWriters(p.member); !slices.Equal(got, []writer{whole}) {
		t.Errorf("active by default: %v", got)
	}
	p.member.Spec.Active = new(false)
	if got := lastWriters(p.member); !slices.Equal(got, []writer{whole, {"spec.active", "false", "flux", at}}) {
		t.Errorf("inactive: %v", got)
	}
}

func TestTheLastWriterOfAMemberIsAlwaysShown(t *testing.T) {
	t.Parallel()
	at := metav1.NewTime(noon.Add(-time.Hour))
	for want, entries := range map[string][]metav1.ManagedFieldsEntry{
		"not known: the Member has no managed fields of its spec": nil,
		"git": {
			{Manager: "labeler", Time: &at, FieldsV1: metav1.NewFieldsV1(`{"f:metadata":{"f:labels":{}}}`)},
			{Manager: "git", Time: &at, FieldsV1: metav1.NewFieldsV1(`{"f:spec":{"f:email":{},"f:active":{}}}`)},
			{Manager: "rollcall", Time: &at, Subresource: "status", FieldsV1: metav1.NewFieldsV1(`{"f:spec":{"f:email":{}}}`)},
		},
	} {
		w := screenOf(func(m *v1alpha1.Member) { m.ManagedFields = entries })
		w.writeWriters()
		lines := strings.Split(w.text.String(), "\n")
		if len(lines) != 6 || lines[1] != "Last written by" || !strings.Contains(lines[3], "   "+want) || !strings.HasSuffix(lines[4], "see docs/audit.md.") {
			t.Errorf("got %q, without %q", lines, want)
		}
	}
}

func TestEveryRemedyHasCommandsForTheMember(t *testing.T) {
	t.Parallel()
	var text string
	for _, remedy := range remedies {
		p := screenOf(func(m *v1alpha1.Member) {
			m.Spec.ForceOffline, m.Spec.AgentID = true, "A10"
			denied(m, v1alpha1.LoginReasonForcedOffline)
			m.Status.License = &v1alpha1.LicenseStatus{Requested: v1alpha1.TierPremium}
			if remedy.licenseNone {
				m.Spec.License = v1alpha1.LicenseNone
			}
			m.Status.UserProfile = &v1alpha1.Assignment{Name: "auditor", Source: v1alpha1.SourceMember}
			m.Status.Conditions = []metav1.Condition{{Type: remedy.condition, Reason: remedy.reason}}
		})
		text += remedy.condition + " " + remedy.reason + "\n"
		for _, given := range p.advice() {
			text += "  " + given.text + "\n"
			for _, command := range given.commands {
				text += "    " + command + "\n"
			}
		}
	}
	goldentest.Compare(t, "advice", text)
}
