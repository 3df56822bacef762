package assignment

import (
	"cmp"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// Resolution is what a Member, the MemberTemplates about it and the ContactCenter
// together ask for. What of it exists is not looked at.
type Resolution struct {
	// role is the role that counts.
	Role v1alpha1.Assignment
	// license is the seat that is asked for, where the contact centre has licences.
	License LicenseRequest
	// userProfile, desktopProfile and site have no name if nobody names one. The user
	// profile that follows from role and licence is not in it.
	UserProfile, DesktopProfile, Site v1alpha1.Assignment
	// teams are as their first namer has them.
	Teams []v1alpha1.Assignment
	// groups are those that templates add.
	Groups []v1alpha1.SkillGroupReference
	// uses are the templates about the Member, the strongest first.
	Uses []v1alpha1.TemplateUse
}

// LicenseRequest is the seat that a Member asks for, by itself or by a template.
type LicenseRequest struct {
	// tier is empty for none.
	Tier   v1alpha1.LicenseTier
	Source v1alpha1.AssignmentSource
	// unsuited is a tier that is offered and that the role cannot do with; empty if
	// there is none.
	Unsuited v1alpha1.LicenseTier
}

// Selects is whether a template is about a Member, suspended or not.
func Selects(template *v1alpha1.MemberTemplate, member *v1alpha1.Member) bool {
	if template.Spec.ApplyTo != v1alpha1.ApplyToAllMembers && member.CreationTimestamp.Before(&template.CreationTimestamp) {
		return false
	}
	selector, err := metav1.LabelSelectorAsSelector(&template.Spec.Selector)
	return err == nil && selector.Matches(labels.Set(member.Labels)) // the template's own status tells of an error
}

// Resolve finds out what counts for a Member. What it says itself wins, then
// the strongest template, then the ContactCenter's defaults; center may be nil.
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
	resolved.DesktopProfile = resolver.one(v1alpha1.FieldDesktopProfile, spec.DesktopProfile, defaults.DesktopProfile,
		func(t *v1alpha1.MemberTemplateSpec) string { return t.DesktopProfile })
	resolved.Site = resolver.one(v1alpha1.FieldSite, spec.Site, defaults.Site,
		func(t *v1alpha1.MemberTemplateSpec) string { return t.Site })
	resolved.Teams = resolver.teams()
	resolved.Groups = resolver.groups()
	resolved.Uses = resolver.uses
	return resolved
}

// resolver goes through the templates about a Member field by field, and notes
// which gives what.
type resolver struct {
	member *v1alpha1.Member
	// templates are those that give something, the strongest first, and uses what
	// each of them does.
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

// byStrength orders templates: the one with the higher precedence first, then the
// older one, then by name.
func byStrength(a, b *v1alpha1.MemberTemplate) int {
	return cmp.Or(
		cmp.Compare(b.Spec.Precedence, a.Spec.Precedence),
		a.CreationTimestamp.Compare(b.CreationTimestamp.Time),
		cmp.Compare(a.Name, b.Name),
	)
}

// NonEmpty decides a field that has NonEmpty value: the Member's own, else the strongest
// template's, else the default.
func (r *resolver) one(field v1alpha1.TemplateField, own, otherwise string, value func(*v1alpha1.MemberTemplateSpec) string) v1alpha1.Assignment {
	return r.decide(field, own, otherwise, value, func(_, _ string) int { return 0 })
}

// decide is one, with an order of values that goes before the strength of templates.
func (r *resolver) decide(field v1alpha1.TemplateField, own, otherwise string, value func(*v1alpha1.MemberTemplateSpec) string, order func(a, b string) int) v1alpha1.Assignment {
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
		if otherwise == "" {
			return v1alpha1.Assignment{}
		}
		return v1alpha1.Assignment{Name: otherwise, Source: v1alpha1.SourceDefault}
	}
	for i, template := range r.templates {
		if offered := value(&template.Spec); offered != "" && offered != decided.Name {
			r.overrule(i, field, decided.Source)
		}
	}
	return decided
}

// overrule notes that somebody says something else than a template.
func (r *resolver) overrule(template int, field v1alpha1.TemplateField, by v1alpha1.AssignmentSource) {
	r.uses[template].Overruled = append(r.uses[template].Overruled, v1alpha1.OverruledField{Field: field, By: by})
}

// role decides the role. A template can make a Supervisor of somebody whose spec
// says Desk Staff, which is what a spec says that says nothing.
func (r *resolver) role() v1alpha1.Assignment {
	own := r.member.Spec.Role
	raisable := own == v1alpha1.RoleDeskStaff && r.member.Spec.License != v1alpha1.LicenseStandard
	if raisable {
		own = ""
	}
	return r.one(v1alpha1.FieldRole, string(own), string(v1alpha1.RoleDeskStaff),
		func(t *v1alpha1.MemberTemplateSpec) string { return string(t.Role) })
}

// license decides the seat. Premium wins between templates. Supervisors need it.
func (r *resolver) license(role v1alpha1.Role) LicenseRequest {
	premiumFirst := func(a, b string) int {
		rank := func(tier string) int {
			if tier == string(v1alpha1.TierPremium) {
				return 0
			}
			return 1
		}
		return cmp.Compare(rank(a), rank(b))
	}
	decided := r.decide(v1alpha1.FieldLicense, string(r.member.Spec.License), "",
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

// Suits is whether a role can do with a seat of a tier.
func Suits(tier v1alpha1.LicenseTier, role v1alpha1.Role) bool {
	return tier == v1alpha1.TierPremium || tier == v1alpha1.TierStandard && role != v1alpha1.RoleSupervisor
}

// userProfile decides the user profile. Nothing narrows the Super Admin, and no
// default narrows all administrators at once.
func (r *resolver) userProfile(otherwise string) v1alpha1.Assignment {
	role := r.member.Spec.Role
	if role.IsAdministrator() {
		otherwise = ""
	}
	if role != v1alpha1.RoleSuperAdmin {
		return r.one(v1alpha1.FieldUserProfile, r.member.Spec.UserProfile, otherwise,
			func(t *v1alpha1.MemberTemplateSpec) string { return t.UserProfile })
	}
	for i, template := range r.templates {
		if template.Spec.UserProfile != "" {
			r.overrule(i, v1alpha1.FieldUserProfile, v1alpha1.SourceDefault)
		}
	}
	return v1alpha1.Assignment{}
}

// teams are the Member's own, else those of the strongest template that names any.
func (r *resolver) teams() []v1alpha1.Assignment {
	names, source := r.member.Spec.Teams, v1alpha1.SourceMember
	for i, template := range r.templates {
		switch offered := template.Spec.Teams; {
		case len(offered) == 0:
		case len(names) == 0:
			names, source = offered, v1alpha1.SourceTemplate(template.Name)
			r.uses[i].Gives = append(r.uses[i].Gives, v1alpha1.FieldTeams)
		case !sameNames(names, offered):
			r.overrule(i, v1alpha1.FieldTeams, source)
		}
	}
	teams := make([]v1alpha1.Assignment, 0, len(names))
	for _, name := range names {
		teams = append(teams, v1alpha1.Assignment{Name: name, Source: source})
	}
	return teams
}

// sameNames is whether two sets of names are the same.
func sameNames(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

// groups are those of all templates together that the Member does not name itself; of
// NonEmpty that several name, the strongest says the priority.
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
