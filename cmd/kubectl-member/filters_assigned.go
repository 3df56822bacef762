package main

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/fields"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// noLicense is the word for members who hold no licence.
const noLicense = "none"

// tierWords are the words for what members hold.
var tierWords = []string{string(v1alpha1.TierStandard), string(v1alpha1.TierPremium), noLicense}

// assignedFilter is which licence, placement and profiles members really have,
// whoever says so. An empty field does not filter.
type assignedFilter struct {
	license, site, team, userProfile, desktopProfile string
	// licensed is whether they hold a licence; nil does not filter.
	licensed *bool
}

// addTo adds the flags.
func (f *assignedFilter) addTo(s *session, command *cobra.Command) {
	flags := command.Flags()
	flags.StringVar(&f.license, "license", "", "Only members who hold this licence: "+strings.Join(tierWords, ", "))
	flags.BoolFunc("contact-center-enabled", "Only members who hold a licence, of whichever tier; with =false: who hold none", func(word string) error {
		licensed, err := strconv.ParseBool(word)
		if err != nil {
			return errors.New("write true or false, or nothing after it")
		}
		f.licensed = &licensed
		return nil
	})
	flags.StringVar(&f.site, "site", "", "Only members who are at this site, whoever says so")
	flags.StringVar(&f.team, "team", "", "Only members who are in this team, whoever says so")
	flags.StringVar(&f.userProfile, "user-profile", "", "Only members for whom this user profile counts, whoever says so")
	flags.StringVar(&f.desktopProfile, "desktop-profile", "", "Only members for whom this desktop profile counts, whoever says so")
	completeFlag(command, "license", tierWords...)
	completeFlagWith(command, "team", completeTeams(s))
	completeAssigned(s, command)
}

// completeAssigned completes the flags that name a site or a profile.
func completeAssigned(s *session, command *cobra.Command) {
	completeFlagWith(command, "site", completeNames(s, "Site"))
	completeFlagWith(command, "user-profile", completeUserProfiles(s))
	completeFlagWith(command, "desktop-profile", completeNames(s, "DesktopProfile"))
}

// normalise finds the values that are meant.
func (f *assignedFilter) normalise() (err error) {
	if f.license == "" {
		return nil
	}
	if f.license, err = choose("license", f.license, tierWords...); err != nil {
		return err
	}
	if f.licensed != nil && *f.licensed == (f.license == noLicense) {
		return usage("--license %s and --contact-center-enabled=%t together fit nobody: give one of them", f.license, *f.licensed)
	}
	return nil
}

// terms are what the API server can filter.
func (f *assignedFilter) terms() []fields.Selector {
	var terms []fields.Selector
	const tier = "status.license.tier"
	switch {
	case f.license == noLicense, f.license == "" && f.licensed != nil && !*f.licensed:
		terms = append(terms, fields.OneTermEqualSelector(tier, ""))
	case f.license != "":
		terms = append(terms, fields.OneTermEqualSelector(tier, f.license))
	case f.licensed != nil:
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

// matches is the rest of the filter.
func (f *assignedFilter) matches(m *v1alpha1.Member) bool {
	return f.team == "" || slices.ContainsFunc(m.Status.Teams, func(team v1alpha1.Assignment) bool { return team.Name == f.team })
}

// roleTerms are what the API server can filter by the role that counts. It knows
// that of the spec; a MemberTemplate makes Supervisors of Desk Staff.
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
