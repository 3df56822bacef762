// Package assignment computes what a Member is to receive: its role, license, profiles,
// site, teams, and skill groups. It combines the Member's spec, the MemberTemplates that
// apply to it, and the defaults of the ContactCenter. It is pure.
package assignment

import (
	"cmp"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/utils/ptr"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// Resolution is what a Member, the MemberTemplates that apply to it, and the
// ContactCenter together request. The objects that it names may not exist.
type Resolution struct {
	// Role is the effective role.
	Role v1alpha1.Assignment
	// License is the requested seat; empty in a contact center without licenses.
	License LicenseRequest
	// UserProfile, DesktopProfile, and Site have an empty name if none is requested. The
	// built-in user profile that follows from role and license is not included; see the
	// function UserProfile.
	UserProfile, DesktopProfile, Site v1alpha1.Assignment
	// Teams come from the Member or else from the strongest template with teams.
	Teams []v1alpha1.Assignment
	// Groups are the skill groups that templates add to those of the Member.
	Groups []v1alpha1.SkillGroupReference
	// Uses are the templates that apply to the Member, the strongest first.
	Uses []v1alpha1.TemplateUse
}

// LicenseRequest is the seat that a Member or a template requests.
type LicenseRequest struct {
	// Tier is empty for none.
	Tier   v1alpha1.LicenseTier
	Source v1alpha1.AssignmentSource
	// Unsuited is a tier that a template offers but that is too low for the role; empty
	// if there is none.
	Unsuited v1alpha1.LicenseTier
}

// Selects reports whether a template applies to a Member. It ignores whether the
// template is suspended.
func Selects(template *v1alpha1.MemberTemplate, member *v1alpha1.Member) bool {
	if template.Spec.ApplyTo != v1alpha1.ApplyToAllMembers && member.CreationTimestamp.Before(&template.CreationTimestamp) {
		return false
	}
	selector, err := metav1.LabelSelectorAsSelector(&template.Spec.Selector)
	return err == nil && selector.Matches(labels.Set(member.Labels)) // the template's status reports the error
}

// Resolve returns what a Member is to receive. The Member's own spec wins, then the
// strongest template, then the ContactCenter's defaults. The center may be nil.
func Resolve(member *v1alpha1.Member, center *v1alpha1.ContactCenter, templates []*v1alpha1.MemberTemplate) Resolution {
	resolver := newResolver(member, templates)
	var defaults v1alpha1.Defaults
	if center != nil && center.Spec.Defaults != nil {
		defaults = *center.Spec.Defaults
	}
	spec := &member.Spec
	resolved := Resolution{Role: resolver.role()}
	if center != nil && center.Spec.Licenses != nil {
		resolved.License = resolver.license(v1alpha1.Role(resolved.Role.Name))
	}
	resolved.UserProfile = resolver.userProfile(defaults.UserProfile)
	resolved.DesktopProfile = resolver.single(v1alpha1.FieldDesktopProfile, spec.DesktopProfile, defaults.DesktopProfile,
		func(t *v1alpha1.MemberTemplateSpec) string { return t.DesktopProfile })
	resolved.Site = resolver.single(v1alpha1.FieldSite, spec.Site, defaults.Site,
		func(t *v1alpha1.MemberTemplateSpec) string { return t.Site })
	resolved.Teams = resolver.teams()
	resolved.Groups = resolver.groups()
	resolved.Uses = resolver.uses
	return resolved
}

// resolver decides the fields of a Member one by one, and records what each template
// gives.
type resolver struct {
	member *v1alpha1.Member
	// templates are the templates that apply to the Member, the strongest first. uses has
	// one element for each of them.
	templates []*v1alpha1.MemberTemplate
	uses      []v1alpha1.TemplateUse
}

func newResolver(member *v1alpha1.Member, templates []*v1alpha1.MemberTemplate) *resolver {
	r := &resolver{member: member}
	for _, template := range templates {
		if !template.Spec.Suspend && template.DeletionTimestamp == nil && Selects(template, member) {
			r.templates = append(r.templates, template)
		}
	}
	slices.SortFunc(r.templates, byStrength)
	for _, template := range r.templates {
		r.uses = append(r.uses, v1alpha1.TemplateUse{Name: template.Name})
	}
	return r
}

// byStrength orders templates: higher precedence first, then older, then by name.
func byStrength(a, b *v1alpha1.MemberTemplate) int {
	return cmp.Or(
		cmp.Compare(b.Spec.Precedence, a.Spec.Precedence),
		a.CreationTimestamp.Compare(b.CreationTimestamp.Time),
		cmp.Compare(a.Name, b.Name),
	)
}

// single decides a field that has a single value: the Member's own, else the strongest
// template's, else the default.
func (r *resolver) single(field v1alpha1.TemplateField, own, fallback string, value func(*v1alpha1.MemberTemplateSpec) string) v1alpha1.Assignment {
	return r.singleOrdered(field, own, fallback, value, func(_, _ string) int { return 0 })
}

// singleOrdered is like single, but compares the values of templates by order before it
// compares the strength of the templates.
func (r *resolver) singleOrdered(field v1alpha1.TemplateField, own, fallback string, value func(*v1alpha1.MemberTemplateSpec) string, order func(a, b string) int) v1alpha1.Assignment {
	decided := v1alpha1.Assignment{Name: own, Source: v1alpha1.SourceMember}
	if own == "" {
		winner := -1
		for i, template := range r.templates {
			offered := value(&template.Spec)
			if offered != "" && (winner < 0 || order(offered, decided.Name) < 0) {
				winner, decided = i, v1alpha1.Assignment{Name: offered, Source: v1alpha1.SourceTemplate(template.Name)}
			}
		}
		if winner >= 0 {
			r.uses[winner].Gives = append(r.uses[winner].Gives, field)
		}
	}
	if decided.Name == "" {
		if fallback == "" {
			return v1alpha1.Assignment{}
		}
		return v1alpha1.Assignment{Name: fallback, Source: v1alpha1.SourceDefault}
	}
	for i, template := range r.templates {
		if offered := value(&template.Spec); offered != "" && offered != decided.Name {
			r.recordOverruled(i, field, decided.Source)
		}
	}
	return decided
}

// recordOverruled records that another source overrules a field of a template.
func (r *resolver) recordOverruled(template int, field v1alpha1.TemplateField, by v1alpha1.AssignmentSource) {
	r.uses[template].Overruled = append(r.uses[template].Overruled, v1alpha1.OverruledField{Field: field, By: by})
}

// role decides the role. A template can change Desk Staff to Supervisor, because Desk
// Staff is the default in the CRD. It cannot if the spec requests a Standard license,
// which is too low for a Supervisor.
func (r *resolver) role() v1alpha1.Assignment {
	own := r.member.Spec.Role
	if own == v1alpha1.RoleDeskStaff && r.member.Spec.License != v1alpha1.LicenseStandard {
		own = ""
	}
	return r.single(v1alpha1.FieldRole, string(own), string(v1alpha1.RoleDeskStaff),
		func(t *v1alpha1.MemberTemplateSpec) string { return string(t.Role) })
}

// license decides the requested seat. Between templates, Premium wins.
func (r *resolver) license(role v1alpha1.Role) LicenseRequest {
	premiumFirst := strings.Compare // "Premium" is before "Standard"
	decided := r.singleOrdered(v1alpha1.FieldLicense, string(r.member.Spec.License), "",
		func(t *v1alpha1.MemberTemplateSpec) string { return string(t.License) }, premiumFirst)
	tier := v1alpha1.LicenseTier(decided.Name)
	switch {
	case decided.Name == string(v1alpha1.LicenseNone):
		return LicenseRequest{Source: decided.Source}
	case tier != "" && !Suits(tier, role):
		return LicenseRequest{Source: decided.Source, Unsuited: tier}
	default:
		return LicenseRequest{Tier: tier, Source: decided.Source}
	}
}

// Suits reports whether a seat of a tier is sufficient for a role.
func Suits(tier v1alpha1.LicenseTier, role v1alpha1.Role) bool {
	return tier == v1alpha1.TierPremium || tier == v1alpha1.TierStandard && role != v1alpha1.RoleSupervisor
}

// userProfile decides the user profile. The Super Admin never has one, and
// administrators do not get the default one: a profile restricts its members.
func (r *resolver) userProfile(fallback string) v1alpha1.Assignment {
	role := r.member.Spec.Role
	if role.IsAdministrator() {
		fallback = ""
	}
	if role != v1alpha1.RoleSuperAdmin {
		return r.single(v1alpha1.FieldUserProfile, r.member.Spec.UserProfile, fallback,
			func(t *v1alpha1.MemberTemplateSpec) string { return t.UserProfile })
	}
	for i, template := range r.templates {
		if template.Spec.UserProfile != "" {
			r.recordOverruled(i, v1alpha1.FieldUserProfile, v1alpha1.SourceDefault)
		}
	}
	return v1alpha1.Assignment{}
}

// teams decides the teams: the Member's own, else those of the strongest template with
// teams.
func (r *resolver) teams() []v1alpha1.Assignment {
	names, source := r.member.Spec.Teams, v1alpha1.SourceMember
	for i, template := range r.templates {
		switch offered := template.Spec.Teams; {
		case len(offered) == 0:
		case len(names) == 0:
			names, source = offered, v1alpha1.SourceTemplate(template.Name)
			r.uses[i].Gives = append(r.uses[i].Gives, v1alpha1.FieldTeams)
		case !sameNames(names, offered):
			r.recordOverruled(i, v1alpha1.FieldTeams, source)
		}
	}
	teams := make([]v1alpha1.Assignment, 0, len(names))
	for _, name := range names {
		teams = append(teams, v1alpha1.Assignment{Name: name, Source: source})
	}
	return teams
}

// sameNames reports whether two lists have the same names in any order.
func sameNames(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

// groups returns the skill groups of all templates that the Member does not list
// itself. If several templates list a group, the strongest decides its priority.
func (r *resolver) groups() []v1alpha1.SkillGroupReference {
	var groups []v1alpha1.SkillGroupReference
	among := func(name string, references []v1alpha1.SkillGroupReference) bool {
		return slices.ContainsFunc(references, func(r v1alpha1.SkillGroupReference) bool { return r.Name == name })
	}
	for i, template := range r.templates {
		before := len(groups)
		for _, reference := range template.Spec.SkillGroups {
			if !among(reference.Name, r.member.Spec.SkillGroups) && !among(reference.Name, groups) {
				groups = append(groups, reference)
			}
		}
		if len(groups) > before {
			r.uses[i].Gives = append(r.uses[i].Gives, v1alpha1.FieldSkillGroups)
		}
	}
	return groups
}

// UserProfile returns the effective user profile: the requested one, else the built-in
// one that follows from role and license in a contact center with licenses.
func UserProfile(resolved Resolution, licensed bool, held v1alpha1.LicenseTier) v1alpha1.Assignment {
	if resolved.UserProfile.Name != "" || !licensed {
		return resolved.UserProfile
	}
	name := v1alpha1.DefaultProfile(v1alpha1.Role(resolved.Role.Name), held)
	if name == "" {
		return v1alpha1.Assignment{}
	}
	return v1alpha1.Assignment{Name: name, Source: v1alpha1.SourceDefault}
}

// NameOf returns the name in an assignment; empty for none.
func NameOf(assignment *v1alpha1.Assignment) string {
	return ptr.Deref(assignment, v1alpha1.Assignment{}).Name
}

// ShownTier returns the tier of the seat that a Member's status shows; empty for none.
func ShownTier(member *v1alpha1.Member) v1alpha1.LicenseTier {
	return ptr.Deref(member.Status.License, v1alpha1.LicenseStatus{}).Tier
}
