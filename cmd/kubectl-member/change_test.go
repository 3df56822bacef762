package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// people makes members and waits until the operator is done with them.
func (d *desk) people(names ...string) {
	d.Helper()
	for _, name := range names {
		d.create(d.member(name))
	}
	d.await(names...)
}

// memberVersions are the resource versions of all members: they change with any write.
func (d *desk) memberVersions() map[string]string {
	d.Helper()
	list := &v1alpha1.MemberList{}
	if err := d.List(d.Context(), list, client.InNamespace(d.namespace)); err != nil {
		d.Fatal(err)
	}
	versions := map[string]string{}
	for _, member := range list.Items {
		versions[member.Name] = member.ResourceVersion
	}
	return versions
}

// isGone is whether there is no such Member.
func (d *desk) isGone(name string) bool {
	d.Helper()
	err := d.Get(d.Context(), client.ObjectKey{Namespace: d.namespace, Name: name}, &v1alpha1.Member{})
	if client.IgnoreNotFound(err) != nil {
		d.Fatal(err)
	}
	return apierrors.IsNotFound(err)
}

// refused wants a run to have ended with a code, and compares what it complained of.
func (a answer) refused(t *testing.T, code int, name string) {
	t.Helper()
	if a.code != code {
		t.Errorf("exit code %d, not %d; it complains:\n%s", a.code, code, a.err)
	}
	golden(t, name, a.out+a.err)
}

// transcript is what commands wrote, one after the other.
type transcript struct{ strings.Builder }

// note adds a command and what it wrote.
func (r *transcript) note(a answer, arguments ...string) {
	fmt.Fprintf(r, "$ kubectl member %s\n%s%s", strings.Join(arguments, " "), a.out, a.err)
	if a.code != exitDone {
		fmt.Fprintf(r, "(exit code %d)\n", a.code)
	}
}

// asks has a session be on a terminal.
func asks(s *session) { s.asks = true }

func TestForceOfflineSettlesAllThatIsSaidOfACutOff(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.people("ana", "ben")
	var seen transcript
	run := func(arguments ...string) {
		seen.note(d.plugin(arguments...), arguments...)
	}

	run("force-offline", "ana", "--reason", "laptop lost", "--wait")
	spec := d.get("ana").Spec
	if !spec.ForceOffline || spec.ForceOfflineUntil != nil || spec.ForceOfflineReason != "laptop lost" {
		t.Errorf("after force-offline: %+v", spec)
	}
	if status := d.get("ana").Status; status.Login != v1alpha1.LoginDenied {
		t.Errorf("after --wait login is %s", status.Login)
	}
	run("force-offline", "ana", "--reason", "laptop lost")
	run("force-offline", "ana", "ben", "--until", "2099-01-01T08:00:00+01:00", "--wait")
	for _, name := range []string{"ana", "ben"} {
		member := d.get(name)
		if spec := member.Spec; spec.ForceOffline || spec.ForceOfflineUntil.UTC().Format(time.RFC3339) != "2099-01-01T07:00:00Z" || spec.ForceOfflineReason != "" {
			t.Errorf("%s after force-offline --until: %+v", name, spec)
		}
		if member.Status.Login != v1alpha1.LoginDenied {
			t.Errorf("%s after --wait: login is %s", name, member.Status.Login)
		}
	}
	run("force-offline", "ana")
	if spec := d.get("ana").Spec; !spec.ForceOffline || spec.ForceOfflineUntil != nil {
		t.Errorf("after force-offline without a time: %+v", spec)
	}
	run("restore-online", "ana", "ben", "--wait")
	for _, name := range []string{"ana", "ben"} {
		member := d.get(name)
		if spec := member.Spec; spec.ForceOffline || spec.ForceOfflineUntil != nil || spec.ForceOfflineReason != "" || member.Status.Login != v1alpha1.LoginAllowed {
			t.Errorf("%s after restore-online: %+v, login %s", name, spec, member.Status.Login)
		}
	}
	run("restore-online", "ana")
	run("edit", "ben", "--active=false", "--wait")
	run("force-offline", "ben", "--for", "8h")
	run("restore-online", "ben", "--wait")
	golden(t, "force_offline", seen.String())
}

