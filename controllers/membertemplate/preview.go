package membertemplate

import (
	"fmt"
	"slices"
	"strings"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/assignment"
)

const (
	// maxPreviewChanges is the maximum number of items in status.preview.changes, and
	// maxPreviewValue the maximum number of characters in a value of theirs.
	maxPreviewChanges = 50
	maxPreviewValue   = 256
)

// previewTemplate returns what would change if a template were not suspended.
func previewTemplate(observed observation) *v1alpha1.TemplatePreview {
	resumed := *observed.template
	resumed.Spec.Suspend = false
	templates := []*v1alpha1.MemberTemplate{&resumed}
	for _, template := range observed.templates {
		if template.UID != resumed.UID {
			templates = append(templates, template)
		}
	}
	members := slices.Clone(observed.members)
	slices.SortFunc(members, func(a, b *v1alpha1.Member) int { return strings.Compare(a.Name, b.Name) })
	preview := &v1alpha1.TemplatePreview{}
	for _, member := range members {
		changes := templateChanges(member, assignment.Resolve(member, observed.center, templates[1:]), assignment.Resolve(member, observed.center, templates))
		if len(changes) == 0 {
			continue
		}
		preview.Members++
		preview.Changes = append(preview.Changes, changes[:min(len(changes), maxPreviewChanges-len(preview.Changes))]...)
	}
	return preview
}

// templateChanges returns the differences between two resolutions of a Member that show
// in what the Member has. The source of a value does not count, nor does a license
// where the contact center needs none.
func templateChanges(member *v1alpha1.Member, before, after assignment.Resolution) []v1alpha1.TemplateChange {
	var changes []v1alpha1.TemplateChange
	for _, field := range []struct {
		name     v1alpha1.TemplateField
		from, to string
	}{
		{v1alpha1.FieldLicense, string(before.License.Tier), string(after.License.Tier)},
		{v1alpha1.FieldRole, before.Role.Name, after.Role.Name},
		{v1alpha1.FieldUserProfile, before.UserProfile.Name, after.UserProfile.Name},
		{v1alpha1.FieldDesktopProfile, before.DesktopProfile.Name, after.DesktopProfile.Name},
		{v1alpha1.FieldSite, before.Site.Name, after.Site.Name},
		{v1alpha1.FieldTeams, teamList(before.Teams), teamList(after.Teams)},
		{v1alpha1.FieldSkillGroups, addedGroupList(member, before.Groups), addedGroupList(member, after.Groups)},
	} {
		if field.from != field.to {
			changes = append(changes, v1alpha1.TemplateChange{
				Member: member.Name, Field: field.name, From: previewValue(field.from), To: previewValue(field.to),
			})
		}
	}
	return changes
}

// teamList returns the names of teams for display.
func teamList(teams []v1alpha1.Assignment) string {
	names := make([]string, 0, len(teams))
	for _, team := range teams {
		names = append(names, team.Name)
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// addedGroupList returns the groups, with priorities, that templates add to those that
// a Member is in without them, for display.
func addedGroupList(member *v1alpha1.Member, groups []v1alpha1.SkillGroupReference) string {
	otherwise := map[string]bool{}
	for _, joined := range member.Status.SkillGroups {
		if joined.Source != v1alpha1.MembershipFromTemplate {
			otherwise[joined.Name] = true
		}
	}
	var added []string
	for _, group := range groups {
		if !otherwise[group.Name] {
			added = append(added, fmt.Sprintf("%s:%d", group.Name, assignment.Membership(group.Name, group.Priority, v1alpha1.MembershipFromTemplate).Priority))
		}
	}
	slices.Sort(added)
	return strings.Join(added, ", ")
}

// previewValue returns a value, shortened to its maximum length.
func previewValue(value string) string {
	if runes := []rune(value); len(runes) > maxPreviewValue {
		return string(runes[:maxPreviewValue-1]) + "…"
	}
	return value
}
