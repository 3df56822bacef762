package operator

import (
	"errors"
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

// operation is what is not done to one Member that is there.
type operation struct {
	name, verb, resource string
	// about is what it is done to, made anew for each request, in the namespace.
	about func(env *requesterEnvironment) client.Object
	// do is the request; nil for the verb on about.
	do func(env *requesterEnvironment, object client.Object, options requestOptions) error
	// before prepares the environment of a requester who is allowed to.
	before func(env *requesterEnvironment)
	// objections are what refuses it although RBAC allows it.
	objections func(r requester) []refusal
	// elsewhere reports whether it would spoil the environment for what comes next, and has
	// a contact center of its own where it is allowed.
	elsewhere bool
	// pretend reports whether it would spoil the cluster, and is only tried as a dry
	// run where it is allowed.
	pretend bool
}

// requestOptions says how something is asked for.
type requestOptions struct{ dryRun []string }

// tryOperation is one row of the table that is about no Member that is there.
func (env *requesterEnvironment) tryOperation(op operation, way way) {
	env.Helper()
	if env.own == "" && op.name == "add oneself again" {
		return // the operator has no Member
	}
	if op.verb == "impersonate" && env.config.Impersonate.UserName != "" {
		return // whoever acts as them already may act as others
	}
	var objections []refusal
	if !env.rights.allow(op.verb, op.resource) {
		objections = []refusal{cannot(env.username(), op.verb, op.resource)}
	} else if op.objections != nil {
		objections = op.objections(env.requester)
	}
	if len(objections) == 0 && op.elsewhere {
		somewhere := env.in(env.T)
		somewhere.environment = newEnvironment(env.T)
		somewhere.sendOperation(op, way, objections)
	} else {
		env.sendOperation(op, way, objections)
	}
	env.count(objections)
}

// sendOperation makes the requests of an errand. What is allowed is done for real in the last way.
func (env *requesterEnvironment) sendOperation(op operation, way way, objections []refusal) {
	env.Helper()
	if op.before != nil && len(objections) == 0 {
		op.before(env)
	}
	for _, options := range []requestOptions{{dryRun: []string{metav1.DryRunAll}}, {}} {
		if len(objections) == 0 && options.dryRun == nil && (op.pretend || !way.whole) {
			continue
		}
		if err := checkAnswer(env.send(op, options), objections); err != nil {
			env.Errorf("%s: %s (%s, dry run %v): %v", env.name, op.name, way.name, options.dryRun != nil, err)
		}
	}
}

// send makes the request of an errand.
func (env *requesterEnvironment) send(op operation, options requestOptions) error {
	var object client.Object
	if op.about != nil {
		object = op.about(env)
	}
	ctx := env.Context()
	switch {
	case op.do != nil:
		return op.do(env, object, options)
	case op.verb == "create":
		return env.client.Create(ctx, object, &client.CreateOptions{DryRun: options.dryRun})
	case op.verb == "delete":
		return env.client.Delete(ctx, object, &client.DeleteOptions{DryRun: options.dryRun})
	case op.verb == "update":
		if err := env.Get(ctx, client.ObjectKeyFromObject(object), object); client.IgnoreNotFound(err) != nil {
			return err
		}
		object.SetAnnotations(map[string]string{"example.com/note": "changed"})
		return env.client.Update(ctx, object, &client.UpdateOptions{DryRun: options.dryRun})
	default:
		return errors.New("no such verb")
	}
}

// operations in the order in which they are done.
var operations = []operation{
	{name: "list members", verb: "list", resource: "members", do: listing(&v1alpha1.MemberList{})},
	{name: "list skill groups", verb: "list", resource: "skillgroups", do: listing(&v1alpha1.SkillGroupList{})},
	{name: "list passwords", verb: "list", resource: "secrets", do: listing(&corev1.SecretList{})},

	adding("add a Desk Admin", nil, func(m *v1alpha1.Member) { m.Spec.Role = v1alpha1.RoleDeskAdmin }),
	adding("add a Supervisor", nil, func(m *v1alpha1.Member) { m.Spec.Role = v1alpha1.RoleSupervisor }),
	adding("add Desk Staff", nil, func(m *v1alpha1.Member) { m.Spec.Role = v1alpha1.RoleDeskStaff }),
	adding("add somebody by a generated name", nil, func(m *v1alpha1.Member) { m.Name, m.GenerateName = "", "super-" }),
	adding("add a held member", unlessExempt(finalizersAreKept), func(m *v1alpha1.Member) { m.Finalizers = []string{"example.com/hold"} }),
	adding("add another Super Admin", everyRequester(theRoleHasOneName), func(m *v1alpha1.Member) { m.Spec.Role = v1alpha1.RoleSuperAdmin }),
	adding("add super-admin with another role", everyRequester(superAdminKeepsTheRole), func(m *v1alpha1.Member) { m.Name = v1alpha1.SuperAdminMemberName }),
	{
		name: "add super-admin", verb: "create", resource: "members", objections: unlessExempt(superAdminIsTheOperators, noSecondSuperAdmin), elsewhere: true,
		about: func(env *requesterEnvironment) client.Object {
			return env.withRole(v1alpha1.SuperAdminMemberName, v1alpha1.RoleSuperAdmin)
		},
	},
	{
		name: "add somebody's belonging", verb: "create", resource: "members", objections: unlessExempt(ownersAreKept),
		about: func(env *requesterEnvironment) client.Object {
			env.cells++
			member := env.withRole(fmt.Sprintf("belonging-%d", env.cells), v1alpha1.RoleDeskStaff)
			member.OwnerReferences = []metav1.OwnerReference{env.owner}
			return member
		},
	},
	{
		name: "add oneself again", verb: "create", resource: "members", objections: unlessExempt(notOwnMember),
		about: func(env *requesterEnvironment) client.Object {
			member := env.withRole("again", v1alpha1.RoleDeskAdmin)
			member.Spec.Email = env.email()
			return member
		},
	},

	skillGroupOperation("create", "sales"), skillGroupOperation("update", "billing"), skillGroupOperation("delete", "billing"),

	{name: "edit the contact center", verb: "update", resource: "contactcenters", about: theCenter},
	{name: "switch a contact center on", verb: "create", resource: "contactcenters", about: theCenter, elsewhere: true},
	{name: "switch the contact center off", verb: "delete", resource: "contactcenters", about: theCenter, elsewhere: true, before: func(env *requesterEnvironment) { env.CreateAll(env.ContactCenterWithIdentity()) }},

	{name: "add a Secret", verb: "create", resource: "secrets", about: func(env *requesterEnvironment) client.Object {
		return named(env.environment, &corev1.Secret{}, "smtp")
	}},
	{name: "change a password", verb: "update", resource: "secrets", about: func(env *requesterEnvironment) client.Object {
		return named(env.environment, &corev1.Secret{}, "wei-credentials")
	}},
	{name: "add templates", verb: "create", resource: "configmaps", about: func(env *requesterEnvironment) client.Object {
		return &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: env.Namespace, Name: "templates"}}
	}},
	{name: "change templates", verb: "update", resource: "configmaps", about: func(env *requesterEnvironment) client.Object {
		return &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: env.Namespace, Name: "owner"}}
	}},

	{name: "take the permissions of the Super Admin", verb: "create", resource: "rolebindings", about: bindingTo("rollcall-super-admin")},
	{name: "take all permissions", verb: "create", resource: "rolebindings", about: bindingTo("cluster-admin"), objections: func(r requester) []refusal {
		if r.passes { // the operator may bind three ClusterRoles and no other
			return []refusal{{apierrors.IsForbidden, "is attempting to grant RBAC permissions not currently held"}}
		}
		return nil
	}},
	{name: "change one's own permissions", verb: "update", resource: "rolebindings", about: func(env *requesterEnvironment) client.Object {
		name := "wei" // for who has none
		if env.role.ClusterRole() != "" {
			name = env.own
		}
		return &rbacv1.RoleBinding{ObjectMeta: metav1.ObjectMeta{Namespace: env.Namespace, Name: v1alpha1.RoleBindingPrefix + name}}
	}},
	{name: "take a Desk Admin's permissions away", verb: "delete", resource: "rolebindings", about: func(env *requesterEnvironment) client.Object {
		return &rbacv1.RoleBinding{ObjectMeta: metav1.ObjectMeta{Namespace: env.Namespace, Name: "rollcall-member-ana"}}
	}},
	{name: "change what Desk Admins may do", verb: "update", resource: "clusterroles", pretend: true, about: func(*requesterEnvironment) client.Object {
		return &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: "rollcall-desk-admin"}}
	}},
	{name: "break the glass", verb: "delete", resource: "validatingadmissionpolicybindings", pretend: true, about: func(*requesterEnvironment) client.Object {
		return &admissionregistrationv1.ValidatingAdmissionPolicyBinding{ObjectMeta: metav1.ObjectMeta{Name: "rollcall-super-admin"}}
	}},

	{name: "act as another member", verb: "impersonate", resource: "users", do: impersonation("oidc:sam@example.com")},
	{name: "act as the operator", verb: "impersonate", resource: "serviceaccounts", do: impersonation(operatorUsername)},
	{name: "get a token of the operator", verb: "create", resource: "serviceaccounts/token", do: func(env *requesterEnvironment, _ client.Object, options requestOptions) error {
		account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: "rollcall-system", Name: "rollcall-controller-manager"}}
		return env.client.SubResource("token").Create(env.Context(), account, &authenticationv1.TokenRequest{},
			&client.SubResourceCreateOptions{CreateOptions: client.CreateOptions{DryRun: options.dryRun}})
	}},
}

