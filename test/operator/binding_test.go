package operator

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// withRole is a Member with a role.
func (env *environment) withRole(name string, role v1alpha1.Role) *v1alpha1.Member {
	member := env.Member(name)
	member.Spec.Role = role
	return member
}

// binding reads a Member's RoleBinding; nil if there is none.
func (env *environment) binding(name string) *rbacv1.RoleBinding {
	env.Helper()
	binding := &rbacv1.RoleBinding{}
	if !env.Find(v1alpha1.RoleBindingPrefix+name, binding) {
		return nil
	}
	return binding
}

// awaitBinding waits until a Member has exactly the permissions of a ClusterRole;
// empty for none at all.
func (env *environment) awaitBinding(name, clusterRole string) *rbacv1.RoleBinding {
	env.Helper()
	var found *rbacv1.RoleBinding
	env.Eventually(fmt.Sprintf("the permissions of %s are %q", name, clusterRole), func() error {
		found = env.binding(name)
		switch {
		case found == nil && clusterRole == "":
			return nil
		case found == nil:
			return errors.New("there is no RoleBinding")
		case clusterRole == "":
			return fmt.Errorf("there is a RoleBinding to %s", found.RoleRef.Name)
		}
		return env.checkBinding(name, clusterRole, found)
	})
	return found
}

// checkBinding checks all that the operator writes into a RoleBinding.
func (env *environment) checkBinding(name, clusterRole string, binding *rbacv1.RoleBinding) error {
	env.Helper()
	if binding == nil {
		return errors.New("there is no RoleBinding")
	}
	center := &v1alpha1.ContactCenter{}
	if err := env.Get(env.Context(), client.ObjectKey{Namespace: env.Namespace, Name: v1alpha1.ContactCenterName}, center); err != nil {
		return err
	}
	if center.Spec.Identity == nil {
		return errors.New("the ContactCenter has no identity")
	}
	member := env.GetMember(name)
	for what, pair := range map[string][2]any{
		"role": {binding.RoleRef, rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: clusterRole}},
		"subjects": {binding.Subjects, []rbacv1.Subject{
			{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: center.Spec.Identity.UsernamePrefix + member.Spec.Email},
		}},
		"owners": {binding.OwnerReferences, []metav1.OwnerReference{
			*metav1.NewControllerRef(member, v1alpha1.GroupVersion.WithKind("Member")),
		}},
		"labels":      {binding.Labels, map[string]string{"app.kubernetes.io/managed-by": "rollcall", "rollcall.dev/member": name}},
		"annotations": {binding.Annotations, map[string]string(nil)},
	} {
		if !equality.Semantic.DeepEqual(pair[0], pair[1]) {
			return fmt.Errorf("its %s are %+v, not %+v", what, pair[0], pair[1])
		}
	}
	return nil
}

// administrator returns an environment with the operator running, in which roles are
// permissions, and ana, a Desk Admin whose permissions are given.
func administrator(t *testing.T) (env *environment, ana *v1alpha1.Member) {
	t.Helper()
	env = operated(t)
	env.CreateAll(env.ContactCenterWithIdentity())
	return env, env.administrators("ana")["ana"]
}

// administrators creates Desk Admins, and returns them when their permissions are given.
func (env *environment) administrators(names ...string) map[string]*v1alpha1.Member {
	env.Helper()
	for _, name := range names {
		env.CreateAll(env.withRole(name, v1alpha1.RoleDeskAdmin))
	}
	admins := map[string]*v1alpha1.Member{}
	for _, name := range names {
		admins[name] = env.AwaitMember(name, ready, granted(v1alpha1.ReasonGranted))
	}
	return admins
}

// granted checks for the condition PermissionsGranted to have a reason; empty for it
// to be absent.
func granted(reason string) func(*v1alpha1.Member) error {
	return func(member *v1alpha1.Member) error {
		condition := apimeta.FindStatusCondition(member.Status.Conditions, v1alpha1.PermissionsGrantedCondition)
		if reason == "" && condition == nil || condition != nil && condition.Reason == reason {
			return nil
		}
		return fmt.Errorf("PermissionsGranted is %+v, not %q", condition, reason)
	}
}

