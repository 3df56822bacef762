package member

import (
	"context"
	"errors"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/assignment"
	"rollcall.dev/rollcall/internal/kube"
	"rollcall.dev/rollcall/internal/memberplan"
	"rollcall.dev/rollcall/internal/profilerole"
	"rollcall.dev/rollcall/internal/references"
)

// observeAssignments describes the role, license, profile, and placement that result from the
// Member's spec, its templates, and the defaults of the ContactCenter.
func (r *reconciler) observeAssignments(ctx context.Context, observed *memberplan.Observation) error {
	templates, err := kube.ListTemplates(ctx, r.Client, observed.Member.Namespace)
	if err != nil {
		return err
	}
	observed.Resolved = assignment.Resolve(observed.Member, observed.Center, templates)
	observed.Role = v1alpha1.Role(observed.Resolved.Role.Name)
	if observed.License, err = r.observeLicense(ctx, observed.Member, observed.Center, observed.IsDuplicate(), observed.Resolved.License); err != nil {
		return err
	}
	observed.UserProfile = assignment.UserProfile(observed.Resolved, observed.License.Enabled, observed.License.Held)
	if observed.Profile, err = r.describeProfile(ctx, observed.Member.Namespace, observed.UserProfile.Name); err != nil {
		return err
	}
	observed.Placement, err = r.observePlacement(ctx, observed.Member.Namespace, observed.Resolved, observed.Profile.Found)
	return err
}

// observeLicense describes a Member's license. Its result is the zero value in a contact center
// without licenses.
func (r *reconciler) observeLicense(ctx context.Context, member *v1alpha1.Member, center *v1alpha1.ContactCenter, duplicate bool, request assignment.LicenseRequest) (memberplan.License, error) {
	if center == nil || center.Spec.Licenses == nil {
		return memberplan.License{}, nil
	}
	if member.DeletionTimestamp != nil || duplicate {
		return memberplan.License{Enabled: true}, nil
	}
	held, known, err := r.Seats.Held(ctx, member)
	if err == nil && !known {
		err = kube.ErrStaleCache
	}
	return memberplan.License{Enabled: true, Request: request, Held: held}, err
}

// describeProfile describes a user profile: whether it exists, and which of its Roles are as
// it asks. The result is the zero value for an empty name. A UserProfile that is being
// deleted counts as absent.
func (r *reconciler) describeProfile(ctx context.Context, namespace, name string) (memberplan.Profile, error) {
	if name == "" || v1alpha1.IsBuiltInProfile(name) {
		return memberplan.Profile{Found: name != ""}, nil
	}
	profile, err := kube.Find[v1alpha1.UserProfile](ctx, r.Client, client.ObjectKey{Namespace: namespace, Name: name})
	if err != nil || profile == nil || profile.DeletionTimestamp != nil {
		return memberplan.Profile{}, err
	}
	facts := memberplan.Profile{Found: true}
	if !r.RoleBindings {
		return facts, nil
	}
	right := map[string]bool{}
	for _, wanted := range profilerole.Roles(profile) {
		// The cache holds only Roles with the operator's label, so no foreign ones.
		role, err := kube.Find[rbacv1.Role](ctx, r.Client, client.ObjectKey{Namespace: namespace, Name: wanted.Name})
		if err != nil {
			return facts, err
		}
		right[wanted.Name] = profilerole.Describe(profile, wanted, role).IsRight()
	}
	facts.Administrators, facts.Supervisors = right[profile.RoleName()], right[profile.SupervisorRoleName()]
	return facts, nil
}

// observePlacement returns the part of a resolution that exists and fits together.
func (r *reconciler) observePlacement(ctx context.Context, namespace string, resolved assignment.Resolution, profileFound bool) (memberplan.Placement, error) {
	placement := memberplan.Placement{
		Requested: resolved.Site.Name != "" || len(resolved.Teams) > 0 || resolved.DesktopProfile.Name != "" || resolved.UserProfile.Name != "",
	}
	if !placement.Requested {
		return placement, nil
	}
	if err := r.addIfExists(ctx, references.Site, namespace, resolved.Site, &placement, &placement.Site); err != nil {
		return placement, err
	}
	if err := r.addTeams(ctx, namespace, resolved, &placement); err != nil {
		return placement, err
	}
	if requested := resolved.UserProfile; requested.Name != "" && !profileFound {
		placement.Fail(v1alpha1.ReasonProfileNotFound, "No UserProfile is named %s (from %s), so the member has no permissions.", requested.Name, requested.Source)
	}
	return placement, r.addIfExists(ctx, references.DesktopProfile, namespace, resolved.DesktopProfile, &placement, &placement.DesktopProfile)
}

// addIfExists sets an assignment of a placement to the requested one, if that object exists.
func (r *reconciler) addIfExists(ctx context.Context, kind references.Kind, namespace string, requested v1alpha1.Assignment, placement *memberplan.Placement, assigned *v1alpha1.Assignment) error {
	if requested.Name == "" {
		return nil
	}
	exists, err := kind.Exists(ctx, r.Client, namespace, requested.Name)
	switch {
	case err != nil:
		return err
	case !exists:
		placement.Fail(kind.NotFound, "No %s is named %s (from %s).", kind.Name, requested.Name, requested.Source)
	default:
		*assigned = requested
	}
	return nil
}

