package main

import (
	"context"
	"fmt"
	"strings"

	apimeta "k8s.io/apimachinery/pkg/api/meta"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// otherMember is somebody whom the tour's member may administer.
const otherMember = "putri"

// roles walks through what the API server lets a Desk Admin do. She is
// impersonated here; a token of an OpenID Connect issuer would make her the same
// user.
func (d *demo) roles(ctx context.Context, before *state) error {
	asHer := "--as=oidc:" + before.member.Spec.Email
	reset, offline, online := map[string]any{"passwordReset": "mine"}, map[string]any{"forceOffline": true}, map[string]any{"forceOffline": nil}
	if err := d.waitFor(ctx, tourMember, "permissions", isGranted); err != nil {
		return err
	}
	d.say("  on herself, the policy rollcall-self-service says no:")
	if err := d.refused(d.patchMember(ctx, tourMember, reset, asHer), "you cannot reset your own password"); err != nil {
		return err
	}
	if err := d.refused(d.patchMember(ctx, tourMember, offline, asHer), "you cannot force yourself offline"); err != nil {
		return err
	}
	d.say("  on another:")
	if err := d.patchMember(ctx, otherMember, offline, asHer); err != nil {
		return err
	}
	if err := d.waitFor(ctx, otherMember, "login Denied", isDenied); err != nil {
		return err
	}
	d.say("  and not at all once she is offline herself, for her RoleBinding is gone:")
	if err := d.patch(ctx, offline); err != nil {
		return err
	}
	if err := d.waitFor(ctx, tourMember, "login Denied", isDenied); err != nil {
		return err
	}
	if err := d.refused(d.kubectl(ctx, "-n", samplesNamespace, "get", "rolebinding", before.member.RoleBindingName()), "not found"); err != nil {
		return err
	}
	if err := d.refused(d.patchMember(ctx, otherMember, online, asHer), "cannot get resource"); err != nil {
		return err
	}
	d.say("  so the administrator of the cluster restores both:")
	for _, name := range []string{otherMember, tourMember} {
		if err := d.patchMember(ctx, name, online); err != nil {
			return err
		}
	}
	return d.waitFor(ctx, tourMember, "permissions", isGranted)
}

// refused wants the API server to have said no, and why.
func (d *demo) refused(err error, why string) error {
	if err == nil {
		return fmt.Errorf("%w: the API server allowed it", errStep)
	}
	_, answer, _ := strings.Cut(err.Error(), "Error from server")
	d.say("Error from server%s", answer)
	return expect(fact{"it is refused because " + why, strings.Contains(answer, why)})
}

func isDenied(m *v1alpha1.Member) bool { return m.Status.Login == v1alpha1.LoginDenied }

func isGranted(m *v1alpha1.Member) bool {
	return apimeta.IsStatusConditionTrue(m.Status.Conditions, v1alpha1.PermissionsGrantedCondition)
}
