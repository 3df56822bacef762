package controllers

import (
	"slices"
	"unique"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// share replaces a string with the one copy that all equal strings share.
func share[T ~string](value *T) { *value = T(unique.Make(string(*value)).Value()) }

// shareStrings lets the Members in the cache share equal strings, and removes spare capacity of
// their lists. Decoding creates separate copies for each object: names of conditions, reasons, and
// messages take up a third of a Member's memory.
func shareStrings(member *v1alpha1.Member) {
	share(&member.Kind)
	share(&member.APIVersion)
	share(&member.Namespace)
	share(&member.Spec.Role)
	member.Spec.SkillGroups = slices.Clone(member.Spec.SkillGroups)
	for i := range member.Spec.SkillGroups {
		share(&member.Spec.SkillGroups[i].Name)
	}
	status := &member.Status
	share(&status.Login)
	share(&status.LoginReason)
	status.SkillGroups = slices.Clone(status.SkillGroups)
	for i := range status.SkillGroups {
		share(&status.SkillGroups[i].Name)
		share(&status.SkillGroups[i].Source)
	}
	if status.Mail != nil {
		share(&status.Mail.Settings)
	}
	status.Conditions = slices.Clone(status.Conditions)
	for i := range status.Conditions {
		condition := &status.Conditions[i]
		share(&condition.Type)
		share(&condition.Status)
		share(&condition.Reason)
		share(&condition.Message)
	}
}
