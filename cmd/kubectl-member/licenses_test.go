package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
	"rollcall.dev/rollcall/cmd/kubectl-member/goldentest"
	"rollcall.dev/rollcall/cmd/kubectl-member/licensereport"
	"rollcall.dev/rollcall/cmd/kubectl-member/memberinfo"
)

// newLicensedContactCenter creates a contact center with two Standard seats and one Premium seat, and
// members who hold one, wait for one, or have none.
func newLicensedContactCenter(t *testing.T) *environment {
	t.Helper()
	env := newEnvironment(t)
	env.startOperator()
	center := env.ContactCenterWithIdentity()
	center.Spec.Identity = nil
	center.Spec.Licenses = &v1alpha1.Licenses{Standard: 2, Premium: 1}
	center.Spec.Defaults = &v1alpha1.Defaults{Site: "paris", DesktopProfile: "agents"}
	here := func(name string) metav1.ObjectMeta { return metav1.ObjectMeta{Namespace: env.Namespace, Name: name} }
	env.CreateAll(
		&v1alpha1.Site{ObjectMeta: here("paris"), Spec: v1alpha1.SiteSpec{DisplayName: "Paris"}},
		&v1alpha1.Site{ObjectMeta: here("lyon"), Spec: v1alpha1.SiteSpec{DisplayName: "Lyon"}},
		&v1alpha1.Team{ObjectMeta: here("paris-day"), Spec: v1alpha1.TeamSpec{DisplayName: "Day", Site: "paris"}},
		&v1alpha1.Team{ObjectMeta: here("lyon-night"), Spec: v1alpha1.TeamSpec{DisplayName: "Night", Site: "lyon"}},
		&v1alpha1.DesktopProfile{ObjectMeta: here("agents")},
		&v1alpha1.DesktopProfile{ObjectMeta: here("lean")},
		&v1alpha1.MemberTemplate{ObjectMeta: here("night"), Spec: v1alpha1.MemberTemplateSpec{
			Selector: metav1.LabelSelector{MatchLabels: map[string]string{"shift": "night"}}, ApplyTo: v1alpha1.ApplyToAllMembers, Precedence: 5,
			Role: v1alpha1.RoleSupervisor, License: v1alpha1.TierPremium, Site: "lyon", Teams: []string{"lyon-night"},
		}},
		&v1alpha1.MemberTemplate{ObjectMeta: here("everybody"), Spec: v1alpha1.MemberTemplateSpec{
			Selector: metav1.LabelSelector{}, ApplyTo: v1alpha1.ApplyToAllMembers, Site: "paris", DesktopProfile: "lean",
		}},
		center,
	)
	night := env.Member("ana")
	night.Labels = map[string]string{"shift": "night"}
	standard := func(s *v1alpha1.MemberSpec) { s.License = v1alpha1.LicenseStandard }
	env.createFromGit(
		night, env.Member("bo", standard, func(s *v1alpha1.MemberSpec) { s.Teams, s.DesktopProfile = []string{"paris-day"}, "agents" }),
		env.Member("gus", standard), env.Member("eve", func(s *v1alpha1.MemberSpec) { s.Role = v1alpha1.RoleDeskAdmin }),
		env.Member("fay", func(s *v1alpha1.MemberSpec) { s.License = v1alpha1.LicenseNone }),
	)
	env.await("ana", "bo", "gus", "eve", "fay", v1alpha1.SuperAdminMemberName)
	env.createFromGit(
		env.Member("cai", standard, func(s *v1alpha1.MemberSpec) { s.Teams = []string{"lyon-night"} }),
		env.Member("dee", func(s *v1alpha1.MemberSpec) { s.Site = "nowhere" }),
		env.Member("hal", func(s *v1alpha1.MemberSpec) { s.License, s.UserProfile = v1alpha1.LicenseNone, "ghost" }),
	)
	env.plugin("edit", "gus", "--license", "premium").done(t)
	env.Eventually("gus waits for Premium, and all is counted", func() error {
		gus, cai, dee := env.GetMember("gus"), env.GetMember("cai"), env.GetMember("dee")
		if env.GetMember("hal").Status.LoginReason != v1alpha1.LoginReasonNoLicense {
			return errors.New("hal is not looked at")
		}
		if memberinfo.AwaitedTier(gus) != "Premium" || memberinfo.AwaitedTier(cai) != "Standard" || dee.Status.LoginReason != v1alpha1.LoginReasonNoLicense {
			return errors.New("they are not")
		}
		if err := env.Get(t.Context(), client.ObjectKeyFromObject(center), center); err != nil {
			return err
		}
		want := v1alpha1.LicensesStatus{
			Standard: v1alpha1.SeatCounts{Seats: 2, Used: 2, Waiting: 1}, Premium: v1alpha1.SeatCounts{Seats: 1, Used: 1, Waiting: 1},
		}
		if center.Status.Licenses == nil || *center.Status.Licenses != want {
			return errors.New("they are not counted")
		}
		return nil
	})
	return env
}