func TestEveryRoleGetsItsRoleBindingAndDeskStaffNone(t *testing.T) {
	t.Parallel()
	env := operated(t)
	env.CreateAll(env.ContactCenterWithIdentity(), env.withRole("ana", v1alpha1.RoleDeskAdmin), env.withRole("wei", v1alpha1.RoleSupervisor), env.Member("putri"))
	for name, clusterRole := range map[string]string{"super-admin": "rollcall-super-admin", "ana": "rollcall-desk-admin", "wei": "rollcall-supervisor"} {
		env.AwaitMember(name, ready, granted(v1alpha1.ReasonGranted))
		if err := env.checkBinding(name, clusterRole, env.binding(name)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	env.AwaitMember("putri", ready, granted(""))
	if env.binding("putri") != nil {
		t.Error("Desk Staff has permissions")
	}
	env.awaitQuiet()
}

func TestPermissionsFollowTheIdentityOfTheContactCenter(t *testing.T) {
	t.Parallel()
	env := operated(t)
	center := env.ContactCenter()
	env.CreateAll(center, env.withRole("ana", v1alpha1.RoleDeskAdmin))
	none := func(checks ...func(*v1alpha1.Member) error) {
		t.Helper()
		env.Eventually("ana has no permissions and no condition", func() error {
			if binding := env.binding("ana"); binding != nil {
				return fmt.Errorf("there is a RoleBinding for %+v", binding.Subjects)
			}
			return errors.Join(granted("")(env.GetMember("ana")), login(v1alpha1.LoginAllowed, v1alpha1.LoginReasonActive)(env.GetMember("ana")))
		})
		env.AwaitMember("ana", checks...)
	}
	identify := func(prefix string) *rbacv1.RoleBinding {
		t.Helper()
		change(env, center, func(c *v1alpha1.ContactCenter) { c.Spec.Identity = &v1alpha1.Identity{UsernamePrefix: prefix} })
		binding := env.awaitBinding("ana", "rollcall-desk-admin")
		env.AwaitMember("ana", ready, granted(v1alpha1.ReasonGranted))
		return binding
	}
	env.AwaitMember("ana", ready, granted(""))
	none(ready)

	before := identify("oidc:")
	after := identify("https://idp.example.com#")
	if after.UID != before.UID {
		t.Error("another prefix made another RoleBinding")
	}
	env.awaitBinding(v1alpha1.SuperAdminMemberName, "rollcall-super-admin")
	change(env, center, func(c *v1alpha1.ContactCenter) { c.Spec.Identity = nil })
	none(ready)
	env.awaitBinding(v1alpha1.SuperAdminMemberName, "")

	identify("oidc:")
	env.delete(center)
	none(has(v1alpha1.ReadyCondition, metav1.ConditionFalse, v1alpha1.ReasonNoContactCenter))
	env.CreateAll(env.ContactCenterWithIdentity())
	env.awaitBinding("ana", "rollcall-desk-admin")
	env.AwaitMember("ana", ready, granted(v1alpha1.ReasonGranted))
	env.CheckMessages("ana", 1)
}

func TestAnotherRoleIsAnotherRoleBinding(t *testing.T) {
	t.Parallel()
	env, ana := administrator(t)
	last := env.binding("ana")
	for _, step := range []struct {
		role                v1alpha1.Role
		clusterRole, reason string
	}{
		{v1alpha1.RoleSupervisor, "rollcall-supervisor", v1alpha1.ReasonGranted},
		{v1alpha1.RoleDeskStaff, "", ""},
		{v1alpha1.RoleDeskAdmin, "rollcall-desk-admin", v1alpha1.ReasonGranted},
	} {
		change(env, ana, func(m *v1alpha1.Member) { m.Spec.Role = step.role })
		env.AwaitMember("ana", ready, granted(step.reason))
		// The status speaks of the new role, so nothing is left of the old one.
		binding := env.binding("ana")
		if step.clusterRole == "" {
			if binding != nil {
				t.Errorf("as %s there is a RoleBinding to %s", step.role, binding.RoleRef.Name)
			}
			continue
		}
		if err := env.checkBinding("ana", step.clusterRole, binding); err != nil {
			t.Fatalf("as %s: %v", step.role, err)
		}
		if binding.UID == last.UID {
			t.Errorf("as %s it is the RoleBinding of the role before", step.role)
		}
		last = binding
	}
	env.CheckMessages("ana", 1)
}

func TestADeniedMemberHasNoPermissions(t *testing.T) {
	t.Parallel()
	env, ana := administrator(t)
	twin := env.withRole("ana-two", v1alpha1.RoleDeskAdmin)
	twin.Spec.Email = ana.Spec.Email
	foreign := env.credentials("wei")
	foreign.Labels = nil
	env.CreateAll(twin, foreign, env.withRole("wei", v1alpha1.RoleSupervisor))
	env.AwaitMember("ana-two", login(v1alpha1.LoginDenied, v1alpha1.LoginReasonDuplicate), granted(v1alpha1.ReasonLoginDenied))
	env.AwaitMember("wei", login(v1alpha1.LoginDenied, v1alpha1.LoginReasonNotIssued), granted(v1alpha1.ReasonLoginDenied))
	env.awaitQuiet()
	for _, name := range []string{"ana-two", "wei"} {
		if env.binding(name) != nil {
			t.Errorf("%s has permissions", name)
		}
	}
	// They come with the login.
	env.delete(ana)
	env.AwaitMember("ana-two", ready, granted(v1alpha1.ReasonGranted))
	env.awaitBinding("ana-two", "rollcall-desk-admin")
}

func TestAnOperatorWithoutRoleBindingsSaysThatIdentityHasNoEffect(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.OperatorOptions.WithoutRoleBindings = true
	env.operate()
	env.CreateAll(env.ContactCenterWithIdentity(), env.withRole("ana", v1alpha1.RoleDeskAdmin))
	env.AwaitMember("ana", ready, granted(""))
	env.AwaitMember(v1alpha1.SuperAdminMemberName, ready, granted(""))
	env.awaitCenter(centerHas(v1alpha1.ReadyCondition, metav1.ConditionFalse, v1alpha1.ReasonIdentityNotSupported))
	env.awaitQuiet()
	if env.binding("ana") != nil || env.binding(v1alpha1.SuperAdminMemberName) != nil {
		t.Error("there are permissions")
	}
	change(env, env.ContactCenter(), func(c *v1alpha1.ContactCenter) { c.Spec.Identity = nil })
	env.awaitCenter(centerReady)
}

// foreignBinding is a RoleBinding that a person made under the name of a Member's.
func (env *environment) foreignBinding(name string) *rbacv1.RoleBinding {
	return &rbacv1.RoleBinding{
		ObjectMeta: env.meta(v1alpha1.RoleBindingPrefix + name),
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "view"},
		Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: "eve"}},
	}
}

