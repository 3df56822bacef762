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

// errStep is a step that did not do what it says.
var errStep = errors.New("the step did not do what it says")

// state is what a step can change. The password in it is never printed.
type state struct {
	member   v1alpha1.Member
	password string
	mails    []smtptest.Message
}

// tour walks through what a member goes through. It ends at the first step that
// does not do what it says.
func (d *demo) tour(ctx context.Context) error {
	steps := []struct {
		title string
		walk  func(context.Context, *state) error
	}{
		{"Reset: a new password is issued and mailed, and the old one is void", d.reset},
		{"Force offline: login is denied, and everything else stays", d.forceOffline},
		{"Restore: login is allowed again, with the same password", d.restore},
		{"Force offline for a while: login is allowed again by itself", d.forceOfflineUntil},
		{"Login gate: in by the login page, out at the next request once forced offline", d.loginGate},
		{"Roles: a Desk Admin is refused on herself, allowed on another, and nothing once she is offline", d.roles},
		{"Import: the rows of a sheet become members, and again nothing", d.importSheet},
		{"Licences: two seats for three members; who waits gets the seat of who leaves", d.licenses},
		{"Delete: the member goes, and the Secret with it", d.delete},
	}
	for i, step := range steps {
		d.say("\n── %d of %d ── %s", i+1, len(steps), step.title)
		before, err := d.observe(ctx)
		if err == nil {
			err = step.walk(ctx, before)
		}
		if err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return fmt.Errorf("tour, step %d (%s): %w: see %s", i+1, step.title, err, d.operator.log.Name())
		}
		d.say("✓ done")
	}
	d.say("\nThe tour is over: all %d steps did what they say.", len(steps))
	return nil
}

func (d *demo) reset(ctx context.Context, before *state) error {
	if err := d.patch(ctx, map[string]any{"passwordReset": resetValue}); err != nil {
		return err
	}
	after, err := d.waitMember(ctx, "a new password, mailed", func(m *v1alpha1.Member) bool {
		c, mail := m.Status.Credentials, m.Status.Mail
		return c != nil && mail != nil && c.IssueID != before.member.Status.Credentials.IssueID && mail.IssueID == c.IssueID
	})
	if err != nil {
		return err
	}
	was, is := before.member.Status.Credentials, after.member.Status.Credentials
	d.say("  issue     %d → %d", was.Issue, is.Issue)
	d.say("  password  %s", sameOrNew(before.password, after.password))
	d.say("  mails     %d → %d", len(before.mails), len(after.mails))
	if len(after.mails) != len(before.mails)+1 {
		return fmt.Errorf("%w: there is not exactly one new mail", errStep)
	}
	mail := after.mails[len(after.mails)-1]
	return expect(
		fact{"the issue is one more", is.Issue == was.Issue+1},
		fact{"the reset is on record", is.PasswordReset == resetValue},
		fact{"the Secret has another password", after.password != before.password},
		fact{"the mail has the new password", mail.Contains(after.password)},
		fact{"the mail does not have the old password", !mail.Contains(before.password)},
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
	d.say("  … until %s", until.Format(time.TimeOnly+" MST"))
	if err := d.expectLogin(ctx, denied, v1alpha1.LoginAllowed, v1alpha1.LoginReasonForceOfflineExpired); err != nil {
		return err
	}
	return expect(fact{"login was denied until then", !d.clock.Now().Before(until)})
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
			err := d.client.Get(ctx, key, object)
			return apierrors.IsNotFound(err), client.IgnoreNotFound(err)
		})
		if err != nil {
			return fmt.Errorf("%w: %s is still there: %w", errStep, key.Name, err)
		}
		d.say("  %-15s gone", key.Name)
	}
	return expect(fact{"nobody was mailed", len(d.mail.to(before.member.Spec.Email)) == len(before.mails)})
}

// patch changes the member's spec as the administrator of the cluster would.
func (d *demo) patch(ctx context.Context, spec map[string]any) error {
	return d.patchMember(ctx, tourMember, spec)
}

// patchMember changes a Member's spec; flags may say who does it.
func (d *demo) patchMember(ctx context.Context, name string, spec map[string]any, flags ...string) error {
	text, err := json.Marshal(map[string]any{"spec": spec})
	if err != nil {
		return err
	}
	return d.kubectl(ctx, append(flags, "-n", samplesNamespace, "patch", "member", name, "--type=merge",
		"--field-manager="+controlplane.FieldManager, "-p", string(text))...)
}