// createFromGit creates Members as a GitOps program does.
func (env *environment) createFromGit(members ...*v1alpha1.Member) {
	env.Helper()
	for _, member := range members {
		if err := env.Create(env.Context(), member, client.FieldOwner("kustomize-controller")); err != nil {
			env.Fatal(err)
		}
	}
}

func TestLicensesProfilesAndPlacementAreListedShownAndFound(t *testing.T) {
	t.Parallel()
	env := newLicensedContactCenter(t)
	env.compareOutputs(map[string]string{
		"assigned_list":            "list -o wide",
		"assigned_csv":             "list -o csv",
		"assigned_sorted":          "list -o wide --sort-by license",
		"assigned_sorted_by_team":  "list -o name --sort-by team",
		"licenses":                 "licenses",
		"licenses_wide":            "licenses -o wide",
		"licenses_seats":           "licenses --seats",
		"licenses_seats_csv":       "licenses --seats -o csv",
		"licenses_holders":         "licenses --holders",
		"licenses_waiting":         "licenses --waiting --no-headers",
		"licenses_name":            "licenses -o name",
		"licenses_csv":             "licenses -o csv",
		"licenses_yaml":            "licenses -o yaml",
		"licenses_json":            "licenses --seats --waiting -o json",
		"show_template":            "show ana",
		"show_placed":              "show bo",
		"show_waiting":             "show cai",
		"show_no_site":             "show dee",
		"show_no_profile":          "show hal",
		"show_administrator":       "show eve",
		"show_without_license":     "show fay",
		"show_waiting_for_premium": "show gus",
		"complete_sites":           "__completeNoDesc list --site ",
		"complete_teams":           "__completeNoDesc edit ana --add-team l",
		"complete_profiles":        "__completeNoDesc list --user-profile a",
		"complete_desktops":        "__completeNoDesc add --desktop-profile ",
	})
	for arguments, want := range map[string]string{
		"--license standard":                    "bo gus",
		"--license PREMIUM":                     "ana",
		"--license none":                        "cai dee eve fay hal super-admin",
		"--contact-center-enabled":              "ana bo gus",
		"--contact-center-enabled=false":        "cai dee eve fay hal super-admin",
		"--license none --role desk-staff":      "cai dee fay hal",
		"--role supervisor":                     "ana",
		"--role desk-staff":                     "bo cai dee fay gus hal",
		"--role desk-admin":                     "eve",
		"--site lyon":                           "ana",
		"--site paris --license standard":       "bo gus",
		"--team lyon-night":                     "ana",
		"--team paris-day":                      "bo",
		"--user-profile standard-agent":         "bo gus",
		"--user-profile supervisor":             "ana",
		"--user-profile administrator-only":     "eve super-admin",
		"--desktop-profile agents":              "bo",
		"--desktop-profile lean --site nowhere": "",
	} {
		t.Run(arguments, func(t *testing.T) {
			t.Parallel()
			got := env.plugin(append([]string{"list", "-o", "name", "--no-headers"}, strings.Split(arguments, " ")...)...)
			if names := listed.ReplaceAllString(strings.TrimSpace(got.out), " "); got.code != cli.ExitDone || strings.TrimSpace(names) != want {
				t.Errorf("list %s finds %q, and not %q: %s", arguments, names, want, got.err)
			}
		})
	}
}