// ourLabels are those of a Member's RoleBinding.
func ourLabels(name string) map[string]string {
	return map[string]string{v1alpha1.ManagedByLabel: v1alpha1.ManagedByValue, v1alpha1.MemberLabel: name}
}

func TestAChangedRoleBindingIsRestored(t *testing.T) {
	t.Parallel()
	edit := func(mutate func(*rbacv1.RoleBinding)) func(*environment, string) {
		return func(env *environment, name string) { change(env, env.binding(name), mutate) }
	}
	remove := func(env *environment, name string) { env.delete(env.binding(name)) }
	extra := rbacv1.Subject{APIGroup: rbacv1.GroupName, Kind: rbacv1.GroupKind, Name: "everybody"}
	spoil := map[string]func(*environment, string){
		"another-subject":  edit(func(b *rbacv1.RoleBinding) { b.Subjects[0].Name = "oidc:eve@example.com" }),
		"one-subject-more": edit(func(b *rbacv1.RoleBinding) { b.Subjects = append(b.Subjects, extra) }),
		"a-group-instead":  edit(func(b *rbacv1.RoleBinding) { b.Subjects[0].Kind = rbacv1.GroupKind }),
		"no-subject":       edit(func(b *rbacv1.RoleBinding) { b.Subjects = nil }),
		"no-labels":        edit(func(b *rbacv1.RoleBinding) { b.Labels = nil }),
		"no-managed-by":    edit(func(b *rbacv1.RoleBinding) { delete(b.Labels, v1alpha1.ManagedByLabel) }),
		"anothers-label":   edit(func(b *rbacv1.RoleBinding) { b.Labels[v1alpha1.MemberLabel] = "eve" }),
		"no-owner":         edit(func(b *rbacv1.RoleBinding) { b.OwnerReferences = nil }),
		"deleted":          remove,
		"another-in-its-place": func(env *environment, name string) {
			another := env.foreignBinding(name)
			another.Labels = ourLabels(name)
			remove(env, name)
			// The operator may be faster.
			if err := env.Create(env.Context(), another); err != nil && !apierrors.IsAlreadyExists(err) {
				env.Fatal(err)
			}
		},
	}
	for when, stopped := range map[string]bool{"while the operator runs": false, "while it is stopped": true} {
		t.Run(when, func(t *testing.T) {
			t.Parallel()
			env, _ := administrator(t)
			env.administrators(slices.Collect(maps.Keys(spoil))...)
			if stopped {
				env.stopOperator()
			}
			for name, change := range spoil {
				change(env, name)
			}
			if stopped {
				env.operate()
			}
			for name := range spoil {
				env.awaitBinding(name, "rollcall-desk-admin")
				env.AwaitMember(name, ready, granted(v1alpha1.ReasonGranted))
				env.CheckMessages(name, 1)
			}
		})
	}
}

