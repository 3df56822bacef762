package operator

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// template is a MemberTemplate for all Members with a label shift of a value.
func (env *environment) template(name, shift string, spec v1alpha1.MemberTemplateSpec) *v1alpha1.MemberTemplate {
	spec.Selector.MatchLabels = map[string]string{"shift": shift}
	if spec.ApplyTo == "" {
		spec.ApplyTo = v1alpha1.ApplyToAllMembers
	}
	return named(env, &v1alpha1.MemberTemplate{Spec: spec}, name)
}

// onShift is a Member with a label shift.
func (env *environment) onShift(name, shift string, change ...func(*v1alpha1.MemberSpec)) *v1alpha1.Member {
	member := env.Member(name, change...)
	member.Labels = map[string]string{"shift": shift}
	return member
}

// previews wants a preview of so many Members with exactly these changes, each
// written as in "ana site: paris -> lyon".
func previews(members int32, changes ...string) func(objectStatus) error {
	return func(s objectStatus) error {
		if s.Preview == nil {
			return errors.New("there is no preview")
		}
		found := []string{}
		for _, change := range s.Preview.Changes {
			found = append(found, fmt.Sprintf("%s %s: %s -> %s", change.Member, change.Field, change.From, change.To))
		}
		if s.Preview.Members != members || !slices.Equal(found, changes) {
			return fmt.Errorf("the preview is of %d members: %q", s.Preview.Members, found)
		}
		return nil
	}
}

func withoutPreview(s objectStatus) error {
	if s.Preview != nil {
		return fmt.Errorf("there is a preview: %+v", s.Preview)
	}
	return nil
}

// createLater waits until objects that are created now are younger than one that there is,
// by the API server's clock, which has whole seconds.
func (env *environment) createLater(object client.Object) {
	env.Helper()
	env.Eventually("the next second", func() error {
		probe := named(env, &corev1.ConfigMap{}, "probe")
		if err := env.Create(env.Context(), probe, client.DryRunAll); err != nil {
			return err
		}
		if created := object.GetCreationTimestamp(); !created.Before(&probe.CreationTimestamp) {
			return errors.New("it is still the same second")
		}
		return nil
	})
}

// used is what templates do for a Member, in one line.
func used(member *v1alpha1.Member) string {
	var uses []string
	for _, use := range member.Status.Templates {
		words := []string{use.Name}
		for _, field := range use.Gives {
			words = append(words, "gives "+string(field))
		}
		for _, overruled := range use.Overruled {
			words = append(words, fmt.Sprintf("%s by %s", overruled.Field, overruled.By))
		}
		uses = append(uses, strings.Join(words, " "))
	}
	return strings.Join(uses, ", ")
}

// uses wants templates to do that for a Member.
func uses(want string) func(*v1alpha1.Member) error {
	return func(member *v1alpha1.Member) error {
		if got := used(member); got != want {
			return fmt.Errorf("the templates are %q, not %q", got, want)
		}
		return nil
	}
}

func TestATemplateSaysWhatItNamesAndDoesNotExist(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.operate()
	template := env.template("agents", "night", v1alpha1.MemberTemplateSpec{
		Site: "paris", Teams: []string{"north"}, UserProfile: "lead", DesktopProfile: "voice", SkillGroups: []v1alpha1.SkillGroupReference{{Name: "billing"}},
	})
	builtIn := env.template("built-in", "night", v1alpha1.MemberTemplateSpec{UserProfile: v1alpha1.ProfilePremiumAgent})
	env.CreateAll(template, builtIn)
	env.await(builtIn, isReady)
	group := env.SkillGroup("billing")
	for _, step := range []struct {
		reason string
		next   client.Object
	}{
		{v1alpha1.ReasonSiteNotFound, env.site("paris")},
		{v1alpha1.ReasonTeamNotFound, env.team("north", "paris")},
		{v1alpha1.ReasonProfileNotFound, named(env, &v1alpha1.UserProfile{}, "lead")},
		{v1alpha1.ReasonProfileNotFound, env.desktop("voice")},
		{v1alpha1.ReasonSkillGroupNotFound, group},
	} {
		env.await(template, is(step.reason))
		env.CreateAll(step.next)
	}
	env.await(template, isReady, withoutPreview)
	change(env, template, func(t *v1alpha1.MemberTemplate) { t.Spec.Suspend = true })
	env.await(template, is(v1alpha1.ReasonSuspended), previews(0))
	env.delete(group)
	env.await(template, is(v1alpha1.ReasonSkillGroupNotFound))
}

func TestATemplateWithAnInvalidSelectorIsStalledAndGivesNothing(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.operate()
	template := env.template("agents", "night", v1alpha1.MemberTemplateSpec{DesktopProfile: "voice"})
	template.Spec.Selector.MatchExpressions = []metav1.LabelSelectorRequirement{{Key: "shift", Operator: "Around"}}
	env.CreateAll(env.ContactCenter(), env.desktop("voice"), template, env.onShift("ana", "night"))
	env.await(template, is(v1alpha1.ReasonSelectorInvalid), counts(0, 0, 0))
	env.AwaitMember("ana", ready, uses(""))
	change(env, template, func(t *v1alpha1.MemberTemplate) { t.Spec.Selector.MatchExpressions = nil })
	env.await(template, isReady, counts(1, 1, 0))
	env.AwaitMember("ana", ready, isPlaced("desktop voice (Template/agents)", v1alpha1.ReasonResolved))
}

func TestATemplateCountsTheMembersItSelects(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.operate()
	template := env.template("agents", "night", v1alpha1.MemberTemplateSpec{Site: "paris", DesktopProfile: "voice"})
	env.CreateAll(env.ContactCenter(), env.site("paris"), env.site("lyon"), env.desktop("voice"), env.desktop("chat"), template,
		env.onShift("ana", "night"), env.onShift("bea", "night", at("lyon")), env.onShift("dan", "day"),
		env.onShift("eve", "night", at("lyon"), func(spec *v1alpha1.MemberSpec) { spec.DesktopProfile = "chat" }))
	env.await(template, counts(3, 2, 2))
	change(env, env.Member("dan"), func(m *v1alpha1.Member) { m.Labels = map[string]string{"shift": "night"} })
	env.await(template, counts(4, 3, 2))
	change(env, env.Member("bea"), func(m *v1alpha1.Member) { m.Spec.Site = "" })
	env.await(template, counts(4, 3, 1))
	env.delete(env.Member("ana"))
	env.await(template, counts(3, 2, 1))
	change(env, template, func(t *v1alpha1.MemberTemplate) { t.Spec.Suspend = true })
	env.await(template, counts(3, 0, 0))
}
