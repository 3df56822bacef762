package membertemplate

import (
	"time"

	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/kube"
	"rollcall.dev/rollcall/internal/references"
)

// Setup adds the controller of MemberTemplates. It counts and
// previews; what templates give, Members take when they are reconciled.
func Setup(mgr manager.Manager, now func() time.Time) error {
	reader, cache := mgr.GetClient(), mgr.GetCache()
	return ctrl.NewControllerManagedBy(mgr).
		Named("membertemplate").
		WithOptions(kube.ControllerOptions(1)).
		WatchesRawSource(source.Kind(cache, &v1alpha1.MemberTemplate{}, kube.WatchSelf[*v1alpha1.MemberTemplate]())).
		WatchesRawSource(source.Kind(cache, &v1alpha1.MemberTemplate{}, previewWatch[*v1alpha1.MemberTemplate](reader))).
		WatchesRawSource(source.Kind(cache, &v1alpha1.ContactCenter{}, previewWatch[*v1alpha1.ContactCenter](reader))).
		WatchesRawSource(source.Kind(cache, &v1alpha1.Member{}, countedByTemplates(reader))).
		WatchesRawSource(source.Kind(cache, &v1alpha1.Site{}, namedByTemplates[*v1alpha1.Site](reader, references.SiteOf))).
		WatchesRawSource(source.Kind(cache, &v1alpha1.Team{}, namedByTemplates[*v1alpha1.Team](reader, references.TeamsOf))).
		WatchesRawSource(source.Kind(cache, &v1alpha1.UserProfile{}, namedByTemplates[*v1alpha1.UserProfile](reader, references.UserProfileOf))).
		WatchesRawSource(source.Kind(cache, &v1alpha1.DesktopProfile{}, namedByTemplates[*v1alpha1.DesktopProfile](reader, references.DesktopProfileOf))).
		WatchesRawSource(source.Kind(cache, &v1alpha1.SkillGroup{}, namedByTemplates[*v1alpha1.SkillGroup](reader, references.SkillGroupsOf))).
		Complete(kube.StatusReconciler[v1alpha1.MemberTemplate, *v1alpha1.MemberTemplate]{
			Client: reader, Recounts: kube.NewRecounts(now), Observe: observer{reader, now}.describe,
		})
}
