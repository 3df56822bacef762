package operator

import (
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
)

func TestAnOperatorThatStartsAgainWritesNothingAboutProfiles(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	stop := env.operate()
	env.CreateAll(env.ContactCenterWithIdentity(), env.editing("narrow"), env.editing("unused"),
		env.withProfile("ana", v1alpha1.RoleDeskAdmin, "narrow"), env.withProfile("wei", v1alpha1.RoleSupervisor, "narrow"), env.withProfile("eli", v1alpha1.RoleDeskAdmin, "missing"))
	env.awaitGranted("ana", "wei")
	env.AwaitMember("eli", granted(v1alpha1.ReasonProfileNotFound))
	env.await(env.editing("narrow"), isReady, counts(2))
	env.await(env.editing("unused"), isReady)
	env.awaitQuiet()
	stop()
	unchanged := env.noWrites(&v1alpha1.MemberList{}, &v1alpha1.UserProfileList{}, &rbacv1.RoleList{}, &rbacv1.RoleBindingList{})
	env.operate()
	// A new member shows that the operator has reconciled all others.
	env.CreateAll(env.withProfile("zoe", v1alpha1.RoleDeskAdmin, "narrow"))
	env.awaitGranted("zoe")
	env.awaitQuiet()
	unchanged(env.await(env.editing("narrow"), isReady)) // which counts her
}
