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
	return &v1alpha1.MemberTemplate{ObjectMeta: metav1.ObjectMeta{Namespace: env.Namespace, Name: name}, Spec: spec}
}

// onShift is a Member with a label shift.
func (env *environment) onShift(name, shift string, change ...func(*v1alpha1.MemberSpec)) *v1alpha1.Member {
	member := env.Member(name)
	member.Labels = map[string]string{"shift": shift}
	for _, change := range change {
		change(&member.Spec)
	}
	return member
}

// awaitTemplate waits until a MemberTemplate is as checks want it.
func (env *environment) awaitTemplate(template *v1alpha1.MemberTemplate, checks ...func(*v1alpha1.MemberTemplate) error) *v1alpha1.MemberTemplate {
	env.Helper()
	return awaitStatus(env, template, func(t *v1alpha1.MemberTemplate) (int64, []metav1.Condition) {
		return t.Status.ObservedGeneration, t.Status.Conditions
	}, checks...)
}

// templateIs wants Ready of a template with a reason.
func templateIs(status metav1.ConditionStatus, reason string) func(*v1alpha1.MemberTemplate) error {
	return func(template *v1alpha1.MemberTemplate) error {
		return isReady(template.Status.Conditions, status, reason, reason == v1alpha1.ReasonSelectorInvalid)
	}
}

// templateCounts checks for a template that is about so many Members.
func templateCounts(matched, applied, overruled int32) func(*v1alpha1.MemberTemplate) error {
	return func(template *v1alpha1.MemberTemplate) error {
		status := &template.Status
		return errors.Join(counts("matched", status.Matched, matched), counts("applied", status.Applied, applied), counts("overruled", status.Overruled, overruled))
	}
}

// previews checks for a preview of so many Members with exactly these changes, each
// written as in "ana site: paris -> lyon".
func previews(members int32, changes ...string) func(*v1alpha1.MemberTemplate) error {
	return func(template *v1alpha1.MemberTemplate) error {
		preview := template.Status.Preview
		if preview == nil {
			return errors.New("there is no preview")
		}
		found := []string{}
		for _, change := range preview.Changes {
			found = append(found, fmt.Sprintf("%s %s: %s -> %s", change.Member, change.Field, change.From, change.To))
		}
		if preview.Members != members || !slices.Equal(found, changes) {
			return fmt.Errorf("the preview is of %d members: %q", preview.Members, found)
		}
		return nil
	}
}

func withoutPreview(template *v1alpha1.MemberTemplate) error {
	if template.Status.Preview != nil {
		return fmt.Errorf("there is a preview: %+v", template.Status.Preview)
	}
	return nil
}

// createLater waits until objects that are created now are younger than one that there is,
// by the API server's clock, which has whole seconds.
func (env *environment) createLater(object client.Object) {
	env.Helper()
	env.Eventually("the next second", func() error {
		probe := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: env.Namespace, GenerateName: "probe-"}}
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
	env.awaitTemplate(builtIn, templateIs(metav1.ConditionTrue, v1alpha1.ReasonReady))
	group := env.SkillGroup("billing")
	for _, step := range []struct {
		reason string
		next   client.Object
	}{
		{v1alpha1.ReasonSiteNotFound, env.site("paris")},
		{v1alpha1.ReasonTeamNotFound, env.team("north", "paris")},
		{v1alpha1.ReasonProfileNotFound, &v1alpha1.UserProfile{ObjectMeta: metav1.ObjectMeta{Namespace: env.Namespace, Name: "lead"}}},
		{v1alpha1.ReasonProfileNotFound, env.desktop("voice")},
		{v1alpha1.ReasonSkillGroupNotFound, group},
	} {
		env.awaitTemplate(template, templateIs(metav1.ConditionFalse, step.reason))
		env.CreateAll(step.next)
	}
	env.awaitTemplate(template, templateIs(metav1.ConditionTrue, v1alpha1.ReasonReady), withoutPreview)
	change(env, template, func(t *v1alpha1.MemberTemplate) { t.Spec.Suspend = true })
	env.awaitTemplate(template, templateIs(metav1.ConditionTrue, v1alpha1.ReasonSuspended), previews(0))
	env.delete(group)
	env.awaitTemplate(template, templateIs(metav1.ConditionFalse, v1alpha1.ReasonSkillGroupNotFound))
}

func TestATemplateWithAnInvalidSelectorIsStalledAndGivesNothing(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.operate()
	template := env.template("agents", "night", v1alpha1.MemberTemplateSpec{DesktopProfile: "voice"})
	template.Spec.Selector.MatchExpressions = []metav1.LabelSelectorRequirement{{Key: "shift", Operator: "Around"}}
	env.CreateAll(env.ContactCenter(), env.desktop("voice"), template, env.onShift("ana", "night"))
	env.awaitTemplate(template, templateIs(metav1.ConditionFalse, v1alpha1.ReasonSelectorInvalid), templateCounts(0, 0, 0))
	env.AwaitMember("ana", ready, uses(""))
	change(env, template, func(t *v1alpha1.MemberTemplate) { t.Spec.Selector.MatchExpressions = nil })
	env.awaitTemplate(template, templateIs(metav1.ConditionTrue, v1alpha1.ReasonReady), templateCounts(1, 1, 0))
	env.AwaitMember("ana", ready, isPlaced("desktop voice (Template/agents)", v1alpha1.ReasonResolved))
}

func TestATemplateCountsTheMembersItSelects(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.operate()
	template := env.template("agents", "night", v1alpha1.MemberTemplateSpec{Site: "paris", DesktopProfile: "voice"})
	atLyon := func(spec *v1alpha1.MemberSpec) { spec.Site = "lyon" }
	env.CreateAll(env.ContactCenter(), env.site("paris"), env.site("lyon"), env.desktop("voice"), env.desktop("chat"), template,
		env.onShift("ana", "night"), env.onShift("bea", "night", atLyon), env.onShift("dan", "day"),
		env.onShift("eve", "night", atLyon, func(spec *v1alpha1.MemberSpec) { spec.DesktopProfile = "chat" }))
	env.awaitTemplate(template, templateCounts(3, 2, 2))
	change(env, env.Member("dan"), func(m *v1alpha1.Member) { m.Labels = map[string]string{"shift": "night"} })
	env.awaitTemplate(template, templateCounts(4, 3, 2))
	change(env, env.Member("bea"), func(m *v1alpha1.Member) { m.Spec.Site = "" })
	env.awaitTemplate(template, templateCounts(4, 3, 1))
	env.delete(env.Member("ana"))
	env.awaitTemplate(template, templateCounts(3, 2, 1))
	change(env, template, func(t *v1alpha1.MemberTemplate) { t.Spec.Suspend = true })
	env.awaitTemplate(template, templateCounts(3, 0, 0))
}
