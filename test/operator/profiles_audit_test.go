package operator

import (
	"fmt"
	"testing"

	"rollcall.dev/rollcall/api/v1alpha1"
)

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
