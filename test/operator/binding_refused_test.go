package operator

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// limitRoleBindings keeps every client from creating RoleBindings in the namespace.
func (env *environment) limitRoleBindings(name string) *corev1.ResourceQuota {
	env.Helper()
	return env.limit(name, "count/rolebindings.rbac.authorization.k8s.io", env.foreignBinding("nobody"))
}

// limit keeps every client from creating objects of a resource in the namespace, such as
// the probe. No controller counts for quotas here, so the quota is given its
// status by hand.
func (env *environment) limit(name string, counted corev1.ResourceName, probe client.Object) *corev1.ResourceQuota {
	env.Helper()
	none := corev1.ResourceList{counted: resource.MustParse("0")}
	quota := &corev1.ResourceQuota{ObjectMeta: env.meta(name), Spec: corev1.ResourceQuotaSpec{Hard: none}}
	env.CreateAll(quota)
	quota.Status = corev1.ResourceQuotaStatus{Hard: none, Used: none}
	if err := env.Status().Update(env.Context(), quota); err != nil {
		env.Fatal(err)
	}
	env.Eventually("the quota "+name+" is enforced", func() error {
		return refused(env.Create(env.Context(), probe, client.DryRunAll), "exceeded quota: ")
	})
	return quota
}

// refused checks for an answer of the API server to be a refusal with some words.
func refused(err error, words string) error {
	switch {
	case err == nil:
		return errors.New("it was accepted")
	case !apierrors.IsForbidden(err) && !apierrors.IsInvalid(err), !strings.Contains(err.Error(), words):
		return fmt.Errorf("the answer is %w", err)
	default:
		return nil
	}
}

func TestPermissionsThatCannotBeGrantedAreReportedOnceAndGrantedLater(t *testing.T) {
	t.Parallel()
	env := operated(t)
	first := env.limitRoleBindings("first")
	ana := env.withRole("ana", v1alpha1.RoleDeskAdmin)
	env.CreateAll(env.ContactCenterWithIdentity(), ana)
	notGranted := func(member *v1alpha1.Member) error {
		return errors.Join(
			has(v1alpha1.PermissionsGrantedCondition, metav1.ConditionFalse, v1alpha1.ReasonNotGranted)(member),
			has(v1alpha1.ReadyCondition, metav1.ConditionFalse, v1alpha1.ReasonNotGranted)(member),
			has(v1alpha1.PasswordMailedCondition, metav1.ConditionTrue, v1alpha1.ReasonMailed)(member),
			login(v1alpha1.LoginAllowed, v1alpha1.LoginReasonActive)(member),
			says(member, "RoleBinding rollcall-member-ana could not be written. The operator tries again: ", "exceeded quota: first"))
	}
	before := env.AwaitMember("ana", notGranted)
	// The API server says it in other words from now on, and nothing is written.
	second := env.limitRoleBindings("second")
	env.delete(first)
	env.Eventually("it is tried again", func() error {
		if !strings.Contains(env.OperatorLog.String(), "exceeded quota: second") {
			return errors.New("the second quota refused nothing yet")
		}
		return nil
	})
	env.awaitQuiet()
	if now := env.GetMember("ana"); now.ResourceVersion != before.ResourceVersion {
		t.Errorf("the status was written again:\n%+v\n%+v", before.Status.Conditions, now.Status.Conditions)
	}
	// A cut-off does not wait for it.
	change(env, ana, func(m *v1alpha1.Member) { m.Spec.ForceOffline = true })
	env.AwaitMember("ana", readyButDenied(v1alpha1.LoginReasonForcedOffline), granted(v1alpha1.ReasonLoginDenied))
	change(env, ana, func(m *v1alpha1.Member) { m.Spec.ForceOffline = false })
	env.AwaitMember("ana", login(v1alpha1.LoginAllowed, v1alpha1.LoginReasonActive), granted(v1alpha1.ReasonNotGranted))
	env.delete(second)
	env.AwaitMember("ana", ready, granted(v1alpha1.ReasonGranted))
	env.awaitBinding("ana", "rollcall-desk-admin")
	env.CheckMessages("ana", 1)
}

// says checks for the message of PermissionsGranted to have some words.
func says(member *v1alpha1.Member, words ...string) error {
	condition := apimeta.FindStatusCondition(member.Status.Conditions, v1alpha1.PermissionsGrantedCondition)
	for _, part := range words {
		if condition == nil || !strings.Contains(condition.Message, part) {
			return fmt.Errorf("PermissionsGranted is %+v, without %q", condition, part)
		}
	}
	return nil
}

