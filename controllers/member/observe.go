package member

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/assignment"
	"rollcall.dev/rollcall/internal/kube"
	"rollcall.dev/rollcall/internal/memberplan"
	"rollcall.dev/rollcall/internal/ownership"
)

// dependents are the objects that belong to a Member. Planning does not see them, because the
// Secret contains the password.
type dependents struct {
	secret  *corev1.Secret
	binding *rbacv1.RoleBinding
}

// observe reads everything that planning needs.
func (r *reconciler) observe(ctx context.Context, member *v1alpha1.Member, source kube.ReadSource) (memberplan.Observation, dependents, error) {
	observed := memberplan.Observation{Now: r.Now(), Member: member}
	var err error
	if observed.Center, err = kube.FindContactCenter(ctx, r.Client, member.Namespace); err != nil {
		return observed, dependents{}, err
	}
	if observed.Center != nil && r.RoleBindings {
		observed.Identity = observed.Center.Spec.Identity
	}
	if observed.Claims, observed.Rivals, err = r.Claims.Take(ctx, member); err != nil {
		return observed, dependents{}, err
	}
	if err := r.observeAssignments(ctx, &observed); err != nil {
		return observed, dependents{}, err
	}
	found, err := r.observeDependents(ctx, &observed, source)
	if err != nil {
		return observed, found, err
	}
	if observed.Groups, observed.UnknownGroups, err = resolveMemberships(ctx, r.Client, member, observed.Resolved.Groups); err != nil {
		return observed, found, err
	}
	if result, ok := r.Outbox.Result(string(member.UID)); ok {
		observed.Result = &result
	}
	observed.MailServer = r.Outbox.Health(member.Namespace)
	return observed, found, nil
}

// observeAssignments describes the role, license, profile, and placement that result from the
// Member's spec, its templates, and the defaults of the ContactCenter.
func (r *reconciler) observeAssignments(ctx context.Context, observed *memberplan.Observation) error {
	templates, err := kube.ListTemplates(ctx, r.Client, observed.Member.Namespace)
	if err != nil {
		return err
	}
	observed.Resolved = assignment.Resolve(observed.Member, observed.Center, templates)
	observed.Role = v1alpha1.Role(observed.Resolved.Role.Name)
	if observed.License, err = r.observeLicense(ctx, observed.Member, observed.Center, observed.IsDuplicate(), observed.Resolved.License); err != nil {
		return err
	}
	observed.UserProfile = assignment.UserProfile(observed.Resolved, observed.License.Enabled, observed.License.Held)
	if observed.Profile, err = r.describeProfile(ctx, observed.Member.Namespace, observed.UserProfile.Name); err != nil {
		return err
	}
	observed.Placement, err = r.observePlacement(ctx, observed.Member.Namespace, observed.Resolved, observed.Profile.Found)
	return err
}

// observeDependents reads and describes the objects that belong to a Member.
func (r *reconciler) observeDependents(ctx context.Context, observed *memberplan.Observation, source kube.ReadSource) (found dependents, err error) {
	member := observed.Member
	if found.binding, err = r.findBinding(ctx, *observed, source); err != nil {
		return found, err
	}
	if observed.Binding, err = r.describeBinding(ctx, member, found.binding); err != nil {
		return found, err
	}
	if found.secret, err = r.findSecret(ctx, member, source); err != nil {
		return found, err
	}
	if observed.Secret, err = r.describeSecret(ctx, member, found.secret); err != nil {
		return found, err
	}
	if observed.Secret.Ownership == ownership.Orphaned || (found.secret == nil && member.Status.Credentials != nil) {
		// It looks as if an administrator had orphaned or deleted the Secret. But the Member may have
		// departed, which the cache may not show yet: then the garbage collector did it.
		return found, r.lookup().ConfirmVersion(ctx, member, &v1alpha1.Member{})
	}
	if observed.Secret.Ownership == ownership.Ours && observed.IsResetRequested() && !observed.KnowsIssue() {
		// The cached Secret is newer than the cached Member, whose reset may have been handled
		// already: the two caches are not filled together.
		return found, r.lookup().ConfirmVersion(ctx, member, &v1alpha1.Member{})
	}
	return found, nil
}
