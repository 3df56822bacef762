package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
	"rollcall.dev/rollcall/cmd/kubectl-member/goldentest"
	"rollcall.dev/rollcall/cmd/kubectl-member/importplan"
	"rollcall.dev/rollcall/cmd/kubectl-member/printer"
)

// sheetOfRows returns a csv file with so many people.
func sheetOfRows(count int) string {
	var text strings.Builder
	text.WriteString("name,agent ID,e-mail,role,phone,extension,skill groups\n")
	for i := range count {
		fmt.Fprintf(&text, "Person %d,P-%05d,person%d@example.com,DeskStaff,+1415%07d,%d,billing:%d\n", i, i, i, i, 10000+i, 1+i%5)
	}
	return text.String()
}

// file writes a file into a folder of the test.
func (env *environment) file(name, text string) string {
	env.Helper()
	file := filepath.Join(env.TempDir(), name)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		env.Fatal(err)
	}
	return file
}

// sameVersions checks that no Member was written, created, or deleted.
func (env *environment) sameVersions(before map[string]string) {
	env.Helper()
	after := env.memberVersions()
	if len(before) != len(after) {
		env.Errorf("there were %d members, and are %d", len(before), len(after))
	}
	for name, version := range before {
		if after[name] != version {
			env.Errorf("Member %s was written: version %s, then %s", name, version, after[name])
		}
	}
}

