package memberplan

import (
	"fmt"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/conditions"
	"rollcall.dev/rollcall/internal/ownership"
)

// Binding describes the RoleBinding of a Member.
type Binding struct {
	Ownership ownership.Ownership
	// Role is the role that it grants; the zero value if that is not one of RBAC's.
	Role RoleRef
	// Username is its subject; empty unless that is exactly one user.
	Username string
	// Empty reports that it has no subjects.
	Empty bool
	// Labeled reports that it has both of our labels.
	Labeled bool
	// Deleting reports that it is being deleted. Until then it still grants its role.
	Deleting bool
}

// Grants reports whether the RoleBinding grants exactly these permissions.
func (b Binding) Grants(wanted Permissions) bool {
	return b.Ownership == ownership.Ours && b.Labeled && b.Role == wanted.Role && b.Username == wanted.Username
}

// RoleRef names a ClusterRole, or a Role of the namespace.
type RoleRef struct {
	Kind, Name string
}

// Permissions are what a Member may do at the API server; the zero value is nothing.
type Permissions struct {
	Role     RoleRef
	Username string
}

func clusterRole(name string) RoleRef { return RoleRef{Kind: "ClusterRole", Name: name} }

func namespacedRole(name string) RoleRef { return RoleRef{Kind: "Role", Name: name} }

// ExpectsBinding reports whether a RoleBinding may exist that the cache does not have. A member who is
// being cut off may have received one a moment ago.
func (o *Observation) ExpectsBinding() bool {
	granted := apimeta.FindStatusCondition(o.Member.Status.Conditions, v1alpha1.PermissionsGrantedCondition)
	if granted != nil && (granted.Status == metav1.ConditionTrue || granted.Reason == v1alpha1.ReasonRoleBindingConflict) {
		return true
	}
	grantable := o.Identity != nil && o.Role.ClusterRole() != ""
	return (granted != nil || grantable) && o.Member.Status.Login == v1alpha1.LoginAllowed && o.Member.DeniesLogin(o.Now) != ""
}

// wantedRole returns the role that determines what a Member may do while its login is allowed: the
// zero value for nothing, and the reason why it cannot be bound now. A user profile narrows what the
// role grants. If anything about the profile is wrong, the Member gets nothing, and never what the role
// alone would grant.
func (o *Observation) wantedRole() (role RoleRef, problem string) {
	own := o.Role.ClusterRole()
	switch {
	case own == "":
		return RoleRef{}, ""
	case o.Role == v1alpha1.RoleSuperAdmin, o.UserProfile.Name == "":
		return clusterRole(own), ""
	case v1alpha1.IsBuiltInProfile(o.UserProfile.Name):
		return builtInRole(o.UserProfile.Name, own), ""
	case !o.Profile.Found:
		return RoleRef{}, v1alpha1.ReasonProfileNotFound
	}
	prefix, ready := v1alpha1.SupervisorProfileRolePrefix, o.Profile.Supervisors
	if o.Role == v1alpha1.RoleDeskAdmin {
		prefix, ready = v1alpha1.ProfileRolePrefix, o.Profile.Administrators
	}
	if !ready {
		problem = v1alpha1.ReasonRoleNotReady
	}
	return namespacedRole(prefix + o.UserProfile.Name), problem
}

// builtInRole returns what a built-in user profile grants to a member whose role has a ClusterRole.
func builtInRole(profile, own string) RoleRef {
	switch profile {
	case v1alpha1.ProfileAdministrator, v1alpha1.ProfileAdministratorOnly:
		return clusterRole(own)
	case v1alpha1.ProfileSupervisor:
		return clusterRole(v1alpha1.SupervisorClusterRole) // which every other one includes
	default: // those of agents
		return RoleRef{}
	}
}

// BindingAction is what happens to a Member's RoleBinding.
type BindingAction int

const (
	// KeepBinding changes nothing.
	KeepBinding BindingAction = iota
	// CreateBinding grants permissions where there is no RoleBinding.
	CreateBinding
	// RepairBinding restores subject, labels, and owner.
	RepairBinding
	// ReplaceBinding deletes the RoleBinding and creates another one: a RoleBinding's role cannot be
	// changed.
	ReplaceBinding
	// DeleteBinding revokes the permissions.
	DeleteBinding
)

// Revokes reports whether the action takes permissions away.
func (a BindingAction) Revokes() bool { return a == DeleteBinding || a == ReplaceBinding }

