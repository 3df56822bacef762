//go:build faults

package faults

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/test/smtptest"
)

// fillQuota keeps every client from creating Secrets in the namespace until the quota is raised. No
// controller counts for quotas here, so it is given its status by hand.
func (env *environment) fillQuota() (raise func()) {
	env.Helper()
	set := func(quota *corev1.ResourceQuota, hard string) {
		env.Helper()
		limit := corev1.ResourceList{"count/secrets": resource.MustParse(hard)}
		quota.Spec.Hard = limit
		if err := env.Update(env.Context(), quota); err != nil {
			env.Fatal(err)
		}
		quota.Status = corev1.ResourceQuotaStatus{Hard: limit, Used: corev1.ResourceList{"count/secrets": resource.MustParse("0")}}
		if err := env.Status().Update(env.Context(), quota); err != nil {
			env.Fatal(err)
		}
	}
	quota := &corev1.ResourceQuota{ObjectMeta: metav1.ObjectMeta{Namespace: env.Namespace, Name: "secrets"}}
	env.CreateAll(quota)
	set(quota, "0")
	env.Eventually("the quota is enforced", func() error {
		probe := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: env.Namespace, Name: "probe"}}
		return isRefused(env.Create(env.Context(), probe, client.DryRunAll), "exceeded quota: ")
	})
	return func() {
		env.Helper()
		if err := env.Get(env.Context(), client.ObjectKeyFromObject(quota), quota); err != nil {
			env.Fatal(err)
		}
		set(quota, "10k")
	}
}

func TestAReachedQuotaKeepsNoMemberFromBeingCutOff(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t, shared.Cluster(t), smtptest.Options{})
	o := newOperator(t, env.Cluster.Operator, []*environment{env})
	o.start()
	l := env.startLoad(everyday)
	env.pause(env.between(2*time.Second, 4*time.Second))
	raise := env.fillQuota()
	longest, which := env.lasting(12*time.Second, env.stillAllowed)
	permitted, whose := env.lasting(6*time.Second, env.stillPermitted)
	t.Logf("meanwhile a cut-off took %s (%s), and permissions were gone after %s (%s)", longest, which, permitted, whose)
	if max(longest, permitted) > promptly {
		t.Errorf("a cut-off took %s: %s, %s", max(longest, permitted), which, whose)
	}
	raise()
	raised := time.Now() //nolint:forbidigo // to measure from
	l.stop()
	env.Within(45*time.Second, "all members get a password", l.settled)
	t.Logf("all was made up for %s after the quota was raised", elapsed(raised))
	l.check()
	env.checkRepeats(0)
	o.stop()
}
