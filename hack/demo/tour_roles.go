package main

import (
	"context"
	"fmt"
	"strings"

	apimeta "k8s.io/apimachinery/pkg/api/meta"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// otherMember is a member that the tour's member can manage.
const otherMember = "putri"

// roles demonstrates what the API server allows a Desk Admin to do. The tour impersonates
// her; a token of an OpenID Connect issuer would identify the same user.
func (d *demo) roles(ctx context.Context, before *state) error {
	asTourMember := "--as=oidc:" + before.member.Spec.Email
	reset, offline, online := map[string]any{"passwordReset": "mine"}, map[string]any{"forceOffline": true}, map[string]any{"forceOffline": nil}
	return inOrder(
		func() error { return d.waitFor(ctx, tourMember, "permissions", isGranted) },
		d.saying("  The policy rollcall-self-service denies actions on herself:"),
		func() error {
			return d.refused(d.patchMember(ctx, tourMember, reset, asTourMember), "you cannot reset your own password")
		},
		func() error {
			return d.refused(d.patchMember(ctx, tourMember, offline, asTourMember), "you cannot force yourself offline")
		},
		d.saying("  Actions on another member are allowed:"),
		func() error { return d.patchMember(ctx, otherMember, offline, asTourMember) },
		func() error { return d.waitFor(ctx, otherMember, "login Denied", isDenied) },
		d.saying("  While she is offline, her RoleBinding is deleted, and she can do nothing:"),
		func() error { return d.patch(ctx, offline) },
		func() error { return d.waitFor(ctx, tourMember, "login Denied", isDenied) },
		func() error {
			return d.refused(d.kubectl(ctx, "-n", samplesNamespace, "get", "rolebinding", before.member.RoleBindingName()), "not found")
		},
		func() error {
			return d.refused(d.patchMember(ctx, otherMember, online, asTourMember), "cannot get resource")
		},
		d.saying("  The cluster administrator restores both:"),
		func() error { return d.patchMember(ctx, otherMember, online) },
		func() error { return d.patchMember(ctx, tourMember, online) },
		func() error { return d.waitFor(ctx, tourMember, "permissions", isGranted) },
	)
}

// refused checks that the API server refused a request for a reason.
func (d *demo) refused(err error, reason string) error {
	if err == nil {
		return fmt.Errorf("%w: the API server allowed it", errStep)
	}
	_, answer, _ := strings.Cut(err.Error(), "Error from server")
	d.say("Error from server%s", answer)
	return expect(expectation{"the refusal says " + reason, strings.Contains(answer, reason)})
}

func isDenied(m *v1alpha1.Member) bool { return m.Status.Login == v1alpha1.LoginDenied }

func isGranted(m *v1alpha1.Member) bool {
	return apimeta.IsStatusConditionTrue(m.Status.Conditions, v1alpha1.PermissionsGrantedCondition)
}
