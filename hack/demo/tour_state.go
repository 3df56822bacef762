package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
)

const pollInterval = 20 * time.Millisecond

// observe reads everything that a step can change.
func (d *demo) observe(ctx context.Context) (*state, error) {
	s := &state{}
	key := client.ObjectKey{Namespace: samplesNamespace, Name: tourMember}
	if err := d.client.Get(ctx, key, &s.member); err != nil {
		return nil, err
	}
	if s.member.Status.Credentials == nil {
		return nil, fmt.Errorf("%w: the member %s has no credentials", errStep, tourMember)
	}
	secret := &corev1.Secret{}
	key.Name = s.member.CredentialsSecretName()
	if err := d.client.Get(ctx, key, secret); err != nil {
		return nil, err
	}
	s.password = string(secret.Data[corev1.BasicAuthPasswordKey])
	s.mails = d.mail.to(s.member.Spec.Email)
	return s, nil
}

// waitMember waits until the operator has seen the spec of the tour's member and
// the member is as it should be.
func (d *demo) waitMember(ctx context.Context, what string, done func(*v1alpha1.Member) bool) (*state, error) {
	if err := d.waitFor(ctx, tourMember, what, done); err != nil {
		return nil, err
	}
	return d.observe(ctx)
}

// waitFor waits until the operator has seen a Member's spec and the Member is as
// it should be.
func (d *demo) waitFor(ctx context.Context, name, what string, done func(*v1alpha1.Member) bool) error {
	member := &v1alpha1.Member{}
	key := client.ObjectKey{Namespace: samplesNamespace, Name: name}
	err := wait.PollUntilContextTimeout(ctx, pollInterval, stepTimeout, true, func(ctx context.Context) (bool, error) {
		if err := d.operator.Exited(); err != nil {
			return false, err
		}
		if err := d.client.Get(ctx, key, member); err != nil {
			return false, err
		}
		return member.Status.ObservedGeneration == member.Generation && done(member), nil
	})
	if err != nil {
		return fmt.Errorf("%w: %s: no %s: %w", errStep, name, what, err)
	}
	return nil
}

// expectLogin waits for a login state, shows what changed, and checks that
// nothing else did.
func (d *demo) expectLogin(ctx context.Context, before *state, login v1alpha1.LoginState, reason v1alpha1.LoginReason) error {
	begun := d.clock.Now()
	after, err := d.waitMember(ctx, fmt.Sprintf("login %s/%s and Ready", login, reason), func(m *v1alpha1.Member) bool {
		return m.Status.Login == login && m.Status.LoginReason == reason && isReady(m)
	})
	if err != nil {
		return err
	}
	waited := d.clock.Since(begun).Round(time.Millisecond)
	was, is := before.member.Status, after.member.Status
	d.say("  login     %s (%s) → %s (%s), seen %s later", was.Login, was.LoginReason, is.Login, is.LoginReason, waited)
	d.say("  password  %s", sameOrNew(before.password, after.password))
	d.say("  mails     %d → %d", len(before.mails), len(after.mails))
	return expect(
		fact{"the password is the same", after.password == before.password},
		fact{"nothing was issued", is.Credentials.IssueID == was.Credentials.IssueID},
		fact{"nobody was mailed", len(after.mails) == len(before.mails)},
		fact{"the memberships are the same", slices.Equal(is.SkillGroups, was.SkillGroups)},
	)
}

func isReady(m *v1alpha1.Member) bool {
	return apimeta.IsStatusConditionTrue(m.Status.Conditions, v1alpha1.ReadyCondition)
}

// sameOrNew says what became of a password without saying the password.
func sameOrNew(before, after string) string {
	if before == after {
		return "the same"
	}
	return "a new one; the old one is void"
}

// fact is something that a step says.
type fact struct {
	what  string
	holds bool
}

// expect returns an error that names the facts that do not hold.
func expect(facts ...fact) error {
	var errs []error
	for _, f := range facts {
		if !f.holds {
			errs = append(errs, fmt.Errorf("%w: not so: %s", errStep, f.what))
		}
	}
	return errors.Join(errs...)
}
