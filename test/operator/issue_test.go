package operator

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/test/testenv"
)

func TestAMemberGetsASecretAMessageAndALogin(t *testing.T) {
	t.Parallel()
	env := operated(t)
	env.CreateAll(env.ContactCenter(), env.Member("ana"))

	member := env.AwaitMember("ana", ready, issue(1))
	env.CheckMessages("ana", 1)
	secret := env.Secret("ana")
	if !metav1.IsControlledBy(secret, member) {
		t.Error("the Secret is not the Member's")
	}
	if secret.Type != corev1.SecretTypeBasicAuth || string(secret.Data["username"]) != "ana@example.com" || len(secret.Data) != 2 {
		t.Errorf("the Secret is a %s for %q with %d keys", secret.Type, secret.Data["username"], len(secret.Data))
	}
	if len(secret.Labels) != 2 || secret.Labels[v1alpha1.ManagedByLabel] != "rollcall" || secret.Labels[v1alpha1.MemberLabel] != "ana" {
		t.Errorf("the Secret has the labels %v", secret.Labels)
	}
	if got := len(secret.Data["password"]); got != 20 {
		t.Errorf("the password has %d characters", got)
	}
	message := env.Messages("ana@example.com")[0]
	if want := member.Status.Credentials.IssueID + "@example.com"; message.MessageID() != want || member.Status.Mail.MessageID != want {
		t.Errorf("Message-ID is %q, in status %q, not %q", message.MessageID(), member.Status.Mail.MessageID, want)
	}
	// The Super Admin's Member comes by itself and is like anyone's.
	env.AwaitMember(v1alpha1.SuperAdminMemberName, ready)
	if got := len(env.Messages("sam@example.com")); got != 1 {
		t.Errorf("the Super Admin got %d messages", got)
	}
	if events := env.events("ana"); len(events) != 0 {
		t.Errorf("a first issue made the events %v", events)
	}
}

func TestNothingIsWrittenOrMailedTwice(t *testing.T) {
	t.Parallel()
	env := operated(t)
	env.CreateAll(env.ContactCenter(), env.Member("ana"))
	env.AwaitMember("ana", ready)
	env.AwaitMember(v1alpha1.SuperAdminMemberName, ready)
	env.awaitCenter(memberCounts(v1alpha1.MemberCounts{Total: 2, LoginAllowed: 2}))

	// Applied again by server-side apply, by two managers of fields.
	for _, owner := range []string{"kustomize-controller", "rollcall-cli"} {
		applied := &unstructured.Unstructured{Object: map[string]any{
			"apiVersion": v1alpha1.GroupVersion.String(), "kind": "Member",
			"metadata": map[string]any{"name": "ana", "namespace": env.Namespace},
			"spec":     map[string]any{"email": "ana@example.com"},
		}}
		if err := env.Apply(t.Context(), client.ApplyConfigurationFromUnstructured(applied), client.FieldOwner(owner), client.ForceOwnership); err != nil {
			t.Fatal(err)
		}
	}
	env.awaitQuiet()
	silent := env.expectNoWrites()
	// Seen again by an operator that starts.
	env.stopOperator()
	env.operate()
	// A member that comes now is served, so the operator is at work.
	env.CreateAll(env.Member("wei"))
	env.AwaitMember("wei", ready)
	silent("wei")
	env.CheckMessages("ana", 1)
}

func TestAResetIssuesOneNewPasswordForEachNewValue(t *testing.T) {
	t.Parallel()
	env := operated(t)
	first := env.Member("ana")
	first.Spec.PasswordReset = "at the start"
	env.CreateAll(env.ContactCenter(), first)
	env.AwaitMember("ana", ready, issue(1))

	reset := func(value string) {
		change(env, first, func(m *v1alpha1.Member) { m.Spec.PasswordReset = value })
	}
	issued := int64(1)
	for _, step := range []struct {
		value  string
		issue  int64
		letter int
	}{
		{"monday", 2, 2},
		{"", 2, 2},             // removing it does nothing
		{"monday", 2, 2},       // it was handled
		{"tuesday", 3, 3},      //
		{"monday", 4, 4},       // an older value is a new one
		{"at the start", 5, 5}, // counted as handled once, but is not the last
	} {
		before := env.Password("ana")
		reset(step.value)
		env.AwaitMember("ana", ready, issue(step.issue))
		env.CheckMessages("ana", step.letter)
		if changed := env.Password("ana") != before; changed != (step.issue != issued) {
			t.Errorf("after %q the password changed: %t", step.value, changed)
		}
		issued = step.issue
	}
	env.checkEvents("ana", map[string]int{"PasswordReset": 4})
}

