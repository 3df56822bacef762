// Package write changes Members through the API server and reports each result.
package write

import (
	"context"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/cmd/kubectl-member/apicall"
	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
)

// Action changes a member, updates it to the new state, and returns what was done.
type Action func(ctx context.Context, cluster client.Client, member *v1alpha1.Member, mode DryRun) (did string, err error)

// Create creates a Member. It does not retry, because a second attempt could fail on the Member
// that the first one created.
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

// setFields writes fields that do not depend on their old values, and returns what was done.
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

// Delete deletes a Member, but not another Member with its name.
func Delete(ctx context.Context, cluster client.Client, member *v1alpha1.Member, mode DryRun) (string, error) {
	return "deleted", apicall.Retry(ctx, apicall.IsBusy, func() error { return DeleteOnce(ctx, cluster, member, mode) })
}

// DeleteOnce is Delete without retries.
func DeleteOnce(ctx context.Context, cluster client.Client, member *v1alpha1.Member, mode DryRun) error {
	if mode == DryRunClient {
		return nil
	}
	options := []client.DeleteOption{client.Preconditions{UID: &member.UID}}
	if mode == DryRunServer {
		options = append(options, client.DryRunAll)
	}
	return cluster.Delete(ctx, &v1alpha1.Member{ObjectMeta: member.ObjectMeta}, options...)
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
