package query

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
	"rollcall.dev/rollcall/cmd/kubectl-member/memberinfo"
)

// The values of filter flags.
var (
	RoleWords = []string{
		string(v1alpha1.RoleSuperAdmin), string(v1alpha1.RoleDeskAdmin), string(v1alpha1.RoleSupervisor), string(v1alpha1.RoleDeskStaff),
	}
	loginWords   = []string{"allowed", "denied"}
	ChannelWords = []string{
		string(v1alpha1.ChannelPhone), string(v1alpha1.ChannelOnline), string(v1alpha1.ChannelAudio), string(v1alpha1.ChannelVideo),
	}
	mailWords = []string{"pending", "retrying", "rejected", "held", "mailed", "adopted", "notconfigured"}
)

// noLicense is the word for members without a license.
const noLicense = "none"

// tierWords are the values of --license.
var tierWords = []string{string(v1alpha1.TierStandard), string(v1alpha1.TierPremium), noLicense}

// MemberFilter says which members a list contains. An empty field does not filter.
type MemberFilter struct {
	search, Role, login, email, agentID string
	Group, mail, Selector               string
	active, inactive                    bool

	license, site, team, userProfile, desktopProfile string
	// Licensed selects members with or without a license. nil does not filter.
	Licensed *bool
}

// AddFlags adds the flags.
func (f *MemberFilter) AddFlags(s *cli.Session, command *cobra.Command) {
	flags := command.Flags()
	flags.StringVar(&f.search, "search", "", "Only members whose full name, Member name, nickname, e-mail address, or agent ID contains this, regardless of case")
	flags.StringVar(&f.login, "login", "", "Only members whose login is allowed or denied")
	flags.BoolVar(&f.active, "active", false, "Only members who are active")
	flags.BoolVar(&f.inactive, "inactive", false, "Only members who are not active")
	flags.StringVar(&f.email, "email", "", "Only the member with exactly this e-mail address, as its spec writes it")
	flags.StringVar(&f.agentID, "agent-id", "", "Only the member with exactly this agent ID")
	flags.StringVar(&f.mail, "mail", "", "Only members whose e-mail with the current password is: "+strings.Join(mailWords, ", "))
	cli.CompleteFlag(command, "login", loginWords...)
	cli.CompleteFlag(command, "mail", mailWords...)
	f.AddExportFlags(s, command, ": "+strings.Join(RoleWords, ", "))
}

// AddExportFlags adds the flags that export has too. Its help does not list the roles.
func (f *MemberFilter) AddExportFlags(s *cli.Session, command *cobra.Command, roles string) {
	flags := command.Flags()
	flags.StringVar(&f.Role, "role", "", "Only members with this effective role"+roles)
	flags.StringVar(&f.Group, "group", "", "Only members in this skill group")
	flags.StringVarP(&f.Selector, "selector", "l", "", "Only members with these labels, as kubectl get -l")
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
	cli.CompleteFlag(command, "role", RoleWords...)
	cli.CompleteFlag(command, "license", tierWords...)
	cli.CompleteFlagFunc(command, "group", CompleteNames(s, "SkillGroup"))
	cli.CompleteFlagFunc(command, "team", CompleteNames(s, "Team"))
	CompleteAssigned(s, command)
}

// CompleteAssigned completes the flags that name a site or a profile.
func CompleteAssigned(s *cli.Session, command *cobra.Command) {
	cli.CompleteFlagFunc(command, "site", CompleteNames(s, "Site"))
	cli.CompleteFlagFunc(command, "user-profile", completeUserProfiles(s))
	cli.CompleteFlagFunc(command, "desktop-profile", CompleteNames(s, "DesktopProfile"))
}