func TestAForeignRoleBindingIsNeverTouchedAndTheLoginIsAllowed(t *testing.T) {
	t.Parallel()
	env := operated(t)
	env.CreateAll(env.ContactCenterWithIdentity(), env.Member("eve"))
	env.AwaitMember("eve", ready)
	owner := &corev1.ConfigMap{ObjectMeta: env.meta("owner")}
	env.CreateAll(owner)
	for name, foreign := range map[string]func(*rbacv1.RoleBinding){
		"without-labels": func(*rbacv1.RoleBinding) {},
		"its-own-label":  func(b *rbacv1.RoleBinding) { b.Labels = map[string]string{"app": "billing"} },
		"our-labels-and-another-owner": func(b *rbacv1.RoleBinding) {
			b.Labels = ourLabels("our-labels-and-another-owner")
			b.OwnerReferences = []metav1.OwnerReference{*metav1.NewControllerRef(owner, corev1.SchemeGroupVersion.WithKind("ConfigMap"))}
		},
		"our-labels-and-another-member-as-owner": func(b *rbacv1.RoleBinding) {
			b.Labels = ourLabels("our-labels-and-another-member-as-owner")
			b.OwnerReferences = []metav1.OwnerReference{*metav1.NewControllerRef(env.GetMember("eve"), v1alpha1.GroupVersion.WithKind("Member"))}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := env.in(t)
			binding := env.foreignBinding(name)
			foreign(binding)
			member := env.withRole(name, v1alpha1.RoleDeskAdmin)
			env.CreateAll(binding, member)
			env.AwaitMember(name, login(v1alpha1.LoginAllowed, v1alpha1.LoginReasonActive),
				has(v1alpha1.PermissionsGrantedCondition, metav1.ConditionFalse, v1alpha1.ReasonRoleBindingConflict),
				has(v1alpha1.ReadyCondition, metav1.ConditionFalse, v1alpha1.ReasonRoleBindingConflict),
				has(v1alpha1.StalledCondition, metav1.ConditionTrue, v1alpha1.ReasonRoleBindingConflict),
				has(v1alpha1.PasswordMailedCondition, metav1.ConditionTrue, v1alpha1.ReasonMailed))
			env.checkEvents(name, map[string]int{"RoleBindingConflict": 1})
			env.awaitQuiet()
			if now := env.binding(name); now == nil || now.ResourceVersion != binding.ResourceVersion {
				t.Error("the RoleBinding was touched")
			}
			// Once it is gone, the next look at the Member gives the permissions.
			env.delete(binding)
			change(env, member, func(m *v1alpha1.Member) { m.Spec.Nickname = "Ana" })
			env.AwaitMember(name, ready, granted(v1alpha1.ReasonGranted))
			env.awaitBinding(name, "rollcall-desk-admin")
			env.checkEvents(name, map[string]int{"RoleBindingConflict": 1})
		})
	}
}

func TestAForeignRoleBindingIsIgnoredWhereThereIsNothingToGrant(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	offline := env.withRole("wei", v1alpha1.RoleSupervisor)
	offline.Spec.ForceOffline = true
	bindings := map[string]*rbacv1.RoleBinding{"putri": env.foreignBinding("putri"), "wei": env.foreignBinding("wei")}
	env.CreateAll(bindings["putri"], bindings["wei"])
	env.operate()
	env.CreateAll(env.ContactCenterWithIdentity(), env.Member("putri"), offline)
	env.AwaitMember("putri", ready, granted(""))
	env.AwaitMember("wei", readyButDenied(v1alpha1.LoginReasonForcedOffline), granted(v1alpha1.ReasonLoginDenied))
	env.awaitQuiet()
	for name, binding := range bindings {
		if now := env.binding(name); now == nil || now.ResourceVersion != binding.ResourceVersion {
			t.Errorf("the RoleBinding of %s was touched", name)
		}
		if apimeta.FindStatusCondition(env.GetMember(name).Status.Conditions, v1alpha1.StalledCondition) != nil {
			t.Errorf("%s is stalled", name)
		}
		if events := env.events(name); events["RoleBindingConflict"] != 0 {
			t.Errorf("events of %s are %v", name, events)
		}
	}
}
