//go:build faults

package faults

import (
	"fmt"
	"sync"
	"testing"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/test/smtptest"
)

func TestFiveHundredMembersForAHundredSeatsEndWithAHundredHolders(t *testing.T) {
	t.Parallel()
	const members, seats, workers = 500, 100, 10
	env := newEnvironment(t, shared.Cluster(t), smtptest.Options{})
	licenses := client.RawPatch("application/merge-patch+json", fmt.Appendf(nil, `{"spec":{"mail":null,"licenses":{"standard":%d}}}`, seats))
	if err := env.Patch(t.Context(), env.ContactCenter(), licenses); err != nil {
		t.Fatal(err)
	}
	o := newOperator(t, env.Cluster.Operator, []*environment{env})
	o.start()
	var creating sync.WaitGroup
	for worker := range workers {
		creating.Go(func() {
			for i := worker; i < members; i += workers {
				member := env.Member(fmt.Sprintf("member-%03d", i), func(s *v1alpha1.MemberSpec) { s.License = v1alpha1.LicenseStandard })
				if err := env.Create(t.Context(), member); err != nil {
					t.Errorf("creating a Member: %v", err)
					return
				}
			}
		})
	}
	// await waits until seats are held and Members wait; never are more seats held than there are.
	await := func(enough func(held, waiting int) bool) {
		t.Helper()
		env.Eventually("seats are held", func() error {
			held, waiting := env.seatsHeld()
			if held > seats {
				t.Fatalf("%d hold one of %d seats", held, seats)
			}
			if !enough(held, waiting) {
				return fmt.Errorf("%d hold a seat and %d wait", held, waiting)
			}
			return nil
		})
	}
	// It is killed twice, while seats are given.
	for _, some := range []int{seats / 4, seats / 2} {
		await(func(held, _ int) bool { return held >= some })
		env.crash(o)
		await(func(int, int) bool { return true })
		o.start()
	}
	creating.Wait()
	await(func(held, waiting int) bool { return held == seats && waiting == members-seats })
	o.stop()
}

// seatsHeld counts the Members that may log in with a Standard seat, and those that wait
// for one and may not.
func (env *environment) seatsHeld() (held, waiting int) {
	env.Helper()
	for _, member := range env.Members() {
		switch license := member.Status.License; {
		case license == nil:
		case license.Tier == v1alpha1.TierStandard && member.Status.Login == v1alpha1.LoginAllowed:
			held++
		case license.Tier == "" && license.Requested == v1alpha1.TierStandard && member.Status.LoginReason == v1alpha1.LoginReasonNoLicense:
			waiting++
		}
	}
	return held, waiting
}
