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

// newStaffedDesk creates a contact center with members in different states.
func newStaffedDesk(t *testing.T) *desk {
	t.Helper()
	d := newDesk(t)
	d.mail.SetFaults(smtptest.Faults{RcptFor: map[string]*smtp.SMTPError{
		"putri@example.com": {Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such mailbox"},
	}})
	billing, sales := d.group("billing"), d.group("sales")
	billing.Spec.DisplayName, sales.Spec.DisplayName = "Billing, Invoices", "Sales"
	billing.Labels = map[string]string{"floor": "2"}
	sales.Spec.Channel, sales.Spec.MaxConcurrency = v1alpha1.ChannelOnline, 5
	sales.Spec.Members = []v1alpha1.GroupMember{{Name: "bo", Priority: 2}}
	d.create(billing, sales)
	no := false
	ana := d.member("ana", func(s *v1alpha1.MemberSpec) {
		s.Name, s.Nickname, s.AgentID, s.Extension, s.Phone = "Ana Silva", "安娜", "A10", "1024", "+14155550123"
		s.Role = v1alpha1.RoleSupervisor
		s.SkillGroups = []v1alpha1.SkillGroupReference{{Name: "billing", Priority: 1}, {Name: "sales"}}
	})
	ana.Labels = map[string]string{"team": "night"}
	for _, member := range []*v1alpha1.Member{
		ana,
		d.member("bo", func(s *v1alpha1.MemberSpec) {
			s.Nickname, s.AgentID, s.Role = "=Bo", "A9", v1alpha1.RoleDeskAdmin
		}),
		d.member("cai", func(s *v1alpha1.MemberSpec) { s.Active, s.AgentID = &no, "A100" }),
		d.member("putri"),
	} {
		if err := d.Create(t.Context(), member, client.FieldOwner("kustomize-controller")); err != nil {
			t.Fatal(err)
		}
	}
	d.await("ana", "bo", "cai")
	d.eventually("the e-mail to putri is rejected", func() error {
		if memberinfo.MailReason(d.get("putri")) != v1alpha1.ReasonRejected {
			return errors.New("it is not")
		}
		return nil
	})
	bo := d.get("bo")
	bo.Spec.ForceOffline, bo.Spec.ForceOfflineReason = true, "left the \x1b[31mbuilding"
	if err := d.Update(t.Context(), bo, client.FieldOwner(cli.FieldManager)); err != nil {
		t.Fatal(err)
	}
	d.eventually("bo is denied and everybody is in the groups", func() error {
		bo, group := d.get("bo"), d.groupNow("sales")
		if bo.Status.LoginReason != v1alpha1.LoginReasonForcedOffline || !apimeta.IsStatusConditionFalse(bo.Status.Conditions, v1alpha1.PermissionsGrantedCondition) {
			return errors.New("bo is not denied")
		}
		if printer.Count(group.Status.Members) != "2" || printer.Count(group.Status.Available) != "1" || printer.Count(d.groupNow("billing").Status.Available) != "1" {
			return errors.New("the groups are not counted")
		}
		return nil
	})
	return d
}

// groupNow reads a SkillGroup.
func (d *desk) groupNow(name string) *v1alpha1.SkillGroup {
	d.Helper()
	group := d.group(name)
	if err := d.Get(d.Context(), client.ObjectKeyFromObject(group), group); err != nil {
		d.Fatal(err)
	}
	return group
}