func TestResetPasswordMailsANewOneEachTime(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.people("ana")
	letters := len(d.mail.Messages())
	first := d.get("ana").Status.Credentials.IssueID
	var seen transcript
	for i, arguments := range [][]string{
		{"reset-password", "ana", "--wait"},
		{"reset-password", "ana", "--wait"},
		{"reset-password", "ana", "--value", "TICKET-1", "--wait"},
		{"reset-password", "ana", "--value", "TICKET-1", "--wait"},
	} {
		seen.note(d.plugin(arguments...), arguments...)
		status := d.get("ana").Status
		if status.Credentials.IssueID == first || status.Mail.IssueID != status.Credentials.IssueID {
			t.Errorf("after reset %d the password is issue %+v, and the letter was %+v", i+1, status.Credentials, status.Mail)
		}
		if sent := len(d.mail.Messages()) - letters; sent != min(i+1, 3) {
			t.Errorf("after reset %d there are %d letters", i+1, sent)
		}
	}
	golden(t, "reset_password", seen.String())
}

func TestAddMakesAMemberWithJustWhatIsSaid(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.create(d.group("billing"), d.group("sales"))
	var seen transcript
	run := func(arguments ...string) {
		seen.note(d.plugin(arguments...), arguments...)
	}
	run("add", "ana", "--email", "ana@example.com", "--name", "Ana Lima", "--nickname", "Ani", "--agent-id", "0042", "--role", "supervisor",
		"--phone", "+14155550123", "--extension", "1024", "--group", "billing:1", "--group", "sales", "--locale", "zh-cn", "--wait")
	spec := d.get("ana").Spec
	want := v1alpha1.MemberSpec{
		Email: "ana@example.com", Name: "Ana Lima", Nickname: "Ani", AgentID: "0042", Role: v1alpha1.RoleSupervisor,
		Phone: "+14155550123", Extension: "1024", Locale: v1alpha1.LocaleChinese, Active: spec.Active,
		SkillGroups: []v1alpha1.SkillGroupReference{{Name: "billing", Priority: 1}, {Name: "sales", Priority: 3}},
	}
	if fmt.Sprintf("%+v", spec) != fmt.Sprintf("%+v", want) || !*spec.Active {
		t.Errorf("the Member has %+v, not %+v", spec, want)
	}
	run("add", "ben", "--email", "ben@example.com", "--inactive", "-o", "name")
	if *d.get("ben").Spec.Active {
		t.Error("ben is active")
	}
	run("add", "cy", "--email", "cy@example.com", "--group", "billing", "--dry-run=client", "-o", "yaml")
	run("add", "cy", "--email", "cy@example.com", "--dry-run=server", "-o", "json")
	run("add", "cy", "--email", "cy@example.com", "--dry-run=server")
	if !d.isGone("cy") {
		t.Error("a dry run made cy")
	}
	run("add", "ana", "--email", "ana2@example.com")
	run("add", "cy", "--email", "cy", "--phone", "4155550123")
	run("add", "Cy", "--email", "cy@example.com")
	run("add", "super-admin", "--email", "cy@example.com")
	run("add", "cy")
	run("add", "--email", "cy@example.com")
	run("add", "cy", "--email", "cy@example.com", "--role", "SuperAdmin")
	run("add", "cy", "--email", "cy@example.com", "--group", "billing:9")
	golden(t, "add", seen.String())
}

