package operator

import (
	"errors"
	"fmt"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
)

func TestTheSuperAdminIsKeptAsTheContactCenterSaysAndACutOffIsNotUndone(t *testing.T) {
	t.Parallel()
	env := operated(t)
	center := env.ContactCenter()
	env.CreateAll(center)
	superAdmin := env.AwaitMember(v1alpha1.SuperAdminMemberName, ready)

	// What the ContactCenter speaks of is put back, the rest stays.
	change(env.exempt(), superAdmin, func(m *v1alpha1.Member) { m.Spec.Name, m.Spec.AgentID, m.Spec.ForceOffline = "Eve", "A-1", true })
	env.AwaitMember(v1alpha1.SuperAdminMemberName, readyButDenied(v1alpha1.LoginReasonForcedOffline), func(m *v1alpha1.Member) error {
		if m.Spec.Name != "Sam Okafor" || m.Spec.AgentID != "A-1" {
			return fmt.Errorf("the spec is %+v", m.Spec)
		}
		return nil
	})
	change(env.exempt(), superAdmin, func(m *v1alpha1.Member) { m.Spec.ForceOffline = false })
	env.AwaitMember(v1alpha1.SuperAdminMemberName, ready)

	// A reset as anyone's, from the ContactCenter.
	change(env, center, func(c *v1alpha1.ContactCenter) { c.Spec.SuperAdmin.PasswordReset = "lost" })
	env.AwaitMember(v1alpha1.SuperAdminMemberName, ready, issue(2))
	if got := len(env.Messages("sam@example.com")); got != 2 {
		t.Errorf("there are %d messages", got)
	}

	// Deleted by hand, it comes back; with another address it is another Member.
	env.exempt().delete(superAdmin)
	env.Eventually("it is a new one", func() error {
		found := &v1alpha1.Member{}
		if err := env.Get(t.Context(), client.ObjectKeyFromObject(superAdmin), found); err != nil {
			return err
		}
		if found.UID == superAdmin.UID {
			return errors.New("it is the old one")
		}
		return ready(found)
	})
	change(env, center, func(c *v1alpha1.ContactCenter) { c.Spec.SuperAdmin.Email = "olu@example.com" })
	env.AwaitMember(v1alpha1.SuperAdminMemberName, ready, func(m *v1alpha1.Member) error {
		if m.Spec.Email != "olu@example.com" {
			return errors.New("it has the address of before")
		}
		return nil
	})
	env.awaitCenter(centerReady)
}

func TestAMemberSuperAdminOfSomethingElseIsLeftAlone(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.CreateAll(env.SkillGroup("owner"))
	owner := &v1alpha1.SkillGroup{}
	if err := env.Get(t.Context(), client.ObjectKey{Namespace: env.Namespace, Name: "owner"}, owner); err != nil {
		t.Fatal(err)
	}
	superAdmin := env.Member(v1alpha1.SuperAdminMemberName)
	superAdmin.Spec.Role = v1alpha1.RoleSuperAdmin
	superAdmin.OwnerReferences = []metav1.OwnerReference{*metav1.NewControllerRef(owner, v1alpha1.GroupVersion.WithKind("SkillGroup"))}
	env.exempt().CreateAll(superAdmin)
	env.operate()
	env.CreateAll(env.ContactCenter())
	env.awaitCenter(centerHas(v1alpha1.ReadyCondition, metav1.ConditionFalse, v1alpha1.ReasonSuperAdminConflict))
	if now := env.GetMember(v1alpha1.SuperAdminMemberName); now.UID != superAdmin.UID || now.Spec.Email != superAdmin.Spec.Email {
		t.Error("it was changed")
	}
}
