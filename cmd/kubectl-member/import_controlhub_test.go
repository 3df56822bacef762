package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
	"rollcall.dev/rollcall/cmd/kubectl-member/goldentest"
	"rollcall.dev/rollcall/cmd/kubectl-member/memberinfo"
)

// hubStaff creates Members that the file of Control Hub names, and others.
func (env *environment) hubStaff() {
	env.Helper()
	licensed := func(license v1alpha1.License) func(*v1alpha1.MemberSpec) {
		return func(s *v1alpha1.MemberSpec) { s.License = license }
	}
	env.CreateAll(
		env.Member("ana", licensed(v1alpha1.LicensePremium), func(s *v1alpha1.MemberSpec) {
			s.Name, s.Phone, s.Role = "Ana Pop", "+14155550123", v1alpha1.RoleSupervisor
		}),
		env.Member("ben", licensed(v1alpha1.LicensePremium), func(s *v1alpha1.MemberSpec) { s.Name, s.Site, s.Teams = "Ben", "paris", []string{"day"} }),
		env.Member("cat", licensed(v1alpha1.LicenseStandard), func(s *v1alpha1.MemberSpec) { s.Name = "Catherine" }),
		env.Member("dan", licensed(v1alpha1.LicenseStandard)),
		env.Member("eve"),
		env.Member("fay", licensed(v1alpha1.LicenseStandard)),
	)
}

// hubState returns the fields of all Members that a file of Control Hub sets.
func (env *environment) hubState() map[string]string {
	env.Helper()
	return env.eachMember(func(m v1alpha1.Member) string { return fmt.Sprintf("%s, %s", m.Spec.Name, m.Spec.License) })
}

func TestAFileOfControlHubIsImportedAsServicesAndModeSay(t *testing.T) {
	t.Parallel()
	for services, want := range map[string]map[string]string{
		// FALSE changes nothing: ben keeps Premium, and cat keeps Standard.
		"add": {
			"ana": "Ana Pop, Premium", "ben": "Ben Li, Premium", "cat": "Cat Moreau, Standard", "dan": "Dan Weiss, Standard",
			"eve": "Eve Ode, Premium", "fay": ", Standard", "new": "New Comer, Standard", "super-admin": "Sam Okafor, ",
		},
		"add-remove": {
			"ana": "Ana Pop, Premium", "ben": "Ben Li, Standard", "cat": "Cat Moreau, None", "dan": "Dan Weiss, Standard",
			"eve": "Eve Ode, Premium", "fay": ", Standard", "new": "New Comer, Standard", "super-admin": "Sam Okafor, ",
		},
	} {
		t.Run(services, func(t *testing.T) {
			t.Parallel()
			env := newContactCenter(t)
			// From now on, only imports write.
			env.stopOperator()
			env.hubStaff()
			arguments := []string{"import", "testdata/import/controlhub.csv", "--mode", "upsert"}
			if services == "add-remove" {
				arguments = append(arguments, "--services", services)
			}
			goldentest.Compare(t, "import-controlhub-"+services, env.plugin(append(arguments, "--dry-run=server")...).text())
			if got := env.plugin(arguments...); got.code != cli.ExitDone {
				t.Fatalf("exit code %d: %s", got.code, got.err)
			}
			if got := env.hubState(); !maps.Equal(got, want) {
				t.Errorf("they are %v, and not %v", got, want)
			}
			ben, ana := env.GetMember("ben").Spec, env.GetMember("ana").Spec
			if ben.Site != "paris" || !slices.Equal(ben.Teams, []string{"day"}) || ana.Phone == "" || ana.Role != v1alpha1.RoleSupervisor {
				t.Errorf("what the file does not know has changed: %+v, %+v", ben, ana)
			}
			before := env.memberVersions()
			if again := env.plugin(arguments...); again.out != "0 added, 0 changed, 6 unchanged, 0 failed\n" {
				t.Errorf("again, it says %s%s", again.out, again.err)
			}
			env.sameVersions(before)
		})
	}
}

func TestAnExportForControlHubIsImportedUnchanged(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.CreateAll(env.ContactCenterWithIdentity())
	env.hubStaff()
	before := env.memberVersions()
	file := filepath.Join(t.TempDir(), "users.csv")
	if got := env.plugin("export", "-o", "control-hub", "-f", file); got.code != cli.ExitDone {
		t.Fatalf("exporting: %+v", got)
	}
	text, err := os.ReadFile(filepath.Clean(file))
	if err != nil {
		t.Fatal(err)
	}
	goldentest.Compare(t, "export-controlhub", string(text))
	for _, services := range []string{"add", "add-remove"} {
		got := env.plugin("import", file, "--mode", "sync", "--services", services)
		if got.code != cli.ExitDone || got.out != "0 added, 0 changed, 6 unchanged, 0 failed\n" || got.err != "" {
			t.Errorf("importing with --services %s: exit code %d: %s%s", services, got.code, got.out, got.err)
		}
	}
	env.sameVersions(before)
	edited := strings.Replace(string(text), "dan@example.com,Active,TRUE,FALSE", "dan@example.com,Active,FALSE,TRUE", 1)
	piped := env.pluginWith(t.Context(), func(*cli.Session) {}, edited, "import", "-", "--mode", "upsert")
	if dan := env.GetMember("dan").Spec.License; piped.out != "0 added, 1 changed, 5 unchanged, 0 failed\n" || dan != v1alpha1.LicensePremium {
		t.Errorf("edited, it says %s%s, and dan has %s", piped.out, piped.err, dan)
	}
}

