package operator

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// The rules, as people are told them. The tests of roles compute from these, and
// from nothing in config/, what each request must meet with.

// rights are what RBAC allows a user in the contact center: the verbs for
// each resource.
type rights map[string]string

var (
	everything = rights{}
	nothing    = rights{"-": ""}
	// managing is for Super Admin and Desk Admins, and for users bound to
	// rollcall-editor.
	managing = rights{
		"members":        "get list create update patch delete",
		"members/status": "get",
		"skillgroups":    "get list create update patch delete",
		"contactcenters": "get list",
	}
	seeing = rights{"members": "get list", "members/status": "get", "skillgroups": "get list"}
	// operating is for the operator, who holds all that the Role of a UserProfile may
	// contain. Its permission to bind is a case of its own.
	operating = rights{
		"members": "get list create update patch delete", "members/status": "patch",
		"skillgroups": "get list create update patch delete", "contactcenters": "get list", "contactcenters/status": "patch",
		"secrets": "get list create update delete", "configmaps": "get list",
		"rolebindings": "get list create update delete",
	}
)

func (r rights) allow(verb, resource string) bool {
	return len(r) == 0 || slices.Contains(strings.Fields(r[resource]), verb)
}

// refusal is how the API server says no: by which of its parts, and in which words.
type refusal struct {
	by   func(error) bool
	says string
}

func (r refusal) is(err error) bool { return r.by(err) && strings.Contains(err.Error(), r.says) }

// cannot is RBAC's refusal. To a user who asks to impersonate another it says more, and
// not in every version the same.
func cannot(username, verb, resource string) refusal {
	if verb == "impersonate" {
		return refusal{apierrors.IsForbidden, fmt.Sprintf("User %q cannot impersonate", username)}
	}
	return refusal{apierrors.IsForbidden, fmt.Sprintf("User %q cannot %s resource %q in API group", username, verb, resource)}
}

// guarded is the refusal of a policy of config/admission.
func guarded(policy, message string) refusal {
	return refusal{apierrors.IsForbidden, fmt.Sprintf(
		"ValidatingAdmissionPolicy 'rollcall-%s' with binding 'rollcall-%[1]s' denied request: %s", policy, message)}
}

var (
	superAdminIsTheOperators = guarded("super-admin", "only the Rollcall operator can create, change or delete the Member super-admin: to change the person or reset the password,")
	noSecondSuperAdmin       = guarded("promotion", "only the Rollcall operator can give the role SuperAdmin, to the Member that it creates from spec.superAdmin of the ContactCenter:")
	ownersAreKept            = guarded("owners-and-finalizers", "only the Rollcall operator and the Kubernetes garbage collector can change metadata.ownerReferences of a Member, SkillGroup, template, profile, Site or Team,")
	finalizersAreKept        = guarded("owners-and-finalizers", "only the Rollcall operator and Kubernetes controllers can change metadata.finalizers of a Member, SkillGroup, template, profile, Site or Team,")
	notOwnMember             = guarded("self-service", "you cannot add a Member with your own e-mail address: ask another administrator")
	notOwnDeletion           = guarded("self-service", "you cannot delete your own Member: ask another administrator")
	notOwnRole               = guarded("self-service", "you cannot change your own role: ask another administrator")
	notOwnPassword           = guarded("self-service", "you cannot reset your own password: ask another administrator")
	notOwnCutOff             = guarded("self-service", "you cannot force yourself offline, restore yourself, or change the end time or the reason: ask another administrator")
	notOwnActivity           = guarded("self-service", "you cannot deactivate or activate yourself: ask another administrator")
	notOwnProfile            = guarded("self-service", "you cannot change your own user profile: ask another administrator")
	notOwnLicense            = guarded("self-service", "you cannot change your own license: ask another administrator")
	notOwnLabels             = guarded("self-service", "you cannot change the labels of your own Member, because MemberTemplates give licenses and profiles by label: ask another administrator")
	// These two are the kind's own rules, which bind the operator too.
	superAdminKeepsTheRole = refusal{apierrors.IsInvalid, "the name super-admin is reserved for the Member that the operator creates"}
	theRoleHasOneName      = refusal{apierrors.IsInvalid, "only the Member super-admin has the role SuperAdmin"}
)

// requester is a user who makes requests.
type requester struct {
	name string
	// own is the name of their own Member; empty for who has none.
	own string
	// role is their Member's.
	role v1alpha1.Role
	// rights are what RBAC lets them do in their contact center.
	rights rights
	// passes reports whether the policies allow them everything.
	passes bool
}

var requesters = []requester{
	{name: "Super Admin", own: v1alpha1.SuperAdminMemberName, role: v1alpha1.RoleSuperAdmin, rights: managing},
	{name: "Desk Admin", own: "ana", role: v1alpha1.RoleDeskAdmin, rights: managing},
	{name: "Supervisor", own: "wei", role: v1alpha1.RoleSupervisor, rights: seeing},
	{name: "Desk Staff", own: "putri", role: v1alpha1.RoleDeskStaff, rights: nothing},
	{name: "holder of rollcall-editor", own: "eli", role: v1alpha1.RoleDeskStaff, rights: managing},
	{name: "cluster administrator", own: "cleo", role: v1alpha1.RoleDeskStaff, rights: everything},
	{name: "operator", rights: operating, passes: true},
}

// deskAdmin is Ana.
var deskAdmin = requesters[1]

// isClusterAdministrator reports whether RBAC allows them everything.
func (r requester) isClusterAdministrator() bool { return len(r.rights) == 0 }

// email is the address of the requester's Member.
func (r requester) email() string {
	if r.role == v1alpha1.RoleSuperAdmin {
		return "sam@example.com"
	}
	return r.own + "@example.com"
}

// username is who the requester is at the API server.
func (r requester) username() string {
	if r.passes {
		return operatorUsername
	}
	return "oidc:" + r.email()
}

const operatorUsername = "system:serviceaccount:rollcall-system:rollcall-controller-manager"

// target is whose Member a request is about.
type target struct {
	role v1alpha1.Role
	self bool
}

// refusals are what may refuse a request about a Member, which needs a verb of RBAC;
// empty if it is allowed. Where several guards object, the API server names any one of
// them.
func (r requester) refusals(a action, verb string, about target) (objections []refusal) {
	if !r.rights.allow(verb, a.resource) {
		return []refusal{cannot(r.username(), verb, a.resource)}
	}
	switch {
	case a.role != "" && about.role == v1alpha1.RoleSuperAdmin:
		return []refusal{superAdminKeepsTheRole}
	case a.role == v1alpha1.RoleSuperAdmin:
		return []refusal{theRoleHasOneName}
	case a.verb == "get", r.passes:
		return nil
	}
	if about.role == v1alpha1.RoleSuperAdmin {
		objections = append(objections, superAdminIsTheOperators)
	}
	if a.everyone != nil {
		objections = append(objections, *a.everyone)
	}
	if about.self && a.notSelf != nil {
		objections = append(objections, *a.notSelf)
	}
	return objections
}

// checkAnswer checks that the API server refuses with one of the objections, or
// allows if there are none.
func checkAnswer(err error, objections []refusal) error {
	if len(objections) == 0 {
		if err != nil {
			return fmt.Errorf("it is refused: %w", err)
		}
		return nil
	}
	if err == nil {
		return fmt.Errorf("it is allowed, and should meet with %q", objections[0].says)
	}
	if !slices.ContainsFunc(objections, func(objection refusal) bool { return objection.is(err) }) {
		return errors.Join(fmt.Errorf("it is refused otherwise than with %q", objections[0].says), err)
	}
	return nil
}
