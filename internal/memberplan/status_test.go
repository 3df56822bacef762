package memberplan

import (
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/credentials"
	"rollcall.dev/rollcall/internal/mail"
	"rollcall.dev/rollcall/internal/ownership"
)

func TestStatusHasTheConditionsOfTheObservation(t *testing.T) {
	t.Parallel()
	unmailed := func(o *Observation) { o.Member.Status.Mail = nil }
	result := func(outcome mail.Outcome, issueID string) func(*Observation) {
		return func(o *Observation) {
			o.Result = &mail.Result{IssueID: issueID, Outcome: outcome, MessageID: issueID + "@example.com", At: at, Attempts: 1, NextAttemptAt: at.Add(time.Second), Error: "what happened", Settings: "settings"}
		}
	}
	before := func(reason string) func(*Observation) {
		return func(o *Observation) {
			o.Member.Status.Mail = &v1alpha1.MailStatus{Attempts: 1, LastError: "what happened", Settings: "settings"}
			if reason == v1alpha1.ReasonRetrying {
				o.Member.Status.Mail.NextAttemptAt = &metav1.Time{Time: at}
			}
			o.Member.Status.Conditions = []metav1.Condition{{Type: v1alpha1.PasswordMailedCondition, Status: metav1.ConditionFalse, Reason: reason, Message: "as before"}}
		}
	}
	offline := func(o *Observation) { o.Member.Spec.ForceOffline = true }
	foreign := func(o *Observation) { o.Secret.Ownership = ownership.Foreign }
	for name, test := range map[string]struct {
		observed                     []func(*Observation)
		ready, issued, mailed, login string
		stalled                      string
	}{
		"everything in place":              {nil, "Ready", "Issued", "Mailed", "Active", ""},
		"waiting for its turn":             {of(unmailed), "Pending", "Issued", "Pending", "Active", ""},
		"accepted just now":                {of(unmailed, result(mail.Accepted, "one")), "Ready", "Issued", "Mailed", "Active", ""},
		"a result about an older password": {of(unmailed, result(mail.Accepted, "zero")), "Pending", "Issued", "Pending", "Active", ""},
		"failed just now":                  {of(unmailed, result(mail.Retrying, "one")), "Retrying", "Issued", "Retrying", "Active", ""},
		"failed before":                    {of(before("Retrying")), "Retrying", "Issued", "Retrying", "Active", ""},
		"the server is down":               {of(unmailed, func(o *Observation) { o.MailServer.Failed = &mail.StageError{} }), "Retrying", "Issued", "Retrying", "Active", ""},
		"rejected just now":                {of(unmailed, result(mail.Rejected, "one")), "Rejected", "Issued", "Rejected", "Active", "Rejected"},
		"rejected before":                  {of(before("Rejected")), "Rejected", "Issued", "Rejected", "Active", "Rejected"},
		"rejected, unknown settings":       {of(before("Rejected"), func(o *Observation) { o.MailServer = mail.Health{} }), "Rejected", "Issued", "Rejected", "Active", "Rejected"},
		"rejected, new settings":           {of(before("Rejected"), func(o *Observation) { o.MailServer.Settings = "new" }), "Retrying", "Issued", "Retrying", "Active", ""},
		"held":                             {of(unmailed, offline), "Ready", "Issued", "Held", "ForcedOffline", ""},
		"mailed, then forced":              {of(offline), "Ready", "Issued", "Mailed", "ForcedOffline", ""},
		"no mail":                          {of(unmailed, func(o *Observation) { o.Center.Spec.Mail = nil }), "Ready", "Issued", "MailNotConfigured", "Active", ""},
		"no contact center":                {of(func(o *Observation) { o.Center = nil }), "NoContactCenter", "Issued", "Mailed", "Active", ""},
		"new, no contact center":           {of(isNew, func(o *Observation) { o.Center = nil }), "NoContactCenter", "NoContactCenter", "Pending", "NotIssued", ""},
		"a foreign Secret":                 {of(isNew, foreign), "SecretConflict", "SecretConflict", "Pending", "NotIssued", "SecretConflict"},
		"a duplicate":                      {of(isNew, func(o *Observation) { o.Claims = v1alpha1.Claims{} }), "Duplicate", "Duplicate", "Pending", "Duplicate", "Duplicate"},
		"a duplicate agent ID":             {of(func(o *Observation) { o.Member.Spec.AgentID = "7" }), "Ready", "Issued", "Mailed", "Active", "DuplicateAgentID"},
		"a duplicate extension":            {of(func(o *Observation) { o.Member.Spec.Extension = "1007" }), "Ready", "Issued", "Mailed", "Active", "DuplicateExtension"},
		"a missing group":                  {of(func(o *Observation) { o.UnknownGroups = []string{"billing"} }), "SkillGroupNotFound", "Issued", "Mailed", "Active", ""},
		"being deleted":                    {of(func(o *Observation) { o.Member.DeletionTimestamp = &metav1.Time{Time: at} }), "Deleting", "Issued", "Mailed", "Deleting", ""},
		"restored from a backup": {of(isNew, func(o *Observation) {
			o.Secret = credentials.Facts{Ownership: ownership.Ours, IssueID: "one", Issue: 1, Intact: true, Complete: true, Adopted: true}
		}), "Ready", "Issued", "Adopted", "Active", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			observed := observedMember(test.observed...)
			status := Status(observed, Outcome{Secret: observed.Secret})
			for conditionType, want := range map[string]string{
				v1alpha1.ReadyCondition: test.ready, v1alpha1.CredentialsIssuedCondition: test.issued,
				v1alpha1.PasswordMailedCondition: test.mailed, v1alpha1.LoginAllowedCondition: test.login,
			} {
				condition := apimeta.FindStatusCondition(status.Conditions, conditionType)
				if condition == nil || condition.Reason != want || condition.Message == "" || condition.ObservedGeneration != 4 {
					t.Errorf("%s is %+v, want %s", conditionType, condition, want)
				}
			}
			stalled := apimeta.FindStatusCondition(status.Conditions, v1alpha1.StalledCondition)
			if (stalled == nil) != (test.stalled == "") || stalled != nil && stalled.Reason != test.stalled {
				t.Errorf("Stalled is %+v, want %q", stalled, test.stalled)
			}
			if allowed := apimeta.IsStatusConditionTrue(status.Conditions, v1alpha1.LoginAllowedCondition); allowed != (status.Login == v1alpha1.LoginAllowed) {
				t.Errorf("login is %s, the condition %t", status.Login, allowed)
			}
		})
	}
}

