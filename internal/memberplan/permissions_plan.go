package memberplan

import (
	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/ownership"
)

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
