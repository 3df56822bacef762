package counted

import (
	"context"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// at is the time at which the tests take place.
var at = time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)

func TestADisplayNameBelongsToTheOldestWithTheLowestUID(t *testing.T) {
	t.Parallel()
	site := func(name, displayName string, age time.Duration, uid types.UID) *v1alpha1.Site {
		return &v1alpha1.Site{
			ObjectMeta: metav1.ObjectMeta{Name: name, UID: uid, CreationTimestamp: metav1.NewTime(at.Add(-age))},
			Spec:       v1alpha1.SiteSpec{DisplayName: displayName},
		}
	}
	sites := []*v1alpha1.Site{
		site("young", "Paris", time.Minute, "1"),
		site("old", "paris", time.Hour, "2"),
		site("same-age", "LYON", time.Hour, "4"),
		site("lower-uid", "Lyon", time.Hour, "3"),
		site("accented", "ÉVRY", time.Minute, "6"),
		site("accented-older", "évry", time.Hour, "7"),
		site("unique", "Nice", time.Minute, "5"),
	}
	names := displayNames[*v1alpha1.Site]{
		of:    func(site *v1alpha1.Site) string { return site.Spec.DisplayName },
		among: func(context.Context, *v1alpha1.Site) ([]*v1alpha1.Site, error) { return sites, nil },
	}
	wanted := map[string]string{"young": "old", "same-age": "lower-uid", "accented": "accented-older"}
	for _, site := range sites {
		holder, err := names.holder(t.Context(), site)
		if err != nil || holder != wanted[site.Name] {
			t.Errorf("the display name of %s is held by %q, not %q (%v)", site.Name, holder, wanted[site.Name], err)
		}
	}
}