// delete deletes an object.
func (env *environment) delete(object client.Object, options ...client.DeleteOption) {
	env.Helper()
	if err := env.Delete(env.Context(), object, options...); err != nil {
		env.Fatalf("deleting %T %s: %v", object, object.GetName(), err)
	}
}

// holdRoleBindings has the API server refuse to delete the namespace's
// RoleBindings. The function that it returns ends that.
func (env *environment) holdRoleBindings() (end func()) {
	env.Helper()
	return env.hold(schema.GroupResource{Group: rbacv1.GroupName, Resource: "rolebindings"}, "false", env.Cluster.Admin, env.binding("ana"))
}

// hold has the API server refuse to delete objects in the namespace unless a CEL
// expression says otherwise, which it does not for this client and object. The
// function that it returns ends that.
func (env *environment) hold(resource schema.GroupResource, unless string, as client.Client, object client.Object) (end func()) {
	env.Helper()
	message := resource.Resource + " are kept here"
	policy := &admissionregistrationv1.ValidatingAdmissionPolicy{
		ObjectMeta: metav1.ObjectMeta{Name: "keep-" + env.Namespace},
		Spec: admissionregistrationv1.ValidatingAdmissionPolicySpec{
			MatchConstraints: &admissionregistrationv1.MatchResources{
				NamespaceSelector: &metav1.LabelSelector{MatchLabels: map[string]string{corev1.LabelMetadataName: env.Namespace}},
				ResourceRules: []admissionregistrationv1.NamedRuleWithOperations{{RuleWithOperations: admissionregistrationv1.RuleWithOperations{
					Operations: []admissionregistrationv1.OperationType{admissionregistrationv1.Delete},
					Rule:       admissionregistrationv1.Rule{APIGroups: []string{resource.Group}, APIVersions: []string{"*"}, Resources: []string{resource.Resource}},
				}}},
			},
			Validations: []admissionregistrationv1.Validation{{Expression: unless, Message: message}},
		},
	}
	binding := &admissionregistrationv1.ValidatingAdmissionPolicyBinding{
		ObjectMeta: metav1.ObjectMeta{Name: policy.Name},
		Spec: admissionregistrationv1.ValidatingAdmissionPolicyBindingSpec{
			PolicyName: policy.Name, ValidationActions: []admissionregistrationv1.ValidationAction{admissionregistrationv1.Deny},
		},
	}
	env.CreateAll(policy, binding)
	env.Cleanup(func() {
		// Where a test ends early, its namespace must still be able to go.
		for _, object := range []client.Object{binding, policy} {
			if err := env.Delete(context.WithoutCancel(env.Context()), object); client.IgnoreNotFound(err) != nil {
				env.Errorf("deleting %T: %v", object, err)
			}
		}
	})
	env.Eventually("the policy is enforced", func() error {
		return refused(as.Delete(env.Context(), object, client.DryRunAll), message)
	})
	return func() { env.delete(binding) }
}

func TestACutOffIsWrittenEvenWherePermissionsCannotBeTakenAway(t *testing.T) {
	t.Parallel()
	env, ana := administrator(t)
	end := env.holdRoleBindings()
	change(env, ana, func(m *v1alpha1.Member) { m.Spec.ForceOffline = true })
	stuck := env.AwaitMember("ana", login(v1alpha1.LoginDenied, v1alpha1.LoginReasonForcedOffline),
		has(v1alpha1.PermissionsGrantedCondition, metav1.ConditionTrue, v1alpha1.ReasonNotRevoked),
		has(v1alpha1.ReadyCondition, metav1.ConditionFalse, v1alpha1.ReasonNotRevoked))
	if err := says(stuck, "RoleBinding rollcall-member-ana could not be deleted. The operator tries again: ", "rolebindings are kept here"); err != nil {
		t.Error(err)
	}
	env.awaitQuiet()
	if now := env.GetMember("ana"); now.ResourceVersion != stuck.ResourceVersion {
		t.Error("the status was written again")
	}
	end()
	env.awaitBinding("ana", "")
	env.AwaitMember("ana", readyButDenied(v1alpha1.LoginReasonForcedOffline), granted(v1alpha1.ReasonLoginDenied))
}

