package controllers

import (
	"context"
	"time"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/mail"
)

// memberObservation is all that planning and status know of the world. It has no
// password and no client in it.
type memberObservation struct {
	// now is when it was made.
	now time.Time
	// member is the Member as the cache has it. Not to be changed.
	member *v1alpha1.Member
	// center is the namespace's ContactCenter; nil if there is none, or if it is
	// being deleted.
	center *v1alpha1.ContactCenter
	// identity says who members are at the API server; nil if none of them is to
	// have permissions there.
	identity *v1alpha1.Identity
	// resolved is what the Member, templates and the ContactCenter ask for, license
	// the seat that it has of that, and placement where it really is.
	resolved  resolution
	license   licenseFacts
	placement placement
	// role is the role that counts, and userProfile the user profile, whose name is
	// empty where only the role says what the member may do.
	role        v1alpha1.Role
	userProfile v1alpha1.Assignment
	// profile describes that user profile.
	profile profileFacts
	// secret describes the Secret of the credentials' name.
	secret secretFacts
	// binding describes the RoleBinding of the Member's name.
	binding bindingFacts
	// claims are the unique values that the Member holds.
	claims v1alpha1.Claims
	// rivals are the names of the Members that hold the others.
	rivals v1alpha1.Claims
	// groups are the groups that the Member is in, by name.
	groups []v1alpha1.SkillGroupMembership
	// unknownGroups are the names in the Member's spec that no group has.
	unknownGroups []string
	// result is what became of the letter with the current password; nil if
	// there is no news.
	result *mail.Result
	// mailServer is what is known of the contact centre's mail server.
	mailServer mail.Health
}

// readSource is where a reconciler looks for what belongs to a Member.
type readSource int

const (
	// fromCache looks into the cache, and asks the API server only if the cache
	// may be behind.
	fromCache readSource = iota
	// fromServer asks the API server.
	fromServer
)

// belongings are the objects that a Member has. They stay out of planning, since
// one of them has the password.
type belongings struct {
	secret  *corev1.Secret
	binding *rbacv1.RoleBinding
}

// observe makes the only reads of a reconcile.
func (r *MemberReconciler) observe(ctx context.Context, member *v1alpha1.Member, source readSource) (memberObservation, belongings, error) {
	observed := memberObservation{now: r.Now(), member: member}
	var err error
	if observed.center, err = findContactCenter(ctx, r.Client, member.Namespace); err != nil {
		return observed, belongings{}, err
	}
	if observed.center != nil && r.RoleBindings {
		observed.identity = observed.center.Spec.Identity
	}
	if observed.claims, observed.rivals, err = r.Claims.take(ctx, member); err != nil {
		return observed, belongings{}, err
	}
	if err := r.observeAssignments(ctx, &observed); err != nil {
		return observed, belongings{}, err
	}
	found, err := r.observeBelongings(ctx, &observed, source)
	if err != nil {
		return observed, found, err
	}
	if observed.groups, observed.unknownGroups, err = resolveMemberships(ctx, r.Client, member, observed.resolved.groups); err != nil {
		return observed, found, err
	}
	if result, ok := r.Outbox.Result(string(member.UID)); ok {
		observed.result = &result
	}
	observed.mailServer = r.Outbox.Health(member.Namespace)
	return observed, found, nil
}

// observeAssignments finds out what counts for a Member beside its own spec.
func (r *MemberReconciler) observeAssignments(ctx context.Context, observed *memberObservation) error {
	templates, err := templatesOf(ctx, r.Client, observed.member.Namespace)
	if err != nil {
		return err
	}
	observed.resolved = resolveMember(observed.member, observed.center, templates)
	observed.role = v1alpha1.Role(observed.resolved.role.Name)
	if observed.license, err = r.observeLicense(ctx, observed.member, observed.center, isDuplicate(*observed), observed.resolved.license); err != nil {
		return err
	}
	observed.userProfile = countingProfile(observed.resolved, observed.license.on, observed.license.held)
	if observed.profile, err = r.describeProfile(ctx, observed.member.Namespace, observed.userProfile.Name); err != nil {
		return err
	}
	observed.placement, err = r.place(ctx, observed.member.Namespace, observed.resolved, observed.profile.found)
	return err
}