func TestLicensesFromControlHubBecomeSeatsAndLogins(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.startOperator()
	center := env.ContactCenterWithIdentity()
	center.Spec.Licenses = &v1alpha1.Licenses{Standard: 5, Premium: 5}
	env.CreateAll(center)
	env.await(v1alpha1.SuperAdminMemberName)
	if got := env.plugin("import", "testdata/import/controlhub.csv", "--services", "add-remove", "--all-users"); got.code != cli.ExitDone {
		t.Fatalf("exit code %d: %s", got.code, got.err)
	}
	env.await("ana", "ben", "cat", "eve", "new", "out")
	env.Eventually("they hold what the file says", func() error {
		held := map[string]string{}
		for _, name := range []string{"ana", "ben", "cat", "dan", "eve", "new", "out"} {
			member := env.GetMember(name)
			held[name] = memberinfo.HeldTier(member) + string(member.Status.LoginReason)
		}
		want := map[string]string{
			"ana": "PremiumActive", "ben": "StandardActive", "cat": "NoLicense", "dan": "NoLicense", "eve": "PremiumActive", "new": "StandardActive", "out": "NoLicense",
		}
		if fmt.Sprint(held) != fmt.Sprint(want) {
			return fmt.Errorf("they hold %v", held)
		}
		return nil
	})
}

func TestFailedRowsOfControlHubAreKeptUnchanged(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.CreateAll(env.ContactCenterWithIdentity(), env.Member("cat", func(s *v1alpha1.MemberSpec) { s.Nickname, s.License = "Night", v1alpha1.LicenseStandard }))
	accept := env.refuseNight()
	file := env.file("users.csv", "User ID/Email (Required),Display Name,Webex Contact Center Standard,Webex Contact Center Premium\n"+
		"cat@example.com,Cat Moreau,FALSE,\nben@example.com,Ben,,\n")
	got := env.plugin("import", file, "--mode", "upsert", "--services", "add-remove")
	failed := strings.TrimSuffix(file, ".csv") + "-failed.csv"
	if got.code != cli.ExitPartly || !strings.Contains(got.err, "--mode upsert --services add-remove") {
		t.Fatalf("exit code %d: %s%s", got.code, got.out, got.err)
	}
	text, err := os.ReadFile(filepath.Clean(failed))
	if err != nil || !strings.HasSuffix(string(text), "Cat,Moreau,Cat Moreau,cat@example.com,Active,FALSE,\n") {
		t.Errorf("kept is %s, %v", text, err)
	}
	accept()
	again := env.plugin("import", failed, "--mode", "upsert", "--services", "add-remove")
	if cat := env.GetMember("cat").Spec; again.out != "0 added, 1 changed, 0 unchanged, 0 failed\n" || cat.License != v1alpha1.LicenseNone {
		t.Errorf("again: %s%s: %+v", again.out, again.err, cat)
	}
}

func TestServicesFlagsNeedAFileOfControlHub(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	file := env.file("members.csv", "email\nana@example.com\n")
	for _, services := range []string{"add", "remove"} {
		if got := env.plugin("import", file, "--services", services); got.code != cli.ExitUsage || !strings.Contains(got.err, "--services") {
			t.Errorf("--services %s: exit code %d: %s", services, got.code, got.err)
		}
	}
	if got := env.plugin("import", file, "--all-users"); got.code != cli.ExitUsage || !strings.Contains(got.err, "--all-users applies to files of Webex Control Hub") {
		t.Errorf("--all-users: exit code %d: %s", got.code, got.err)
	}
}

func TestAnImportWithoutPermissionIsRefusedBeforeAnyWrite(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.CreateAll(env.ContactCenterWithIdentity())
	resources := []string{"members", "contactcenters"}
	env.allow("limited", resources, "get", "list", "create", "patch", v1alpha1.VerbLimited)
	env.allow("importer", resources, "get", "list", "create", "patch", v1alpha1.VerbLimited, v1alpha1.VerbImport)
	env.allow("robot", resources, "get", "list", "create", "patch")
	file := env.file("members.csv", "email,site\nana@example.com,paris\n")
	env.Eventually("the permissions are there", func() error {
		if got := env.plugin("import", file, "--as", "importer", "--dry-run=client"); got.code != cli.ExitDone {
			return errors.New(got.err)
		}
		return nil
	})
	got := env.plugin("import", file, "--as", "limited")
	if want := "your user profile lacks the action Import. Nothing was written"; got.code != cli.ExitFailed || !strings.Contains(got.err, want) || len(env.names()) != 0 {
		t.Errorf("limited: exit code %d: %s%s", got.code, got.out, got.err)
	}
	if got := env.plugin("import", file, "--as", "limited", "-o", "yaml"); got.code != cli.ExitDone {
		t.Errorf("manifests need no permission: exit code %d: %s", got.code, got.err)
	}
	for _, user := range []string{"robot", "importer"} {
		if got := env.plugin("import", file, "--as", user, "--dry-run=client"); got.code != cli.ExitDone {
			t.Errorf("%s: exit code %d: %s", user, got.code, got.err)
		}
	}
}
