// Package write changes members: the verbs that edit, and the frame they share.
package write

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/cmd/kubectl-member/apicall"
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

// Writer returns the client for changes: with the field manager, and without effect in a dry run of
// the server.
func Writer(cluster client.Client, mode DryRun) client.Client {
	writer := client.WithFieldOwner(cluster, cli.FieldManager)
	if mode == DryRunServer {
		return client.NewDryRunClient(writer)
	}
	return writer
}

// Suffix marks lines of a dry run, as kubectl does.
func (mode DryRun) Suffix() string {
	switch mode {
	case DryRunClient:
		return " (dry run)"
	case DryRunServer:
		return " (server dry run)"
	default:
		return ""
	}
}

// unchanged is the result for a member without a change.
const unchanged = "unchanged"

// Patch sets the fields of a Member's spec (nil removes one), updates the Member, and reports
// whether its spec changed. It fails if the Member was deleted and created again, or does not have
// the version any more, if one is given: values may depend on old ones.
func Patch(ctx context.Context, cluster client.Client, member *v1alpha1.Member, spec map[string]any, version string, mode DryRun) (changed bool, err error) {
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
	before := member.Generation
	after := member.DeepCopy()
	if err := cluster.Patch(ctx, after, client.RawPatch(types.MergePatchType, text)); err != nil {
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

// Action changes a member, updates it to the new state, and returns what was done.
type Action func(ctx context.Context, cluster client.Client, member *v1alpha1.Member, mode DryRun) (did string, err error)

// Create creates a Member. It does not retry, because a second attempt could fail on the Member
// that the first one created.
func Create(ctx context.Context, cluster client.Client, member *v1alpha1.Member, mode DryRun) (string, error) {
	if mode == DryRunClient {
		return "created", nil
	}
	return "created", cluster.Create(ctx, member)
}

// setFields writes fields that do not depend on their old values, and returns what was done.
func setFields(ctx context.Context, cluster client.Client, member *v1alpha1.Member, spec map[string]any, mode DryRun, did string) (string, error) {
	changed := false
	err := apicall.Retry(ctx, apicall.IsBusy, func() (err error) {
		changed, err = Patch(ctx, cluster, member, spec, "", mode)
		return err
	})
	if err == nil && !changed {
		return unchanged, nil
	}
	return did, err
}

// Delete deletes a Member, but not another Member with its name.
func Delete(ctx context.Context, cluster client.Client, member *v1alpha1.Member, mode DryRun) (string, error) {
	if mode == DryRunClient {
		return "deleted", nil
	}
	return "deleted", apicall.Retry(ctx, apicall.IsBusy, func() error { return DeleteOnce(ctx, cluster, member) })
}

// DeleteOnce is Delete without retries and dry runs.
func DeleteOnce(ctx context.Context, cluster client.Client, member *v1alpha1.Member) error {
	return cluster.Delete(ctx, &v1alpha1.Member{ObjectMeta: member.ObjectMeta}, client.Preconditions{UID: &member.UID})
}

// ForceOffline denies login until a time, or until restore-online if it is zero. It sets both
// fields, because a value that is left over would change when the denial ends.
func ForceOffline(until time.Time, reason string) Action {
	spec := map[string]any{"forceOffline": true, "forceOfflineUntil": nil, "forceOfflineReason": nil}
	did := "forced offline"
	if !until.IsZero() {
		at := until.Format(time.RFC3339)
		spec["forceOffline"], spec["forceOfflineUntil"] = nil, at
		did += " until " + at
	}
	if reason != "" {
		spec["forceOfflineReason"] = reason
	}
	return func(ctx context.Context, cluster client.Client, member *v1alpha1.Member, mode DryRun) (string, error) {
		return setFields(ctx, cluster, member, spec, mode, did)
	}
}

// ResetPassword requests a new password by a value. It writes nothing if the operator has handled
// the value already.
func ResetPassword(value string) Action {
	return func(ctx context.Context, cluster client.Client, member *v1alpha1.Member, mode DryRun) (string, error) {
		if held := member.Status.Credentials; held != nil && held.PasswordReset == value {
			return unchanged, nil
		}
		return setFields(ctx, cluster, member, map[string]any{"passwordReset": value}, mode, "password reset requested")
	}
}

// RestoreOnline removes all fields of forcing offline.
func RestoreOnline(ctx context.Context, cluster client.Client, member *v1alpha1.Member, mode DryRun) (string, error) {
	none := map[string]any{"forceOffline": nil, "forceOfflineUntil": nil, "forceOfflineReason": nil}
	did, err := setFields(ctx, cluster, member, none, mode, "restored online")
	if err == nil && !member.Spec.IsActive() {
		did += ", but login is still denied: active is false"
	}
	return did, err
}

// Apply edits one member. Changes of lists are bound to the version that was read, and read it
// again after a conflict.
func (plan EditPlan) Apply(ctx context.Context, cluster client.Client, member *v1alpha1.Member, mode DryRun) (string, error) {
	if !plan.ChangesLists() {
		return setFields(ctx, cluster, member, plan.Spec, mode, "edited")
	}
	first, changed := true, false
	err := apicall.Retry(ctx, apicall.IsTransient, func() (err error) {
		if !first {
			if err := reread(ctx, cluster, member); err != nil {
				return err
			}
		}
		first = false
		spec := maps.Clone(plan.Spec)
		groups, differs := plan.groups(member.Spec.SkillGroups)
		if differs {
			spec["skillGroups"] = groups
		}
		if teams, differs := plan.teams(member.Spec.Teams); differs {
			spec["teams"] = teams
		}
		if len(spec) == 0 {
			return nil
		}
		changed, err = Patch(ctx, cluster, member, spec, member.ResourceVersion, mode)
		return err
	})
	if err == nil && !changed {
		return unchanged, nil
	}
	return "edited", err
}

// reread reads a Member again. Another Member with its name counts as not found.
func reread(ctx context.Context, cluster client.Client, member *v1alpha1.Member) error {
	fresh := &v1alpha1.Member{}
	if err := cluster.Get(ctx, client.ObjectKeyFromObject(member), fresh); err != nil {
		return err
	}
	if fresh.UID != member.UID {
		return apierrors.NewNotFound(v1alpha1.GroupVersion.WithResource("members").GroupResource(), member.Name)
	}
	*member = *fresh
	return nil
}

// EditPlan holds the changes of each member.
type EditPlan struct {
	// Spec holds the fields that do not depend on their old values.
	Spec map[string]any
	// Add and Remove change the skill groups of a member.
	Add    []v1alpha1.SkillGroupReference
	Remove []string
	// AddTeams and RemoveTeams change the teams of a member.
	AddTeams, RemoveTeams []string
}

// ChangesLists reports whether the change depends on the current skill groups or teams.
func (plan EditPlan) ChangesLists() bool {
	return len(plan.Add) > 0 || len(plan.Remove) > 0 || len(plan.AddTeams) > 0 || len(plan.RemoveTeams) > 0
}

// groups returns the skill groups after the change, and whether they differ.
func (plan EditPlan) groups(before []v1alpha1.SkillGroupReference) (after []v1alpha1.SkillGroupReference, differs bool) {
	after = slices.DeleteFunc(slices.Clone(before), func(group v1alpha1.SkillGroupReference) bool {
		return slices.Contains(plan.Remove, group.Name)
	})
	for _, group := range plan.Add {
		i := importplan.IndexOfGroup(after, group.Name)
		switch {
		case i < 0:
			after = append(after, importplan.WithDefaultPriorities([]v1alpha1.SkillGroupReference{group})...)
		case group.Priority != 0:
			after[i].Priority = group.Priority
		}
	}
	return after, !slices.Equal(before, after)
}

// teams returns the teams after the change for a patch, and whether they differ.
func (plan EditPlan) teams(before []string) (after any, differs bool) {
	teams := slices.DeleteFunc(slices.Clone(before), func(team string) bool { return slices.Contains(plan.RemoveTeams, team) })
	for _, team := range plan.AddTeams {
		if !slices.Contains(teams, team) {
			teams = append(teams, team)
		}
	}
	return importplan.TeamsPatch(teams), !slices.Equal(before, teams)
}
