package member

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	logf "sigs.k8s.io/controller-runtime/pkg/log"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/memberplan"
	"rollcall.dev/rollcall/internal/ownership"
	"rollcall.dev/rollcall/internal/password"
)

// applied holds the results of the writes of a plan.
type applied struct {
	dependents

	// granted is what the RoleBinding should grant. It is empty if the Secret could not be written.
	granted memberplan.Permissions
	// secretErr and bindingErr are the errors of the writes. An object that could not be written is
	// as it was observed.
	secretErr, bindingErr error
}

// apply makes the writes of a plan. Each write names the version of the object that it is about, so
// that neither a stale cache nor a leader that slept can undo a newer write. Permissions are revoked
// first, and granted last, if no other write failed.
func (r *reconciler) apply(ctx context.Context, observed memberplan.Observation, plan memberplan.Plan, found dependents) applied {
	done := applied{dependents: found, granted: plan.Granted}
	if plan.Binding.Revokes() {
		done.binding, done.bindingErr = r.deleteBinding(ctx, found.binding)
	}
	done.secret, done.secretErr = r.applySecret(ctx, observed, plan, found.secret)
	if done.secretErr != nil && !observed.Secret.Valid() && ownership.Overtaken(done.secretErr, done.bindingErr) == nil {
		// The status is about to deny login, because there is no valid password.
		done.granted = memberplan.Permissions{}
		if !plan.Binding.Revokes() && memberplan.PlanBinding(observed.Binding, done.granted) == memberplan.DeleteBinding {
			done.binding, done.bindingErr = r.deleteBinding(ctx, found.binding)
		}
	}
	if done.bindingErr == nil && done.secretErr == nil {
		r.applyGrant(ctx, observed, plan, &done)
	}
	return done
}

// applyGrant makes the writes that grant permissions.
func (r *reconciler) applyGrant(ctx context.Context, observed memberplan.Observation, plan memberplan.Plan, done *applied) {
	switch plan.Binding {
	case memberplan.CreateBinding, memberplan.ReplaceBinding:
		done.binding, done.bindingErr = r.createBinding(ctx, observed.Member, plan.Granted)
	case memberplan.RepairBinding:
		done.binding, done.bindingErr = r.repairBinding(ctx, observed.Member, plan.Granted, done.binding)
	case memberplan.KeepBinding, memberplan.DeleteBinding:
	}
}

// applySecret makes the writes to the Secret, and returns the Secret as it is afterwards.
func (r *reconciler) applySecret(ctx context.Context, observed memberplan.Observation, plan memberplan.Plan, secret *corev1.Secret) (*corev1.Secret, error) {
	switch plan.Secret {
	case memberplan.CreateSecret:
		return r.createSecret(ctx, observed, plan)
	case memberplan.RecreateSecret:
		if err := r.Client.Delete(ctx, secret, client.Preconditions{UID: &plan.DeleteUID}); client.IgnoreNotFound(err) != nil {
			return secret, err
		}
		return r.createSecret(ctx, observed, plan)
	case memberplan.ReplacePassword:
		return r.updateSecret(ctx, observed.Member, secret, func(changed *corev1.Secret) error {
			return r.issuePassword(observed, plan, changed)
		})
	case memberplan.AdoptSecret:
		return r.updateSecret(ctx, observed.Member, secret, func(changed *corev1.Secret) error {
			changed.Annotations[v1alpha1.AdoptedAnnotation] = observed.Secret.IssueID
			return nil
		})
	case memberplan.CompleteSecret:
		return r.updateSecret(ctx, observed.Member, secret, func(changed *corev1.Secret) error {
			annotate(changed, max(observed.Secret.Issue, 1), observed.Secret.PasswordReset)
			return nil
		})
	case memberplan.KeepSecret:
		return secret, nil
	default:
		return secret, fmt.Errorf("unknown action %d for the Secret", plan.Secret)
	}
}

