package write

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
	"rollcall.dev/rollcall/cmd/kubectl-member/importplan"
)

// DryRun is how far a change goes.
type DryRun string

const (
	// DryRunNone changes.
	DryRunNone DryRun = "none"
	// DryRunClient shows what would be asked for, and asks the cluster nothing.
	DryRunClient DryRun = "client"
	// DryRunServer has the API server check the change and not keep it.
	DryRunServer DryRun = "server"
)

// unchanged is what is said of a member at which there was nothing to change.
const unchanged = "unchanged"

// Patch writes just these fields of a Member's spec (nil removes one), as
// rollcall-cli, and makes the Member what the API server has then. It is refused if
// the Member was deleted and added again since it was read. It says whether the
// spec is another than before.
func Patch(ctx context.Context, cluster client.Client, member *v1alpha1.Member, spec map[string]any, mode DryRun) (changed bool, err error) {
	return patchVersion(ctx, cluster, member, spec, "", mode)
}

// patchVersion does the same, for a Member that is still of a version if one is
// given: for fields whose new value comes from the old.
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

// mergeLocally does what the API server does with a JSON merge patch (RFC 7396)
// of fields that are no objects.
func mergeLocally(member *v1alpha1.Member, spec map[string]any) (changed bool, err error) {
	before, err := json.Marshal(member.Spec)
	if err != nil {
		return false, fmt.Errorf("writing the spec: %w", err)
	}
	values := map[string]any{}
	if err := json.Unmarshal(before, &values); err != nil {
		return false, fmt.Errorf("reading the spec: %w", err)
	}
	maps.Copy(values, spec)
	maps.DeleteFunc(values, func(_ string, value any) bool { return value == nil })
	text, err := json.Marshal(values)
	if err != nil {
		return false, fmt.Errorf("writing the spec: %w", err)
	}
	merged := v1alpha1.MemberSpec{}
	if err := json.Unmarshal(text, &merged); err != nil {
		return false, fmt.Errorf("reading the spec: %w", err)
	}
	defaultSpec(&merged)
	member.Spec = merged
	after, err := json.Marshal(merged)
	if err != nil {
		return false, fmt.Errorf("writing the spec: %w", err)
	}
	return string(after) != string(before), nil
}

// defaultSpec sets what the API server sets where there is nothing.
func defaultSpec(spec *v1alpha1.MemberSpec) {
	if spec.Role == "" {
		spec.Role = v1alpha1.RoleDeskStaff
	}
	if spec.Active == nil {
		active := true
		spec.Active = &active
	}
	for i := range spec.SkillGroups {
		if spec.SkillGroups[i].Priority == 0 {
			spec.SkillGroups[i].Priority = importplan.DefaultPriority
		}
	}
}
