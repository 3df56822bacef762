package write

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"

	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
	"rollcall.dev/rollcall/cmd/kubectl-member/importplan"
)

// DryRun is how far a change goes.
type DryRun string

const (
	// DryRunNone changes members.
	DryRunNone DryRun = "none"
	// DryRunClient prints what would be requested, without asking the API server.
	DryRunClient DryRun = "client"
	// DryRunServer makes the API server check the change without saving it.
	DryRunServer DryRun = "server"
)

// unchanged is the result for a member without a change.
const unchanged = "unchanged"

// Patch sets the fields of a Member's spec (nil removes one), updates the Member, and reports
// whether its spec changed. It fails if the Member was deleted and created again.
func Patch(ctx context.Context, cluster client.Client, member *v1alpha1.Member, spec map[string]any, mode DryRun) (changed bool, err error) {
	return patchVersion(ctx, cluster, member, spec, "", mode)
}

// patchVersion is Patch for a Member that still has a version, if one is given. It is for values
// that depend on old ones.
func patchVersion(ctx context.Context, cluster client.Client, member *v1alpha1.Member, spec map[string]any, version string, mode DryRun) (changed bool, err error) {
	if mode == DryRunClient {
		return mergeLocally(member, spec)
	}
	metadata := map[string]any{"uid": member.UID}
	if version != "" {
		metadata["resourceVersion"] = version
	}
	text, err := json.Marshal(map[string]any{"metadata": metadata, "spec": spec})
	if err != nil {
		return false, fmt.Errorf("writing the patch: %w", err)
	}
	options := []client.PatchOption{client.FieldOwner(cli.FieldManager)}
	if mode == DryRunServer {
		options = append(options, client.DryRunAll)
	}
	before := member.Generation
	after := member.DeepCopy()
	if err := cluster.Patch(ctx, after, client.RawPatch(types.MergePatchType, text), options...); err != nil {
		return false, err
	}
	*member = *after
	return member.Generation != before, nil
}

// mergeLocally is Patch without the API server.
func mergeLocally(member *v1alpha1.Member, spec map[string]any) (changed bool, err error) {
	before := member.Spec.DeepCopy()
	if err := MergeSpec(&member.Spec, spec); err != nil {
		return false, err
	}
	importplan.SetDefaults(&member.Spec)
	return !equality.Semantic.DeepEqual(*before, member.Spec), nil
}

// MergeSpec applies a JSON merge patch (RFC 7396) of fields that are not objects.
func MergeSpec(spec *v1alpha1.MemberSpec, patch map[string]any) error {
	values, merged := map[string]any{}, v1alpha1.MemberSpec{}
	if err := convert(spec, &values); err != nil {
		return err
	}
	maps.Copy(values, patch)
	maps.DeleteFunc(values, func(_ string, value any) bool { return value == nil })
	if err := convert(values, &merged); err != nil {
		return err
	}
	*spec = merged
	return nil
}

// convert copies a value through its JSON form.
func convert(from, to any) error {
	text, err := json.Marshal(from)
	if err == nil {
		err = json.Unmarshal(text, to)
	}
	if err != nil {
		return fmt.Errorf("converting the spec: %w", err)
	}
	return nil
}
