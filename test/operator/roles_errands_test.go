package operator

import (
	"fmt"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// errands in the order in which they are done.
var errands = []errand{
	{name: "list members", verb: "list", resource: "members", do: listing(&v1alpha1.MemberList{})},
	{name: "list skill groups", verb: "list", resource: "skillgroups", do: listing(&v1alpha1.SkillGroupList{})},
	{name: "list passwords", verb: "list", resource: "secrets", do: listing(&corev1.SecretList{})},

	adding("add a Desk Admin", nil, func(m *v1alpha1.Member) { m.Spec.Role = v1alpha1.RoleDeskAdmin }),
	adding("add a Supervisor", nil, func(m *v1alpha1.Member) { m.Spec.Role = v1alpha1.RoleSupervisor }),
	adding("add Desk Staff", nil, func(m *v1alpha1.Member) { m.Spec.Role = v1alpha1.RoleDeskStaff }),
	adding("add somebody by a generated name", nil, func(m *v1alpha1.Member) { m.Name, m.GenerateName = "", "super-" }),
	adding("add a held member", except(finalizersAreKept), func(m *v1alpha1.Member) { m.Finalizers = []string{"example.com/hold"} }),
	adding("add another Super Admin", anybody(theRoleHasOneName), func(m *v1alpha1.Member) { m.Spec.Role = v1alpha1.RoleSuperAdmin }),
	adding("add super-admin with another role", anybody(superAdminKeepsTheRole), func(m *v1alpha1.Member) { m.Name = v1alpha1.SuperAdminMemberName }),
	{
		name: "add super-admin", verb: "create", resource: "members", objections: except(superAdminIsTheOperators, nobodyBecomesSuperAdmin), elsewhere: true,
		about: func(s *stage) client.Object {
			return s.withRole(v1alpha1.SuperAdminMemberName, v1alpha1.RoleSuperAdmin)
		},
	},
	{
		name: "add somebody's belonging", verb: "create", resource: "members", objections: except(ownersAreKept),
		about: func(s *stage) client.Object {
			s.cells++
			member := s.withRole(fmt.Sprintf("belonging-%d", s.cells), v1alpha1.RoleDeskStaff)
			member.OwnerReferences = []metav1.OwnerReference{s.owner}
			return member
		},
	},
	{
		name: "add oneself again", verb: "create", resource: "members", objections: except(notOwnMember),
		about: func(s *stage) client.Object {
			member := s.withRole("again", v1alpha1.RoleDeskAdmin)
			member.Spec.Email = s.email()
			return member
		},
	},

	groupErrand("create", "sales"), groupErrand("update", "billing"), groupErrand("delete", "billing"),

	{name: "edit the contact centre", verb: "update", resource: "contactcenters", about: theCenter},
	{name: "switch a contact centre on", verb: "create", resource: "contactcenters", about: theCenter, elsewhere: true},
	{name: "switch the contact centre off", verb: "delete", resource: "contactcenters", about: theCenter, elsewhere: true, before: func(s *stage) { s.create(s.identifying()) }},

	{name: "add a Secret", verb: "create", resource: "secrets", about: func(s *stage) client.Object {
		return &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: "smtp"}}
	}},
	{name: "change a password", verb: "update", resource: "secrets", about: func(s *stage) client.Object {
		return &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: "wei-credentials"}}
	}},
	{name: "add templates", verb: "create", resource: "configmaps", about: func(s *stage) client.Object {
		return &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: "templates"}}
	}},
	{name: "change templates", verb: "update", resource: "configmaps", about: func(s *stage) client.Object {
		return &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: "owner"}}
	}},

	{name: "take the permissions of the Super Admin", verb: "create", resource: "rolebindings", about: bindingTo("rollcall-super-admin")},
	{name: "take all permissions", verb: "create", resource: "rolebindings", about: bindingTo("cluster-admin"), objections: func(r requester) []refusal {
		if r.passes { // the operator may bind three ClusterRoles and no other
			return []refusal{{apierrors.IsForbidden, "is attempting to grant RBAC permissions not currently held"}}
		}
		return nil
	}},
	{name: "change one's own permissions", verb: "update", resource: "rolebindings", about: func(s *stage) client.Object {
		name := "wei" // for who has none
		if s.role.ClusterRole() != "" {
			name = s.own
		}
		return &rbacv1.RoleBinding{ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: v1alpha1.RoleBindingPrefix + name}}
	}},
	{name: "take a Desk Admin's permissions away", verb: "delete", resource: "rolebindings", about: func(s *stage) client.Object {
		return &rbacv1.RoleBinding{ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: "rollcall-member-ana"}}
	}},
	{name: "change what Desk Admins may do", verb: "update", resource: "clusterroles", pretend: true, about: func(*stage) client.Object {
		return &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: "rollcall-desk-admin"}}
	}},
	{name: "break the glass", verb: "delete", resource: "validatingadmissionpolicybindings", pretend: true, about: func(*stage) client.Object {
		return &admissionregistrationv1.ValidatingAdmissionPolicyBinding{ObjectMeta: metav1.ObjectMeta{Name: "rollcall-super-admin"}}
	}},

	{name: "act as another member", verb: "impersonate", resource: "users", do: actingAs("oidc:sam@example.com")},
	{name: "act as the operator", verb: "impersonate", resource: "serviceaccounts", do: actingAs(operatorUsername)},
	{name: "get a token of the operator", verb: "create", resource: "serviceaccounts/token", do: func(s *stage, _ client.Object, options request) error {
		account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: "rollcall-system", Name: "rollcall-controller-manager"}}
		return s.client.SubResource("token").Create(s.Context(), account, &authenticationv1.TokenRequest{},
			&client.SubResourceCreateOptions{CreateOptions: client.CreateOptions{DryRun: options.dryRun}})
	}},
}

// except objects to everybody but whom the guards let pass.
func except(objections ...refusal) func(requester) []refusal {
	return func(r requester) []refusal {
		if r.passes {
			return nil
		}
		return objections
	}
}

// anybody objects to everybody.
func anybody(objections ...refusal) func(requester) []refusal {
	return func(requester) []refusal { return objections }
}

func listing(list client.ObjectList) func(*stage, client.Object, request) error {
	return func(s *stage, _ client.Object, _ request) error {
		into, ok := list.DeepCopyObject().(client.ObjectList)
		if !ok {
			return fmt.Errorf("%T copies to another type", list)
		}
		return s.client.List(s.Context(), into, client.InNamespace(s.namespace))
	}
}

func actingAs(username string) func(*stage, client.Object, request) error {
	return func(s *stage, _ client.Object, _ request) error {
		config := rest.CopyConfig(s.config)
		config.Impersonate = rest.ImpersonationConfig{UserName: username}
		return clientFor(s.T, config).List(s.Context(), &v1alpha1.MemberList{}, client.InNamespace(s.namespace))
	}
}

func adding(name string, objections func(requester) []refusal, different func(*v1alpha1.Member)) errand {
	return errand{name: name, verb: "create", resource: "members", objections: objections, about: func(s *stage) client.Object {
		s.cells++
		member := s.member(fmt.Sprintf("new-%d", s.cells))
		different(member)
		return member
	}}
}

func theCenter(s *stage) client.Object { return s.identifying() }

func groupErrand(verb, name string) errand {
	return errand{name: verb + " a skill group", verb: verb, resource: "skillgroups", about: func(s *stage) client.Object { return s.group(name) }}
}

func bindingTo(clusterRole string) func(*stage) client.Object {
	return func(s *stage) client.Object {
		binding := s.world.editor(s.username())
		binding.RoleRef.Name = clusterRole
		return binding
	}
}
