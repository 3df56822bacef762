package operator

import (
	"context"
	"errors"
	"fmt"
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
	env := newEnvironment(t)
	env.operate()
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
	env := newEnvironment(t)
	stop := env.operate()
	env.CreateAll(env.ContactCenter(), env.Member("ana"))
	env.AwaitMember("ana", ready)
	env.AwaitMember(v1alpha1.SuperAdminMemberName, ready)
	env.awaitCenter(func(status *v1alpha1.ContactCenterStatus) error {
		if status.Members == nil || status.Members.LoginAllowed != 2 || status.Members.MailPending != 0 {
			return fmt.Errorf("counts are %+v", status.Members)
		}
		return nil
	})

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
	stop()
	env.operate()
	// A member that comes now is served, so the operator is at work.
	env.CreateAll(env.Member("wei"))
	env.AwaitMember("wei", ready)
	silent("wei")
	env.CheckMessages("ana", 1)
}

func TestAResetIssuesOneNewPasswordForEachNewValue(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.operate()
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
	if events := env.awaitEvents("ana", 4); events["PasswordReset"] != 4 {
		t.Errorf("events are %v", events)
	}
}

func TestASecretThatIsDamagedIsRepairedAndMailedAnew(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string]func(*environment, *corev1.Secret){
		"deleted": func(env *environment, secret *corev1.Secret) {
			if err := env.Delete(env.Context(), secret); err != nil {
				env.Fatal(err)
			}
		},
		"password edited": func(env *environment, secret *corev1.Secret) {
			change(env, secret, func(s *corev1.Secret) { s.Data["password"] = []byte("my own choice 1234") })
		},
		"user name edited": func(env *environment, secret *corev1.Secret) {
			change(env, secret, func(s *corev1.Secret) { s.Data["username"] = []byte("root") })
		},
		"checksum removed": func(env *environment, secret *corev1.Secret) {
			change(env, secret, func(s *corev1.Secret) { delete(s.Annotations, v1alpha1.ChecksumAnnotation) })
		},
		"edited and made immutable": func(env *environment, secret *corev1.Secret) {
			change(env, secret, func(s *corev1.Secret) { s.Data["password"], s.Immutable = []byte("1234"), new(true) })
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := newEnvironment(t)
			env.operate()
			env.CreateAll(env.ContactCenter(), env.Member("ana"))
			env.AwaitMember("ana", ready, issue(1))
			before := env.Password("ana")
			damage(env, env.Secret("ana"))
			env.AwaitMember("ana", ready, issue(2))
			env.CheckMessages("ana", 2)
			if env.Password("ana") == before {
				t.Error("the password is the old one")
			}
			if events := env.awaitEvents("ana", 1); events["CredentialsRepaired"] != 1 {
				t.Errorf("events are %v", events)
			}
		})
	}
}

func TestLostLabelsAndAnnotationsArePutBackWithoutANewPassword(t *testing.T) {
	t.Parallel()
	for name, lose := range map[string]func(*corev1.Secret){
		"all labels":               func(s *corev1.Secret) { s.Labels = nil },
		"the label of the member":  func(s *corev1.Secret) { delete(s.Labels, v1alpha1.MemberLabel) },
		"the number":               func(s *corev1.Secret) { delete(s.Annotations, v1alpha1.IssueAnnotation) },
		"the handled reset":        func(s *corev1.Secret) { delete(s.Annotations, v1alpha1.PasswordResetAnnotation) },
		"the owner":                func(s *corev1.Secret) { s.OwnerReferences = nil },
		"labels, and one replaced": func(s *corev1.Secret) { s.Labels = map[string]string{"team": "blue", v1alpha1.ManagedByLabel: "helm"} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := newEnvironment(t)
			env.operate()
			member := env.Member("ana")
			member.Spec.PasswordReset = "first"
			env.CreateAll(env.ContactCenter(), member)
			member = env.AwaitMember("ana", ready)
			before := env.Secret("ana")
			change(env, before, lose)
			env.Eventually("the Secret is whole again", func() error {
				now := env.Secret("ana")
				switch {
				case now.Labels[v1alpha1.ManagedByLabel] != "rollcall", now.Labels[v1alpha1.MemberLabel] != "ana":
					return fmt.Errorf("labels are %v", now.Labels)
				case now.Annotations[v1alpha1.IssueAnnotation] != "1", now.Annotations[v1alpha1.PasswordResetAnnotation] != "first":
					return fmt.Errorf("annotations are %v", now.Annotations)
				case !metav1.IsControlledBy(now, member):
					return errors.New("it has lost its owner")
				}
				return nil
			})
			if string(env.Secret("ana").Data["password"]) != string(before.Data["password"]) {
				t.Error("there is a new password")
			}
			env.AwaitMember("ana", ready, issue(1))
			env.CheckMessages("ana", 1)
		})
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

// awaitEvents waits until there are so many events about a Member.
func (env *environment) awaitEvents(name string, total int) (counts map[string]int) {
	env.Helper()
	env.Eventually("the events", func() error {
		counts = env.events(name)
		sum := 0
		for _, count := range counts {
			sum += count
		}
		if sum < total {
			return fmt.Errorf("there are only %v", counts)
		}
		return nil
	})
	return counts
}

// awaitCenter waits until the ContactCenter's status is as a check wants it.
func (env *environment) awaitCenter(check func(*v1alpha1.ContactCenterStatus) error) *v1alpha1.ContactCenter {
	env.Helper()
	center := &v1alpha1.ContactCenter{}
	env.Eventually("the ContactCenter", func() error {
		if err := env.Get(env.Context(), client.ObjectKey{Namespace: env.Namespace, Name: v1alpha1.ContactCenterName}, center); err != nil {
			return err
		}
		if center.Status.ObservedGeneration != center.Generation {
			return errors.New("it was not looked at yet")
		}
		return check(&center.Status)
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
	watcher, err := env.Watch(env.Context(), &v1alpha1.MemberList{}, client.InNamespace(env.Namespace), &client.ListOptions{
		Raw: &metav1.ListOptions{ResourceVersion: env.memberListVersion()},
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

// memberListVersion is the version of the list of Members as it is now.
func (env *environment) memberListVersion() string {
	env.Helper()
	var list v1alpha1.MemberList
	if err := env.List(env.Context(), &list, client.InNamespace(env.Namespace), client.Limit(1)); err != nil {
		env.Fatal(err)
	}
	return list.ResourceVersion
}
