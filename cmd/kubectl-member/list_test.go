package main

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
	"rollcall.dev/rollcall/cmd/kubectl-member/goldentest"
)

func TestMembersAndGroupsAreListedShownAndCompleted(t *testing.T) {
	t.Parallel()
	env := newStaffedContactCenter(t)
	env.compareOutputs(map[string]string{
		"list":                       "list",
		"list_wide":                  "list -o wide",
		"list_name":                  "list -o name --no-headers",
		"list_csv":                   "list -o csv",
		"list_no_headers":            "list --no-headers",
		"list_json":                  "list --search ANA@ -o json",
		"list_yaml":                  "list --role desk-admin -o yaml",
		"list_yaml_sorted":           "list --sort-by agentid -o yaml --group sales",
		"list_search_nickname":       "list --search 安 -o name",
		"list_search_agent_id":       "list --search a10 -o name",
		"list_denied":                "list --login DENIED",
		"list_allowed":               "list --login allowed",
		"list_inactive":              "list --inactive -o name",
		"list_active":                "list --active -o name",
		"list_group":                 "list --group sales -o name",
		"list_mail":                  "list --mail rejected -o name",
		"list_mail_held":             "list --mail held -o name",
		"list_email":                 "list --email bo@example.com -o name",
		"list_agent_id":              "list --agent-id A100 -o name",
		"list_selector":              "list -l team=night -o name",
		"list_sorted":                "list --sort-by agentID",
		"list_sorted_by_role":        "list --sort-by role -o name",
		"list_nothing_json":          "list --search missing -o json",
		"list_nothing_yaml":          "list --search missing -o yaml",
		"groups":                     "groups",
		"groups_wide":                "groups -o wide",
		"groups_csv":                 "groups -o csv",
		"groups_yaml":                "groups --channel online -o yaml",
		"groups_search":              "groups --search INVOICE -o name",
		"groups_selector":            "groups -l floor=2 -o name",
		"groups_sorted":              "groups --sort-by members -o name",
		"show_allowed":               "show ana",
		"show_allowed_by_email":      "show ana@example.com",
		"show_forced_offline":        "show bo",
		"show_inactive":              "show cai",
		"show_rejected":              "show putri",
		"show_yaml":                  "show ana -o yaml",
		"show_json":                  "show bo -o JSON",
		"complete_members":           "__completeNoDesc show a",
		"complete_groups":            "__completeNoDesc list --group s",
		"complete_namespaces":        "__completeNoDesc list --namespace kube-",
		"complete_roles":             "__completeNoDesc list --role D",
		"complete_only_one":          "__completeNoDesc show ana b",
		"complete_formats":           "__completeNoDesc groups -o ",
		"complete_what_is_not_taken": "__completeNoDesc delete ana ",
	})
}

// mailSettings matches the hash of the mail settings, which depends on the port.
var mailSettings = regexp.MustCompile(`(settings"?: "?)[0-9a-f]{16}`)

// inYears makes all ages equal, regardless of the duration of a test and of rounding.
func inYears(s *cli.Session) {
	s.Now = func() time.Time { return time.Now().Add(1000*24*time.Hour + time.Hour) } //nolint:forbidigo // ages are those of real objects
}

func TestATableEqualsThatOfKubectlGet(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.CreateAll(env.Member("ana", func(s *v1alpha1.MemberSpec) { s.Nickname = "Ana" }), env.Member("bartholomew"))
	for _, format := range []string{"table", "wide", "name"} {
		arguments := []string{"--namespace", env.Namespace, "get", "members"}
		if format != "table" {
			arguments = append(arguments, "-o", format)
		}
		command := env.Cluster.KubectlCommand(t.Context(), arguments...)
		want, err := command.Output()
		if err != nil {
			t.Fatal(err)
		}
		got := env.plugin("list", "-o", format).done(t)
		if columns(got) != columns(string(want)) {
			t.Errorf("-o %s: got\n%s\nbut kubectl get has\n%s", format, got, want)
		}
	}
}

// columns returns the words of a table, with ages replaced.
func columns(text string) string {
	return strings.Join(strings.Fields(goldentest.Stable(text)), " ")
}

func TestAnEmptyNamespaceHasNoMembers(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	for verb, want := range map[string]string{"list": "No members found in NAMESPACE namespace.\n", "groups": "No skill groups found in NAMESPACE namespace.\n"} {
		got := env.plugin(verb)
		if got.code != cli.ExitDone || got.out != "" || strings.ReplaceAll(got.err, env.Namespace, "NAMESPACE") != want {
			t.Errorf("%s: got %+v", verb, got)
		}
	}
}

func TestAWrongFlagOfAListingShowsTheChoices(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	var text strings.Builder
	for _, arguments := range []string{
		"list --role boss", "list --login maybe", "list --mail lost", "list --sort-by shoe-size", "list -o xml", "list ana",
		"list -l a=b=c", "list --active --inactive", "groups --channel fax", "groups --sort-by role", "show", "show ana -o csv",
	} {
		got := env.plugin(strings.Split(arguments, " ")...)
		if got.code != cli.ExitUsage || got.out != "" {
			t.Errorf("%s: got %+v", arguments, got)
		}
		text.WriteString("$ kubectl member " + arguments + "\n" + got.err)
	}
	goldentest.Compare(t, "list_wrong_flags", text.String())
}

func TestAMissingMemberCannotBeShown(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	for _, name := range []string{"missing", "missing@example.com"} {
		got := env.plugin("show", name)
		if got.code != cli.ExitFailed || got.out != "" || !strings.Contains(got.err, "kubectl member list --search "+name) {
			t.Errorf("show %s: got %+v", name, got)
		}
	}
}

func TestEveryNamespaceIsListedWithItsName(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.CreateAll(env.Member("ana"))
	for _, format := range []string{"table", "csv"} {
		got := env.plugin("list", "-A", "--email", "ana@example.com", "-o", format).done(t)
		if !strings.HasPrefix(strings.ToUpper(got), "NAMESPACE") || !strings.Contains(got, "\n"+env.Namespace) {
			t.Errorf("-o %s: got %s", format, got)
		}
	}
}

func TestOnlyTerminalsGetColors(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.CreateAll(env.Member("ana"))
	colored := env.pluginWith(t.Context(), func(s *cli.Session) { s.Colors = true }, "", "show", "ana").done(t)
	if !strings.HasPrefix(colored, cli.Bold+cli.Red+"ana cannot log in yet") {
		t.Errorf("got %q", colored)
	}
	if plain := env.plugin("show", "ana").done(t); strings.Contains(plain, "\x1b") {
		t.Errorf("got %q", plain)
	}
}