// names returns the names of all Members.
func (env *environment) names() []string {
	env.Helper()
	var names []string
	for name := range env.memberVersions() {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// text returns an answer for a golden file.
func (a answer) text() string {
	return fmt.Sprintf("%s--- stderr\n%s--- exit code %d\n", a.out, a.err, a.code)
}

func TestImportCreatesMembersFromRowsAndAgainChangesNothing(t *testing.T) {
	t.Parallel()
	env := newContactCenter(t)
	env.CreateAll(env.SkillGroup("billing"), env.SkillGroup("sales"))
	goldentest.Compare(t, "import", env.plugin("import", "testdata/import/members.csv", "--wait").text())
	var made bytes.Buffer
	for _, name := range []string{"a-1017", "ben-li", "0042", "zoe"} {
		member := env.GetMember(name)
		if member.Labels[v1alpha1.ImportedByLabel] != v1alpha1.ImportedByValue {
			t.Errorf("Member %s has the labels %v", name, member.Labels)
		}
		ours := slices.ContainsFunc(member.ManagedFields, func(entry metav1.ManagedFieldsEntry) bool {
			return entry.Manager == cli.FieldManager && entry.Subresource == ""
		})
		if !ours {
			t.Errorf("Member %s was not written by field manager %s: %v", name, cli.FieldManager, member.ManagedFields)
		}
		if err := printer.WriteManifests(&made, []*v1alpha1.Member{importplan.Manifest(member)}); err != nil {
			t.Fatal(err)
		}
	}
	goldentest.Compare(t, "import-members", made.String())

	before, messages := env.memberVersions(), len(env.Mail.Messages())
	for _, mode := range []string{"add", "upsert", "sync"} {
		goldentest.Compare(t, "import-again", env.plugin("import", "testdata/import/members.csv", "--wait", "--mode", mode).text())
	}
	env.sameVersions(before)
	if now := len(env.Mail.Messages()); now != messages {
		t.Errorf("there were %d e-mails, and are %d", messages, now)
	}
}

func TestImportListsAllFaultsAndWritesNothing(t *testing.T) {
	t.Parallel()
	env := newContactCenter(t)
	env.CreateAll(env.SkillGroup("billing"), env.Member("hand"), env.Member("dan", func(s *v1alpha1.MemberSpec) { s.AgentID = "A-1017" }),
		env.Member("eight", func(s *v1alpha1.MemberSpec) { s.Extension = "8001" }), env.Member("fay", func(s *v1alpha1.MemberSpec) { s.AgentID = "F-1" }))
	env.await("hand", "dan", "eight", "fay")
	before := env.memberVersions()
	for _, mode := range []string{"add", "upsert", "sync"} {
		goldentest.Compare(t, "import-faults", env.plugin("import", "testdata/import/faults.csv", "--mode", mode, "--yes").text())
	}
	goldentest.Compare(t, "import-unknown-column", env.pluginWith(t.Context(), func(*cli.Session) {}, "e-mail,shoe size\nana@example.com,39\n", "import", "-").text())
	env.sameVersions(before)
}

func TestUnlistedFaultsAreCounted(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	sheet := "e-mail,phone\n" + strings.Repeat("nobody,1\n", 3000)
	got := env.pluginWith(t.Context(), func(*cli.Session) {}, sheet, "import", "-")
	const want = "\nstdin: and 5000 more faults: correct the faults above, then import again to see the rest\nerror: stdin: 6000 faults, nothing was written. Correct the file, and import it again\n"
	if got.code != cli.ExitFailed || !strings.HasSuffix(got.err, want) {
		t.Errorf("exit code %d, and it ends with %q", got.code, got.err[max(0, len(got.err)-300):])
	}
}

func TestImportReadsStandardInputAndIgnoresUnknownColumnsOnRequest(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	got := env.pluginWith(t.Context(), func(*cli.Session) {}, "e-mail\tshoe size\nana@example.com\t39\n", "import", "-", "--ignore-unknown-columns")
	goldentest.Compare(t, "import-stdin", got.text())
	if names := env.names(); !slices.Equal(names, []string{"ana"}) {
		t.Errorf("the members are %v", names)
	}
}

func TestImportAddsChangesOrDeletesAsTheModeSays(t *testing.T) {
	t.Parallel()
	env := newContactCenter(t)
	env.CreateAll(env.Member("hand", func(s *v1alpha1.MemberSpec) { s.Nickname, s.ForceOffline = "Han", true }))
	const first = "e-mail,nickname,phone\nana@example.com,Ana,+14155550123\nben@example.com,Ben,\n"
	const second = "e-mail,nickname\nana@example.com,Annie\nhand@example.com,\ncat@example.com,Cat\n"
	run := func(name, text string, arguments ...string) {
		t.Helper()
		goldentest.Compare(t, "import-"+name, env.pluginWith(t.Context(), func(*cli.Session) {}, text, append([]string{"import", "-"}, arguments...)...).text())
	}
	run("first", first)
	run("add", second)
	env.await("ana", "ben", "cat", "hand")
	before := env.memberVersions()
	run("dry-run-client", second, "--mode", "sync", "--dry-run=client")
	run("dry-run-client", second, "--mode", "sync", "--dry-run")
	run("dry-run-server", second, "--mode", "sync", "--dry-run=server")
	run("sync-unasked", second, "--mode", "sync")
	env.sameVersions(before)
	run("upsert", second, "--mode", "upsert")
	if ana := env.GetMember("ana"); ana.Spec.Nickname != "Annie" || ana.Spec.Phone != "+14155550123" {
		t.Errorf("ana is %+v", ana.Spec)
	}
	if hand := env.GetMember("hand"); hand.Spec.Nickname != "" || !hand.Spec.ForceOffline || hand.Labels[v1alpha1.ImportedByLabel] != "" {
		t.Errorf("hand is %+v with labels %v", hand.Spec, hand.Labels)
	}
	run("sync", "e-mail,nickname\nana@example.com,Annie\n", "--mode", "sync", "--yes", "--wait")
	if names := env.names(); !slices.Equal(names, []string{"ana", "hand", "super-admin"}) {
		t.Errorf("the members are %v", names)
	}
}

func TestImportAsksBeforeItDeletes(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.pluginWith(t.Context(), func(*cli.Session) {}, "e-mail\nana@example.com\nben@example.com\n", "import", "-")
	file := env.file("members.csv", "e-mail\nana@example.com\n")
	asking := func(s *cli.Session) { s.CanAsk = true }
	before := env.memberVersions()
	if got := env.pluginWith(t.Context(), asking, "n\n", "import", file, "--mode", "sync"); got.code != cli.ExitDeclined || !strings.Contains(got.err, "  ben (ben@example.com)\n") {
		t.Errorf("declined: exit code %d: %s", got.code, got.err)
	}
	env.sameVersions(before)
	if got := env.pluginWith(t.Context(), asking, "y\n", "import", file, "--mode", "sync"); got.code != cli.ExitDone {
		t.Errorf("agreed: exit code %d: %s", got.code, got.err)
	}
	if names := env.names(); !slices.Equal(names, []string{"ana"}) {
		t.Errorf("the members are %v", names)
	}
}

func TestASyncWithoutRowsDeletesNoMember(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.pluginWith(t.Context(), func(*cli.Session) {}, "e-mail\nana@example.com\n", "import", "-")
	got := env.pluginWith(t.Context(), func(*cli.Session) {}, "e-mail\n", "import", "-", "--mode", "sync", "--yes")
	if got.code != cli.ExitFailed || !slices.Equal(env.names(), []string{"ana"}) {
		t.Errorf("exit code %d, and the members are %v: %s", got.code, env.names(), got.err)
	}
}

func TestOnATerminalAnImportShowsABar(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	got := env.pluginWith(t.Context(), func(s *cli.Session) { s.ShowsProgress = true }, "e-mail\nana@example.com\nben@example.com\n", "import", "-")
	if got.code != cli.ExitDone || !strings.Contains(got.err, "import  50% |") || !strings.HasSuffix(got.err, " \r") {
		t.Errorf("exit code %d, and it shows %q", got.code, got.err)
	}
}

func TestImportRefusesAnInvalidCommandLine(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	for _, arguments := range [][]string{
		{},
		{"a.csv", "b.csv"},
		{"a.csv", "--mode", "replace"},
		{"a.csv", "-o", "json"},
		{"a.csv", "--concurrency", "0"},
		{"a.csv", "--failed-file", "a.csv"},
		{"a.csv", "--dry-run", "server"},
		{"a.csv", "--timeout", "1m"},
		{""},
	} {
		if got := env.plugin(append([]string{"import"}, arguments...)...); got.code != cli.ExitUsage || got.err == "" {
			t.Errorf("import %q: exit code %d: %s", arguments, got.code, got.err)
		}
	}
	if got := env.plugin("import", filepath.Join(t.TempDir(), "none.csv")); got.code != cli.ExitFailed {
		t.Errorf("a file that is not there: exit code %d: %s", got.code, got.err)
	}
}

func TestImportWritesOnlyManifestsForGit(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.CreateAll(env.Member("anna", func(s *v1alpha1.MemberSpec) { s.Email, s.AgentID = "Ana@example.com", "A-1017" }))
	before := env.memberVersions()
	got := env.plugin("import", "testdata/import/members.csv", "-o", "yaml")
	goldentest.Compare(t, "import-manifests", got.text())
	env.sameVersions(before)
	// Git has what the rows say.
	kubectl(env, got.out, "apply", "-f", "-", "--server-side", "--field-manager=git", "--force-conflicts")
	env.plugin("import", "testdata/import/members.csv", "--mode", "upsert")
	again := env.plugin("import", "testdata/import/members.csv", "--mode", "upsert")
	if again.out != "0 added, 0 changed, 4 unchanged, 0 failed\n" {
		t.Errorf("after the manifests, an import says %q", again.out)
	}
}

func TestAManifestKeepsValuesOfTheRowThatEqualDefaults(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	no := false
	env.CreateAll(env.Member("ana", func(s *v1alpha1.MemberSpec) {
		s.Role, s.Active = v1alpha1.RoleSupervisor, &no
		s.SkillGroups = []v1alpha1.SkillGroupReference{{Name: "billing", Priority: 1}}
	}))
	const sheet = "邮箱,角色,启用,技能组\nana@example.com,坐席,是,billing:3\nben@example.com,,,billing\n"
	got := env.pluginWith(t.Context(), func(*cli.Session) {}, sheet, "import", "-", "-o", "yaml")
	goldentest.Compare(t, "import-manifests-defaults", got.out)
	kubectl(env, got.out, "apply", "-f", "-", "--server-side", "--field-manager=git", "--force-conflicts")
	ana := env.GetMember("ana").Spec
	if ana.Role != v1alpha1.RoleDeskStaff || !*ana.Active || ana.SkillGroups[0].Priority != 3 {
		t.Errorf("after the manifests, ana is %+v", ana)
	}
	if again := env.pluginWith(t.Context(), func(*cli.Session) {}, sheet, "import", "-", "--mode", "upsert"); again.out != "0 added, 0 changed, 2 unchanged, 0 failed\n" {
		t.Errorf("after the manifests, an import says %q", again.out)
	}
}

func kubectl(env *environment, input string, arguments ...string) string {
	env.Helper()
	out, err := env.Cluster.Kubectl(env.Context(), input, append(arguments, "-n", env.Namespace)...)
	if err != nil {
		env.Fatalf("kubectl %v: %v", arguments, err)
	}
	return out
}

// interrupter cancels a context when a text is written.
type interrupter struct {
	bytes.Buffer

	at   string
	stop context.CancelFunc
}

func (i *interrupter) Write(p []byte) (int, error) {
	if bytes.Contains(p, []byte(i.at)) {
		i.stop()
	}
	return i.Buffer.Write(p)
}

func TestAnInterruptedImportReportsProgressAndContinuesWhenRunAgain(t *testing.T) {
	t.Parallel()
	const count, every = 120, 100
	env := newEnvironment(t)
	file := env.file("members.csv", sheetOfRows(count))
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var said *interrupter
	got := env.pluginWith(ctx, func(s *cli.Session) {
		said = &interrupter{at: fmt.Sprintf("import: %d of %d", every, count), stop: stop}
		s.ErrOut, s.ProgressEvery = said, every
	}, "", "import", file, "--concurrency", "4")
	made := len(env.names())
	if got.code != cli.ExitInterrupted || made < every || made == count {
		t.Fatalf("exit code %d with %d members: %s", got.code, made, said)
	}
	want := fmt.Sprintf("error: interrupted: %d added, 0 changed, 0 unchanged, 0 failed, %d not written. To continue, run the same command again\n", made, count-made)
	if !strings.Contains(said.String(), want) {
		t.Errorf("it says %q, without %q", said, want)
	}
	again := env.plugin("import", file)
	if want := fmt.Sprintf("%d added, 0 changed, %d unchanged, 0 failed\n", count-made, made); again.out != want {
		t.Errorf("run again, it says %q, not %q", again.out, want)
	}
}