func TestEditChangesTheFieldsThatAreGivenAndNoOthers(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.create(d.group("billing"), d.group("sales"), d.member("ana", func(spec *v1alpha1.MemberSpec) {
		spec.Nickname, spec.Extension = "Ana", "1024"
		spec.SkillGroups = []v1alpha1.SkillGroupReference{{Name: "sales", Priority: 2}}
	}))
	d.await("ana")
	var seen transcript
	run := func(arguments ...string) v1alpha1.MemberSpec {
		seen.note(d.plugin(arguments...), arguments...)
		return d.get("ana").Spec
	}
	if spec := run("edit", "ana", "--nickname", "Ani", "--extension", ""); spec.Nickname != "Ani" || spec.Extension != "" {
		t.Errorf("after nickname and extension: %+v", spec)
	}
	run("edit", "ana", "--nickname", "Ani")
	if spec := run("edit", "ana", "--add-group", "billing", "--wait"); fmt.Sprint(spec.SkillGroups) != "[{sales 2} {billing 3}]" {
		t.Errorf("after --add-group: %v", spec.SkillGroups)
	}
	run("edit", "ana", "--add-group", "sales")
	if spec := run("edit", "ana", "--add-group", "sales:5", "--remove-group", "billing", "--name", "Ana Lima"); fmt.Sprint(spec.SkillGroups) != "[{sales 5}]" || spec.Name != "Ana Lima" {
		t.Errorf("after --add-group and --remove-group: %+v", spec)
	}
	if spec := run("edit", "ana", "--set-group", "billing:1,sales"); fmt.Sprint(spec.SkillGroups) != "[{billing 1} {sales 3}]" {
		t.Errorf("after --set-group: %v", spec.SkillGroups)
	}
	if spec := run("edit", "ana", "--set-group", "", "--role", "", "--active=false", "-o", "name"); len(spec.SkillGroups) != 0 || *spec.Active {
		t.Errorf("after removing all: %+v", spec)
	}
	run("edit", "ana", "--agent-id", "7", "--active")
	run("edit", "ana", "--agent-id", "8")
	run("edit", "ana", "--phone", "1")
	run("edit", "ana")
	run("edit", "ana", "--group", "sales")
	run("edit", "ana", "--set-group", "a", "--add-group", "b")
	run("edit", "ana", "--add-group", "b", "--remove-group", "b")
	golden(t, "edit", seen.String())
}

func TestSeveralEditsOfSkillGroupsAtOnceLoseNothing(t *testing.T) {
	t.Parallel()
	d := newQuietDesk(t)
	d.create(d.member("ana"))
	var runs sync.WaitGroup
	for i := range 6 {
		runs.Go(func() {
			if a := d.plugin("edit", "ana", "--add-group", fmt.Sprintf("group-%d", i)); a.code != exitDone {
				t.Errorf("exit code %d: %s", a.code, a.err)
			}
		})
	}
	runs.Wait()
	if groups := d.get("ana").Spec.SkillGroups; len(groups) != 6 {
		t.Errorf("she is in %v", groups)
	}
}

func TestDeleteRemovesThoseNamedAndSaysWhoIsNotThere(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.people("ana", "ben", "cy")
	var seen transcript
	run := func(arguments ...string) {
		seen.note(d.plugin(arguments...), arguments...)
	}
	run("delete", "cy", "nobody", "ana", "ana", "--wait")
	if !d.isGone("ana") || !d.isGone("cy") || d.isGone("ben") {
		t.Error("after delete the wrong ones are gone")
	}
	run("delete", "nobody")
	run("delete", "nobody", "noone")
	run("delete", "super-admin")
	run("delete", "ben", "-o", "name")
	golden(t, "delete", seen.String())
}

func TestMembersAreSelectedByLabelAndBySkillGroup(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	billing := d.group("billing")
	billing.Spec.Members = []v1alpha1.GroupMember{{Name: "ben"}}
	d.create(billing, d.group("empty"))
	for _, name := range []string{"ana", "ben", "cy"} {
		member := d.member(name)
		if name != "cy" {
			member.Labels = map[string]string{"team": "night"}
		}
		if name != "ana" {
			member.Spec.SkillGroups = []v1alpha1.SkillGroupReference{{Name: "billing"}}
		}
		d.create(member)
	}
	d.await("ana", "ben", "cy")
	d.eventually("the memberships", func() error {
		for _, name := range []string{"ben", "cy"} {
			if member := d.get(name); !isInGroup(member, "billing") {
				return fmt.Errorf("%s is not in it", name)
			}
		}
		return nil
	})
	var seen transcript
	for _, arguments := range [][]string{
		{"force-offline", "-l", "team=night", "--dry-run=server"},
		{"force-offline", "--group", "billing", "--dry-run=server"},
		{"force-offline", "--group", "billing", "-l", "team in (night)", "--dry-run=server"},
		{"force-offline", "--group", "empty"},
		{"force-offline", "--group", "unknown"},
		{"force-offline", "-l", "team=day"},
		{"force-offline", "-l", "team in"},
		{"force-offline", "ana", "-l", "team=night"},
		{"force-offline", ""},
		{"force-offline"},
		{"force-offline", "--all"},
	} {
		seen.note(d.plugin(arguments...), arguments...)
	}
	golden(t, "selection", seen.String())
}

