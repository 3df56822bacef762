package operator

import (
	"fmt"
	"testing"

	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
)

func TestAPreviewFollowsMembersTemplatesAndDefaults(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.operate()
	template := env.template("agents", "night", v1alpha1.MemberTemplateSpec{Site: "paris", Suspend: true})
	center := env.ContactCenter()
	env.CreateAll(center, env.site("paris"), env.site("lyon"), template)
	env.await(template, previews(0))
	env.CreateAll(env.onShift("ana", "night"), env.Member("bea"))
	env.await(template, previews(1, "ana site:  -> paris"))
	change(env, env.Member("bea"), func(m *v1alpha1.Member) { m.Labels = map[string]string{"shift": "night"} })
	env.await(template, previews(2, "ana site:  -> paris", "bea site:  -> paris"))
	change(env, env.Member("bea"), func(m *v1alpha1.Member) { m.Spec.Site = "lyon" })
	env.await(template, previews(1, "ana site:  -> paris"))
	change(env, center, func(c *v1alpha1.ContactCenter) { c.Spec.Defaults = &v1alpha1.Defaults{Site: "lyon"} })
	env.await(template, previews(1, "ana site: lyon -> paris"))
	other := env.template("others", "night", v1alpha1.MemberTemplateSpec{Site: "lyon", Precedence: 1})
	env.CreateAll(other)
	env.await(template, previews(0))
	change(env, other, func(t *v1alpha1.MemberTemplate) { t.Spec.Precedence = -1 })
	env.await(template, previews(1, "ana site: lyon -> paris"))
	env.delete(other)
	change(env, center, func(c *v1alpha1.ContactCenter) { c.Spec.Defaults = nil })
	env.await(template, previews(1, "ana site:  -> paris"))
	env.delete(env.Member("ana"))
	env.await(template, previews(0))
}

func TestABurstOfMembersMakesAHandfulOfCounts(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.operate()
	template := env.template("agents", "night", v1alpha1.MemberTemplateSpec{Site: "paris"})
	preview := env.template("preview", "night", v1alpha1.MemberTemplateSpec{Site: "lyon", Suspend: true, Precedence: 1})
	paris, center := env.site("paris"), env.ContactCenter()
	center.Spec.Mail = nil
	env.CreateAll(center, paris, env.site("lyon"), template, preview)
	env.await(template, counts(0, 0, 0))
	before := env.await(preview, previews(0))
	watcher, err := env.Watch(t.Context(), &v1alpha1.MemberTemplateList{}, client.InNamespace(env.Namespace), &client.ListOptions{
		Raw: &metav1.ListOptions{ResourceVersion: before.GetResourceVersion()},
	})
	if err != nil {
		t.Fatal(err)
	}
	const members = 80
	for i := range members {
		env.CreateAll(env.onShift(fmt.Sprintf("member-%03d", i), "night"))
	}
	env.await(template, counts(members, members, 0))
	env.await(preview, func(s objectStatus) error {
		if changes := s.Preview.Changes; s.Preview.Members != members || len(changes) != 50 || changes[49].Member != "member-049" {
			return fmt.Errorf("the preview is of %d members: %+v", s.Preview.Members, changes)
		}
		return nil
	})
	env.await(paris, counts(members, 0))
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
	env := newEnvironment(t)
	env.operate()
	template := env.template("agents", "night", v1alpha1.MemberTemplateSpec{
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
	env.CreateAll(env.licensed(5, 5), env.site("paris"), env.site("lyon"), env.desktop("voice"), template, env.onShift("eve", "day"))
	for name, spec := range members {
		env.CreateAll(env.onShift(name, "night", spec))
	}
	env.await(template, is(v1alpha1.ReasonSuspended), counts(4, 0, 0), previews(3,
		"ana license:  -> Premium", "ana role: DeskStaff -> Supervisor", "ana desktopProfile:  -> voice", "ana site:  -> paris",
		"bea desktopProfile:  -> voice",
		"cyd license:  -> Premium"))
	before := map[string]*v1alpha1.Member{}
	for _, name := range []string{"ana", "bea", "cyd", "dee", "eve"} {
		before[name] = env.AwaitMember(name, has(v1alpha1.CredentialsIssuedCondition, metav1.ConditionTrue, v1alpha1.ReasonIssued))
	}

	change(env, template, func(t *v1alpha1.MemberTemplate) { t.Spec.Suspend = false })
	env.await(template, isReady, counts(4, 3, 2), withoutPreview)
	source := v1alpha1.SourceTemplate("agents")
	env.AwaitMember("ana", holdsFrom(v1alpha1.TierPremium, source), siteFrom("paris", source), uses("agents gives role gives license gives desktopProfile gives site"),
		roleFrom(v1alpha1.RoleSupervisor, source), desktopFrom("voice", source))
	env.AwaitMember("bea", holdsFrom(v1alpha1.TierStandard, v1alpha1.SourceMember), siteFrom("lyon", v1alpha1.SourceMember), desktopFrom("voice", source), roleFrom("", ""))
	env.AwaitMember("cyd", holdsFrom(v1alpha1.TierPremium, source), siteFrom("paris", v1alpha1.SourceMember), desktopFrom("voice", v1alpha1.SourceMember), roleFrom("", ""))
	for _, name := range []string{"dee", "eve"} {
		is := env.GetMember(name).Status
		is.Templates = nil
		if was := before[name].Status; !equality.Semantic.DeepEqual(was, is) {
			t.Errorf("%s was not in the preview, and changed:\n%+v\n%+v", name, was, is)
		}
	}
}
