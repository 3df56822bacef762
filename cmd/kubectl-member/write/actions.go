// Package write changes Members through the API server and reports each result.
package write

import (
	"context"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/cmd/kubectl-member/apicall"
	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
	"rollcall.dev/rollcall/cmd/kubectl-member/memberinfo"
)

// Create makes a Member. It is not tried again where it might have been made
// already, which would read as if somebody else's were in the way.
func Create(ctx context.Context, cluster client.Client, member *v1alpha1.Member, mode DryRun) (string, error) {
	if mode == DryRunClient {
		return "created", nil
	}
	options := []client.CreateOption{client.FieldOwner(cli.FieldManager)}
	if mode == DryRunServer {
		options = append(options, client.DryRunAll)
	}
	return "created", cluster.Create(ctx, member, options...)
}

// setFields is an act that writes fields which do not depend on those there are,
// and says what was done.
func setFields(ctx context.Context, cluster client.Client, member *v1alpha1.Member, spec map[string]any, mode DryRun, did string) (string, error) {
	changed := false
	err := apicall.Retry(ctx, apicall.IsBusy, func() (err error) {
		changed, err = Patch(ctx, cluster, member, spec, mode)
		return err
	})
	if err == nil && !changed {
		return unchanged, nil
	}
	return did, err
}

// Delete deletes a Member, and not another one of its name.
func Delete(ctx context.Context, cluster client.Client, member *v1alpha1.Member, mode DryRun) (string, error) {
	if mode == DryRunClient {
		return "deleted", nil
	}
	options := []client.DeleteOption{client.Preconditions{UID: &member.UID}}
	if mode == DryRunServer {
		options = append(options, client.DryRunAll)
	}
	return "deleted", apicall.Retry(ctx, apicall.IsBusy, func() error {
		return cluster.Delete(ctx, &v1alpha1.Member{ObjectMeta: member.ObjectMeta}, options...)
	})
}

// ForceOffline denies login until a time, or until further notice if it is zero.
// Denied is whoever has either of the two fields, so both are settled: one that
// was left from before would make the cut-off longer or end it.
func ForceOffline(until time.Time, reason string) func(context.Context, client.Client, *v1alpha1.Member, DryRun) (string, error) {
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

// ResetPassword asks for a new password by a value. One that was handled last
// would reset nothing, so nothing is written.
func ResetPassword(value string) func(context.Context, client.Client, *v1alpha1.Member, DryRun) (string, error) {
	return func(ctx context.Context, cluster client.Client, member *v1alpha1.Member, mode DryRun) (string, error) {
		if held := member.Status.Credentials; held != nil && held.PasswordReset == value {
			return unchanged, nil
		}
		return setFields(ctx, cluster, member, map[string]any{"passwordReset": value}, mode, "password reset requested")
	}
}

// RestoreOnline takes back all of a cut-off.
func RestoreOnline(ctx context.Context, cluster client.Client, member *v1alpha1.Member, mode DryRun) (string, error) {
	none := map[string]any{"forceOffline": nil, "forceOfflineUntil": nil, "forceOfflineReason": nil}
	did, err := setFields(ctx, cluster, member, none, mode, "restored online")
	if err == nil && !memberinfo.IsActive(member) {
		did += ", but login stays denied while active is false"
	}
	return did, err
}
