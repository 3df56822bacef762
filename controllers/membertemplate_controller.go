package controllers

import (
	"time"

	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// addMemberTemplateController adds the controller of MemberTemplates. It counts and
// previews; what templates give, Members take when they are reconciled.
func addMemberTemplateController(mgr manager.Manager, now func() time.Time) error {
	reader, cache := mgr.GetClient(), mgr.GetCache()
	return ctrl.NewControllerManagedBy(mgr).
		Named("membertemplate").
		WithOptions(controllerOptions(1)).
		WatchesRawSource(source.Kind(cache, &v1alpha1.MemberTemplate{}, ownWatch[*v1alpha1.MemberTemplate]())).
		WatchesRawSource(source.Kind(cache, &v1alpha1.MemberTemplate{}, previewWatch[*v1alpha1.MemberTemplate](reader))).
		WatchesRawSource(source.Kind(cache, &v1alpha1.ContactCenter{}, previewWatch[*v1alpha1.ContactCenter](reader))).
		WatchesRawSource(source.Kind(cache, &v1alpha1.Member{}, countedByTemplates(reader))).
		WatchesRawSource(source.Kind(cache, &v1alpha1.Site{}, namedByTemplates[*v1alpha1.Site](reader, siteOf))).
		WatchesRawSource(source.Kind(cache, &v1alpha1.Team{}, namedByTemplates[*v1alpha1.Team](reader, teamsOf))).
		WatchesRawSource(source.Kind(cache, &v1alpha1.UserProfile{}, namedByTemplates[*v1alpha1.UserProfile](reader, userProfileOf))).
		WatchesRawSource(source.Kind(cache, &v1alpha1.DesktopProfile{}, namedByTemplates[*v1alpha1.DesktopProfile](reader, desktopProfileOf))).
		WatchesRawSource(source.Kind(cache, &v1alpha1.SkillGroup{}, namedByTemplates[*v1alpha1.SkillGroup](reader, skillGroupsOf))).
		Complete(countingReconciler[v1alpha1.MemberTemplate, *v1alpha1.MemberTemplate]{
			client: reader, recounts: newRecounts(now), describe: memberTemplateObserver{reader, now}.describe,
		})
}

// What a template names: the functions are for namedByTemplates and for finding out
// what of it does not exist.

func siteOf(t *v1alpha1.MemberTemplateSpec) []string           { return one(t.Site) }
func teamsOf(t *v1alpha1.MemberTemplateSpec) []string          { return t.Teams }
func desktopProfileOf(t *v1alpha1.MemberTemplateSpec) []string { return one(t.DesktopProfile) }
func skillGroupsOf(t *v1alpha1.MemberTemplateSpec) []string    { return groupNames(t.SkillGroups) }

// userProfileOf leaves out the profiles that exist by themselves.
func userProfileOf(t *v1alpha1.MemberTemplateSpec) []string {
	if v1alpha1.IsBuiltInProfile(t.UserProfile) {
		return nil
	}
	return one(t.UserProfile)
}

// named are things of one kind that a template names.
type named struct {
	// kind is what people call them, and reason the one of Ready if one does not exist.
	kind, reason string
	names        func(*v1alpha1.MemberTemplateSpec) []string
	// empty makes an object of the kind to read into.
	empty func() client.Object
}

// namedThings are all that a template may name, the most important first.
var namedThings = []named{
	{"Site", v1alpha1.ReasonSiteNotFound, siteOf, func() client.Object { return &v1alpha1.Site{} }},
	{"Team", v1alpha1.ReasonTeamNotFound, teamsOf, func() client.Object { return &v1alpha1.Team{} }},
	{"UserProfile", v1alpha1.ReasonProfileNotFound, userProfileOf, func() client.Object { return &v1alpha1.UserProfile{} }},
	{"DesktopProfile", v1alpha1.ReasonProfileNotFound, desktopProfileOf, func() client.Object { return &v1alpha1.DesktopProfile{} }},
	{"SkillGroup", v1alpha1.ReasonSkillGroupNotFound, skillGroupsOf, func() client.Object { return &v1alpha1.SkillGroup{} }},
}
