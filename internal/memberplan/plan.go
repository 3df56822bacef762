package memberplan

import (
	"cmp"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/ownership"
)

// SecretAction is what happens to a Member's Secret.
type SecretAction int

const (
	// KeepSecret changes nothing.
	KeepSecret SecretAction = iota
	// CreateSecret issues a password where there is no Secret.
	CreateSecret
	// ReplacePassword issues a password into the Secret.
	ReplacePassword
	// RecreateSecret deletes the Secret and issues a password.
	RecreateSecret
	// AdoptSecret makes the Member the controller of the Secret.
	AdoptSecret
	// CompleteSecret restores lost labels and annotations.
	CompleteSecret
)

// Issues reports whether the action issues a password.
func (a SecretAction) Issues() bool {
	return a == CreateSecret || a == ReplacePassword || a == RecreateSecret
}

// Plan is what a reconcile does.
type Plan struct {
	// Secret is what happens to the Secret.
	Secret SecretAction
	// DeleteUID is the Secret that RecreateSecret deletes; no other is deleted.
	DeleteUID types.UID
	// Issue, IssuedFor, and PasswordReset are the annotations of a new password.
	Issue         int64
	IssuedFor     string
	PasswordReset string
	// Binding is what happens to the RoleBinding, and Granted what it grants.
	Binding BindingAction
	Granted Permissions
	// RequeueAfter is when time alone may change something; 0 for never.
	RequeueAfter time.Duration
}

// For returns the plan for a Member.
func For(observed Observation) Plan {
	plan := Plan{Secret: planSecret(&observed), RequeueAfter: requeueAfter(&observed)}
	if plan.Secret == RecreateSecret {
		plan.DeleteUID = observed.Secret.UID
	}
	if plan.Secret.Issues() {
		lastIssue := ptr.Deref(observed.Member.Status.Credentials, v1alpha1.CredentialsStatus{}).Issue
		plan.Issue = 1 + max(observed.Secret.Issue, lastIssue)
		plan.IssuedFor = issuedFor(&observed)
		plan.PasswordReset = cmp.Or(observed.Member.Spec.PasswordReset, observed.handledReset())
	}
	plan.Granted = observed.grantedPermissions(plan.Secret)
	plan.Binding = PlanBinding(observed.Binding, plan.Granted)
	return plan
}

// secretRules decide what happens to the Secret. The first rule that applies wins.
var secretRules = []struct {
	applies func(*Observation) bool
	action  func(*Observation) SecretAction
}{
	// A Member that is being deleted, or whose e-mail address another Member holds, gets nothing.
	{(*Observation).IsDeleting, always(KeepSecret)},
	{(*Observation).IsDuplicate, always(KeepSecret)},
	{secretIsForeign, always(KeepSecret)},
	{secretIsBeingDeleted, always(KeepSecret)}, // its end requeues the Member
	{secretIsOrphaned, always(AdoptSecret)},    // adopting issues nothing, so it needs no ContactCenter
	{contactCenterDoesNotExist, always(KeepSecret)},
	{secretIsPredecessors, always(RecreateSecret)},
	{secretDoesNotExist, always(CreateSecret)}, // the first password, or one for a deleted Secret
	{passwordWasEdited, replacePassword},
	{(*Observation).IsResetRequested, replacePassword},
	{metadataIsIncomplete, always(CompleteSecret)},
}

func secretIsForeign(o *Observation) bool           { return o.Secret.Ownership == ownership.Foreign }
func secretIsBeingDeleted(o *Observation) bool      { return o.Secret.Deleting }
func secretIsOrphaned(o *Observation) bool          { return o.Secret.Ownership == ownership.Orphaned }
func contactCenterDoesNotExist(o *Observation) bool { return o.Center == nil }
func secretIsPredecessors(o *Observation) bool      { return o.Secret.Ownership == ownership.Predecessors }

func secretDoesNotExist(o *Observation) bool   { return o.Secret.Ownership == ownership.Absent }
func passwordWasEdited(o *Observation) bool    { return !o.Secret.Intact }
func metadataIsIncomplete(o *Observation) bool { return !o.Secret.Complete }

// always returns an action that depends on nothing else.
func always(action SecretAction) func(*Observation) SecretAction {
	return func(*Observation) SecretAction { return action }
}

// replacePassword issues a password into the Secret, or recreates a Secret that cannot be changed.
func replacePassword(o *Observation) SecretAction {
	if o.Secret.Immutable {
		return RecreateSecret
	}
	return ReplacePassword
}

// planSecret applies secretRules.
func planSecret(observed *Observation) SecretAction {
	for _, rule := range secretRules {
		if rule.applies(observed) {
			return rule.action(observed)
		}
	}
	return KeepSecret
}

// issuedFor returns why a password is issued. A requested reset is the reason whatever else happened.
func issuedFor(o *Observation) string {
	switch {
	case o.Member.Status.Credentials == nil && o.Secret.Ownership != ownership.Ours:
		return v1alpha1.IssuedFirst
	case o.IsResetRequested():
		return v1alpha1.IssuedForReset
	default:
		return v1alpha1.IssuedForRepair
	}
}

// requeueAfter returns when time alone may change something; 0 for never.
func requeueAfter(o *Observation) time.Duration {
	if o.IsDeleting() {
		return 0
	}
	var next time.Duration
	if until := o.Member.Spec.ForceOfflineUntil; until != nil && until.After(o.Now) {
		next = until.Sub(o.Now)
	}
	foreign := o.Secret.Ownership == ownership.Foreign || o.Binding.Ownership == ownership.Foreign
	if foreign && (next == 0 || next > ownership.Recheck) {
		next = ownership.Recheck
	}
	return next
}
