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
func (w *world) permissionVersions() map[string]string {
	w.Helper()
	found := map[string]string{}
	for _, list := range []client.ObjectList{&v1alpha1.MemberList{}, &v1alpha1.UserProfileList{}, &rbacv1.RoleList{}, &rbacv1.RoleBindingList{}} {
		if err := w.List(w.Context(), list, client.InNamespace(w.namespace)); err != nil {
			w.Fatal(err)
		}
		err := apimeta.EachListItem(list, func(item runtime.Object) error {
			object, err := apimeta.Accessor(item)
			if err == nil {
				found[object.GetName()+string(object.GetUID())] = object.GetResourceVersion()
			}
			return err
		})
		if err != nil {
			w.Fatal(err)
		}
	}
	return found
}

func TestAnOperatorThatStartsAgainWritesNothingAboutProfiles(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	stop := w.operate()
	w.create(w.identifying(), w.editing("narrow"), w.editing("unused"),
		w.with("ana", v1alpha1.RoleDeskAdmin, "narrow"), w.with("wei", v1alpha1.RoleSupervisor, "narrow"), w.with("eli", v1alpha1.RoleDeskAdmin, "missing"))
	w.awaitGranted("ana", "wei")
	w.await("eli", granted(v1alpha1.ReasonProfileNotFound))
	w.eventually("the members are counted", func() error {
		if ptr.Deref(w.awaitProfile("narrow", v1alpha1.ReasonReady).Status.Members, 0) != 2 {
			return errors.New("not yet")
		}
		return nil
	})
	w.awaitProfile("unused", v1alpha1.ReasonReady)
	w.quiet()
	stop()
	before := w.permissionVersions()
	w.operate()
	// Somebody new shows that the operator has looked at everybody.
	w.create(w.with("zoe", v1alpha1.RoleDeskAdmin, "narrow"))
	w.awaitGranted("zoe")
	w.quiet()
	after := w.permissionVersions()
	for object, version := range before {
		if after[object] != version && object != "narrow"+string(w.awaitProfile("narrow", v1alpha1.ReasonReady).UID) { // which counts her
			t.Errorf("%s was written: %s, then %s", object, version, after[object])
		}
	}
}
