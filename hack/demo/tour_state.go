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
	if err := d.cluster.Admin.Get(ctx, key, &s.member); err != nil {
		return nil, err
	}
	if s.member.Status.Credentials == nil {
		return nil, fmt.Errorf("%w: the member %s has no credentials", errStep, tourMember)
	}
	secret := &corev1.Secret{}
	key.Name = s.member.CredentialsSecretName()
	if err := d.cluster.Admin.Get(ctx, key, secret); err != nil {
		return nil, err
	}
	s.password = string(secret.Data[corev1.BasicAuthPasswordKey])
	s.mails = d.mail.to(s.member.Spec.Email)
	return s, nil
}

// waitForTourMember waits until the operator has observed the spec of the tour's member
// and the member is done, and returns its state.
func (d *demo) waitForTourMember(ctx context.Context, what string, done func(*v1alpha1.Member) bool) (*state, error) {
	if err := d.waitFor(ctx, tourMember, what, done); err != nil {
		return nil, err
	}
	return d.observe(ctx)
}

// waitFor waits until the operator has observed a Member's spec and the Member is done.
func (d *demo) waitFor(ctx context.Context, name, what string, done func(*v1alpha1.Member) bool) error {
	member := &v1alpha1.Member{}
	key := client.ObjectKey{Namespace: samplesNamespace, Name: name}
	err := wait.PollUntilContextTimeout(ctx, pollInterval, stepTimeout, true, func(ctx context.Context) (bool, error) {
		if err := d.operator.Exited(); err != nil {
			return false, err
		}
		if err := d.cluster.Admin.Get(ctx, key, member); err != nil {
			return false, err
		}
		return member.Status.ObservedGeneration == member.Generation && done(member), nil
	})
	if err != nil {
		return fmt.Errorf("%w: member %s does not reach the state %q: %w", errStep, name, what, err)
	}
	return nil
}

// expectLogin waits for a login state, prints what changed, and checks that nothing else
// did.
func (d *demo) expectLogin(ctx context.Context, before *state, login v1alpha1.LoginState, reason v1alpha1.LoginReason) error {
	started := d.clock.Now()
	after, err := d.waitForTourMember(ctx, fmt.Sprintf("login %s/%s and Ready", login, reason), func(m *v1alpha1.Member) bool {
		return m.Status.Login == login && m.Status.LoginReason == reason && isReady(m)
	})
	if err != nil {
		return err
	}
	waited := d.clock.Since(started).Round(time.Millisecond)
	was, is := before.member.Status, after.member.Status
	d.say("  login     %s (%s) → %s (%s) after %s", was.Login, was.LoginReason, is.Login, is.LoginReason, waited)
	d.say("  password  %s", sameOrNew(before.password, after.password))
	d.say("  e-mails   %d → %d", len(before.mails), len(after.mails))
	return expect(
		expectation{"the password is unchanged", after.password == before.password},
		expectation{"no password is issued", is.Credentials.IssueID == was.Credentials.IssueID},
		expectation{"no e-mail is sent", len(after.mails) == len(before.mails)},
		expectation{"the memberships are unchanged", slices.Equal(is.SkillGroups, was.SkillGroups)},
	)
}

func isReady(m *v1alpha1.Member) bool {
	return apimeta.IsStatusConditionTrue(m.Status.Conditions, v1alpha1.ReadyCondition)
}

// sameOrNew describes the change of a password without revealing it.
func sameOrNew(before, after string) string {
	if before == after {
		return "unchanged"
	}
	return "new; the old one is invalid"
}

// expectation is an expected effect of a step.
type expectation struct {
	what  string
	holds bool
}

// expect returns an error that names the expectations that do not hold.
func expect(expectations ...expectation) error {
	var errs []error
	for _, e := range expectations {
		if !e.holds {
			errs = append(errs, fmt.Errorf("%w: expected: %s", errStep, e.what))
		}
	}
	return errors.Join(errs...)
}

// inOrder runs steps until one fails.
func inOrder(steps ...func() error) error {
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}
