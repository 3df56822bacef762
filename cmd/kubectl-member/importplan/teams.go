package importplan

import (
	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/cmd/kubectl-member/humanize"
	"rollcall.dev/rollcall/internal/roster"
)

// Team holds what an import checks of a Team.
type Team struct {
	site string
	// closed is why nobody can be in it; empty if somebody can.
	closed string
}

func TeamOf(team *v1alpha1.Team) Team {
	facts := Team{site: team.Spec.Site}
	switch {
	case team.Spec.Type == v1alpha1.TeamCapacity:
		facts.closed = "is of the type Capacity"
	case !team.IsActive():
		facts.closed = "is not active"
	}
	return facts
}

// teamProblem is a Team that rows name but that cannot take their members.
type teamProblem struct{ team, atSite string }

// noteTeams records the teams in a row that cannot take its member. noteUnknown records missing
// teams.
func (p *planner) noteTeams(person *roster.Person, member *v1alpha1.Member) {
	if len(p.existing.Teams) == 0 || len(person.Teams) == 0 {
		return
	}
	site := p.siteOf(person, member)
	for _, name := range person.Teams {
		facts, found := p.existing.Teams[name]
		switch {
		case !found:
		case facts.closed != "":
			p.noteTeam(teamProblem{team: name}, person.Row)
		case site != "" && facts.site != site:
			p.noteTeam(teamProblem{team: name, atSite: site}, person.Row)
		}
	}
}

func (p *planner) noteTeam(problem teamProblem, row int) {
	if rows := p.teamRows[problem]; rows != nil {
		rows.more++
		return
	}
	p.teamRows[problem] = &namingRows{first: row}
	p.teamProblems = append(p.teamProblems, problem)
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
	for _, problem := range p.teamProblems {
		facts, rows := p.existing.Teams[problem.team], p.teamRows[problem]
		message := "Team " + problem.team + " " + facts.closed + ", so it takes no members: name another one, or leave it out"
		if facts.closed == "" {
			message = "Team " + problem.team + " is at Site " + facts.site + " and the member at " + problem.atSite + ", so it does not count: name a team of that site, or another site"
		}
		if rows.more > 0 {
			message += " (" + humanize.Plural(rows.more, "more row is so", "more rows are so") + ")"
		}
		p.warn(&roster.Person{Row: rows.first}, roster.TeamsColumn, "%s", message)
	}
}
