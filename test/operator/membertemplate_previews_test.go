package operator

import (
	"errors"
	"fmt"
	"testing"

	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
)

func TestAPreviewFollowsMembersTemplatesAndDefaults(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.operate()
	template := w.template("agents", "night", v1alpha1.MemberTemplateSpec{Site: "paris", Suspend: true})
	center := w.center()
	w.create(center, w.site("paris"), w.site("lyon"), template)
	w.awaitTemplate(template, previews(0))
	w.create(w.onShift("ana", "night"), w.member("bea"))
	w.awaitTemplate(template, previews(1, "ana site:  -> paris"))
	change(w, w.member("bea"), func(m *v1alpha1.Member) { m.Labels = map[string]string{"shift": "night"} })
	w.awaitTemplate(template, previews(2, "ana site:  -> paris", "bea site:  -> paris"))
	change(w, w.member("bea"), func(m *v1alpha1.Member) { m.Spec.Site = "lyon" })
	w.awaitTemplate(template, previews(1, "ana site:  -> paris"))
	change(w, center, func(c *v1alpha1.ContactCenter) { c.Spec.Defaults = &v1alpha1.Defaults{Site: "lyon"} })
	w.awaitTemplate(template, previews(1, "ana site: lyon -> paris"))
	other := w.template("others", "night", v1alpha1.MemberTemplateSpec{Site: "lyon", Precedence: 1})
	w.create(other)
	w.awaitTemplate(template, previews(0))
	change(w, other, func(t *v1alpha1.MemberTemplate) { t.Spec.Precedence = -1 })
	w.awaitTemplate(template, previews(1, "ana site: lyon -> paris"))
	w.delete(other)
	change(w, center, func(c *v1alpha1.ContactCenter) { c.Spec.Defaults = nil })
	w.awaitTemplate(template, previews(1, "ana site:  -> paris"))
	w.delete(w.member("ana"))
	w.awaitTemplate(template, previews(0))
}

func TestABurstOfMembersMakesAHandfulOfCounts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.operate()
	template := w.template("agents", "night", v1alpha1.MemberTemplateSpec{Site: "paris"})
	preview := w.template("preview", "night", v1alpha1.MemberTemplateSpec{Site: "lyon", Suspend: true, Precedence: 1})
	paris, center := w.site("paris"), w.center()
	center.Spec.Mail = nil
	w.create(center, paris, w.site("lyon"), template, preview)
	w.awaitTemplate(template, templateCounts(0, 0, 0))
	before := w.awaitTemplate(preview, previews(0))
	watcher, err := w.Watch(t.Context(), &v1alpha1.MemberTemplateList{}, client.InNamespace(w.namespace), &client.ListOptions{
		Raw: &metav1.ListOptions{ResourceVersion: before.ResourceVersion},
	})
	if err != nil {
		t.Fatal(err)
	}
	const members = 80
	for i := range members {
		w.create(w.onShift(fmt.Sprintf("member-%03d", i), "night"))
	}
	w.awaitTemplate(template, templateCounts(members, members, 0))
	previewed := w.awaitTemplate(preview, func(t *v1alpha1.MemberTemplate) error {
		if t.Status.Preview.Members != members {
			return fmt.Errorf("the preview is of %d members", t.Status.Preview.Members)
		}
		return nil
	})
	if changes := previewed.Status.Preview.Changes; len(changes) != 50 || changes[49].Member != "member-049" {
		t.Errorf("%d changes: %+v", len(changes), changes)
	}
	w.awaitSite(paris, siteCounts(members, 0))
	watcher.Stop()
	writes := map[string]int{}
	for event := range watcher.ResultChan() {
		if template, ok := event.Object.(*v1alpha1.MemberTemplate); ok {
			writes[template.Name]++
		}
	}
	// Each is counted three times at once, then every ten seconds.
	for name, count := range writes {
		if count > 20 {
			t.Errorf("%s was written %d times", name, count)
		}
	}
}

func TestResumingATemplateChangesExactlyWhatWasPreviewed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.operate()
	template := w.template("agents", "night", v1alpha1.MemberTemplateSpec{
		Suspend: true, Site: "paris", License: v1alpha1.TierPremium, Role: v1alpha1.RoleSupervisor, DesktopProfile: "voice",
	})
	members := map[string]func(*v1alpha1.MemberSpec){
		"ana": func(*v1alpha1.MemberSpec) {},
		"bea": func(m *v1alpha1.MemberSpec) { m.Site, m.License = "lyon", v1alpha1.LicenseStandard },
		"cyd": func(m *v1alpha1.MemberSpec) {
			m.Role, m.DesktopProfile, m.Site = v1alpha1.RoleDeskAdmin, "voice", "paris"
		},
		"dee": func(m *v1alpha1.MemberSpec) {
			m.Role, m.License, m.DesktopProfile, m.Site = v1alpha1.RoleSupervisor, v1alpha1.LicensePremium, "voice", "paris"
		},
	}
	w.create(w.licensed(5, 5), w.site("paris"), w.site("lyon"), w.desktop("voice"), template, w.onShift("eve", "day"))
	for name, spec := range members {
		w.create(w.onShift(name, "night", spec))
	}
	w.awaitTemplate(template, templateIs(metav1.ConditionTrue, v1alpha1.ReasonSuspended), templateCounts(4, 0, 0), previews(3,
		"ana license:  -> Premium", "ana role: DeskStaff -> Supervisor", "ana desktopProfile:  -> voice", "ana site:  -> paris",
		"bea desktopProfile:  -> voice",
		"cyd license:  -> Premium"))
	before := map[string]*v1alpha1.Member{}
	for _, name := range []string{"ana", "bea", "cyd", "dee", "eve"} {
		before[name] = w.await(name, has(v1alpha1.CredentialsIssuedCondition, metav1.ConditionTrue, v1alpha1.ReasonIssued))
	}

	change(w, template, func(t *v1alpha1.MemberTemplate) { t.Spec.Suspend = false })
	w.awaitTemplate(template, templateIs(metav1.ConditionTrue, v1alpha1.ReasonReady), templateCounts(4, 3, 2), withoutPreview)
	source := v1alpha1.SourceTemplate("agents")
	w.await("ana", holdsFrom(v1alpha1.TierPremium, source), siteFrom("paris", source), uses("agents gives role gives license gives desktopProfile gives site"), func(m *v1alpha1.Member) error {
		return errors.Join(roleFrom(v1alpha1.RoleSupervisor, source)(m), desktopFrom("voice", source)(m))
	})
	w.await("bea", holdsFrom(v1alpha1.TierStandard, v1alpha1.SourceMember), siteFrom("lyon", v1alpha1.SourceMember), desktopFrom("voice", source), sameRole)
	w.await("cyd", holdsFrom(v1alpha1.TierPremium, source), siteFrom("paris", v1alpha1.SourceMember), desktopFrom("voice", v1alpha1.SourceMember), sameRole)
	for _, name := range []string{"dee", "eve"} {
		is := w.get(name).Status
		is.Templates = nil
		if was := before[name].Status; !equality.Semantic.DeepEqual(was, is) {
			t.Errorf("%s was not in the preview, and changed:\n%+v\n%+v", name, was, is)
		}
	}
}
