package membertemplate

import (
	"context"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/kube"
	"rollcall.dev/rollcall/internal/references"
)

// Setup adds the controller of MemberTemplates.
func Setup(mgr manager.Manager, now func() time.Time) error {
	reader, cache := mgr.GetClient(), mgr.GetCache()
	return kube.StatusController[v1alpha1.MemberTemplate, *v1alpha1.MemberTemplate]{
		Name: "membertemplate", Now: now,
		UpdateStatus: func(ctx context.Context, template *v1alpha1.MemberTemplate, now time.Time) error {
			observed, err := observe(ctx, reader, template, now)
			template.Status = newStatus(observed)
			return err
		},
		Watches: []source.Source{
			source.Kind(cache, &v1alpha1.MemberTemplate{}, previewAgain[*v1alpha1.MemberTemplate](reader)),
			source.Kind(cache, &v1alpha1.ContactCenter{}, previewAgain[*v1alpha1.ContactCenter](reader)),
			source.Kind(cache, &v1alpha1.Member{}, recountTemplatesOfMember(reader)),
			source.Kind(cache, &v1alpha1.Site{}, recountTemplatesNaming[*v1alpha1.Site](reader, references.SiteOf)),
			source.Kind(cache, &v1alpha1.Team{}, recountTemplatesNaming[*v1alpha1.Team](reader, references.TeamsOf)),
			source.Kind(cache, &v1alpha1.UserProfile{}, recountTemplatesNaming[*v1alpha1.UserProfile](reader, references.UserProfileOf)),
			source.Kind(cache, &v1alpha1.DesktopProfile{}, recountTemplatesNaming[*v1alpha1.DesktopProfile](reader, references.DesktopProfileOf)),
			source.Kind(cache, &v1alpha1.SkillGroup{}, recountTemplatesNaming[*v1alpha1.SkillGroup](reader, references.SkillGroupsOf)),
		},
	}.Setup(mgr)
}
