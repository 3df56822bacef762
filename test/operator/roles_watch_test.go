package operator

import (
	"errors"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// The API server asks for permission when a watch begins and not again: what
// docs/roles.md has to say about a cut-off.
func TestAWatchThatWasOpenBeforeACutOffGoesOn(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.operate()
	wei := env.withRole("wei", v1alpha1.RoleSupervisor)
	env.CreateAll(env.ContactCenterWithIdentity(), wei)
	env.awaitGranted("wei")
	his := clientFor(t, withToken(t, "wei@example.com"))
	open, err := his.Watch(t.Context(), &v1alpha1.MemberList{}, client.InNamespace(env.Namespace))
	if err != nil {
		t.Fatal(err)
	}
	defer open.Stop()
	change(env, wei, func(m *v1alpha1.Member) { m.Spec.ForceOffline = true })
	env.AwaitMember("wei", readyButDenied(v1alpha1.LoginReasonForcedOffline))
	env.Eventually("a new request is refused", func() error {
		err := his.List(t.Context(), &v1alpha1.MemberList{}, client.InNamespace(env.Namespace))
		if apierrors.IsForbidden(err) {
			return nil
		}
		return errors.New("it is allowed")
	})
	env.CreateAll(env.Member("newcomer"))
	timeout := time.NewTimer(5 * time.Second)
	defer timeout.Stop()
	for {
		select {
		case event, ok := <-open.ResultChan():
			if !ok {
				t.Fatal("the watch has ended: docs/roles.md need not warn of it any more")
			}
			if member, ok := event.Object.(*v1alpha1.Member); ok && member.Name == "newcomer" {
				return
			}
		case <-timeout.C:
			t.Fatal("the watch shows nothing new: docs/roles.md need not warn of it any more")
		}
	}
}
