package query

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/fields"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
)

// noLicense is the word for members without a license.
const noLicense = "none"

// tierWords are the values of --license.
var tierWords = []string{string(v1alpha1.TierStandard), string(v1alpha1.TierPremium), noLicense}

// AssignedFilter filters members by their effective license, placement, and profiles. An empty
// field does not filter.
type AssignedFilter struct {
	license, site, team, userProfile, desktopProfile string
	// Licensed selects members with or without a license. nil does not filter.
	Licensed *bool
}

// AddFlags adds the flags.
func (f *AssignedFilter) AddFlags(s *cli.Session, command *cobra.Command) {
	flags := command.Flags()
	flags.StringVar(&f.license, "license", "", "Only members who hold this license: "+strings.Join(tierWords, ", "))
	flags.BoolFunc("contact-center-enabled", "Only members who hold a license of any tier; with =false, only members who hold none", func(word string) error {
		licensed, err := strconv.ParseBool(word)
		if err != nil {
			return errors.New("use true or false")
		}
		f.Licensed = &licensed
		return nil
	})
	flags.StringVar(&f.site, "site", "", "Only members at this site")
	flags.StringVar(&f.team, "team", "", "Only members in this team")
	flags.StringVar(&f.userProfile, "user-profile", "", "Only members with this effective user profile")
	flags.StringVar(&f.desktopProfile, "desktop-profile", "", "Only members with this effective desktop profile")
	cli.CompleteFlag(command, "license", tierWords...)
	cli.CompleteFlagFunc(command, "team", CompleteTeams(s))
	CompleteAssigned(s, command)
}

// CompleteAssigned completes the flags that name a site or a profile.
func CompleteAssigned(s *cli.Session, command *cobra.Command) {
	cli.CompleteFlagFunc(command, "site", completeNames(s, "Site"))
	cli.CompleteFlagFunc(command, "user-profile", completeUserProfiles(s))
	cli.CompleteFlagFunc(command, "desktop-profile", completeNames(s, "DesktopProfile"))
}

// normalize finds the values that are meant.
func (f *AssignedFilter) normalize() (err error) {
	if f.license == "" {
		return nil
	}
	if f.license, err = cli.Choose("license", f.license, tierWords...); err != nil {
		return err
	}
	if f.Licensed != nil && *f.Licensed == (f.license == noLicense) {
		return cli.UsageErrorf("Use either --license %s or --contact-center-enabled=%t.", f.license, *f.Licensed)
	}
	return nil
}

// terms returns what the API server can filter.
func (f *AssignedFilter) terms() []fields.Selector {
	var terms []fields.Selector
	const tier = "status.license.tier"
	switch {
	case f.license == noLicense, f.license == "" && f.Licensed != nil && !*f.Licensed:
		terms = append(terms, fields.OneTermEqualSelector(tier, ""))
	case f.license != "":
		terms = append(terms, fields.OneTermEqualSelector(tier, f.license))
	case f.Licensed != nil:
		terms = append(terms, fields.OneTermNotEqualSelector(tier, ""))
	}
	for _, term := range []struct{ field, value string }{
		{"status.site.name", f.site}, {"status.userProfile.name", f.userProfile}, {"status.desktopProfile.name", f.desktopProfile},
	} {
		if term.value != "" {
			terms = append(terms, fields.OneTermEqualSelector(term.field, term.value))
		}
	}
	return terms
}

// matches reports whether a member passes the filters that the API server cannot apply.
func (f *AssignedFilter) matches(m *v1alpha1.Member) bool {
	return f.team == "" || slices.ContainsFunc(m.Status.Teams, func(team v1alpha1.Assignment) bool { return team.Name == f.team })
}

// roleTerms returns what the API server can filter by the effective role. It knows the role in the
// spec, and MemberTemplates make Supervisors of Desk Staff.
func roleTerms(role string) []fields.Selector {
	const field = "spec.role"
	switch v1alpha1.Role(role) {
	case "":
		return nil
	case v1alpha1.RoleSupervisor:
		return []fields.Selector{
			fields.OneTermNotEqualSelector(field, string(v1alpha1.RoleSuperAdmin)),
			fields.OneTermNotEqualSelector(field, string(v1alpha1.RoleDeskAdmin)),
		}
	default:
		return []fields.Selector{fields.OneTermEqualSelector(field, role)}
	}
}