func TestSeveralMembersAreChangedOnATerminalOnlyAfterAYes(t *testing.T) {
	t.Parallel()
	d := newQuietDesk(t)
	var names []string
	for i := range 12 {
		name := fmt.Sprintf("m%02d", i)
		names = append(names, name)
		member := d.member(name)
		member.Labels = map[string]string{"team": "night"}
		d.create(member)
	}
	before := d.memberVersions()
	for _, input := range []string{"n\n", "\n", "", "maybe\n"} {
		a := d.pluginWith(t.Context(), asks, input, "force-offline", "-l", "team=night")
		a.refused(t, exitDeclined, "confirm_no")
		if !maps.Equal(before, d.memberVersions()) {
			t.Errorf("the answer %q changed something", input)
		}
	}
	a := d.pluginWith(t.Context(), asks, "y\n", "force-offline", "m00", "m01")
	golden(t, "confirm_yes", a.err+a.out)
	if a.code != exitDone || !d.get("m00").Spec.ForceOffline || d.get("m02").Spec.ForceOffline {
		t.Errorf("after a yes: exit code %d, %+v", a.code, d.get("m00").Spec)
	}
	for _, arguments := range [][]string{
		append([]string{"restore-online", "--yes"}, names...),
		{"force-offline", "m00"},
		{"delete", "m00", "m01", "--dry-run=client"},
	} {
		if a := d.pluginWith(t.Context(), asks, "", arguments...); a.code != exitDone || strings.Contains(a.err, "?") {
			t.Errorf("%v: exit code %d, and it says %s", arguments, a.code, a.err)
		}
	}
}

func TestDryRunsWriteNothing(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.people("ana", "ben")
	before := d.memberVersions()
	var seen transcript
	for _, arguments := range [][]string{
		{"edit", "ana", "ben", "--nickname", "A", "--add-group", "billing"},
		{"reset-password", "ana"},
		{"force-offline", "ana"},
		{"restore-online", "ana"},
		{"delete", "ana", "ben"},
		{"edit", "ana", "--phone", "1"},
	} {
		for _, mode := range []string{"--dry-run=client", "--dry-run=server"} {
			complete := append(slices.Clone(arguments), mode)
			seen.note(d.plugin(complete...), complete...)
		}
	}
	for _, arguments := range [][]string{
		{"force-offline", "ana", "--reason", "lost", "--dry-run=client", "-o", "json"},
		{"force-offline", "ana", "--dry-run"},
		{"force-offline", "ana", "--dry-run=maybe"},
		{"force-offline", "ana", "-o", "csv"},
		{"force-offline", "ana", "--timeout", "3s"},
		{"force-offline", "ana", "--wait", "--timeout", "0s"},
	} {
		a := d.plugin(arguments...)
		if strings.HasPrefix(a.out, "{") {
			if !strings.Contains(a.out, `"forceOfflineReason": "lost"`) || !strings.Contains(a.out, `"kind": "Member"`) {
				t.Errorf("%v wrote %s", arguments, a.out)
			}
			continue
		}
		seen.note(a, arguments...)
	}
	if after := d.memberVersions(); !maps.Equal(before, after) {
		t.Errorf("the members were %v and are %v", before, after)
	}
	golden(t, "dry_run", seen.String())
}

func TestWaitEndsAtTheDeadlineAndSaysWhoIsStillWaitedFor(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.people("ana", "ben")
	d.create(d.member("twin", func(spec *v1alpha1.MemberSpec) { spec.Email = "ANA@example.com" }))
	d.plugin("edit", "twin", "--add-group", "nowhere", "--wait", "--timeout", "1500ms").refused(t, exitDeadline, "wait_why")
	d.stop()
	d.plugin("force-offline", "ana", "nobody", "ben", "--wait", "--timeout", "1s").refused(t, exitPartly, "wait_partly")
	d.plugin("restore-online", "ana", "ben", "--wait", "--timeout", "1s").refused(t, exitDeadline, "wait_deadline")
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	d.pluginWith(ctx, func(*session) {}, "", "restore-online", "ana", "ben", "--wait").refused(t, exitInterrupted, "wait_interrupted")
}

