package main

import (
	"errors"
	"testing"

	smtp "github.com/emersion/go-smtp"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
	"rollcall.dev/rollcall/cmd/kubectl-member/memberinfo"
	"rollcall.dev/rollcall/cmd/kubectl-member/printer"
	"rollcall.dev/rollcall/test/smtptest"
)

// newStaffedContactCenter creates a contact center with members in different states.
func newStaffedContactCenter(t *testing.T) *environment {
	t.Helper()
	env := newContactCenter(t)
	env.Mail.SetFaults(smtptest.Faults{RcptFor: map[string]*smtp.SMTPError{
		"putri@example.com": {Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such mailbox"},
	}})
	billing, sales := env.SkillGroup("billing"), env.SkillGroup("sales")
	billing.Spec.DisplayName, sales.Spec.DisplayName = "Billing, Invoices", "Sales"
	billing.Labels = map[string]string{"floor": "2"}
	sales.Spec.Channel, sales.Spec.MaxConcurrency = v1alpha1.ChannelOnline, 5
	sales.Spec.Members = []v1alpha1.GroupMember{{Name: "bo", Priority: 2}}
	env.CreateAll(billing, sales)
	no := false
	ana := env.Member("ana", func(s *v1alpha1.MemberSpec) {
		s.Name, s.Nickname, s.AgentID, s.Extension, s.Phone = "Ana Silva", "安娜", "A10", "1024", "+14155550123"
		s.Role = v1alpha1.RoleSupervisor
		s.SkillGroups = []v1alpha1.SkillGroupReference{{Name: "billing", Priority: 1}, {Name: "sales"}}
	})
	ana.Labels = map[string]string{"team": "night"}
	for _, member := range []*v1alpha1.Member{
		ana,
		env.Member("bo", func(s *v1alpha1.MemberSpec) {
			s.Nickname, s.AgentID, s.Role = "=Bo", "A9", v1alpha1.RoleDeskAdmin
		}),
		env.Member("cai", func(s *v1alpha1.MemberSpec) { s.Active, s.AgentID = &no, "A100" }),
		env.Member("putri"),
	} {
		if err := env.Create(t.Context(), member, client.FieldOwner("kustomize-controller")); err != nil {
			t.Fatal(err)
		}
	}
	env.await("ana", "bo", "cai")
	env.Eventually("the e-mail to putri is rejected", func() error {
		if memberinfo.MailReason(env.GetMember("putri")) != v1alpha1.ReasonRejected {
			return errors.New("it is not")
		}
		return nil
	})
	bo := env.GetMember("bo")
	bo.Spec.ForceOffline, bo.Spec.ForceOfflineReason = true, "left the \x1b[31mbuilding"
	if err := env.Update(t.Context(), bo, client.FieldOwner(cli.FieldManager)); err != nil {
		t.Fatal(err)
	}
	env.Eventually("bo is denied and all members are in the groups", func() error {
		bo, group := env.GetMember("bo"), env.groupNow("sales")
		if bo.Status.LoginReason != v1alpha1.LoginReasonForcedOffline || !apimeta.IsStatusConditionFalse(bo.Status.Conditions, v1alpha1.PermissionsGrantedCondition) {
			return errors.New("bo is not denied")
		}
		if printer.Count(group.Status.Members) != "2" || printer.Count(group.Status.Available) != "1" || printer.Count(env.groupNow("billing").Status.Available) != "1" {
			return errors.New("the groups are not counted")
		}
		return nil
	})
	return env
}

// groupNow reads a SkillGroup.
func (env *environment) groupNow(name string) *v1alpha1.SkillGroup {
	env.Helper()
	group := env.SkillGroup(name)
	if err := env.Get(env.Context(), client.ObjectKeyFromObject(group), group); err != nil {
		env.Fatal(err)
	}
	return group
}
