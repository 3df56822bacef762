package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// dryRun is how far a change goes.
type dryRun string

const (
	// dryRunNone changes.
	dryRunNone dryRun = "none"
	// dryRunClient shows what would be asked for, and asks the cluster nothing.
	dryRunClient dryRun = "client"
	// dryRunServer has the API server check the change and not keep it.
	dryRunServer dryRun = "server"
)

// unchanged is what is said of a member at which there was nothing to change.
const unchanged = "unchanged"

// changeOptions are the flags of all verbs that change members.
type changeOptions struct {
	dryRun  string
	output  string
	yes     bool
	wait    bool
	timeout time.Duration
}

// addTo adds the flags. A verb that is for one member only asks nothing.
func (o *changeOptions) addTo(command *cobra.Command, waitsFor string, asks bool) {
	flags := command.Flags()
	addDryRunFlag(command, &o.dryRun)
	flags.StringVarP(&o.output, "output", "o", "", "What to write instead of a line for each member: name, yaml, json")
	flags.BoolVar(&o.wait, "wait", false, "Wait until "+waitsFor)
	flags.DurationVar(&o.timeout, "timeout", time.Minute, "How long to --wait, for example 30s or 5m")
	if asks {
		flags.BoolVarP(&o.yes, "yes", "y", false, "Do not ask when it is for more than one member")
	}
	completeFlag(command, "output", asName, asYAML, asJSON)
}

// addDryRunFlag adds --dry-run, which without a value is that of the client.
func addDryRunFlag(command *cobra.Command, mode *string) {
	flags := command.Flags()
	flags.StringVar(mode, "dry-run", string(dryRunNone), `Must be "none", "server", or "client", with = before it: client, which it is without a value, only prints what would be asked for, server has the API server check it without keeping it`)
	flags.Lookup("dry-run").NoOptDefVal = string(dryRunClient)
	completeFlag(command, "dry-run", string(dryRunNone), string(dryRunClient), string(dryRunServer))
}

// check refuses flags that make no sense, before anything is read.
func (o *changeOptions) check(command *cobra.Command) error {
	switch dryRun(o.dryRun) {
	case dryRunNone, dryRunClient, dryRunServer:
	default:
		return usage(`invalid --dry-run value %q: must be "none", "server", or "client"`, o.dryRun)
	}
	switch o.output {
	case "", asName, asYAML, asJSON:
	default:
		return usage("invalid --output value %q: must be name, yaml or json", o.output)
	}
	switch {
	case command.Flags().Changed("timeout") && !o.wait:
		return usage("--timeout is how long to --wait: add --wait, or leave it out")
	case o.wait && o.timeout <= 0:
		return usage("--timeout %s: must be longer than nothing, for example 1m", o.timeout)
	}
	return nil
}

// patchMember writes just these fields of a Member's spec (nil removes one), as
// rollcall-cli, and makes the Member what the API server has then. It is refused if
// the Member was deleted and added again since it was read. It says whether the
// spec is another than before.
func patchMember(ctx context.Context, cluster client.Client, member *v1alpha1.Member, spec map[string]any, mode dryRun) (changed bool, err error) {
	return patchVersion(ctx, cluster, member, spec, "", mode)
}

// patchVersion does the same, for a Member that is still of a version if one is
// given: for fields whose new value comes from the old.
func patchVersion(ctx context.Context, cluster client.Client, member *v1alpha1.Member, spec map[string]any, version string, mode dryRun) (changed bool, err error) {
	if mode == dryRunClient {
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
	options := []client.PatchOption{client.FieldOwner(fieldManager)}
	if mode == dryRunServer {
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
			spec.SkillGroups[i].Priority = defaultPriority
		}
	}
}

// rewrite is an act that writes fields which do not depend on those there are,
// and says what was done.
func rewrite(ctx context.Context, cluster client.Client, member *v1alpha1.Member, spec map[string]any, mode dryRun, did string) (string, error) {
	changed := false
	err := retried(ctx, isBusy, func() (err error) {
		changed, err = patchMember(ctx, cluster, member, spec, mode)
		return err
	})
	if err == nil && !changed {
		return unchanged, nil
	}
	return did, err
}