// unlessExempt objects to every requester but those whom the policies let pass.
func unlessExempt(objections ...refusal) func(requester) []refusal {
	return func(r requester) []refusal {
		if r.passes {
			return nil
		}
		return objections
	}
}

// everyRequester objects to every requester.
func everyRequester(objections ...refusal) func(requester) []refusal {
	return func(requester) []refusal { return objections }
}

func listing(list client.ObjectList) func(*requesterEnvironment, client.Object, requestOptions) error {
	return func(env *requesterEnvironment, _ client.Object, _ requestOptions) error {
		into, ok := list.DeepCopyObject().(client.ObjectList)
		if !ok {
			return fmt.Errorf("%T copies to another type", list)
		}
		return env.client.List(env.Context(), into, client.InNamespace(env.Namespace))
	}
}

func impersonation(username string) func(*requesterEnvironment, client.Object, requestOptions) error {
	return func(env *requesterEnvironment, _ client.Object, _ requestOptions) error {
		config := rest.CopyConfig(env.config)
		config.Impersonate = rest.ImpersonationConfig{UserName: username}
		return clientFor(env.T, config).List(env.Context(), &v1alpha1.MemberList{}, client.InNamespace(env.Namespace))
	}
}

func adding(name string, objections func(requester) []refusal, different func(*v1alpha1.Member)) operation {
	return operation{name: name, verb: "create", resource: "members", objections: objections, about: func(env *requesterEnvironment) client.Object {
		env.cells++
		member := env.Member(fmt.Sprintf("new-%d", env.cells))
		different(member)
		return member
	}}
}

func theCenter(env *requesterEnvironment) client.Object { return env.ContactCenterWithIdentity() }

func skillGroupOperation(verb, name string) operation {
	return operation{name: verb + " a skill group", verb: verb, resource: "skillgroups", about: func(env *requesterEnvironment) client.Object { return env.SkillGroup(name) }}
}

func bindingTo(clusterRole string) func(*requesterEnvironment) client.Object {
	return func(env *requesterEnvironment) client.Object {
		binding := env.environment.editor(env.username())
		binding.RoleRef.Name = clusterRole
		return binding
	}
}
