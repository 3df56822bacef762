package controllers

import (
	"fmt"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// memberTemplateStatus derives the whole status from what was observed.
func memberTemplateStatus(observed memberTemplateObservation) v1alpha1.MemberTemplateStatus {
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
	ready, now := memberTemplateReady(observed), metav1.NewTime(observed.now).Rfc3339Copy()
	setReadyAndStalled(&status.Conditions, ready, observed.selectorProblem != "", template.Generation, now)
	return status
}

// useOf is what a template does for a Member, by the Member's status.
func useOf(member *v1alpha1.Member, template string) v1alpha1.TemplateUse {
	for _, use := range member.Status.Templates {
		if use.Name == template {
			return use
		}
	}
	return v1alpha1.TemplateUse{}
}

// memberTemplateReady is whether the template is as its spec asks for. What it names
// and does not exist is told also while it is suspended, when that can be put right
// before anybody is concerned.
func memberTemplateReady(observed memberTemplateObservation) verdict {
	switch {
	case observed.selectorProblem != "":
		return no(v1alpha1.ReasonSelectorInvalid, selectorMessage(observed.selectorProblem))
	case len(observed.missing) > 0:
		return no(observed.missing[0].reason, missingMessage(observed.missing, "the template's spec"))
	case observed.template.Spec.Suspend:
		return yes(v1alpha1.ReasonSuspended, "the template gives nothing while spec.suspend is true; status.preview has what would change without it")
	default:
		return yes(v1alpha1.ReasonReady, "members that the template is about get what they, and stronger templates, do not say differently")
	}
}

// maxMissingNames is how many names that nothing has a message tells.
const maxMissingNames = 10

// missingMessage says which names nothing has, and what they can be taken out of.
func missingMessage(missing []missingName, from string) string {
	parts := make([]string, 0, maxMissingNames+1)
	for i, nothing := range missing {
		if i == maxMissingNames {
			parts = append(parts, fmt.Sprintf("and %d more do not exist", len(missing)-i))
			break
		}
		parts = append(parts, fmt.Sprintf("no %s is named %s", nothing.kind, nothing.name))
	}
	return strings.Join(parts, ", ") + ": create what is missing in this namespace, or take it out of " + from
}