func TestPermissionsAreNotReportedGoneWhileAFinalizerHoldsTheRoleBinding(t *testing.T) {
	t.Parallel()
	env, ana := administrator(t)
	hold := func(finalizers ...string) {
		change(env, env.binding("ana"), func(b *rbacv1.RoleBinding) { b.Finalizers = finalizers })
	}
	hold("example.com/audit")
	change(env, ana, func(m *v1alpha1.Member) { m.Spec.ForceOffline = true })
	member := env.AwaitMember("ana", login(v1alpha1.LoginDenied, v1alpha1.LoginReasonForcedOffline))
	// RBAC goes by what a RoleBinding says, also while it is being deleted.
	if binding := env.binding("ana"); binding != nil && len(binding.Subjects) > 0 && granted(v1alpha1.ReasonNotRevoked)(member) != nil {
		t.Errorf("it still gives permissions to %s, and the Member says %v", binding.Subjects[0].Name, granted("")(member))
	}
	hold()
	env.awaitBinding("ana", "")
	env.AwaitMember("ana", readyButDenied(v1alpha1.LoginReasonForcedOffline), granted(v1alpha1.ReasonLoginDenied))
}

// as is the client of a member.
func (env *environment) as(name string) client.WithWatch {
	env.Helper()
	return clientFor(env.T, impersonating(env.T, "oidc:"+name+"@example.com"))
}

// mergePatch is a JSON merge patch (RFC 7386).
func mergePatch(format string, arguments ...any) client.Patch {
	return client.RawPatch(types.MergePatchType, fmt.Appendf(nil, format, arguments...))
}

func TestADeskAdminCannotKeepASkillGroupFromGoing(t *testing.T) {
	t.Parallel()
	env, ana := administrator(t)
	for name, spoil := range map[string]func(*metav1.ObjectMeta){
		"metadata.finalizers": func(m *metav1.ObjectMeta) { m.Finalizers = []string{"example.com/for-ever"} },
		"metadata.ownerReferences": func(m *metav1.ObjectMeta) {
			m.OwnerReferences = []metav1.OwnerReference{{APIVersion: v1alpha1.GroupVersion.String(), Kind: "Member", Name: "ana", UID: ana.UID}}
		},
	} {
		group := env.SkillGroup("billing")
		spoil(&group.ObjectMeta)
		if err := refused(env.as("ana").Create(t.Context(), group, client.DryRunAll), name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := env.as("ana").Create(t.Context(), env.SkillGroup("billing")); err != nil {
		t.Errorf("a SkillGroup like any other: %v", err)
	}
}

func TestNoFinalizerComesWhileANamespaceIsBeingDeletedAndOneMayGo(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	// These keep the namespace until the end of the test.
	hold := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: env.Namespace, Name: "hold", Finalizers: []string{"example.com/hold"}}}
	putri, wei := env.Member("putri"), env.Member("wei")
	putri.Finalizers, wei.Finalizers = []string{"example.com/hold"}, []string{"example.com/hold"}
	env.CreateAll(hold)
	env.exempt().CreateAll(putri, wei)
	env.delete(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: env.Namespace}})
	env.Eventually("the policies allow all users", func() error {
		return env.Patch(t.Context(), putri, mergePatch(`{"metadata":{"finalizers":null}}`), client.DryRunAll)
	})
	// The API server itself refuses new ones once the object is being deleted.
	if err := refused(env.Patch(t.Context(), wei, mergePatch(`{"metadata":{"finalizers":["example.com/hold","example.com/more"]}}`)), "finalizers"); err != nil {
		t.Error(err)
	}
	for _, object := range []client.Object{putri, wei, hold} {
		if err := env.Patch(t.Context(), object, mergePatch(`{"metadata":{"finalizers":null}}`)); err != nil {
			t.Error(err)
		}
	}
	env.awaitGone(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: env.Namespace}})
}

func TestADeskAdminCannotOutrunTheDeletionOfTheNamespace(t *testing.T) {
	t.Parallel()
	env, _ := administrator(t)
	zoe := env.Member("zoe")
	env.CreateAll(zoe)
	env.AwaitMember("zoe", ready)
	ana := env.as("ana")
	var race sync.WaitGroup
	race.Go(func() {
		for {
			err := ana.Patch(t.Context(), env.Member("zoe"), mergePatch(`{"metadata":{"finalizers":["example.com/for-ever"]}}`))
			if err == nil {
				t.Error("she won: the Member has a finalizer")
			}
			if err == nil || !strings.Contains(err.Error(), "ValidatingAdmissionPolicy") {
				return // the Member is gone, or her permissions are
			}
		}
	})
	env.delete(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: env.Namespace}})
	race.Wait()
	env.awaitGone(zoe)
}

