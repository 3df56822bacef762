package assignment

import (
	"rollcall.dev/rollcall/api/v1alpha1"
)

// AssignedName is the name of what counts; empty for none.
func AssignedName(value *v1alpha1.Assignment) string {
	if value == nil {
		return ""
	}
	return value.Name
}

// AskedGroups are the names of the groups that a Member asks for.
func AskedGroups(member *v1alpha1.Member) []string {
	return GroupNames(member.Spec.SkillGroups)
}

// GroupNames are the names of the groups that are referred to.
func GroupNames(references []v1alpha1.SkillGroupReference) []string {
	names := make([]string, 0, len(references))
	for _, reference := range references {
		names = append(names, reference.Name)
	}
	return names
}

// JoinedGroups are the names of the groups that a Member is in.
func JoinedGroups(member *v1alpha1.Member) []string {
	names := make([]string, 0, len(member.Status.SkillGroups))
	for _, group := range member.Status.SkillGroups {
		names = append(names, group.Name)
	}
	return names
}

// AssignedNames is the name of an assignment, if there is one.
func AssignedNames(assignment *v1alpha1.Assignment) []string {
	return NonEmpty(AssignedName(assignment))
}

// JoinedTeams are the names of the teams that a Member is in.
func JoinedTeams(member *v1alpha1.Member) []string {
	if len(member.Status.Teams) == 0 {
		return nil
	}
	names := make([]string, 0, len(member.Status.Teams))
	for _, team := range member.Status.Teams {
		names = append(names, team.Name)
	}
	return names
}

// GroupMemberNames are the names of the Members that a SkillGroup lists.
func GroupMemberNames(group *v1alpha1.SkillGroup) []string {
	names := make([]string, 0, len(group.Spec.Members))
	for _, member := range group.Spec.Members {
		names = append(names, member.Name)
	}
	return names
}

// NonEmpty is a list of a value, or of nothing if it is empty.
func NonEmpty(value string) []string {
	if value == "" {
		return nil
	}
	return []string{value}
}
