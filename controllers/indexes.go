package controllers

import (
	"context"
	"strings"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// Names of the indexes of the cache. Each gives the objects of a namespace that
// have one value.
const (
	// Members by the buckets of the values that are unique in a namespace. An index by
	// the values themselves would have an entry for each, which takes as much memory
	// as the rest of the Member.
	indexClaim = "rollcall.claim"
	// Members by the names of the SkillGroups in their spec, and in their status.
	indexAskedGroup  = "rollcall.askedGroup"
	indexJoinedGroup = "rollcall.joinedGroup"
	// Members by what their status shows: site, teams and profiles.
	indexSite           = "rollcall.site"
	indexTeam           = "rollcall.team"
	indexUserProfile    = "rollcall.userProfile"
	indexDesktopProfile = "rollcall.desktopProfile"
	// Members by the sites, teams and profiles that their spec or status names; the
	// values are made by placementValue.
	indexPlacement = "rollcall.placement"
	// Teams by the site in their spec.
	indexTeamSite = "rollcall.teamSite"
	// SkillGroups by the names of the Members in their spec.
	indexGroupMember = "rollcall.groupMember"
	// SkillGroups with a selector, all under one value.
	indexGroupSelector = "rollcall.groupSelector"
)

// hasSelector is the one value of indexGroupSelector.
const hasSelector = "true"

// addIndexes makes the cache keep the indexes.
func addIndexes(ctx context.Context, indexer client.FieldIndexer) error {
	for _, index := range []struct {
		of     client.Object
		name   string
		values client.IndexerFunc
	}{
		{&v1alpha1.Member{}, indexClaim, memberIndex(claimBuckets)},
		{&v1alpha1.Member{}, indexAskedGroup, memberIndex(askedGroups)},
		{&v1alpha1.Member{}, indexJoinedGroup, memberIndex(joinedGroups)},
		{&v1alpha1.Member{}, indexSite, memberIndex(func(m *v1alpha1.Member) []string { return assigned(m.Status.Site) })},
		{&v1alpha1.Member{}, indexTeam, memberIndex(joinedTeams)},
		{&v1alpha1.Member{}, indexUserProfile, memberIndex(func(m *v1alpha1.Member) []string { return assigned(m.Status.UserProfile) })},
		{&v1alpha1.Member{}, indexDesktopProfile, memberIndex(func(m *v1alpha1.Member) []string { return assigned(m.Status.DesktopProfile) })},
		{&v1alpha1.Member{}, indexPlacement, memberIndex(placementValues)},
		{&v1alpha1.Team{}, indexTeamSite, func(object client.Object) []string {
			if team, ok := object.(*v1alpha1.Team); ok {
				return one(team.Spec.Site)
			}
			return nil
		}},
		{&v1alpha1.SkillGroup{}, indexGroupMember, groupIndex(groupMemberNames)},
		{&v1alpha1.SkillGroup{}, indexGroupSelector, groupIndex(func(g *v1alpha1.SkillGroup) []string {
			if g.Spec.Selector == nil {
				return nil
			}
			return one(hasSelector)
		})},
	} {
		if err := indexer.IndexField(ctx, index.of, index.name, index.values); err != nil {
			return err
		}
	}
	return nil
}

// uniqueEmail is an e-mail address as it is compared: regardless of case.
func uniqueEmail(member *v1alpha1.Member) string {
	return strings.ToLower(member.Spec.Email)
}

// askedGroups are the names of the groups that a Member asks for.
func askedGroups(member *v1alpha1.Member) []string {
	return groupNames(member.Spec.SkillGroups)
}

// groupNames are the names of the groups that are referred to.
func groupNames(references []v1alpha1.SkillGroupReference) []string {
	names := make([]string, 0, len(references))
	for _, reference := range references {
		names = append(names, reference.Name)
	}
	return names
}

// joinedGroups are the names of the groups that a Member is in.
func joinedGroups(member *v1alpha1.Member) []string {
	names := make([]string, 0, len(member.Status.SkillGroups))
	for _, group := range member.Status.SkillGroups {
		names = append(names, group.Name)
	}
	return names
}

// assigned is the name of an assignment, if there is one.
func assigned(assignment *v1alpha1.Assignment) []string {
	return one(assignedName(assignment))
}

// joinedTeams are the names of the teams that a Member is in.
func joinedTeams(member *v1alpha1.Member) []string {
	if len(member.Status.Teams) == 0 {
		return nil
	}
	names := make([]string, 0, len(member.Status.Teams))
	for _, team := range member.Status.Teams {
		names = append(names, team.Name)
	}
	return names
}

// groupMemberNames are the names of the Members that a SkillGroup lists.
func groupMemberNames(group *v1alpha1.SkillGroup) []string {
	names := make([]string, 0, len(group.Spec.Members))
	for _, member := range group.Spec.Members {
		names = append(names, member.Name)
	}
	return names
}

// one is a list of a value, or of nothing if it is empty.
func one(value string) []string {
	if value == "" {
		return nil
	}
	return []string{value}
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