// addTeams adds the teams that the member can be in.
func (r *reconciler) addTeams(ctx context.Context, namespace string, resolved assignment.Resolution, placement *memberplan.Placement) error {
	for _, requested := range resolved.Teams {
		team, err := kube.Find[v1alpha1.Team](ctx, r.Client, client.ObjectKey{Namespace: namespace, Name: requested.Name})
		switch {
		case err != nil:
			return err
		case team == nil:
			placement.Fail(v1alpha1.ReasonTeamNotFound, "No Team is named %s (from %s).", requested.Name, requested.Source)
		case resolved.Site.Name == "":
			placement.Fail(v1alpha1.ReasonTeamNotAtSite, "Team %s is at Site %s, and the member is at none. Set spec.site.", requested.Name, team.Spec.Site)
		case team.Spec.Site != resolved.Site.Name:
			placement.Fail(v1alpha1.ReasonTeamNotAtSite, "Team %s (from %s) is at Site %s, and the member at %s, so the member is not in the team.",
				requested.Name, requested.Source, team.Spec.Site, resolved.Site.Name)
		case placement.Site.Name == "":
			// addIfExists has reported that the Site does not exist.
		case team.Spec.Type == v1alpha1.TeamCapacity:
			placement.Fail(v1alpha1.ReasonTeamTakesNoMembers, "Team %s has the type Capacity, which takes no members.", requested.Name)
		case !team.IsActive():
			placement.Fail(v1alpha1.ReasonTeamTakesNoMembers, "Team %s is not active.", requested.Name)
		default:
			placement.Teams = append(placement.Teams, requested)
		}
	}
	slices.SortFunc(placement.Teams, func(a, b v1alpha1.Assignment) int { return strings.Compare(a.Name, b.Name) })
	return nil
}

// resolveMemberships returns the groups that a Member is in, by name. It also returns the names in
// the Member's spec, or in its templates, that no group has.
func resolveMemberships(ctx context.Context, reader client.Reader, member *v1alpha1.Member, templated []v1alpha1.SkillGroupReference) (memberships []v1alpha1.SkillGroupMembership, unknown []string, err error) {
	fromTemplates, unknown, templatesErr := requestedMemberships(ctx, reader, member.Namespace, templated, v1alpha1.MembershipFromTemplate)
	own, unknownOwn, ownErr := requestedMemberships(ctx, reader, member.Namespace, member.Spec.SkillGroups, v1alpha1.MembershipFromMember)
	selecting, selectingErr := references.ListGroups(ctx, reader, member.Namespace, references.GroupSelectorIndex.Name, references.HasSelector)
	listing, listingErr := references.ListGroups(ctx, reader, member.Namespace, references.GroupMemberIndex.Name, member.Name)
	if err := errors.Join(templatesErr, ownErr, selectingErr, listingErr); err != nil {
		return nil, nil, err
	}
	for _, name := range unknownOwn {
		if !slices.Contains(unknown, name) {
			unknown = append(unknown, name)
		}
	}
	found := slices.Concat(fromTemplates, selectedMemberships(member, selecting), listedMemberships(member, listing), own)
	return assignment.MergeMemberships(found), unknown, nil
}

// selectedMemberships returns the memberships in the groups whose selector matches the Member's
// labels.
func selectedMemberships(member *v1alpha1.Member, groups []*v1alpha1.SkillGroup) []v1alpha1.SkillGroupMembership {
	var memberships []v1alpha1.SkillGroupMembership
	for _, group := range groups {
		selector, err := metav1.LabelSelectorAsSelector(group.Spec.Selector)
		if err == nil && selector.Matches(labels.Set(member.Labels)) { // the group's status reports the error
			memberships = append(memberships, assignment.Membership(group.Name, group.Spec.SelectorPriority, v1alpha1.MembershipFromSelector))
		}
	}
	return memberships
}

// listedMemberships returns the memberships in the groups that list the Member.
func listedMemberships(member *v1alpha1.Member, groups []*v1alpha1.SkillGroup) []v1alpha1.SkillGroupMembership {
	var memberships []v1alpha1.SkillGroupMembership
	for _, group := range groups {
		for _, listed := range group.Spec.Members {
			if listed.Name == member.Name {
				memberships = append(memberships, assignment.Membership(group.Name, listed.Priority, v1alpha1.MembershipFromSkillGroup))
			}
		}
	}
	return memberships
}

// requestedMemberships returns the memberships in the groups that the Member or its templates
// request, and the names that no group has.
func requestedMemberships(ctx context.Context, reader client.Reader, namespace string, requests []v1alpha1.SkillGroupReference, source v1alpha1.MembershipSource) (memberships []v1alpha1.SkillGroupMembership, unknown []string, err error) {
	for _, requested := range requests {
		exists, err := kube.Exists[v1alpha1.SkillGroup](ctx, reader, namespace, requested.Name)
		switch {
		case err != nil:
			return nil, nil, err
		case !exists:
			unknown = append(unknown, requested.Name)
		default:
			memberships = append(memberships, assignment.Membership(requested.Name, requested.Priority, source))
		}
	}
	return memberships, unknown, nil
}
