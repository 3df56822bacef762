package main

import (
	"testing"

	"rollcall.dev/rollcall/cmd/kubectl-member/goldentest"
)

func TestResetPasswordMailsANewPasswordEachTime(t *testing.T) {
	t.Parallel()
	env := newContactCenter(t)
	env.people("ana")
	messages := len(env.Mail.Messages())
	first := env.GetMember("ana").Status.Credentials.IssueID
	var seen transcript
	for i, arguments := range [][]string{
		{"reset-password", "ana", "--wait"},
		{"reset-password", "ana", "--wait"},
		{"reset-password", "ana", "--value", "TICKET-1", "--wait"},
		{"reset-password", "ana", "--value", "TICKET-1", "--wait"},
	} {
		seen.note(env.plugin(arguments...), arguments...)
		status := env.GetMember("ana").Status
		if status.Credentials.IssueID == first || status.Mail.IssueID != status.Credentials.IssueID {
			t.Errorf("after reset %d the password is issue %+v, and the e-mail was %+v", i+1, status.Credentials, status.Mail)
		}
		if sent := len(env.Mail.Messages()) - messages; sent != min(i+1, 3) {
			t.Errorf("after reset %d there are %d e-mails", i+1, sent)
		}
	}
	goldentest.Compare(t, "reset_password", seen.String())
}
