package operator

import (
	"errors"
	"sync/atomic"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// collector is who the garbage collector is to the API server.
const collector = "system:serviceaccount:kube-system:generic-garbage-collector"

func TestTheSecretThatTheGarbageCollectorLeavesIsDeletedAfterAMinute(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	var ahead atomic.Int64
	env.OperatorOptions.Now = func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) } //nolint:forbidigo // the real clock, but for the shift
	env.operate()
	env.CreateAll(env.ContactCenter(), env.Member("ana"), env.Member("wei"))
	ana, wei := env.AwaitMember("ana", ready), env.AwaitMember("wei", ready)
	left := env.Secret("ana")
	// It does leave one, for as long as it runs, whose Member was deleted and added again
	// while its watch was broken.
	env.hold(schema.GroupResource{Resource: "secrets"}, "request.userInfo.username != '"+collector+"'", clientFor(t, impersonating(t, collector)), left)
	env.delete(wei, client.PropagationPolicy(metav1.DeletePropagationOrphan))
	env.awaitGone(wei)
	env.delete(ana)
	env.awaitGone(ana)
	env.awaitQuiet()
	if now := env.Secret("ana"); now == nil || now.UID != left.UID || now.DeletionTimestamp != nil {
		t.Errorf("after a moment the Secret is %+v", now)
	}

	// A minute goes by, and another, each with an event that has the operator look.
	env.Eventually("the Secret is gone", func() error {
		ahead.Add(int64(time.Minute))
		for _, name := range []string{"ana", "wei"} {
			member := v1alpha1.Member{ObjectMeta: metav1.ObjectMeta{Name: name}}
			secret := &corev1.Secret{ObjectMeta: env.meta(member.CredentialsSecretName())}
			touch := client.RawPatch("application/merge-patch+json", []byte(`{"metadata":{"annotations":{"example.com/note":"`+env.OperatorOptions.Now().String()+`"}}}`))
			if err := client.IgnoreNotFound(env.Patch(t.Context(), secret, touch)); err != nil {
				t.Fatal(err)
			}
		}
		if env.Secret("ana") != nil {
			return errors.New("it is there")
		}
		return nil
	})
	if kept := env.Secret("wei"); kept == nil || metav1.GetControllerOf(kept) != nil {
		t.Errorf("what was orphaned on purpose is %+v", kept)
	}
}
