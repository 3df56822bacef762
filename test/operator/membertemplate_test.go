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
func (w *world) template(name, shift string, spec v1alpha1.MemberTemplateSpec) *v1alpha1.MemberTemplate {
	spec.Selector.MatchLabels = map[string]string{"shift": shift}
	if spec.ApplyTo == "" {
		spec.ApplyTo = v1alpha1.ApplyToAllMembers
	}
	return &v1alpha1.MemberTemplate{ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: name}, Spec: spec}
}

// onShift is a Member with a label shift.
func (w *world) onShift(name, shift string, change ...func(*v1alpha1.MemberSpec)) *v1alpha1.Member {
	member := w.member(name)
	member.Labels = map[string]string{"shift": shift}
	for _, change := range change {
		change(&member.Spec)
	}
	return member
}

// awaitTemplate waits until a MemberTemplate is as checks want it.
func (w *world) awaitTemplate(template *v1alpha1.MemberTemplate, checks ...func(*v1alpha1.MemberTemplate) error) *v1alpha1.MemberTemplate {
	w.Helper()
	return awaitStatus(w, template, func(t *v1alpha1.MemberTemplate) (int64, []metav1.Condition) {
		return t.Status.ObservedGeneration, t.Status.Conditions
	}, checks...)
}

// templateIs wants Ready of a template with a reason.
func templateIs(status metav1.ConditionStatus, reason string) func(*v1alpha1.MemberTemplate) error {
	return func(template *v1alpha1.MemberTemplate) error {
		return isReady(template.Status.Conditions, status, reason, reason == v1alpha1.ReasonSelectorInvalid)
	}
}

// templateCounts wants a template that is about so many Members.
func templateCounts(matched, applied, overruled int32) func(*v1alpha1.MemberTemplate) error {
	return func(template *v1alpha1.MemberTemplate) error {
		status := &template.Status
		return errors.Join(counts("matched", status.Matched, matched), counts("applied", status.Applied, applied), counts("overruled", status.Overruled, overruled))
	}
}

// previews wants a preview of so many Members with exactly these changes, each
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

// later waits until objects that are created now are younger than one that there is,
// by the API server's clock, which has whole seconds.
func (w *world) later(object client.Object) {
	w.Helper()
	w.eventually("the next second", func() error {
		probe := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, GenerateName: "probe-"}}
		if err := w.Create(w.Context(), probe, client.DryRunAll); err != nil {
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
	w := newWorld(t)
	w.operate()
	template := w.template("agents", "night", v1alpha1.MemberTemplateSpec{
		Site: "paris", Teams: []string{"north"}, UserProfile: "lead", DesktopProfile: "voice", SkillGroups: []v1alpha1.SkillGroupReference{{Name: "billing"}},
	})
	builtIn := w.template("built-in", "night", v1alpha1.MemberTemplateSpec{UserProfile: v1alpha1.ProfilePremiumAgent})
	w.create(template, builtIn)
	w.awaitTemplate(builtIn, templateIs(metav1.ConditionTrue, v1alpha1.ReasonReady))
	group := w.group("billing")
	for _, step := range []struct {
		reason string
		next   client.Object
	}{
		{v1alpha1.ReasonSiteNotFound, w.site("paris")},
		{v1alpha1.ReasonTeamNotFound, w.team("north", "paris")},
		{v1alpha1.ReasonProfileNotFound, &v1alpha1.UserProfile{ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: "lead"}}},
		{v1alpha1.ReasonProfileNotFound, w.desktop("voice")},
		{v1alpha1.ReasonSkillGroupNotFound, group},
	} {
		w.awaitTemplate(template, templateIs(metav1.ConditionFalse, step.reason))
		w.create(step.next)
	}
	w.awaitTemplate(template, templateIs(metav1.ConditionTrue, v1alpha1.ReasonReady), withoutPreview)
	change(w, template, func(t *v1alpha1.MemberTemplate) { t.Spec.Suspend = true })
	w.awaitTemplate(template, templateIs(metav1.ConditionTrue, v1alpha1.ReasonSuspended), previews(0))
	w.delete(group)
	w.awaitTemplate(template, templateIs(metav1.ConditionFalse, v1alpha1.ReasonSkillGroupNotFound))
}

func TestATemplateWithASelectorThatIsNoneIsStalledAndGivesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.operate()
	template := w.template("agents", "night", v1alpha1.MemberTemplateSpec{DesktopProfile: "voice"})
	template.Spec.Selector.MatchExpressions = []metav1.LabelSelectorRequirement{{Key: "shift", Operator: "Around"}}
	w.create(w.center(), w.desktop("voice"), template, w.onShift("ana", "night"))
	w.awaitTemplate(template, templateIs(metav1.ConditionFalse, v1alpha1.ReasonSelectorInvalid), templateCounts(0, 0, 0))
	w.await("ana", ready, uses(""))
	change(w, template, func(t *v1alpha1.MemberTemplate) { t.Spec.Selector.MatchExpressions = nil })
	w.awaitTemplate(template, templateIs(metav1.ConditionTrue, v1alpha1.ReasonReady), templateCounts(1, 1, 0))
	w.await("ana", ready, isPlaced("desktop voice (Template/agents)", v1alpha1.ReasonResolved))
}

func TestATemplateCountsWhomItIsAbout(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.operate()
	template := w.template("agents", "night", v1alpha1.MemberTemplateSpec{Site: "paris", DesktopProfile: "voice"})
	atLyon := func(spec *v1alpha1.MemberSpec) { spec.Site = "lyon" }
	w.create(w.center(), w.site("paris"), w.site("lyon"), w.desktop("voice"), w.desktop("chat"), template,
		w.onShift("ana", "night"), w.onShift("bea", "night", atLyon), w.onShift("dan", "day"),
		w.onShift("eve", "night", atLyon, func(spec *v1alpha1.MemberSpec) { spec.DesktopProfile = "chat" }))
	w.awaitTemplate(template, templateCounts(3, 2, 2))
	change(w, w.member("dan"), func(m *v1alpha1.Member) { m.Labels = map[string]string{"shift": "night"} })
	w.awaitTemplate(template, templateCounts(4, 3, 2))
	change(w, w.member("bea"), func(m *v1alpha1.Member) { m.Spec.Site = "" })
	w.awaitTemplate(template, templateCounts(4, 3, 1))
	w.delete(w.member("ana"))
	w.awaitTemplate(template, templateCounts(3, 2, 1))
	change(w, template, func(t *v1alpha1.MemberTemplate) { t.Spec.Suspend = true })
	w.awaitTemplate(template, templateCounts(3, 0, 0))
}