// Normalize finds the values that are meant.
func (f *MemberFilter) Normalize() (err error) {
	if f.active && f.inactive {
		return cli.UsageErrorf("Use either --active or --inactive.")
	}
	// The full name of the reason is MailNotConfigured.
	if cli.Folded(f.mail) == "mailnotconfigured" {
		f.mail = "notconfigured"
	}
	for _, word := range []struct {
		flag   string
		value  *string
		values []string
	}{
		{"role", &f.Role, RoleWords},
		{"login", &f.login, loginWords},
		{"mail", &f.mail, mailWords},
		{"license", &f.license, tierWords},
	} {
		if *word.value == "" {
			continue
		}
		if *word.value, err = cli.Choose(word.flag, *word.value, word.values...); err != nil {
			return err
		}
	}
	if f.license != "" && f.Licensed != nil && *f.Licensed == (f.license == noLicense) {
		return cli.UsageErrorf("Use either --license %s or --contact-center-enabled=%t.", f.license, *f.Licensed)
	}
	return nil
}

// ListOptions returns what the API server can filter.
func (f *MemberFilter) ListOptions() ([]client.ListOption, error) {
	options, err := LabelOption(f.Selector)
	if err != nil {
		return nil, err
	}
	terms := roleTerms(f.Role)
	for field, value := range map[string]string{
		"spec.email": f.email, "spec.agentID": f.agentID,
		"status.site.name": f.site, "status.userProfile.name": f.userProfile, "status.desktopProfile.name": f.desktopProfile,
	} {
		if value != "" {
			terms = append(terms, fields.OneTermEqualSelector(field, value))
		}
	}
	const tier = "status.license.tier"
	switch {
	case f.license == noLicense, f.license == "" && f.Licensed != nil && !*f.Licensed:
		terms = append(terms, fields.OneTermEqualSelector(tier, ""))
	case f.license != "":
		terms = append(terms, fields.OneTermEqualSelector(tier, f.license))
	case f.Licensed != nil:
		terms = append(terms, fields.OneTermNotEqualSelector(tier, ""))
	}
	switch f.login {
	case "allowed":
		terms = append(terms, fields.OneTermEqualSelector("status.login", string(v1alpha1.LoginAllowed)))
	case "denied":
		// A Member without a status is denied too.
		terms = append(terms, fields.OneTermNotEqualSelector("status.login", string(v1alpha1.LoginAllowed)))
	}
	if len(terms) > 0 {
		options = append(options, client.MatchingFieldsSelector{Selector: fields.AndSelectors(terms...)})
	}
	return options, nil
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

// LabelOption returns the option for a label selector.
func LabelOption(selector string) ([]client.ListOption, error) {
	if selector == "" {
		return nil, nil
	}
	parsed, err := labels.Parse(selector)
	if err != nil {
		return nil, cli.UsageErrorf("--selector %q is not a label selector, for example team=billing: %w", selector, err)
	}
	return []client.ListOption{client.MatchingLabelsSelector{Selector: parsed}}, nil
}

// Matches reports whether a member passes the filters that the API server cannot apply.
func (f *MemberFilter) Matches(m *v1alpha1.Member) bool {
	switch {
	case f.active && !m.Spec.IsActive(), f.inactive && m.Spec.IsActive():
		return false
	case f.mail != "" && !isMail(f.mail, memberinfo.MailReason(m)):
		return false
	case f.Group != "" && !memberinfo.IsInGroup(m, f.Group), f.Role != "" && f.Role != string(m.EffectiveRole()):
		return false
	case f.team != "" && !slices.ContainsFunc(m.Status.Teams, func(team v1alpha1.Assignment) bool { return team.Name == f.team }):
		return false
	default:
		return Contains(f.search, m.Spec.EffectiveName(), m.Name, m.Spec.Nickname, m.Spec.Email, m.Spec.AgentID)
	}
}

// isMail reports whether a word means a reason of PasswordMailed.
func isMail(word, reason string) bool {
	return strings.ToLower(reason) == word || word == "notconfigured" && reason == v1alpha1.ReasonMailNotConfigured
}

// Contains reports whether one of the texts contains a search text, regardless of case.
func Contains(search string, texts ...string) bool {
	search = strings.ToLower(search)
	return slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(strings.ToLower(text), search) })
}