func TestASecretThatIsDamagedIsRepairedAndMailedAnew(t *testing.T) {
	t.Parallel()
	env := operated(t)
	env.CreateAll(env.ContactCenter())
	edit := func(mutate func(*corev1.Secret)) func(*corev1.Secret) {
		return func(secret *corev1.Secret) { change(env, secret, mutate) }
	}
	passwords := map[string]string{}
	for name, damage := range map[string]func(*corev1.Secret){
		"deleted":                   func(s *corev1.Secret) { env.delete(s) },
		"password-edited":           edit(func(s *corev1.Secret) { s.Data["password"] = []byte("my own choice 1234") }),
		"user-name-edited":          edit(func(s *corev1.Secret) { s.Data["username"] = []byte("root") }),
		"checksum-removed":          edit(func(s *corev1.Secret) { delete(s.Annotations, v1alpha1.ChecksumAnnotation) }),
		"edited-and-made-immutable": edit(func(s *corev1.Secret) { s.Data["password"], s.Immutable = []byte("1234"), new(true) }),
	} {
		env.CreateAll(env.Member(name))
		env.AwaitMember(name, ready, issue(1))
		passwords[name] = env.Password(name)
		damage(env.Secret(name))
	}
	for name, before := range passwords {
		env.AwaitMember(name, ready, issue(2))
		env.CheckMessages(name, 2)
		if env.Password(name) == before {
			t.Errorf("the password of %s is the old one", name)
		}
		env.checkEvents(name, map[string]int{"CredentialsRepaired": 1})
	}
}

func TestLostLabelsAndAnnotationsArePutBackWithoutANewPassword(t *testing.T) {
	t.Parallel()
	env := operated(t)
	env.CreateAll(env.ContactCenter())
	secrets := map[string]*corev1.Secret{}
	for name, lose := range map[string]func(*corev1.Secret){
		"all-labels":              func(s *corev1.Secret) { s.Labels = nil },
		"label-of-the-member":     func(s *corev1.Secret) { delete(s.Labels, v1alpha1.MemberLabel) },
		"number":                  func(s *corev1.Secret) { delete(s.Annotations, v1alpha1.IssueAnnotation) },
		"handled-reset":           func(s *corev1.Secret) { delete(s.Annotations, v1alpha1.PasswordResetAnnotation) },
		"owner":                   func(s *corev1.Secret) { s.OwnerReferences = nil },
		"labels-and-one-replaced": func(s *corev1.Secret) { s.Labels = map[string]string{"team": "blue", v1alpha1.ManagedByLabel: "helm"} },
	} {
		env.CreateAll(env.Member(name, func(s *v1alpha1.MemberSpec) { s.PasswordReset = "first" }))
		env.AwaitMember(name, ready)
		secrets[name] = env.Secret(name)
		change(env, secrets[name], lose)
	}
	for name, before := range secrets {
		env.Eventually("the Secret of "+name+" is whole again", func() error {
			now := env.Secret(name)
			switch {
			case now.Labels[v1alpha1.ManagedByLabel] != "rollcall", now.Labels[v1alpha1.MemberLabel] != name:
				return fmt.Errorf("labels are %v", now.Labels)
			case now.Annotations[v1alpha1.IssueAnnotation] != "1", now.Annotations[v1alpha1.PasswordResetAnnotation] != "first":
				return fmt.Errorf("annotations are %v", now.Annotations)
			case !metav1.IsControlledBy(now, env.GetMember(name)):
				return errors.New("it has lost its owner")
			}
			return nil
		})
		if env.Password(name) != string(before.Data["password"]) {
			t.Errorf("%s has a new password", name)
		}
		env.AwaitMember(name, ready, issue(1))
		env.CheckMessages(name, 1)
	}
}

// events counts the events about a Member, by reason.
func (env *environment) events(name string) map[string]int {
	env.Helper()
	var list eventsv1.EventList
	if err := env.List(env.Context(), &list, client.InNamespace(env.Namespace)); err != nil {
		env.Fatal(err)
	}
	counts := map[string]int{}
	for i := range list.Items {
		event := &list.Items[i]
		if event.Regarding.Name != name || event.Regarding.Kind != "Member" {
			continue
		}
		counts[event.Reason]++
		if event.Series != nil {
			counts[event.Reason] += int(event.Series.Count) - 1
		}
	}
	return counts
}