// holdStandard makes a member hold a Standard seat.
func holdStandard(s *v1alpha1.MemberStatus) {
	s.License = &v1alpha1.LicenseStatus{Tier: v1alpha1.TierStandard, Source: v1alpha1.SourceMember}
}

// listed matches what surrounds the names in a list of names.
var listed = regexp.MustCompile(`\n?member\.rollcall\.dev/`)

func TestLicensingThatIsOffIsReported(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	if got := env.plugin("licenses"); got.code != cli.ExitFailed || !strings.Contains(got.err, "there is no ContactCenter in namespace "+env.Namespace) {
		t.Errorf("without a ContactCenter: %+v", got)
	}
	env.CreateAll(env.ContactCenterWithIdentity())
	for _, format := range []string{"table", "yaml", "csv"} {
		goldentest.Compare(t, "licenses_off_"+format, env.plugin("licenses", "-o", format).text())
	}
}

func TestAUserWhoCannotReadTheContactCenterSeesHoldersAndWaitingMembers(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.CreateAll(env.ContactCenterWithIdentity(), env.Member("ana"))
	env.allow("watcher", []string{"members"}, "list")
	env.setStatus("ana", holdStandard)
	env.Eventually("the permission is there", func() error {
		if got := env.plugin("list", "--as", "watcher"); got.code != cli.ExitDone {
			return errors.New(got.err)
		}
		return nil
	})
	goldentest.Compare(t, "licenses_forbidden", env.plugin("licenses", "--as", "watcher").text())
	if got := env.plugin("licenses", "--seats", "--as", "watcher"); got.code != cli.ExitFailed || !strings.Contains(got.err, "contactcenters") {
		t.Errorf("seats: %+v", got)
	}
}

func TestSeatsAreCountedFromTheListedMembers(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	center := env.ContactCenterWithIdentity()
	center.Spec.Licenses = &v1alpha1.Licenses{Standard: 3}
	env.CreateAll(center)
	center.Status.Licenses = &v1alpha1.LicensesStatus{Standard: v1alpha1.SeatCounts{Seats: 3, Used: 3, Waiting: 7}}
	if err := env.Status().Update(t.Context(), center); err != nil {
		t.Fatal(err)
	}
	const counted, read = "3,3,0,7", "3,1,2,1"
	for name, license := range map[string]v1alpha1.LicenseStatus{"ana": {Tier: v1alpha1.TierStandard}, "ben": {Requested: v1alpha1.TierStandard}} {
		env.CreateAll(env.Member(name))
		env.setStatus(name, func(s *v1alpha1.MemberStatus) { s.License = &license })
	}
	for arguments, want := range map[string]string{"--seats": counted, "": read, "--seats --holders": "3,1,2,7", "--seats --waiting": read} {
		got := env.plugin(append([]string{"licenses", "-o", "json"}, strings.Fields(arguments)...)...).done(t)
		var report licensereport.Report
		if err := json.Unmarshal([]byte(got), &report); err != nil {
			t.Fatal(err)
		}
		s := report.Seats[0]
		if numbers := fmt.Sprintf("%d,%d,%d,%d", s.Seats, s.Used, s.Free, s.Waiting); numbers != want {
			t.Errorf("licenses %s has %s, and not %s", arguments, numbers, want)
		}
	}
}

func TestRemovedSeatsAreReportedAsMissing(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	center := env.ContactCenterWithIdentity()
	center.Spec.Licenses = &v1alpha1.Licenses{Standard: 3}
	env.CreateAll(center)
	center.Status.Licenses = &v1alpha1.LicensesStatus{Standard: v1alpha1.SeatCounts{Seats: 3, Used: 4}}
	center.Status.Conditions = []metav1.Condition{{
		Type: v1alpha1.ReadyCondition, Status: metav1.ConditionFalse, Reason: v1alpha1.ReasonOverLicensed,
		Message: "4 members hold a Standard seat", LastTransitionTime: metav1.Now(),
	}}
	if err := env.Status().Update(t.Context(), center); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"ana", "ben", "cai", "dan"} {
		env.CreateAll(env.Member(name))
		env.setStatus(name, holdStandard)
	}
	goldentest.Compare(t, "licenses_over", env.plugin("licenses").text())
}