// PlanBinding returns what happens to the RoleBinding of a Member with these permissions.
func PlanBinding(binding Binding, granted Permissions) BindingAction {
	none := granted == Permissions{}
	switch {
	case binding.Ownership == ownership.Foreign:
		return KeepBinding
	case binding.Ownership == ownership.Absent && none, binding.Grants(granted):
		return KeepBinding
	case binding.Ownership == ownership.Absent:
		return CreateBinding
	case binding.Deleting && binding.Empty:
		return KeepBinding // it grants nothing, and its end requeues the Member
	case none, binding.Deleting:
		return DeleteBinding
	case binding.Ownership.IsLeftOver(), binding.Role != granted.Role:
		return ReplaceBinding
	default:
		return RepairBinding
	}
}

// grantedPermissions returns what a Member may do: what its role and user profile grant, while its
// status allows login. They come after the status says so, and go before it says otherwise.
func (o *Observation) grantedPermissions(secret SecretAction) Permissions {
	role, problem := o.wantedRole()
	nothingToGrant := o.Identity == nil || role == RoleRef{} || problem != ""
	usable := o.Secret.Valid() || secret.Issues() || secret == AdoptSecret
	if nothingToGrant || o.Member.Status.Login != v1alpha1.LoginAllowed || o.denial(o.Member, usable) != "" {
		return Permissions{}
	}
	return Permissions{Role: role, Username: o.Identity.Username(o.Member)}
}

// permissionsGranted reports whether the RoleBinding grants what role and user profile say. It does not
// apply to a Member that may do nothing and has nothing.
func permissionsGranted(status *v1alpha1.MemberStatus, observed Observation, outcome Outcome) conditions.Verdict {
	name := observed.Member.RoleBindingName()
	role, problem := observed.wantedRole()
	none := outcome.Granted == Permissions{}
	remains := outcome.Binding.Ownership == ownership.Ours || outcome.Binding.Ownership.IsLeftOver()
	switch {
	case none && remains && !outcome.Binding.Empty:
		return conditions.True(v1alpha1.ReasonNotRevoked, observed.keepMessage(v1alpha1.PermissionsGrantedCondition, v1alpha1.ReasonNotRevoked,
			fmt.Sprintf("RoleBinding %s could not be deleted. The operator tries again: %s", name, outcome.BindingProblem)))
	case observed.Identity == nil, role == RoleRef{} && problem == "":
		return conditions.Verdict{}
	case outcome.Binding.Ownership == ownership.Foreign:
		return conditions.False(v1alpha1.ReasonRoleBindingConflict, fmt.Sprintf(
			"RoleBinding %s exists and does not belong to this Member. The operator does not touch it, whatever it grants. Delete it: the operator looks again within a minute.", name))
	case status.Login != v1alpha1.LoginAllowed:
		return conditions.False(v1alpha1.ReasonLoginDenied, "The member has no permissions while login is denied.")
	case problem != "":
		return conditions.False(problem, profileProblem(observed.UserProfile, problem))
	default:
		return permissionsWritten(observed, outcome)
	}
}

// permissionsWritten reports whether the RoleBinding grants what the Member may do.
func permissionsWritten(observed Observation, outcome Outcome) conditions.Verdict {
	name, granted := observed.Member.RoleBindingName(), outcome.Granted
	switch {
	case outcome.BindingProblem != "":
		return conditions.False(v1alpha1.ReasonNotGranted, observed.keepMessage(v1alpha1.PermissionsGrantedCondition, v1alpha1.ReasonNotGranted,
			fmt.Sprintf("RoleBinding %s could not be written. The operator tries again: %s", name, outcome.BindingProblem)))
	case granted != Permissions{} && outcome.Binding.Grants(granted):
		return conditions.True(v1alpha1.ReasonGranted, fmt.Sprintf(
			"RoleBinding %s grants the %s %s to the user %s.", name, granted.Role.Kind, granted.Role.Name, granted.Username))
	default:
		return conditions.False(v1alpha1.ReasonPending, fmt.Sprintf("RoleBinding %s is about to be written.", name))
	}
}

// profileProblem returns the message about a wrong user profile.
func profileProblem(profile v1alpha1.Assignment, reason string) string {
	if reason == v1alpha1.ReasonProfileNotFound {
		return fmt.Sprintf("No UserProfile in this namespace is named %s, so the member has no permissions. Create it, or assign another one.", profile.Name)
	}
	return fmt.Sprintf("The Role of the UserProfile %s does not match the profile, so the member has no permissions until it does. See the condition Ready of the UserProfile.", profile.Name)
}

// permissionsDiffer reports whether a Member has other permissions than its spec asks for. While the
// spec denies login, it asks for none.
func permissionsDiffer(granted conditions.Verdict) bool {
	switch granted.Reason {
	case "", v1alpha1.ReasonGranted, v1alpha1.ReasonLoginDenied:
		return false
	default:
		return true
	}
}
