package query

import (
	"slices"
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

// MemberFilter says which members a list contains. An empty field does not filter.
type MemberFilter struct {
	AssignedFilter

	search, Role, login, email, agentID string
	Group, mail, Selector               string
	active, inactive                    bool
}

// AddFlags adds the flags.
func (f *MemberFilter) AddFlags(s *cli.Session, command *cobra.Command) {
	flags := command.Flags()
	flags.StringVar(&f.search, "search", "", "Only members whose full name, Member name, nickname, e-mail address, or agent ID contains this, regardless of case")
	flags.StringVar(&f.Role, "role", "", "Only members with this effective role: "+strings.Join(RoleWords, ", "))
	flags.StringVar(&f.login, "login", "", "Only members whose login is allowed or denied")
	flags.BoolVar(&f.active, "active", false, "Only members who are active")
	flags.BoolVar(&f.inactive, "inactive", false, "Only members who are not active")
	flags.StringVar(&f.email, "email", "", "Only the member with exactly this e-mail address, as its spec writes it")
	flags.StringVar(&f.agentID, "agent-id", "", "Only the member with exactly this agent ID")
	flags.StringVar(&f.Group, "group", "", "Only members in this skill group")
	flags.StringVar(&f.mail, "mail", "", "Only members whose e-mail with the current password is: "+strings.Join(mailWords, ", "))
	flags.StringVarP(&f.Selector, "selector", "l", "", "Only members with these labels, as kubectl get -l")
	cli.CompleteFlag(command, "role", RoleWords...)
	cli.CompleteFlag(command, "login", loginWords...)
	cli.CompleteFlag(command, "mail", mailWords...)
	cli.CompleteFlagFunc(command, "group", CompleteGroups(s))
	f.AssignedFilter.AddFlags(s, command)
}

// Normalize finds the values that are meant.
func (f *MemberFilter) Normalize() error {
	if f.active && f.inactive {
		return cli.UsageErrorf("Use either --active or --inactive.")
	}
	for _, word := range []struct {
		flag   string
		value  *string
		values []string
	}{
		{"role", &f.Role, RoleWords},
		{"login", &f.login, loginWords},
		{"mail", &f.mail, mailWords},
	} {
		if *word.value == "" {
			continue
		}
		// The full name of the reason is MailNotConfigured.
		if cli.Folded(*word.value) == "mailnotconfigured" {
			*word.value = "notconfigured"
		}
		value, err := cli.Choose(word.flag, *word.value, word.values...)
		if err != nil {
			return err
		}
		*word.value = value
	}
	return f.AssignedFilter.normalize()
}

// ListOptions returns what the API server can filter.
func (f *MemberFilter) ListOptions() ([]client.ListOption, error) {
	options, err := LabelOption(f.Selector)
	if err != nil {
		return nil, err
	}
	terms := append(roleTerms(f.Role), f.terms()...)
	for field, value := range map[string]string{"spec.email": f.email, "spec.agentID": f.agentID} {
		if value != "" {
			terms = append(terms, fields.OneTermEqualSelector(field, value))
		}
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
	case f.active && !memberinfo.IsActive(m), f.inactive && memberinfo.IsActive(m):
		return false
	case f.mail != "" && !isMail(f.mail, memberinfo.MailReason(m)):
		return false
	case f.Group != "" && !memberinfo.IsInGroup(m, f.Group), f.Role != "" && f.Role != string(m.EffectiveRole()):
		return false
	case !f.AssignedFilter.matches(m):
		return false
	default:
		return Contains(f.search, memberinfo.DisplayName(m), m.Name, m.Spec.Nickname, m.Spec.Email, m.Spec.AgentID)
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