// createSecret creates the Secret with a new password.
func (r *reconciler) createSecret(ctx context.Context, observed memberplan.Observation, plan memberplan.Plan) (*corev1.Secret, error) {
	secret := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{
			Namespace:   observed.Member.Namespace,
			Name:        observed.Member.CredentialsSecretName(),
			Annotations: map[string]string{},
		},
		Type: v1alpha1.AuthSecretType,
	}
	if err := r.mark(observed.Member, secret); err != nil {
		return nil, err
	}
	if err := r.issuePassword(observed, plan, secret); err != nil {
		return nil, err
	}
	if err := r.Client.Create(ctx, secret); err != nil {
		return nil, withoutPassword(err, secret)
	}
	return secret, nil
}

// updateSecret changes a Secret, if it is still in the version that was read.
func (r *reconciler) updateSecret(ctx context.Context, member *v1alpha1.Member, secret *corev1.Secret, change func(*corev1.Secret) error) (*corev1.Secret, error) {
	changed := secret.DeepCopy()
	if changed.Annotations == nil {
		changed.Annotations = map[string]string{}
	}
	delete(changed.Annotations, corev1.LastAppliedConfigAnnotation) // contains the password
	if err := r.mark(member, changed); err != nil {
		return secret, err
	}
	if err := change(changed); err != nil {
		return secret, err
	}
	if err := r.Client.Update(ctx, changed); err != nil {
		return secret, withoutPassword(err, changed)
	}
	return changed, nil
}

// issuePassword sets a new password in a Secret, with the annotations that describe it.
func (r *reconciler) issuePassword(observed memberplan.Observation, plan memberplan.Plan, secret *corev1.Secret) error {
	issueID, err := password.NewIssueID(r.Random)
	if err != nil {
		return err
	}
	generated, err := password.Generate(r.Random, passwordLength(observed.Center))
	if err != nil {
		return err
	}
	username := observed.Member.Spec.Email
	secret.Data = map[string][]byte{
		corev1.BasicAuthUsernameKey: []byte(username),
		corev1.BasicAuthPasswordKey: []byte(generated),
	}
	secret.Annotations[v1alpha1.IssueIDAnnotation] = issueID
	secret.Annotations[v1alpha1.IssuedForAnnotation] = plan.IssuedFor
	secret.Annotations[v1alpha1.ChecksumAnnotation] = password.Checksum(issueID, username, generated)
	delete(secret.Annotations, v1alpha1.AdoptedAnnotation)
	annotate(secret, plan.Issue, plan.PasswordReset)
	return nil
}

// annotate sets the number of the password and the value of spec.passwordReset that it answers.
func annotate(secret *corev1.Secret, issue int64, passwordReset string) {
	secret.Annotations[v1alpha1.IssueAnnotation] = strconv.FormatInt(issue, 10)
	delete(secret.Annotations, v1alpha1.PasswordResetAnnotation)
	if passwordReset != "" {
		secret.Annotations[v1alpha1.PasswordResetAnnotation] = passwordReset
	}
}

// defaultPasswordLength is the default of spec.passwords.length in the CRD.
const defaultPasswordLength = 20

// passwordLength returns the length of new passwords. An old ContactCenter may have none, which means
// the default.
func passwordLength(center *v1alpha1.ContactCenter) int {
	return cmp.Or(int(center.Spec.Passwords.Length), defaultPasswordLength)
}

// createBinding grants a Member its permissions.
func (r *reconciler) createBinding(ctx context.Context, member *v1alpha1.Member, granted memberplan.Permissions) (*rbacv1.RoleBinding, error) {
	binding := &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Namespace: member.Namespace, Name: member.RoleBindingName()},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: granted.Role.Kind, Name: granted.Role.Name},
		Subjects:   subjects(granted),
	}
	if err := r.mark(member, binding); err != nil {
		return nil, err
	}
	if err := r.Client.Create(ctx, binding); err != nil {
		return nil, err
	}
	logf.FromContext(ctx).Info("Permissions granted", "kind", granted.Role.Kind, "role", granted.Role.Name)
	return binding, nil
}

