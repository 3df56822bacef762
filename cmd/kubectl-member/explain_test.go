package main

import (
	"testing"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/cmd/kubectl-member/goldentest"
)

func TestTheMessageOfAnAdmissionPolicyIsShownWithoutItsPrefix(t *testing.T) {
	t.Parallel()
	env := newContactCenter(t)
	env.CreateAll(env.Member("ana", func(spec *v1alpha1.MemberSpec) { spec.Role = v1alpha1.RoleDeskAdmin }), env.Member("ben"))
	env.await("ana", "ben")
	var seen transcript
	for _, arguments := range [][]string{
		{"force-offline", "ana", "--as", "oidc:ana@example.com"},
		{"force-offline", "ana", "ben", "--as", "oidc:ana@example.com"},
		{"reset-password", "ana", "--as", "oidc:ana@example.com"},
		{"delete", "ana", "--as", "oidc:ana@example.com"},
		{"edit", "ana", "--nickname", "Ani", "--as", "oidc:ana@example.com"},
		{"force-offline", "super-admin"},
		{"delete", "ana", "--as", "oidc:ben@example.com"},
		{"delete", "-l", "a=b", "--as", "oidc:ben@example.com"},
	} {
		seen.note(env.plugin(arguments...), arguments...)
	}
	goldentest.Compare(t, "guards", seen.String())
}
