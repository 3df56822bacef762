package memberplan

import (
	"cmp"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/credentials"
	"rollcall.dev/rollcall/internal/ownership"
)

// secretAction is what is done to a Member's Secret.
type secretAction int

const (
	// KeepSecret does nothing.
	KeepSecret secretAction = iota
	// CreateSecret issues a password where there is no Secret.
	CreateSecret
	// ReplacePassword issues a password into the Secret there is.
	ReplacePassword
	// RecreateSecret deletes the Secret there is and issues a password.
	RecreateSecret
	// AdoptSecret makes the Member the controller of the Secret there is.
	AdoptSecret
	// CompleteSecret puts lost labels and annotations back.
	CompleteSecret
)

// Plan is what a reconcile is going to do.
type Plan struct {
	// secret is what is done to the Secret.
	Secret secretAction
	// deleteUID is the Secret that RecreateSecret deletes; no other is deleted.
	DeleteUID types.UID
	// issue, issuedFor and passwordReset are what the new password is annotated with.
	Issue         int64
	IssuedFor     string
	PasswordReset string
	// binding is what is done to the RoleBinding, and granted what it is to give.
	Binding bindingAction
	Granted Permissions
	// requeueAfter is when the Member is looked at again for reasons of time; 0
	// for not at all.
	RequeueAfter time.Duration
}

// revokes is whether permissions are taken away.
func (p Plan) Revokes() bool { return p.Binding == DeleteBinding || p.Binding == ReplaceBinding }

// For decides what is done for a Member.
func For(observed Observation) Plan {
	plan := planSecret(observed)
	plan.RequeueAfter = nextLook(observed)
	switch plan.Secret {
	case CreateSecret, ReplacePassword, RecreateSecret:
		plan.Issue = 1 + max(observed.Secret.Issue, knownIssue(observed.Member))
		plan.IssuedFor = issuedFor(observed)
		plan.PasswordReset = cmp.Or(observed.Member.Spec.PasswordReset, handledReset(observed))
	case KeepSecret, AdoptSecret, CompleteSecret:
	}
	plan.Granted = grantedPermissions(observed, plan.Secret)
	plan.Binding = PlanBinding(observed.Binding, plan.Granted)
	return plan
}

// secretRules decide what is done to the Secret. The first that applies wins.
var secretRules = []struct {
	applies func(Observation) bool
	plan    func(Observation) Plan
}{
	// Nothing is made, mended or mailed for a Member that is going away, or one
	// whose e-mail address is somebody else's.
	{func(o Observation) bool { return isDeleting(o) || IsDuplicate(o) }, keep},
	// What is not ours is never touched; a Secret about to go is waited for.
	{func(o Observation) bool { return o.Secret.Ownership == credentials.Foreign || o.Secret.Deleting }, keep},
	// Adopting issues nothing, so it needs no ContactCenter.
	{func(o Observation) bool { return o.Secret.Ownership == credentials.Orphaned }, act(AdoptSecret)},
	// Without a ContactCenter nothing is issued.
	{func(o Observation) bool { return o.Center == nil }, keep},
	{func(o Observation) bool { return o.Secret.Ownership == credentials.Predecessors }, recreate},
	// The first password, or one in place of a Secret deleted by hand.
	{func(o Observation) bool { return o.Secret.Ownership == credentials.Absent }, act(CreateSecret)},
	// Edited by hand.
	{func(o Observation) bool { return !o.Secret.Intact }, replace},
	{IsResetAsked, replace},
	{func(o Observation) bool { return !o.Secret.Complete }, act(CompleteSecret)},
}

// planSecret applies secretRules.
func planSecret(observed Observation) Plan {
	for _, rule := range secretRules {
		if rule.applies(observed) {
			return rule.plan(observed)
		}
	}
	return keep(observed)
}

// keep plans nothing.
func keep(Observation) Plan { return Plan{} }

// act plans an action that needs no more to be known.
func act(action secretAction) func(Observation) Plan {
	return func(Observation) Plan { return Plan{Secret: action} }
}

// recreate plans a new Secret in the place of the one there is.
func recreate(o Observation) Plan {
	return Plan{Secret: RecreateSecret, DeleteUID: o.Secret.Uid}
}

// replace plans a new password, in the Secret there is if it can be changed.
func replace(o Observation) Plan {
	if o.Secret.Immutable {
		return recreate(o)
	}
	return Plan{Secret: ReplacePassword}
}

// handledReset is the value of spec.passwordReset last handled. The Secret is
// the truth about it; the status speaks only where there is no Secret of ours.
func handledReset(o Observation) string {
	if o.Secret.Ownership == credentials.Ours && o.Secret.Intact {
		return o.Secret.PasswordReset
	}
	if known := o.Member.Status.Credentials; known != nil {
		return known.PasswordReset
	}
	return ""
}

// issuedFor is why a password is issued. A reset that is asked for is its own
// reason, whatever else has happened.
func issuedFor(o Observation) string {
	switch {
	case o.Member.Status.Credentials == nil && o.Secret.Ownership != credentials.Ours:
		return v1alpha1.IssuedFirst
	case IsResetAsked(o):
		return v1alpha1.IssuedForReset
	default:
		return v1alpha1.IssuedForRepair
	}
}

// knownIssue is the number of the last password that the status knows of.
func knownIssue(member *v1alpha1.Member) int64 {
	if member.Status.Credentials == nil {
		return 0
	}
	return member.Status.Credentials.Issue
}

// nextLook is when time alone may change something.
func nextLook(o Observation) time.Duration {
	if isDeleting(o) {
		return 0
	}
	var next time.Duration
	if until := o.Member.Spec.ForceOfflineUntil; until != nil && until.After(o.Now) {
		next = until.Sub(o.Now)
	}
	foreign := o.Secret.Ownership == credentials.Foreign || o.Binding.Ownership == BindingForeign
	if foreign && (next == 0 || next > ownership.ConflictRecheck) {
		next = ownership.ConflictRecheck
	}
	return next
}