// checkEvents waits until there are as many events about a Member as wanted, and checks
// that they are the ones.
func (env *environment) checkEvents(name string, want map[string]int) {
	env.Helper()
	total := func(counts map[string]int) (sum int) {
		for _, count := range counts {
			sum += count
		}
		return sum
	}
	got := map[string]int{}
	env.Eventually("the events", func() error {
		if got = env.events(name); total(got) < total(want) {
			return fmt.Errorf("there are only %v", got)
		}
		return nil
	})
	if !maps.Equal(got, want) {
		env.Errorf("events of %s are %v, not %v", name, got, want)
	}
}

// awaitCenter waits until the checks of the ContactCenter's status pass.
func (env *environment) awaitCenter(checks ...func(*v1alpha1.ContactCenterStatus) error) *v1alpha1.ContactCenter {
	env.Helper()
	center := &v1alpha1.ContactCenter{}
	env.Eventually("the ContactCenter", func() error {
		if err := env.Get(env.Context(), client.ObjectKey{Namespace: env.Namespace, Name: v1alpha1.ContactCenterName}, center); err != nil {
			return err
		}
		if center.Status.ObservedGeneration != center.Generation {
			return errors.New("it was not looked at yet")
		}
		var problems []error
		for _, check := range checks {
			problems = append(problems, check(&center.Status))
		}
		return errors.Join(problems...)
	})
	testenv.CheckConditions(env.T, center.Status.Conditions, center.Generation)
	return center
}

// expectNoWrites notes the versions of all there is; of a ContactCenter, which
// counts its Members, the conditions. The function that it returns fails the test
// if any of it has been written since, but for Members of the names given; it
// waits a moment for writes that are still to come.
func (env *environment) expectNoWrites() func(except ...string) {
	env.Helper()
	lists := []client.ObjectList{&v1alpha1.MemberList{}, &corev1.SecretList{}, &rbacv1.RoleBindingList{}, &v1alpha1.ContactCenterList{}, &v1alpha1.SkillGroupList{}}
	read := func() map[string]string {
		found := map[string]string{}
		for _, list := range lists {
			if err := env.List(env.Context(), list, client.InNamespace(env.Namespace)); err != nil {
				env.Fatal(err)
			}
			if err := apimeta.EachListItem(list, func(item runtime.Object) error {
				switch object := item.(type) {
				case *v1alpha1.ContactCenter:
					found["ContactCenter"] = fmt.Sprint(object.Status.Conditions)
				case client.Object:
					found[fmt.Sprintf("%T %s", object, object.GetName())] = object.GetResourceVersion()
				}
				return nil
			}); err != nil {
				env.Fatal(err)
			}
		}
		return found
	}
	versions := read()
	return func(except ...string) {
		env.Helper()
		env.awaitQuiet()
		for _, name := range except {
			delete(versions, "*v1alpha1.Member "+name)
		}
		now := read()
		for object, version := range versions {
			if now[object] != version {
				env.Errorf("%s was written:\n%s\n%s", object, version, now[object])
			}
		}
	}
}

// awaitQuiet waits until nothing has happened to the Members for a second.
func (env *environment) awaitQuiet() {
	env.Helper()
	for env.somethingHappens(time.Second) {
	}
}

// somethingHappens reports whether a Member changes within a time.
func (env *environment) somethingHappens(within time.Duration) bool {
	env.Helper()
	var now v1alpha1.MemberList
	if err := env.List(env.Context(), &now, client.InNamespace(env.Namespace), client.Limit(1)); err != nil {
		env.Fatal(err)
	}
	watcher, err := env.Watch(env.Context(), &v1alpha1.MemberList{}, client.InNamespace(env.Namespace), &client.ListOptions{
		Raw: &metav1.ListOptions{ResourceVersion: now.ResourceVersion},
	})
	if err != nil {
		env.Fatal(err)
	}
	defer watcher.Stop()
	ctx, cancel := context.WithTimeout(env.Context(), within)
	defer cancel()
	select {
	case event, open := <-watcher.ResultChan():
		return open && event.Type != watch.Error
	case <-ctx.Done():
		return false
	}
}
