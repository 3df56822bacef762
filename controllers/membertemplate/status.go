package membertemplate

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/conditions"
	"rollcall.dev/rollcall/internal/references"
)

// newStatus derives the status of a MemberTemplate from an observation.
func newStatus(observed observation, now metav1.Time) v1alpha1.MemberTemplateStatus {
	template := observed.template
	status := *template.Status.DeepCopy()
	status.ObservedGeneration = template.Generation
	status.Matched, status.Applied, status.Overruled = new(int32), new(int32), new(int32)
	for _, member := range observed.members {
		*status.Matched++
		use := useOf(member, template.Name)
		if len(use.Gives) > 0 {
			*status.Applied++
		}
		if len(use.Overruled) > 0 {
			*status.Overruled++
		}
	}
	status.Preview = nil
	if template.Spec.Suspend {
		status.Preview = previewTemplate(observed)
	}
	conditions.SetReadyAndStalled(&status.Conditions, readyCondition(observed), observed.selectorProblem != "", template.Generation, now)
	return status
}

// useOf returns what a template does for a Member, according to the Member's status.
func useOf(member *v1alpha1.Member, template string) v1alpha1.TemplateUse {
	for _, use := range member.Status.Templates {
		if use.Name == template {
			return use
		}
	}
	return v1alpha1.TemplateUse{}
}

// readyCondition returns the verdict of Ready. A suspended template reports missing
// objects too, so that an administrator can create them before a Member is affected.
func readyCondition(observed observation) conditions.Verdict {
	switch {
	case observed.selectorProblem != "":
		return conditions.False(v1alpha1.ReasonSelectorInvalid, conditions.SelectorMessage(observed.selectorProblem))
	case len(observed.missing) > 0:
		return conditions.False(observed.missing[0].Reason, references.MissingMessage(observed.missing, "the template's spec"))
	case observed.template.Spec.Suspend:
		return conditions.True(v1alpha1.ReasonSuspended, "The template is suspended by spec.suspend and gives no values. See status.preview for what it would change.")
	default:
		return conditions.True(v1alpha1.ReasonReady, "The template is ready. Its members get its values unless they, or templates of higher precedence, set others.")
	}
}
