package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
	"rollcall.dev/rollcall/cmd/kubectl-member/goldentest"
	"rollcall.dev/rollcall/cmd/kubectl-member/memberinfo"
)

// staff creates Members as users and imports leave them.
func (env *environment) staff() {
	env.Helper()
	no := false
	env.CreateAll(env.SkillGroup("billing"),
		env.Member("ana", func(s *v1alpha1.MemberSpec) {
			s.Name, s.Nickname, s.AgentID, s.Phone, s.Extension = "Ana Pop", "=Ana", "0017", "+14155550123", "1024"
			s.Role, s.PasswordReset, s.Locale = v1alpha1.RoleSupervisor, "2026-01", v1alpha1.LocaleFrench
			s.SkillGroups = []v1alpha1.SkillGroupReference{{Name: "billing", Priority: 1}, {Name: "sales"}}
			s.License, s.UserProfile, s.DesktopProfile = v1alpha1.LicensePremium, "supervisor", "lean"
			s.Site, s.Teams = "paris", []string{"night", "day"}
		}),
		// Names that were derived from these addresses would be equal.
		env.Member("ben-of-paris", func(s *v1alpha1.MemberSpec) {
			s.Email, s.Name = "Ben@paris.example.com", "Ben “the\u00a0Best” O'Neil, Jr"
		}),
		env.Member("ben-of-lyon", func(s *v1alpha1.MemberSpec) { s.Email, s.Active = "ben@lyon.example.com", &no }),
		env.Member("cat", func(s *v1alpha1.MemberSpec) { s.ForceOffline, s.ForceOfflineReason = true, "lost badge" }),
	)
}

func TestImportingAnExportChangesNothing(t *testing.T) {
	t.Parallel()
	env := newContactCenter(t)
	env.staff()
	env.await("ben-of-paris", "ben-of-lyon", "cat")
	env.Eventually("ana, who is never Ready without her site, has her e-mail", func() error {
		if memberinfo.MailReason(env.GetMember("ana")) != v1alpha1.ReasonMailed {
			return errors.New("she has not")
		}
		return nil
	})
	before := env.memberVersions()
	for _, format := range []string{"csv", "xlsx"} {
		file := filepath.Join(t.TempDir(), "members."+format)
		if got := env.plugin("export", "-o", format, "-f", file); got.code != cli.ExitDone || !strings.HasPrefix(got.err, "note: the Super Admin is left out") {
			t.Fatalf("exporting %s: exit code %d: %s", format, got.code, got.err)
		}
		for _, mode := range []string{"add", "upsert", "sync"} {
			if got := env.plugin("import", file, "--mode", mode); got.out != "0 added, 0 changed, 4 unchanged, 0 failed\n" || got.code != cli.ExitDone {
				t.Errorf("importing %s with mode %s: exit code %d: %s%s", format, mode, got.code, got.out, got.err)
			}
		}
	}
	piped := env.pluginWith(t.Context(), func(*cli.Session) {}, env.plugin("export").out, "import", "-", "--mode", "upsert")
	if piped.out != "0 added, 0 changed, 4 unchanged, 0 failed\n" {
		t.Errorf("export | import says %s%s", piped.out, piped.err)
	}
	env.sameVersions(before)
}

func TestExportWritesTheMembersThatMatchTheFilters(t *testing.T) {
	t.Parallel()
	env := newContactCenter(t)
	env.staff()
	env.await("cat")
	env.Eventually("ana is in billing", func() error {
		if len(env.GetMember("ana").Status.SkillGroups) == 0 {
			return fmt.Errorf("she is not")
		}
		return nil
	})
	goldentest.Compare(t, "export", env.plugin("export").text())
	goldentest.Compare(t, "export-yaml", env.plugin("export", "-o", "yaml").text())
	for _, filter := range [][]string{{"--role", "supervisor"}, {"--group", "billing"}} {
		goldentest.Compare(t, "export-ana", env.plugin(append([]string{"export"}, filter...)...).text())
	}
	goldentest.Compare(t, "export-none", env.plugin("export", "-l", "team=night").text())
}

func TestAnUntouchedTemplateIsRefusedAndItsColumnsHoldText(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	goldentest.Compare(t, "template", env.plugin("template").text())
	for _, format := range []string{"csv", "xlsx"} {
		file := filepath.Join(t.TempDir(), "members."+format)
		if got := env.plugin("template", "-o", format, "-f", file); got.code != cli.ExitDone {
			t.Fatalf("writing the template: %s", got.err)
		}
		if got := env.plugin("import", file, "--dry-run=server"); got.code != cli.ExitFailed || !strings.Contains(got.err, "this is the example row of the template") {
			t.Errorf("importing the untouched template: exit code %d: %s%s", got.code, got.out, got.err)
		}
	}
	file := filepath.Join(t.TempDir(), "members.xlsx")
	env.plugin("template", "-o", "xlsx", "-f", file)
	book, err := excelize.OpenFile(file)
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	for _, column := range []string{"C", "F", "G"} {
		number, err := book.GetColStyle(book.GetSheetName(0), column)
		if err != nil {
			t.Fatal(err)
		}
		if style, err := book.GetStyle(number); err != nil || style.NumFmt != 49 {
			t.Errorf("column %s does not hold text: %+v, %v", column, style, err)
		}
	}
}
