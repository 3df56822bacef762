package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/test/controlplane"
	"rollcall.dev/rollcall/test/smtptest"
)

const (
	tourMember  = "ana"
	resetValue  = "tour"
	stepTimeout = time.Minute
	offlineFor  = 5 * time.Second
)

// errStep reports a step that did not have the expected effect.
var errStep = errors.New("unexpected result")

// state holds what a step can change. Its password is never printed.
type state struct {
	member   v1alpha1.Member
	password string
	mails    []smtptest.Message
}

// tour demonstrates the actions on members. It ends at the first step that fails.
func (d *demo) tour(ctx context.Context) error {
	steps := []struct {
		title string
		run   func(context.Context, *state) error
	}{
		{"Reset: the member gets a new password by e-mail, and the old one becomes invalid", d.reset},
		{"Force offline: login is denied, and nothing else changes", d.forceOffline},
		{"Restore: login is allowed again, with the same password", d.restore},
		{"Force offline until a time: login is then allowed again automatically", d.forceOfflineUntil},
		{"Login gate: the member logs in, and is logged out at the next request after force offline", d.loginGate},
		{"Roles: a Desk Admin can manage another member but not herself, and nothing while offline", d.roles},
		{"Import: the rows of a sheet become members; a second import changes nothing", d.importSheet},
		{"Licenses: three members need two seats; the waiting member gets the seat of a deleted one", d.licenses},
		{"Delete: the member and its Secret are deleted", d.delete},
	}
	for i, step := range steps {
		d.say("\n── %d of %d ── %s", i+1, len(steps), step.title)
		before, err := d.observe(ctx)
		if err == nil {
			err = step.run(ctx, before)
		}
		if err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return fmt.Errorf("tour, step %d (%s): %w: see %s", i+1, step.title, err, d.operator.Log)
		}
		d.say("✓ done")
	}
	d.say("\nThe tour is complete: all %d steps succeeded.", len(steps))
	return nil
}

func (d *demo) reset(ctx context.Context, before *state) error {
	if err := d.patch(ctx, map[string]any{"passwordReset": resetValue}); err != nil {
		return err
	}
	after, err := d.waitForTourMember(ctx, "new password by e-mail", func(m *v1alpha1.Member) bool {
		c, mail := m.Status.Credentials, m.Status.Mail
		return c != nil && mail != nil && c.IssueID != before.member.Status.Credentials.IssueID && mail.IssueID == c.IssueID
	})
	if err != nil {
		return err
	}
	was, is := before.member.Status.Credentials, after.member.Status.Credentials
	d.say("  issue     %d → %d", was.Issue, is.Issue)
	d.say("  password  %s", sameOrNew(before.password, after.password))
	d.say("  e-mails   %d → %d", len(before.mails), len(after.mails))
	if len(after.mails) != len(before.mails)+1 {
		return fmt.Errorf("%w: got %d new e-mails, want 1", errStep, len(after.mails)-len(before.mails))
	}
	mail := after.mails[len(after.mails)-1]
	return expect(
		expectation{"the issue number grows by one", is.Issue == was.Issue+1},
		expectation{"the status records the reset", is.PasswordReset == resetValue},
		expectation{"the Secret has a new password", after.password != before.password},
		expectation{"the e-mail has the new password", mail.Contains(after.password)},
		expectation{"the e-mail does not have the old password", !mail.Contains(before.password)},
	)
}

func (d *demo) forceOffline(ctx context.Context, before *state) error {
	if err := d.patch(ctx, map[string]any{"forceOffline": true, "forceOfflineReason": "the tour"}); err != nil {
		return err
	}
	return d.expectLogin(ctx, before, v1alpha1.LoginDenied, v1alpha1.LoginReasonForcedOffline)
}

func (d *demo) restore(ctx context.Context, before *state) error {
	if err := d.patch(ctx, map[string]any{"forceOffline": nil, "forceOfflineReason": nil}); err != nil {
		return err
	}
	return d.expectLogin(ctx, before, v1alpha1.LoginAllowed, v1alpha1.LoginReasonActive)
}

func (d *demo) forceOfflineUntil(ctx context.Context, before *state) error {
	until := d.clock.Now().Add(offlineFor).UTC().Truncate(time.Second)
	if err := d.patch(ctx, map[string]any{"forceOfflineUntil": until.Format(time.RFC3339)}); err != nil {
		return err
	}
	if err := d.expectLogin(ctx, before, v1alpha1.LoginDenied, v1alpha1.LoginReasonForcedOffline); err != nil {
		return err
	}
	denied, err := d.observe(ctx)
	if err != nil {
		return err
	}
	d.say("  waiting until %s", until.Format(time.TimeOnly+" MST"))
	if err := d.expectLogin(ctx, denied, v1alpha1.LoginAllowed, v1alpha1.LoginReasonForceOfflineExpired); err != nil {
		return err
	}
	return expect(expectation{"login is denied until that time", !d.clock.Now().Before(until)})
}

func (d *demo) delete(ctx context.Context, before *state) error {
	if err := d.kubectl(ctx, "-n", samplesNamespace, "delete", "member", tourMember); err != nil {
		return err
	}
	for _, object := range []client.Object{
		&v1alpha1.Member{ObjectMeta: metav1.ObjectMeta{Name: tourMember}},
		&corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: before.member.CredentialsSecretName()}},
	} {
		key := client.ObjectKey{Namespace: samplesNamespace, Name: object.GetName()}
		err := wait.PollUntilContextTimeout(ctx, pollInterval, stepTimeout, true, func(ctx context.Context) (bool, error) {
			err := d.cluster.Admin.Get(ctx, key, object)
			return apierrors.IsNotFound(err), client.IgnoreNotFound(err)
		})
		if err != nil {
			return fmt.Errorf("%w: %s still exists: %w", errStep, key.Name, err)
		}
		d.say("  %-15s deleted", key.Name)
	}
	return expect(expectation{"no e-mail is sent", len(d.mail.to(before.member.Spec.Email)) == len(before.mails)})
}

// patch changes the spec of the tour's member as the cluster administrator.
func (d *demo) patch(ctx context.Context, spec map[string]any) error {
	return d.patchMember(ctx, tourMember, spec)
}

// patchMember changes a Member's spec; flags may impersonate a user.
func (d *demo) patchMember(ctx context.Context, name string, spec map[string]any, flags ...string) error {
	text, err := json.Marshal(map[string]any{"spec": spec})
	if err != nil {
		return err
	}
	return d.kubectl(ctx, append(flags, "-n", samplesNamespace, "patch", "member", name, "--type=merge",
		"--field-manager="+controlplane.FieldManager, "-p", string(text))...)
}