func TestStatusIsIdempotent(t *testing.T) {
	t.Parallel()
	observed := observedMember(func(o *Observation) {
		o.Member.Status.Mail = nil
		o.Result = &mail.Result{IssueID: "one", Outcome: mail.Retrying, At: at, Attempts: 2, NextAttemptAt: at.Add(1500 * time.Millisecond), Error: "what happened", Settings: "settings"}
	})
	first := Status(observed, Outcome{Secret: observed.Secret})
	observed.Member.Status = first
	observed.Now = at.Add(time.Hour)
	if second := Status(observed, Outcome{Secret: observed.Secret}); !equality.Semantic.DeepEqual(first, second) {
		t.Errorf("the status is\n%+v\nand then\n%+v", first, second)
	}
	if !IsRecorded(&first, *observed.Result) {
		t.Error("the mail record lacks the result")
	}
	// Once the outbox drops the result, the mail record still has it.
	observed.Result = nil
	if third := Status(observed, Outcome{Secret: observed.Secret}); !equality.Semantic.DeepEqual(first, third) {
		t.Errorf("the status is\n%+v\nand then\n%+v", first, third)
	}
}

func TestLoginAllowedHasALaterTimeAfterEachDenial(t *testing.T) {
	t.Parallel()
	observed := observedMember()
	next := func(change func(*v1alpha1.Member)) time.Time {
		change(observed.Member)
		observed.Member.Status = Status(observed, Outcome{Secret: observed.Secret})
		status := &observed.Member.Status
		at := apimeta.FindStatusCondition(status.Conditions, v1alpha1.LoginAllowedCondition).LastTransitionTime
		if status.Login == v1alpha1.LoginAllowed && !status.LoginAllowedSince.Equal(&at) {
			t.Errorf("login is allowed since %s by the status, and since %s by the condition", status.LoginAllowedSince, at)
		}
		return at.Time
	}
	offline := func(m *v1alpha1.Member) { m.Spec.ForceOffline = true }
	online := func(m *v1alpha1.Member) { m.Spec.ForceOffline = false }
	deniedAlone := func(m *v1alpha1.Member) { m.Status.Login = v1alpha1.LoginDenied }
	// All changes happen at the same time, and the times of conditions are whole seconds.
	times := []time.Time{next(online), next(offline), next(online), next(deniedAlone), next(offline), next(online)}
	for i, seconds := range []int64{0, 1, 2, 3, 4, 5} {
		if got := times[i].Unix() - at.Unix(); got != seconds {
			t.Errorf("change %d is at +%ds, want +%ds", i, got, seconds)
		}
	}
	observed.Now = at.Add(time.Hour)
	if again := next(online); !again.Equal(times[5]) {
		t.Errorf("without a change, the time is %s, want %s", again, times[5])
	}
	if later := next(offline); !later.Equal(observed.Now) {
		t.Errorf("a change an hour later is at %s, want %s", later, observed.Now)
	}
}

func TestANewPasswordResetsTheAttemptsInTheMailRecord(t *testing.T) {
	t.Parallel()
	observed := observedMember(func(o *Observation) {
		o.Member.Status.Mail = &v1alpha1.MailStatus{IssueID: "zero", MessageID: "zero@example.com", Attempts: 9, LastError: "refused", NextAttemptAt: &metav1.Time{Time: at}, Settings: "settings"}
	})
	outcome := Outcome{Secret: credentials.Facts{Ownership: ownership.Ours, IssueID: "two", Issue: 2, Intact: true}}
	status := Status(observed, outcome)
	if want := (v1alpha1.MailStatus{IssueID: "zero", MessageID: "zero@example.com", Settings: "settings"}); *status.Mail != want {
		t.Errorf("the mail record is %+v", status.Mail)
	}
	if status.Credentials.IssueID != "two" || status.Credentials.Issue != 2 {
		t.Errorf("the credentials are %+v", status.Credentials)
	}
}
