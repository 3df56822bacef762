package controllers

import (
	"cmp"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// conflictRecheck is how often a Secret or RoleBinding that is somebody else's is
// looked at again: it may go without the operator being able to watch it.
const conflictRecheck = time.Minute

// secretAction is what is done to a Member's Secret.
type secretAction int

const (
	// keepSecret does nothing.
	keepSecret secretAction = iota
	// createSecret issues a password where there is no Secret.
	createSecret
	// replacePassword issues a password into the Secret there is.
	replacePassword
	// recreateSecret deletes the Secret there is and issues a password.
	recreateSecret
	// adoptSecret makes the Member the controller of the Secret there is.
	adoptSecret
	// completeSecret puts lost labels and annotations back.
	completeSecret
)

// memberPlan is what a reconcile is going to do.
type memberPlan struct {
	// secret is what is done to the Secret.
	secret secretAction
	// deleteUID is the Secret that recreateSecret deletes; no other is deleted.
	deleteUID types.UID
	// issue, issuedFor and passwordReset are what the new password is annotated with.
	issue         int64
	issuedFor     string
	passwordReset string
	// binding is what is done to the RoleBinding, and granted what it is to give.
	binding bindingAction
	granted permissions
	// requeueAfter is when the Member is looked at again for reasons of time; 0
	// for not at all.
	requeueAfter time.Duration
}

// revokes is whether permissions are taken away.
func (p memberPlan) revokes() bool { return p.binding == deleteBinding || p.binding == replaceBinding }

// planMember decides what is done for a Member.
func planMember(observed memberObservation) memberPlan {
	plan := planSecret(observed)
	plan.requeueAfter = nextLook(observed)
	switch plan.secret {
	case createSecret, replacePassword, recreateSecret:
		plan.issue = 1 + max(observed.secret.issue, knownIssue(observed.member))
		plan.issuedFor = issuedFor(observed)
		plan.passwordReset = cmp.Or(observed.member.Spec.PasswordReset, handledReset(observed))
	case keepSecret, adoptSecret, completeSecret:
	}
	plan.granted = grantedPermissions(observed, plan.secret)
	plan.binding = planBinding(observed.binding, plan.granted)
	return plan
}

// secretRules decide what is done to the Secret. The first that applies wins.
var secretRules = []struct {
	applies func(memberObservation) bool
	plan    func(memberObservation) memberPlan
}{
	// Nothing is made, mended or mailed for a Member that is going away, or one
	// whose e-mail address is somebody else's.
	{func(o memberObservation) bool { return isDeleting(o) || isDuplicate(o) }, keep},
	// What is not ours is never touched; a Secret about to go is waited for.
	{func(o memberObservation) bool { return o.secret.standing == secretForeign || o.secret.deleting }, keep},
	// Adopting issues nothing, so it needs no ContactCenter.
	{func(o memberObservation) bool { return o.secret.standing == secretOrphaned }, act(adoptSecret)},
	// Without a ContactCenter nothing is issued.
	{func(o memberObservation) bool { return o.center == nil }, keep},
	{func(o memberObservation) bool { return o.secret.standing == secretPredecessors }, recreate},
	// The first password, or one in place of a Secret deleted by hand.
	{func(o memberObservation) bool { return o.secret.standing == secretAbsent }, act(createSecret)},
	// Edited by hand.
	{func(o memberObservation) bool { return !o.secret.intact }, replace},
	{isResetAsked, replace},
	{func(o memberObservation) bool { return !o.secret.complete }, act(completeSecret)},
}

// planSecret applies secretRules.
func planSecret(observed memberObservation) memberPlan {
	for _, rule := range secretRules {
		if rule.applies(observed) {
			return rule.plan(observed)
		}
	}
	return keep(observed)
}

// keep plans nothing.
func keep(memberObservation) memberPlan { return memberPlan{} }

// act plans an action that needs no more to be known.
func act(action secretAction) func(memberObservation) memberPlan {
	return func(memberObservation) memberPlan { return memberPlan{secret: action} }
}

// recreate plans a new Secret in the place of the one there is.
func recreate(o memberObservation) memberPlan {
	return memberPlan{secret: recreateSecret, deleteUID: o.secret.uid}
}

// replace plans a new password, in the Secret there is if it can be changed.
func replace(o memberObservation) memberPlan {
	if o.secret.immutable {
		return recreate(o)
	}
	return memberPlan{secret: replacePassword}
}

// isDeleting is whether the Member is going away.
func isDeleting(o memberObservation) bool { return o.member.DeletionTimestamp != nil }

// isDuplicate is whether another Member holds the e-mail address.
func isDuplicate(o memberObservation) bool { return o.claims.Email == "" }

// isResetAsked is whether spec.passwordReset has a value that was not handled.
func isResetAsked(o memberObservation) bool {
	asked := o.member.Spec.PasswordReset
	return asked != "" && asked != handledReset(o)
}

// handledReset is the value of spec.passwordReset last handled. The Secret is
// the truth about it; the status speaks only where there is no Secret of ours.
func handledReset(o memberObservation) string {
	if o.secret.standing == secretOurs && o.secret.intact {
		return o.secret.passwordReset
	}
	if known := o.member.Status.Credentials; known != nil {
		return known.PasswordReset
	}
	return ""
}

// issuedFor is why a password is issued. A reset that is asked for is its own
// reason, whatever else has happened.
func issuedFor(o memberObservation) string {
	switch {
	case o.member.Status.Credentials == nil && o.secret.standing != secretOurs:
		return v1alpha1.IssuedFirst
	case isResetAsked(o):
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
func nextLook(o memberObservation) time.Duration {
	if isDeleting(o) {
		return 0
	}
	var next time.Duration
	if until := o.member.Spec.ForceOfflineUntil; until != nil && until.After(o.now) {
		next = until.Sub(o.now)
	}
	foreign := o.secret.standing == secretForeign || o.binding.standing == bindingForeign
	if foreign && (next == 0 || next > conflictRecheck) {
		next = conflictRecheck
	}
	return next
}
