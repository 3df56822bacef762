package operator

import (
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// fluxManager is the field manager of Flux's kustomize-controller.
const fluxManager = "kustomize-controller"

// fluxSync does what Flux's kustomize-controller does at every sync: what field
// managers whose name begins with kubectl have written becomes Flux's own, and
// what Git says is then applied, so that what is Flux's own and not in Git goes.
func (env *environment) fluxSync(inGit *unstructured.Unstructured) {
	env.Helper()
	live := &unstructured.Unstructured{}
	live.SetGroupVersionKind(inGit.GroupVersionKind())
	err := env.Get(env.Context(), client.ObjectKeyFromObject(inGit), live)
	if client.IgnoreNotFound(err) != nil {
		env.Fatal(err)
	}
	if err == nil {
		before := live.DeepCopy()
		live.SetManagedFields(env.takenOverByFlux(live.GetManagedFields()))
		if err := env.Patch(env.Context(), live, client.MergeFrom(before), client.FieldOwner(fluxManager)); err != nil {
			env.Fatal(err)
		}
	}
	if err := env.Apply(env.Context(), client.ApplyConfigurationFromUnstructured(inGit.DeepCopy()), client.FieldOwner(fluxManager), client.ForceOwnership); err != nil {
		env.Fatal(err)
	}
}

// takenOverByFlux merges the entries of kubectl's field managers into Flux's.
func (env *environment) takenOverByFlux(entries []metav1.ManagedFieldsEntry) []metav1.ManagedFieldsEntry {
	env.Helper()
	var kept []metav1.ManagedFieldsEntry
	var own *metav1.ManagedFieldsEntry
	taken := fieldpath.NewSet()
	for _, entry := range entries {
		isOwn := entry.Manager == fluxManager && entry.Operation == metav1.ManagedFieldsOperationApply
		if !isOwn && (!strings.HasPrefix(entry.Manager, "kubectl") || entry.Subresource != "") {
			kept = append(kept, entry)
			continue
		}
		fields := fieldpath.NewSet()
		if err := fields.FromJSON(entry.FieldsV1.GetRawReader()); err != nil {
			env.Fatal(err)
		}
		taken = taken.Union(fields)
		if own == nil || isOwn {
			own = entry.DeepCopy()
		}
	}
	if own == nil {
		return kept
	}
	raw, err := taken.ToJSON()
	if err != nil {
		env.Fatal(err)
	}
	own.Manager, own.Operation, own.FieldsV1 = fluxManager, metav1.ManagedFieldsOperationApply, metav1.NewFieldsV1(string(raw))
	return append(kept, *own)
}

func TestFluxKeepsWhatIsWrittenAsRollcallCLIAndTakesBackWhatKubectlWrote(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.operate()
	inGit := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": v1alpha1.GroupVersion.String(), "kind": "Member",
		"metadata": map[string]any{"name": "ana", "namespace": env.Namespace},
		"spec":     map[string]any{"email": "ana@example.com", "nickname": "Ana"},
	}}
	env.CreateAll(env.ContactCenter())
	env.fluxSync(inGit)
	env.AwaitMember("ana", ready)
	patch := func(arguments ...string) {
		t.Helper()
		command := append([]string{"patch", "member", "ana", "-n", env.Namespace, "--type=merge", "-p"}, arguments...)
		if _, err := env.Cluster.Kubectl(t.Context(), "", command...); err != nil {
			t.Fatal(err)
		}
	}

	patch(`{"spec":{"forceOffline":true}}`) // as the field manager kubectl-patch
	env.AwaitMember("ana", readyButDenied(v1alpha1.LoginReasonForcedOffline))
	env.fluxSync(inGit)
	env.AwaitMember("ana", ready) // so this is what must not be documented

	patch(`{"spec":{"forceOffline":true}}`, "--field-manager=rollcall-cli")
	env.fluxSync(inGit)
	env.AwaitMember("ana", readyButDenied(v1alpha1.LoginReasonForcedOffline))
	patch(`{"spec":{"forceOffline":null}}`, "--field-manager=rollcall-cli")
	env.fluxSync(inGit)
	env.AwaitMember("ana", ready)
	env.CheckMessages("ana", 1)
}

func TestTheOperatorWritesNoFieldOfAMembersSpec(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.operate()
	env.CreateAll(env.ContactCenter())
	if err := env.Create(t.Context(), env.Member("ana"), client.FieldOwner("a-person")); err != nil {
		t.Fatal(err)
	}
	member := env.AwaitMember("ana", ready)
	for _, entry := range member.ManagedFields {
		if entry.Subresource == "" && entry.Manager != "a-person" {
			t.Errorf("%s writes beside who made the Member: %s", entry.Manager, entry.FieldsV1.GetRawString())
		}
	}
}