func TestACutOffTakesEffectWhileAnotherClientWritesToTheMember(t *testing.T) {
	t.Parallel()
	env, ana := administrator(t)
	env.CreateAll(env.withRole("eve", v1alpha1.RoleDeskAdmin))
	env.AwaitMember("eve", ready, granted(v1alpha1.ReasonGranted))
	eve := env.as("eve")
	var storm sync.WaitGroup
	ctx, calm := context.WithCancel(t.Context())
	for writer := range 4 {
		storm.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				err := eve.Patch(ctx, env.Member("ana"), mergePatch(`{"metadata":{"labels":{"writer-%d":"%d"}}}`, writer, i))
				if err != nil && ctx.Err() == nil && !apierrors.IsConflict(err) {
					t.Error(err)
				}
			}
		})
	}
	defer storm.Wait()
	defer calm()
	change(env, ana, func(m *v1alpha1.Member) { m.Spec.ForceOffline = true })
	env.Eventually("login is denied", func() error {
		return login(v1alpha1.LoginDenied, v1alpha1.LoginReasonForcedOffline)(env.GetMember("ana"))
	})
	if env.binding("ana") != nil {
		t.Error("login is denied and the permissions are there")
	}
	calm()
	storm.Wait()
	env.AwaitMember("ana", readyButDenied(v1alpha1.LoginReasonForcedOffline), granted(v1alpha1.ReasonLoginDenied))
	env.checkEvents("ana", map[string]int{"ForcedOffline": 1})
	change(env, ana, func(m *v1alpha1.Member) { m.Spec.ForceOffline = false })
	env.AwaitMember("ana", ready, granted(v1alpha1.ReasonGranted))
}

func TestPermissionsGoBeforeLoginIsDeniedWithoutASecret(t *testing.T) {
	t.Parallel()
	env, _ := administrator(t)
	env.limit("no-secrets", "count/secrets", &corev1.Secret{ObjectMeta: env.meta("probe")})
	members, err := env.Watch(t.Context(), &v1alpha1.MemberList{}, client.InNamespace(env.Namespace))
	if err != nil {
		t.Fatal(err)
	}
	defer members.Stop()
	env.delete(env.Secret("ana"))
	denied := awaitDenied(members, "ana")
	// The RoleBindings as they were when Denied was written.
	var bindings rbacv1.RoleBindingList
	if err := env.List(t.Context(), &bindings, client.InNamespace(env.Namespace), &client.ListOptions{Limit: 100, Raw: &metav1.ListOptions{
		ResourceVersion: denied.ResourceVersion, ResourceVersionMatch: metav1.ResourceVersionMatchExact,
	}}); err != nil {
		t.Fatal(err)
	}
	for i := range bindings.Items {
		if bindings.Items[i].Name == denied.RoleBindingName() {
			t.Errorf("login is Denied/%s and the permissions are there", denied.Status.LoginReason)
		}
	}
}

// awaitDenied is a Member as it is when its login has been denied.
func awaitDenied(members watch.Interface, name string) *v1alpha1.Member {
	for event := range members.ResultChan() {
		member, ok := event.Object.(*v1alpha1.Member)
		if ok && member.Name == name && member.Status.Login == v1alpha1.LoginDenied {
			return member
		}
	}
	return &v1alpha1.Member{}
}

func TestAForeignRoleBindingIsReportedWhileLoginIsDenied(t *testing.T) {
	t.Parallel()
	env := operated(t)
	foreign := env.foreignBinding("ana")
	ana := env.withRole("ana", v1alpha1.RoleDeskAdmin)
	ana.Spec.ForceOffline = true
	env.CreateAll(env.ContactCenterWithIdentity(), foreign, ana)
	env.AwaitMember("ana", login(v1alpha1.LoginDenied, v1alpha1.LoginReasonForcedOffline))
	change(env, ana, func(m *v1alpha1.Member) { m.Spec.ForceOffline = false })
	env.AwaitMember("ana", granted(v1alpha1.ReasonRoleBindingConflict))
	change(env, ana, func(m *v1alpha1.Member) { m.Spec.ForceOffline = true })
	env.AwaitMember("ana", login(v1alpha1.LoginDenied, v1alpha1.LoginReasonForcedOffline), granted(v1alpha1.ReasonRoleBindingConflict))
}

func TestTheSuperAdminIsToldWhoCanReset(t *testing.T) {
	t.Parallel()
	env := operated(t)
	env.CreateAll(env.ContactCenterWithIdentity())
	env.AwaitMember(v1alpha1.SuperAdminMemberName, ready, granted(v1alpha1.ReasonGranted))
	superAdmin := env.Member(v1alpha1.SuperAdminMemberName)
	err := env.as("sam").Patch(t.Context(), superAdmin, mergePatch(`{"spec":{"passwordReset":"mine"}}`))
	if err := refused(err, "reset the password, edit spec.superAdmin of the ContactCenter"); err != nil {
		t.Error(err)
	}
}
