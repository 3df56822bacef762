// Package operator tests the whole operator and the gate against a real control plane.
package operator

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/test/smtptest"
	"rollcall.dev/rollcall/test/testenv"
)

// shared is the cluster that all tests of the package share.
var shared = testenv.Shared{Options: testenv.Options{Install: []string{"default", "gate"}, Identity: true}}

func TestMain(m *testing.M) {
	// The tests mostly wait, so more of them run at once than there are cores.
	if err := flag.Set("test.parallel", "6"); err != nil {
		panic(err)
	}
	os.Exit(shared.Run(m)) //nolint:forbidigo // a TestMain ends this way
}

// environment is a namespace with a mail server, for one test.
type environment struct {
	*testenv.Environment

	// stopOperator stops the operator, in environments that come with one.
	stopOperator func()
}

// newEnvironment creates an empty namespace and starts a mail server.
func newEnvironment(t *testing.T) *environment {
	t.Helper()
	return &environment{Environment: shared.Cluster(t).NewEnvironment(t, "test-", smtptest.Options{})}
}

// operate starts the operator for the namespace, and returns a function that stops it.
func (env *environment) operate() (stop func()) {
	env.Helper()
	return env.StartOperator(env.Cluster.Operator, env.Namespace)
}

// operated returns an empty environment with the operator running.
func operated(t *testing.T) *environment {
	t.Helper()
	env := newEnvironment(t)
	env.stopOperator = env.operate()
	return env
}

// withAna returns an environment with the operator running, a ContactCenter, and a Member
// ana who is ready.
func withAna(t *testing.T) (env *environment, ana *v1alpha1.Member) {
	t.Helper()
	env = operated(t)
	env.CreateAll(env.ContactCenter(), env.Member("ana"))
	return env, env.AwaitMember("ana", ready)
}

// exempt returns the same environment with a client that the policies let pass.
func (env *environment) exempt() *environment {
	passing := env.in(env.T)
	passing.WithWatch = env.Cluster.Exempt
	return passing
}

// in returns the same environment for a subtest.
func (env *environment) in(t *testing.T) *environment {
	t.Helper()
	again, copied := *env, *env.Environment
	copied.T, again.Environment = t, &copied
	return &again
}

// meta returns the metadata of an object of the namespace.
func (env *environment) meta(name string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Namespace: env.Namespace, Name: name}
}

// addMembers creates Members, and returns their names.
func (env *environment) addMembers(count int, change ...func(*v1alpha1.MemberSpec)) (names []string) {
	env.Helper()
	for i := range count {
		names = append(names, fmt.Sprintf("member-%d", i))
		env.CreateAll(env.Member(names[i], change...))
	}
	return names
}

// awaitMembers waits until the checks pass for all of the Members.
func (env *environment) awaitMembers(names []string, checks ...func(*v1alpha1.Member) error) {
	env.Helper()
	for _, name := range names {
		env.AwaitMember(name, checks...)
	}
}

// change changes an object as an administrator does, whatever its version.
func change[T client.Object](env *environment, object T, mutate func(T)) {
	env.Helper()
	before, ok := object.DeepCopyObject().(T)
	if !ok {
		env.Fatalf("%T copies to another type", object)
	}
	if !env.Find(object.GetName(), before) {
		env.Fatalf("%T %s is not found", object, object.GetName())
	}
	after, _ := before.DeepCopyObject().(T)
	mutate(after)
	if err := env.Patch(env.Context(), after, client.MergeFrom(before), client.FieldOwner("rollcall-cli")); err != nil {
		env.Fatalf("changing %T %s: %v", object, object.GetName(), err)
	}
}

// asJSON returns everything in the namespace but the Secrets, as kubectl shows it.
func (env *environment) asJSON() (string, error) {
	return env.Cluster.Kubectl(env.Context(), "", "get", "members,contactcenters,skillgroups,events,configmaps", "-n", env.Namespace, "-o", "json", "--show-managed-fields")
}

// clientFor returns a client that acts as a config says.
func clientFor(t *testing.T, config *rest.Config) client.WithWatch {
	t.Helper()
	return shared.Cluster(t).ClientFor(t, config)
}

// withToken returns a config that acts as the user with a verified e-mail address.
func withToken(t *testing.T, email string) *rest.Config {
	t.Helper()
	return shared.Cluster(t).TokenConfig(t, email)
}

// withCertificate returns a config that acts as the user of a client certificate.
func withCertificate(t *testing.T, username string, groups ...string) *rest.Config {
	t.Helper()
	return shared.Cluster(t).CertificateConfig(t, username, groups...)
}

// impersonating returns a config that acts as a user whom RBAC allows everything.
func impersonating(t *testing.T, username string) *rest.Config {
	t.Helper()
	return shared.Cluster(t).Impersonate(username)
}

// has checks the status and reason of a condition.
func has(conditionType string, status metav1.ConditionStatus, reason string) func(*v1alpha1.Member) error {
	return func(member *v1alpha1.Member) error {
		return testenv.HasCondition(member.Status.Conditions, conditionType, status, reason)
	}
}

// login checks the login state.
func login(state v1alpha1.LoginState, reason v1alpha1.LoginReason) func(*v1alpha1.Member) error {
	return func(member *v1alpha1.Member) error {
		if member.Status.Login != state || member.Status.LoginReason != reason {
			return fmt.Errorf("login is %s/%s, not %s/%s", member.Status.Login, member.Status.LoginReason, state, reason)
		}
		return nil
	}
}

// ready checks that a Member is ready, that its password was mailed and that login is
// allowed.
func ready(member *v1alpha1.Member) error {
	return errors.Join(
		has(v1alpha1.ReadyCondition, metav1.ConditionTrue, v1alpha1.ReasonReady)(member),
		has(v1alpha1.PasswordMailedCondition, metav1.ConditionTrue, v1alpha1.ReasonMailed)(member),
		login(v1alpha1.LoginAllowed, v1alpha1.LoginReasonActive)(member),
	)
}

// issue checks the number of the password.
func issue(number int64) func(*v1alpha1.Member) error {
	return func(member *v1alpha1.Member) error {
		if member.Status.Credentials == nil || member.Status.Credentials.Issue != number {
			return fmt.Errorf("credentials are %+v, not issue %d", member.Status.Credentials, number)
		}
		return nil
	}
}

// centerHas checks the status and reason of a condition of a ContactCenter.
func centerHas(conditionType string, status metav1.ConditionStatus, reason string) func(*v1alpha1.ContactCenterStatus) error {
	return func(center *v1alpha1.ContactCenterStatus) error {
		return testenv.HasCondition(center.Conditions, conditionType, status, reason)
	}
}

// centerReady checks for a ContactCenter that is ready.
var centerReady = centerHas(v1alpha1.ReadyCondition, metav1.ConditionTrue, v1alpha1.ReasonReady)

// memberCounts checks the counts of Members of a ContactCenter.
func memberCounts(want v1alpha1.MemberCounts) func(*v1alpha1.ContactCenterStatus) error {
	return func(center *v1alpha1.ContactCenterStatus) error {
		if center.Members == nil || *center.Members != want {
			return fmt.Errorf("counts are %+v, not %+v", center.Members, want)
		}
		return nil
	}
}
