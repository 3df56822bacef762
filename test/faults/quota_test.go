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

// fillQuota lets nobody make a Secret in the namespace until the quota is raised. No
// controller counts for quotas here, so it is given its status by hand.
func (d *desk) fillQuota() (raise func()) {
	d.Helper()
	set := func(quota *corev1.ResourceQuota, hard string) {
		d.Helper()
		limit := corev1.ResourceList{"count/secrets": resource.MustParse(hard)}
		quota.Spec.Hard = limit
		if err := d.admin.Update(d.Context(), quota); err != nil {
			d.Fatal(err)
		}
		quota.Status = corev1.ResourceQuotaStatus{Hard: limit, Used: corev1.ResourceList{"count/secrets": resource.MustParse("0")}}
		if err := d.admin.Status().Update(d.Context(), quota); err != nil {
			d.Fatal(err)
		}
	}
	quota := &corev1.ResourceQuota{ObjectMeta: metav1.ObjectMeta{Namespace: d.namespace, Name: "secrets"}}
	d.create(quota)
	set(quota, "0")
	d.eventually("the quota is enforced", func() error {
		probe := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: d.namespace, Name: "probe"}}
		return isRefused(d.admin.Create(d.Context(), probe, client.DryRunAll), "exceeded quota: ")
	})
	return func() {
		d.Helper()
		if err := d.admin.Get(d.Context(), client.ObjectKeyFromObject(quota), quota); err != nil {
			d.Fatal(err)
		}
		set(quota, "10k")
	}
}

func TestAQuotaThatIsReachedKeepsNobodyFromBeingCutOff(t *testing.T) {
	t.Parallel()
	d := newDesk(t, sharedCluster(t), smtptest.Options{})
	o := newOperator(t, d.account, []*desk{d})
	o.start()
	l := d.startLoad(everyday)
	d.pause(d.between(2*time.Second, 4*time.Second))
	raise := d.fillQuota()
	longest, which := d.lasting(12*time.Second, d.stillAllowed)
	permitted, whose := d.lasting(6*time.Second, d.stillPermitted)
	t.Logf("meanwhile a cut-off took %s (%s), and permissions were gone after %s (%s)", longest, which, permitted, whose)
	if max(longest, permitted) > promptly {
		t.Errorf("a cut-off took %s: %s, %s", max(longest, permitted), which, whose)
	}
	raise()
	raised := time.Now() //nolint:forbidigo // to measure from
	l.stop()
	d.within(45*time.Second, "everybody gets a password", l.settled)
	t.Logf("all was made up for %s after the quota was raised", elapsed(raised))
	l.check()
	d.checkTwins(0)
	o.stop()
}