// repairBinding restores the subject, the labels and the owner of a RoleBinding, if it is still in
// the version that was read.
func (r *reconciler) repairBinding(ctx context.Context, member *v1alpha1.Member, granted memberplan.Permissions, binding *rbacv1.RoleBinding) (*rbacv1.RoleBinding, error) {
	repaired := binding.DeepCopy()
	repaired.Subjects = subjects(granted)
	if err := r.mark(member, repaired); err != nil {
		return binding, err
	}
	if err := r.Client.Update(ctx, repaired); err != nil {
		return binding, err
	}
	logf.FromContext(ctx).Info("RoleBinding repaired: its subject, labels or owner had changed", "roleBinding", binding.Name)
	return repaired, nil
}

// deleteBinding revokes permissions: those of this RoleBinding, and of no other that has its name
// by now. It returns what remains. RBAC honors a RoleBinding that a finalizer keeps, so that one
// loses its subjects first.
func (r *reconciler) deleteBinding(ctx context.Context, binding *rbacv1.RoleBinding) (*rbacv1.RoleBinding, error) {
	remains, err := r.emptyBinding(ctx, binding)
	deleteErr := r.Client.Delete(ctx, binding, client.Preconditions{UID: &binding.UID})
	switch {
	case apierrors.IsNotFound(deleteErr):
		return nil, nil //nolint:nilnil // it is gone already
	case deleteErr != nil && remains == nil:
		return binding, deleteErr
	case deleteErr != nil || err != nil:
		return remains, errors.Join(deleteErr, err)
	}
	logf.FromContext(ctx).Info("Permissions revoked", "kind", binding.RoleRef.Kind, "role", binding.RoleRef.Name)
	return remains, nil
}

// emptyBinding removes the subjects of a RoleBinding that a finalizer keeps. It returns what
// remains after a deletion; nil if nothing does.
func (r *reconciler) emptyBinding(ctx context.Context, binding *rbacv1.RoleBinding) (*rbacv1.RoleBinding, error) {
	if len(binding.Finalizers) == 0 {
		return nil, nil //nolint:nilnil // it goes at once
	}
	if len(binding.Subjects) == 0 {
		return binding, nil
	}
	emptied := binding.DeepCopy()
	emptied.Subjects = nil
	if err := r.Client.Update(ctx, emptied); err != nil {
		return binding, err
	}
	return emptied, nil
}

// isRevoked reports whether a RoleBinding grants nothing and is being deleted.
func isRevoked(binding *rbacv1.RoleBinding) bool {
	return binding.DeletionTimestamp != nil && len(binding.Subjects) == 0
}

// subjects returns the subjects of a RoleBinding that grants permissions.
func subjects(granted memberplan.Permissions) []rbacv1.Subject {
	return []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: granted.Username}}
}

// mark labels an object and makes the Member its controller.
func (r *reconciler) mark(member *v1alpha1.Member, object client.Object) error {
	return ownership.Mark(member, v1alpha1.MemberLabel, object, r.Client.Scheme())
}

// redactedError is an error without the password that its original text contains.
type redactedError struct {
	error

	text string
}

// Error returns the text without the password.
func (e redactedError) Error() string { return e.text }

// Unwrap returns the original error, for errors.Is and errors.As.
func (e redactedError) Unwrap() error { return e.error }

// withoutPassword removes the password of a Secret from the text of an error. An admission plug-in
// may quote the Secret that it rejects.
func withoutPassword(err error, secret *corev1.Secret) error {
	password := string(secret.Data[corev1.BasicAuthPasswordKey])
	if password == "" || !strings.Contains(err.Error(), password) {
		return err
	}
	return redactedError{error: err, text: strings.ReplaceAll(err.Error(), password, "[redacted]")}
}
