package indexes

import (
	"context"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/assignment"
	"rollcall.dev/rollcall/internal/claims"
	"rollcall.dev/rollcall/internal/references"
)

// Names of the indexes of the cache. Each gives the objects of a namespace that
// have one value.
const (
	// Members by the buckets of the values that are unique in a namespace. An index by
	// the values themselves would have an entry for each, which takes as much memory
	// as the rest of the Member.
	IndexClaim = "rollcall.claim"
	// Members by the names of the SkillGroups in their spec, and in their status.
	IndexAskedGroup  = "rollcall.askedGroup"
	IndexJoinedGroup = "rollcall.joinedGroup"
	// Members by what their status shows: site, teams and profiles.
	IndexSite           = "rollcall.site"
	IndexTeam           = "rollcall.team"
	IndexUserProfile    = "rollcall.userProfile"
	IndexDesktopProfile = "rollcall.desktopProfile"
	// Members by the sites, teams and profiles that their spec or status names; the
	// values are made by references.PlacementValue.
	IndexPlacement = "rollcall.placement"
	// Teams by the site in their spec.
	IndexTeamSite = "rollcall.teamSite"
	// SkillGroups by the names of the Members in their spec.
	IndexGroupMember = "rollcall.groupMember"
	// SkillGroups with a selector, all under one value.
	IndexGroupSelector = "rollcall.groupSelector"
)

// HasSelector is the one value of IndexGroupSelector.
const HasSelector = "true"

// AddIndexes makes the cache keep the indexes.
func AddIndexes(ctx context.Context, indexer client.FieldIndexer) error {
	for _, index := range []struct {
		of     client.Object
		name   string
		values client.IndexerFunc
	}{
		{&v1alpha1.Member{}, IndexClaim, memberIndex(claims.Buckets)},
		{&v1alpha1.Member{}, IndexAskedGroup, memberIndex(assignment.AskedGroups)},
		{&v1alpha1.Member{}, IndexJoinedGroup, memberIndex(assignment.JoinedGroups)},
		{&v1alpha1.Member{}, IndexSite, memberIndex(func(m *v1alpha1.Member) []string { return assignment.AssignedNames(m.Status.Site) })},
		{&v1alpha1.Member{}, IndexTeam, memberIndex(assignment.JoinedTeams)},
		{&v1alpha1.Member{}, IndexUserProfile, memberIndex(func(m *v1alpha1.Member) []string { return assignment.AssignedNames(m.Status.UserProfile) })},
		{&v1alpha1.Member{}, IndexDesktopProfile, memberIndex(func(m *v1alpha1.Member) []string { return assignment.AssignedNames(m.Status.DesktopProfile) })},
		{&v1alpha1.Member{}, IndexPlacement, memberIndex(references.PlacementValues)},
		{&v1alpha1.Team{}, IndexTeamSite, func(object client.Object) []string {
			if team, ok := object.(*v1alpha1.Team); ok {
				return assignment.NonEmpty(team.Spec.Site)
			}
			return nil
		}},
		{&v1alpha1.SkillGroup{}, IndexGroupMember, groupIndex(assignment.GroupMemberNames)},
		{&v1alpha1.SkillGroup{}, IndexGroupSelector, groupIndex(func(g *v1alpha1.SkillGroup) []string {
			if g.Spec.Selector == nil {
				return nil
			}
			return assignment.NonEmpty(HasSelector)
		})},
	} {
		if err := indexer.IndexField(ctx, index.of, index.name, index.values); err != nil {
			return err
		}
	}
	return nil
}

// memberIndex makes an index of Members from a function of theirs.
func memberIndex(values func(*v1alpha1.Member) []string) client.IndexerFunc {
	return func(object client.Object) []string {
		if member, ok := object.(*v1alpha1.Member); ok {
			return values(member)
		}
		return nil
	}
}

// groupIndex makes an index of SkillGroups from a function of theirs.
func groupIndex(values func(*v1alpha1.SkillGroup) []string) client.IndexerFunc {
	return func(object client.Object) []string {
		if group, ok := object.(*v1alpha1.SkillGroup); ok {
			return values(group)
		}
		return nil
	}
}
