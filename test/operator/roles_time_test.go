package operator

import (
	"fmt"
	"slices"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
)

func TestAnAdministratorForcedOfflineIsRefusedSoonAfter(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.operate()
	ana := env.withRole("ana", v1alpha1.RoleDeskAdmin)
	env.CreateAll(env.ContactCenterWithIdentity(), ana)
	env.awaitGranted("ana")
	her := clientFor(t, withToken(t, "ana@example.com"))
	// ask makes requests until the API server allows one, or refuses one.
	ask := func(refused bool) {
		t.Helper()
		env.Eventually(fmt.Sprintf("she is refused: %t", refused), func() error {
			err := her.Get(t.Context(), client.ObjectKeyFromObject(ana), &v1alpha1.Member{})
			if apierrors.IsForbidden(err) != refused || client.IgnoreNotFound(err) != nil && !refused {
				return fmt.Errorf("the answer is: %v", err) //nolint:errorlint // it may be nil
			}
			return nil
		})
	}
	const rounds = 20
	var took []time.Duration
	for range rounds {
		ask(false)
		begun := time.Now() //nolint:forbidigo // measures the API server and the operator
		if err := env.patch(env, "ana", types.MergePatchType, `{"spec":{"forceOffline":true}}`, nil); err != nil {
			t.Fatal(err)
		}
		ask(true)
		took = append(took, time.Since(begun)) //nolint:forbidigo // as above
		change(env, ana, func(m *v1alpha1.Member) { m.Spec.ForceOffline = false })
	}
	slices.Sort(took)
	t.Logf("from sending forceOffline to the first refused request, %d times: p50 %s, max %s", rounds, took[rounds/2], took[rounds-1])
	if most := 5 * time.Second; took[rounds-1] > most {
		t.Errorf("it took %s, more than %s", took[rounds-1], most)
	}
}
