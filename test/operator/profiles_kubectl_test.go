package operator

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/test/controlplane"
)

func TestKubectlShowsWhatAUserProfileDoesNotAllow(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		actions    []v1alpha1.MemberAction
		objections []refusal
	}{
		{nil, []refusal{noCutOff}},
		{[]v1alpha1.MemberAction{v1alpha1.ActionForceOffline}, nil},
	} {
		env := newProfiledEnvironment(t, func(env *environment) *v1alpha1.UserProfile { return env.editing("narrow", test.actions...) })
		kubeconfig := filepath.Join(t.TempDir(), "kubeconfig")
		if err := controlplane.WriteKubeconfig(kubeconfig, withToken(t, "ana@example.com")); err != nil {
			t.Fatal(err)
		}
		for name, command := range commands {
			wei := "wei-" + strings.Map(onlyLetters, name)
			env.CreateAll(env.withRole(wei, v1alpha1.RoleDeskAdmin))
			args := []string{"--namespace=" + env.Namespace}
			for _, argument := range command.args {
				args = append(args, strings.ReplaceAll(argument, "NAME", wei))
			}
			if !strings.Contains(name, "as her") {
				args = append(args, "--kubeconfig="+kubeconfig)
			}
			err := env.kubectl(env.Cluster.KubectlCommand(t.Context(), args...), env.manifest(wei), forceOffline)
			if err := checkAnswer(err, saidByKubectl(test.objections)); err != nil {
				t.Errorf("%s with the actions %v: %v", name, test.actions, err)
			}
			if offline := env.GetMember(wei).Spec.ForceOffline; offline != (len(test.objections) == 0 && !command.dryRun) {
				t.Errorf("%s with the actions %v: forceOffline is %v", name, test.actions, offline)
			}
		}
	}
}

func TestTheAuditLogSaysWhichAdministratorGaveWhichProfileAndLicense(t *testing.T) {
	t.Parallel()
	env := newAdministeredEnvironment(t)
	her := clientFor(t, withToken(t, "ana@example.com"))
	wei := env.withRole("wei", v1alpha1.RoleSupervisor)
	env.CreateAll(wei)
	for _, step := range []struct {
		change func(*v1alpha1.MemberSpec)
		want   string
	}{
		{func(s *v1alpha1.MemberSpec) { s.UserProfile, s.License = "narrow", v1alpha1.LicensePremium }, "license none -> Premium; userProfile none -> narrow"},
		{func(s *v1alpha1.MemberSpec) { s.UserProfile = "wide" }, "userProfile narrow -> wide"},
		{func(s *v1alpha1.MemberSpec) { s.UserProfile = "" }, "userProfile wide -> none"},
		{func(s *v1alpha1.MemberSpec) { s.DesktopProfile, s.Site, s.Teams = "quiet", "berlin", []string{"blue"} }, "desktopProfile; site; teams"},
	} {
		step.change(&wei.Spec)
		if err := her.Update(t.Context(), wei); err != nil {
			t.Fatal(err)
		}
		want := recorded{"oidc:ana@example.com", env.Namespace + "/wei", step.want}
		env.Eventually("the audit log has "+step.want, func() error {
			events, _ := env.auditEvents("wei")
			for _, event := range events {
				if event.recorded() == want {
					return nil
				}
			}
			return fmt.Errorf("it has %+v", events)
		})
	}
}
