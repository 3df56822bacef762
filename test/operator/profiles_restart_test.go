package operator

import (
	"errors"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// permissionVersions are those of all Members, UserProfiles, Roles and RoleBindings.
func (env *environment) permissionVersions() map[string]string {
	env.Helper()
	found := map[string]string{}
	for _, list := range []client.ObjectList{&v1alpha1.MemberList{}, &v1alpha1.UserProfileList{}, &rbacv1.RoleList{}, &rbacv1.RoleBindingList{}} {
		if err := env.List(env.Context(), list, client.InNamespace(env.Namespace)); err != nil {
			env.Fatal(err)
		}
		err := apimeta.EachListItem(list, func(item runtime.Object) error {
			object, err := apimeta.Accessor(item)
			if err == nil {
				found[object.GetName()+string(object.GetUID())] = object.GetResourceVersion()
			}
			return err
		})
		if err != nil {
			env.Fatal(err)
		}
	}
	return found
}

func TestAnOperatorThatStartsAgainWritesNothingAboutProfiles(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	stop := env.operate()
	env.CreateAll(env.ContactCenterWithIdentity(), env.editing("narrow"), env.editing("unused"),
		env.withProfile("ana", v1alpha1.RoleDeskAdmin, "narrow"), env.withProfile("wei", v1alpha1.RoleSupervisor, "narrow"), env.withProfile("eli", v1alpha1.RoleDeskAdmin, "missing"))
	env.awaitGranted("ana", "wei")
	env.AwaitMember("eli", granted(v1alpha1.ReasonProfileNotFound))
	env.Eventually("the members are counted", func() error {
		if ptr.Deref(env.awaitProfile("narrow", v1alpha1.ReasonReady).Status.Members, 0) != 2 {
			return errors.New("not yet")
		}
		return nil
	})
	env.awaitProfile("unused", v1alpha1.ReasonReady)
	env.awaitQuiet()
	stop()
	before := env.permissionVersions()
	env.operate()
	// A new member shows that the operator has reconciled all others.
	env.CreateAll(env.withProfile("zoe", v1alpha1.RoleDeskAdmin, "narrow"))
	env.awaitGranted("zoe")
	env.awaitQuiet()
	after := env.permissionVersions()
	for object, version := range before {
		if after[object] != version && object != "narrow"+string(env.awaitProfile("narrow", v1alpha1.ReasonReady).UID) { // which counts her
			t.Errorf("%s was written: %s, then %s", object, version, after[object])
		}
	}
}
