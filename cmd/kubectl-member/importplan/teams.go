package importplan

import (
	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/cmd/kubectl-member/humanize"
	"rollcall.dev/rollcall/internal/roster"
)

// teamState says whether a Team can take a member.
type teamState int

const (
	// teamIsOpen means that the Team takes members of its site.
	teamIsOpen teamState = iota
	// teamIsCapacity means that the type of the Team has no members.
	teamIsCapacity
	// teamIsInactive means that the Team is not active.
	teamIsInactive
	// teamIsElsewhere means that the Team is at another site than the member.
	teamIsElsewhere
)

// Team holds what an import checks of a Team.
type Team struct {
	site  string
	state teamState
}

// TeamOf returns what an import checks of a Team.
func TeamOf(team *v1alpha1.Team) Team {
	switch {
	case team.Spec.Type == v1alpha1.TeamCapacity:
		return Team{site: team.Spec.Site, state: teamIsCapacity}
	case !team.IsActive():
		return Team{site: team.Spec.Site, state: teamIsInactive}
	default:
		return Team{site: team.Spec.Site}
	}
}

// teamProblem is a Team that rows name but that cannot take their members.
type teamProblem struct {
	team  string
	state teamState
	// memberSite is the site of the members if the Team is elsewhere.
	memberSite string
}

// noteTeams records the teams in a row that cannot take its member. noteUnknown records missing
// teams.
func (p *planner) noteTeams(person *roster.Person, member *v1alpha1.Member) {
	if len(p.existing.Teams) == 0 || len(person.Teams) == 0 {
		return
	}
	site := p.siteOf(person, member)
	for _, name := range person.Teams {
		team, found := p.existing.Teams[name]
		switch {
		case !found:
		case team.state != teamIsOpen:
			p.teamProblems.add(teamProblem{team: name, state: team.state}, person.Row)
		case site != "" && team.site != site:
			p.teamProblems.add(teamProblem{team: name, state: teamIsElsewhere, memberSite: site}, person.Row)
		}
	}
}

// siteOf returns the site of a row's member. It is empty while MemberTemplates and defaults decide.
func (p *planner) siteOf(person *roster.Person, member *v1alpha1.Member) string {
	_, hasSite := p.sheet.Has[roster.SiteColumn]
	switch {
	case person.Site != "":
		return person.Site
	case member == nil:
		return ""
	case !hasSite && member.Spec.Site != "":
		return member.Spec.Site
	case member.Status.Site != nil && member.Status.Site.Source != v1alpha1.SourceMember:
		return member.Status.Site.Name
	default:
		return ""
	}
}

// warnOfTeams adds one warning for each problem, at the first row that has it.
func (p *planner) warnOfTeams() {
	for _, problem := range p.teamProblems.keys {
		rows := p.teamProblems.rows[problem]
		message := "Team " + problem.team
		switch problem.state {
		case teamIsElsewhere:
			message += " is at Site " + p.existing.Teams[problem.team].site + " and the member at " + problem.memberSite + ", so the member is not in it: name a team of that site, or another site"
		case teamIsCapacity:
			message += " is of type Capacity, so it takes no members: name another one, or omit it"
		default:
			message += " is not active, so it takes no members: name another one, or omit it"
		}
		if rows.more > 0 {
			message += " (" + humanize.Plural(rows.more, "more row", "more rows") + ")"
		}
		p.warn(&roster.Person{Row: rows.first}, roster.TeamsColumn, "%s", message)
	}
}
