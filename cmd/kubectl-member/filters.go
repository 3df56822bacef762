package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// The words for roles, login states and what became of a letter.
var (
	roleWords = []string{
		string(v1alpha1.RoleSuperAdmin), string(v1alpha1.RoleDeskAdmin), string(v1alpha1.RoleSupervisor), string(v1alpha1.RoleDeskStaff),
	}
	loginWords   = []string{"allowed", "denied"}
	channelWords = []string{
		string(v1alpha1.ChannelPhone), string(v1alpha1.ChannelOnline), string(v1alpha1.ChannelAudio), string(v1alpha1.ChannelVideo),
	}
	mailWords = []string{"pending", "retrying", "rejected", "held", "mailed", "adopted", "notconfigured"}
)

// choose finds the value that a word of a flag means, without regard to case,
// hyphens and underscores.
func choose(flag, word string, values ...string) (string, error) {
	for _, value := range values {
		if folded(value) == folded(word) {
			return value, nil
		}
	}
	return "", usage("--%s cannot be %q: choose one of %s", flag, word, strings.Join(values, ", "))
}

// folded is a word without what does not count.
func folded(word string) string {
	return strings.NewReplacer("-", "", "_", "", " ", "").Replace(strings.ToLower(word))
}

// memberFilter is which members a list is about. An empty field does not filter.
type memberFilter struct {
	assignedFilter

	search, role, login, email, agentID string
	group, mail, selector               string
	active, inactive                    bool
}

// addTo adds the flags.
func (f *memberFilter) addTo(s *session, command *cobra.Command) {
	flags := command.Flags()
	flags.StringVar(&f.search, "search", "", "Only members whose name, name in the cluster, nickname, e-mail address or agent ID contains this, in any case")
	flags.StringVar(&f.role, "role", "", "Only members for whom this role counts, also by a MemberTemplate: "+strings.Join(roleWords, ", "))
	flags.StringVar(&f.login, "login", "", "Only members who may (allowed) or may not (denied) log in")
	flags.BoolVar(&f.active, "active", false, "Only members who are active")
	flags.BoolVar(&f.inactive, "inactive", false, "Only members with active: false")
	flags.StringVar(&f.email, "email", "", "Only the member with exactly this e-mail address, as its spec writes it")
	flags.StringVar(&f.agentID, "agent-id", "", "Only the member with exactly this agent ID")
	flags.StringVar(&f.group, "group", "", "Only members who are in this skill group, whoever says so")
	flags.StringVar(&f.mail, "mail", "", "Only members whose letter with the current password is: "+strings.Join(mailWords, ", "))
	flags.StringVarP(&f.selector, "selector", "l", "", "Only members with these labels, as kubectl get -l")
	completeFlag(command, "role", roleWords...)
	completeFlag(command, "login", loginWords...)
	completeFlag(command, "mail", mailWords...)
	completeFlagWith(command, "group", completeGroups(s))
	f.assignedFilter.addTo(s, command)
}

// normalise finds the values that are meant.
func (f *memberFilter) normalise() error {
	if f.active && f.inactive {
		return usage("--active and --inactive together fit nobody: give one of them")
	}
	for _, word := range []struct {
		flag   string
		value  *string
		values []string
	}{
		{"role", &f.role, roleWords},
		{"login", &f.login, loginWords},
		{"mail", &f.mail, mailWords},
	} {
		if *word.value == "" {
			continue
		}
		// The reason is MailNotConfigured, which may be said in full.
		if folded(*word.value) == "mailnotconfigured" {
			*word.value = "notconfigured"
		}
		value, err := choose(word.flag, *word.value, word.values...)
		if err != nil {
			return err
		}
		*word.value = value
	}
	return f.assignedFilter.normalise()
}

// options are what the API server can filter.
func (f *memberFilter) options() ([]client.ListOption, error) {
	options, err := labelled(f.selector)
	if err != nil {
		return nil, err
	}
	terms := append(roleTerms(f.role), f.terms()...)
	for field, value := range map[string]string{"spec.email": f.email, "spec.agentID": f.agentID} {
		if value != "" {
			terms = append(terms, fields.OneTermEqualSelector(field, value))
		}
	}
	switch f.login {
	case "allowed":
		terms = append(terms, fields.OneTermEqualSelector("status.login", string(v1alpha1.LoginAllowed)))
	case "denied":
		// A Member that the operator has not looked at yet is denied too.
		terms = append(terms, fields.OneTermNotEqualSelector("status.login", string(v1alpha1.LoginAllowed)))
	}
	if len(terms) > 0 {
		options = append(options, client.MatchingFieldsSelector{Selector: fields.AndSelectors(terms...)})
	}
	return options, nil
}

// labelled is the option for a label selector.
func labelled(selector string) ([]client.ListOption, error) {
	if selector == "" {
		return nil, nil
	}
	parsed, err := labels.Parse(selector)
	if err != nil {
		return nil, usage("--selector %q is not a label selector such as team=billing: %w", selector, err)
	}
	return []client.ListOption{client.MatchingLabelsSelector{Selector: parsed}}, nil
}

// matches is the rest of the filter.
func (f *memberFilter) matches(m *v1alpha1.Member) bool {
	switch {
	case f.active && !isActive(m), f.inactive && isActive(m):
		return false
	case f.mail != "" && !isMail(f.mail, mailReason(m)):
		return false
	case f.group != "" && !isInGroup(m, f.group), f.role != "" && f.role != string(m.EffectiveRole()):
		return false
	case !f.assignedFilter.matches(m):
		return false
	default:
		return contains(f.search, displayName(m), m.Name, m.Spec.Nickname, m.Spec.Email, m.Spec.AgentID)
	}
}

// isMail is whether a reason of PasswordMailed is the one that a word means.
func isMail(word, reason string) bool {
	return strings.ToLower(reason) == word || word == "notconfigured" && reason == v1alpha1.ReasonMailNotConfigured
}

// contains is whether one of the texts contains what is searched for.
func contains(search string, texts ...string) bool {
	search = strings.ToLower(search)
	return slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(strings.ToLower(text), search) })
}

// displayName is the full name, by default the local part of the e-mail address.
func displayName(m *v1alpha1.Member) string {
	if m.Spec.Name != "" {
		return m.Spec.Name
	}
	local, _, _ := strings.Cut(m.Spec.Email, "@")
	return local
}