// observeBelongings reads and describes what belongs to a Member.
func (r *MemberReconciler) observeBelongings(ctx context.Context, observed *memberObservation, source readSource) (found belongings, err error) {
	member := observed.member
	if found.binding, err = r.findBinding(ctx, *observed, source); err != nil {
		return found, err
	}
	if observed.binding, err = r.describeBinding(ctx, member, found.binding); err != nil {
		return found, err
	}
	if found.secret, err = r.findSecret(ctx, member, source); err != nil {
		return found, err
	}
	if observed.secret, err = r.describeSecret(ctx, member, found.secret); err != nil {
		return found, err
	}
	if observed.secret.standing == secretOrphaned || (found.secret == nil && member.Status.Credentials != nil) {
		// It looks as if somebody had taken the Secret away. That is also what the
		// garbage collector does with the Secret of a leaver, whom the cache may
		// not show as one yet.
		return found, r.confirm(ctx, member)
	}
	if observed.secret.standing == secretOurs && isResetAsked(*observed) && !knowsIssue(member, observed.secret) {
		// The Secret is newer than the Member, so what the Member asks for may be what
		// was handled long ago: the two caches are not filled together.
		return found, r.confirm(ctx, member)
	}
	return found, nil
}

// knowsIssue is whether a Member's status is about the password that the Secret has.
func knowsIssue(member *v1alpha1.Member, secret secretFacts) bool {
	return member.Status.Credentials != nil && member.Status.Credentials.IssueID == secret.issueID
}

// confirm asks the API server whether the Member is as the cache has it; if not,
// it returns errCacheBehind.
func (r *MemberReconciler) confirm(ctx context.Context, member *v1alpha1.Member) error {
	var current v1alpha1.Member
	if err := r.Live.Get(ctx, client.ObjectKeyFromObject(member), &current); err != nil {
		return err
	}
	if current.UID != member.UID || current.ResourceVersion != member.ResourceVersion {
		return errCacheBehind
	}
	return nil
}

// findContactCenter returns the ContactCenter of a namespace, or nil if there is
// none or it is going away.
func findContactCenter(ctx context.Context, reader client.Reader, namespace string) (*v1alpha1.ContactCenter, error) {
	center, err := find[v1alpha1.ContactCenter](ctx, reader, client.ObjectKey{Namespace: namespace, Name: v1alpha1.ContactCenterName})
	if err != nil || center == nil || center.DeletionTimestamp == nil {
		return center, err
	}
	return nil, nil //nolint:nilnil // no ContactCenter is a state like any other
}

// findSecret returns the Secret of the credentials' name, or nil. The cache has
// only Secrets with our label, and may be behind; where it does not agree with
// the Member's status, the API server decides. For a new Member it is not asked:
// creating the Secret finds out.
func (r *MemberReconciler) findSecret(ctx context.Context, member *v1alpha1.Member, source readSource) (*corev1.Secret, error) {
	key := client.ObjectKey{Namespace: member.Namespace, Name: member.CredentialsSecretName()}
	if source == fromCache {
		secret, err := find[corev1.Secret](ctx, r.Client, key)
		if err != nil || cacheAgrees(member, secret) {
			return secret, err
		}
	}
	return find[corev1.Secret](ctx, r.Live, key)
}

// cacheAgrees is whether what the cache has of the Secret is what the Member's
// status leads to expect, or is ahead of it.
func cacheAgrees(member *v1alpha1.Member, secret *corev1.Secret) bool {
	known := member.Status.Credentials
	switch {
	case member.DeletionTimestamp != nil:
		return true
	case secret == nil:
		return known == nil && !conditionHasReason(member.Status.Conditions, v1alpha1.CredentialsIssuedCondition, v1alpha1.ReasonSecretConflict)
	case known == nil:
		return true
	default:
		return secret.Annotations[v1alpha1.IssueIDAnnotation] == known.IssueID ||
			issueNumber(secret) > known.Issue
	}
}

// find reads an object; nil if there is none. Not to be changed: it may be the cache's
// own.
func find[T any, P interface {
	*T
	client.Object
}](ctx context.Context, reader client.Reader, key client.ObjectKey,
) (*T, error) {
	object := P(new(T))
	if err := reader.Get(ctx, key, object, client.UnsafeDisableDeepCopy); err != nil {
		return nil, client.IgnoreNotFound(err)
	}
	return object, nil
}