func TestInterruptedAtTheQuestionNothingIsChanged(t *testing.T) {
	t.Parallel()
	d := newQuietDesk(t)
	d.create(d.member("ana"), d.member("ben"))
	before := d.memberVersions()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	silent, end := io.Pipe()
	defer end.Close()
	a := d.pluginWith(ctx, func(s *session) {
		s.asks, s.In = true, silent
		s.ErrOut = &onFirst{Writer: s.ErrOut, then: cancel}
	}, "", "delete", "ana", "ben")
	if a.code != exitInterrupted || !maps.Equal(before, d.memberVersions()) {
		t.Errorf("exit code %d, and the members were %v and are %v", a.code, before, d.memberVersions())
	}
	golden(t, "interrupted_question", a.err)
}

// onFirst calls a function after the first thing written.
type onFirst struct {
	io.Writer

	then func()
	once sync.Once
}

// Write writes.
func (w *onFirst) Write(text []byte) (int, error) {
	defer w.once.Do(w.then)
	return w.Writer.Write(text)
}

func TestInterruptedItSaysWhatIsDoneAndWhatNot(t *testing.T) {
	t.Parallel()
	d := newQuietDesk(t)
	var names []string
	for i := range 40 {
		names = append(names, fmt.Sprintf("m%02d", i))
		d.create(d.member(names[i]))
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	a := d.pluginWith(ctx, func(s *session) {
		s.Out = &onFirst{Writer: s.Out, then: cancel}
	}, "", append([]string{"force-offline"}, names...)...)
	done := 0
	for _, name := range names {
		if d.get(name).Spec.ForceOffline {
			done++
		}
	}
	said := strings.Count(a.out, "forced offline")
	if a.code != exitInterrupted || said != done || done == len(names) || !strings.Contains(a.err, fmt.Sprintf("%d of 40 members are done; not begun with m%02d, ", done, done)) {
		t.Errorf("exit code %d, %d members are offline, %d lines, and it says %s", a.code, done, said, a.err)
	}
}

func TestAGuardsAnswerIsShownWithoutWhatComesBeforeIt(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.create(d.member("ana", func(spec *v1alpha1.MemberSpec) { spec.Role = v1alpha1.RoleDeskAdmin }), d.member("ben"))
	d.await("ana", "ben")
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
		seen.note(d.plugin(arguments...), arguments...)
	}
	golden(t, "guards", seen.String())
}

func TestWhatIsWrittenIsRollcallCLIsAloneAndOutlivesASyncFromGit(t *testing.T) {
	t.Parallel()
	d := newQuietDesk(t)
	inGit := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": v1alpha1.GroupVersion.String(), "kind": "Member",
		"metadata": map[string]any{"name": "ana", "namespace": d.namespace},
		"spec":     map[string]any{"email": "ana@example.com", "nickname": "Ana"},
	}}
	sync := func() {
		t.Helper()
		desired := client.ApplyConfigurationFromUnstructured(inGit.DeepCopy())
		if err := d.Apply(t.Context(), desired, client.FieldOwner("kustomize-controller"), client.ForceOwnership); err != nil {
			t.Fatal(err)
		}
	}
	sync()
	d.plugin("force-offline", "ana", "--reason", "lost").done(t)
	owned := map[string]string{}
	for _, entry := range d.get("ana").ManagedFields {
		// Flux takes over what a manager with such a name has written.
		if strings.HasPrefix(entry.Manager, "kubectl") {
			t.Errorf("%s owns fields", entry.Manager)
		}
		owned[entry.Manager+" "+string(entry.Operation)] = entry.FieldsV1.GetRawString()
	}
	if got, want := owned[fieldManager+" "+string(metav1.ManagedFieldsOperationUpdate)], `{"f:spec":{"f:forceOffline":{},"f:forceOfflineReason":{}}}`; got != want {
		t.Errorf("rollcall-cli owns %s, not %s", got, want)
	}
	sync()
	if spec := d.get("ana").Spec; !spec.ForceOffline || spec.ForceOfflineReason != "lost" || spec.Nickname != "Ana" {
		t.Errorf("after a sync: %+v", spec)
	}
	d.plugin("restore-online", "ana").done(t)
	sync()
	if spec := d.get("ana").Spec; spec.ForceOffline || spec.ForceOfflineReason != "" {
		t.Errorf("after restore-online and a sync: %+v", spec)
	}
}
