package importplan

import (
	"cmp"
	"maps"
	"reflect"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/roster"
)

// TeamsPatch returns teams for a patch: nil if there are none, which removes the field.
func TeamsPatch(teams []string) any {
	if len(teams) == 0 {
		return nil
	}
	return teams
}

// differences returns the patch that makes a Member's spec what the row says, and the fields in
// it. Fields without a column in the sheet stay as they are.
func differences(sheet roster.Sheet, p roster.Person, held v1alpha1.MemberSpec) (patch map[string]any, fields []string) {
	patch = map[string]any{}
	set := func(column roster.Column, value any) {
		patch[string(column)] = value
		fields = append(fields, string(column))
	}
	// An agent ID can be set once, and never removed.
	if _, has := sheet.Has[roster.AgentIDColumn]; has && p.AgentID != "" && held.AgentID == "" {
		set(roster.AgentIDColumn, p.AgentID)
	}
	row := specOf(p)
	values, wanted, current := valuesOf(row), valuesOf(effective(row)), valuesOf(effective(held))
	for _, column := range roster.Columns() {
		if _, has := sheet.Has[column]; has && !reflect.DeepEqual(wanted[column], current[column]) {
			set(column, values[column])
		}
	}
	return patch, fields
}

// valuesOf returns the fields of a spec that a row can change, by column. An empty field is
// missing. E-mail address and agent ID are missing, because they identify the person.
func valuesOf(s v1alpha1.MemberSpec) map[roster.Column]any {
	values := map[roster.Column]any{
		roster.NameColumn: s.Name, roster.NicknameColumn: s.Nickname, roster.RoleColumn: string(s.Role), roster.PhoneColumn: s.Phone,
		roster.ExtensionColumn: s.Extension, roster.LicenseColumn: string(s.License), roster.UserProfileColumn: s.UserProfile,
		roster.DesktopProfileColumn: s.DesktopProfile, roster.SiteColumn: s.Site,
	}
	maps.DeleteFunc(values, func(_ roster.Column, value any) bool { return value == "" })
	if len(s.SkillGroups) > 0 {
		values[roster.SkillGroupsColumn] = s.SkillGroups
	}
	if s.Active != nil {
		values[roster.ActiveColumn] = *s.Active
	}
	if len(s.Teams) > 0 {
		values[roster.TeamsColumn] = s.Teams
	}
	return values
}

// effective returns a spec with defaults, and with sorted groups and teams.
func effective(s v1alpha1.MemberSpec) v1alpha1.MemberSpec {
	SetDefaults(&s)
	slices.SortFunc(s.SkillGroups, func(a, b v1alpha1.SkillGroupReference) int { return cmp.Compare(a.Name, b.Name) })
	s.Teams = slices.Sorted(slices.Values(s.Teams))
	return s
}

// skillGroupsOf returns a row's groups as a Member has them.
func skillGroupsOf(p roster.Person) []v1alpha1.SkillGroupReference {
	groups := make([]v1alpha1.SkillGroupReference, 0, len(p.SkillGroups))
	for _, group := range p.SkillGroups {
		groups = append(groups, v1alpha1.SkillGroupReference{Name: group.Name, Priority: group.Priority})
	}
	return groups
}

// specOf returns the spec of a Member made from a row. Values that equal a default are kept; empty
// cells set nothing.
func specOf(p roster.Person) v1alpha1.MemberSpec {
	return v1alpha1.MemberSpec{
		Name: p.Name, Nickname: p.Nickname, Email: p.Email, AgentID: p.AgentID,
		Extension: p.Extension, Phone: p.Phone, Role: v1alpha1.Role(p.Role),
		SkillGroups: skillGroupsOf(p), Active: p.Active,
		License: v1alpha1.License(p.License), UserProfile: p.UserProfile, DesktopProfile: p.DesktopProfile,
		Site: p.Site, Teams: slices.Clone(p.Teams),
	}
}

// SetDefaults sets what the API server fills in.
func SetDefaults(spec *v1alpha1.MemberSpec) {
	spec.Role = cmp.Or(spec.Role, v1alpha1.RoleDeskStaff)
	spec.Active = new(spec.IsActive())
	spec.SkillGroups = WithDefaultPriorities(spec.SkillGroups)
}

// WithoutDefaults removes from a spec what the API server fills in.
func WithoutDefaults(spec *v1alpha1.MemberSpec) {
	if spec.Role == v1alpha1.RoleDeskStaff {
		spec.Role = ""
	}
	if spec.IsActive() {
		spec.Active = nil
	}
	for i := range spec.SkillGroups {
		if spec.SkillGroups[i].Priority == v1alpha1.DefaultPriority {
			spec.SkillGroups[i].Priority = 0
		}
	}
}

// PersonOf returns a Member as a row of a sheet.
func PersonOf(member *v1alpha1.Member) roster.Person {
	spec := member.Spec.DeepCopy()
	WithoutDefaults(spec)
	p := roster.Person{
		Name: spec.Name, Nickname: spec.Nickname, Email: spec.Email, AgentID: spec.AgentID,
		Extension: spec.Extension, Phone: spec.Phone,
		Role: cmp.Or(string(spec.Role), roster.DeskStaff), Active: new(member.Spec.IsActive()),
		License: string(spec.License), UserProfile: spec.UserProfile, DesktopProfile: spec.DesktopProfile,
		Site: spec.Site, Teams: spec.Teams,
	}
	for _, group := range spec.SkillGroups {
		p.SkillGroups = append(p.SkillGroups, roster.SkillGroup{Name: group.Name, Priority: group.Priority})
	}
	return p
}

// IndexOfGroup returns the index of a group in a list of memberships, or -1.
func IndexOfGroup(groups []v1alpha1.SkillGroupReference, name string) int {
	return slices.IndexFunc(groups, func(group v1alpha1.SkillGroupReference) bool { return group.Name == name })
}

// WithDefaultPriorities returns the memberships as the API server stores them.
func WithDefaultPriorities(groups []v1alpha1.SkillGroupReference) []v1alpha1.SkillGroupReference {
	complete := slices.Clone(groups)
	for i := range complete {
		if complete[i].Priority == 0 {
			complete[i].Priority = v1alpha1.DefaultPriority
		}
	}
	return complete
}

// Manifest returns a Member for Git: without what the operator sets, and without daily actions
// (forcing offline, resetting the password), which Git would revert or repeat.
func Manifest(member *v1alpha1.Member) *v1alpha1.Member {
	made := &v1alpha1.Member{
		TypeMeta:   metav1.TypeMeta{APIVersion: v1alpha1.GroupVersion.String(), Kind: "Member"},
		ObjectMeta: metav1.ObjectMeta{Namespace: member.Namespace, Name: member.Name},
		Spec:       *member.Spec.DeepCopy(),
	}
	for label, value := range member.Labels {
		// No import may delete what Git creates.
		if label != v1alpha1.ImportedByLabel {
			metav1.SetMetaDataLabel(&made.ObjectMeta, label, value)
		}
	}
	made.Spec.ForceOffline, made.Spec.ForceOfflineUntil, made.Spec.ForceOfflineReason = false, nil, ""
	made.Spec.PasswordReset = ""
	return made
}
