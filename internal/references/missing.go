package references

import (
	"context"
	"fmt"
	"strings"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/kube"
)

// Kind are things of one kind that a template names.
type Kind struct {
	// kind is what people call them, and reason the one of Ready if one does not exist.
	Kind, Reason string
	Names        func(*v1alpha1.MemberTemplateSpec) []string
	// empty makes an object of the kind to read into.
	Empty func() client.Object
}

// Kinds are all that a template may name, the most important first.
var Kinds = []Kind{
	{"Site", v1alpha1.ReasonSiteNotFound, SiteOf, func() client.Object { return &v1alpha1.Site{} }},
	{"Team", v1alpha1.ReasonTeamNotFound, TeamsOf, func() client.Object { return &v1alpha1.Team{} }},
	{"UserProfile", v1alpha1.ReasonProfileNotFound, UserProfileOf, func() client.Object { return &v1alpha1.UserProfile{} }},
	{"DesktopProfile", v1alpha1.ReasonProfileNotFound, DesktopProfileOf, func() client.Object { return &v1alpha1.DesktopProfile{} }},
	{"SkillGroup", v1alpha1.ReasonSkillGroupNotFound, SkillGroupsOf, func() client.Object { return &v1alpha1.SkillGroup{} }},
}

// Missing is a name that nothing has.
type Missing struct {
	Kind, Reason, Name string
}

// FindMissing finds out which of the names that a template gives nothing has.
func FindMissing(ctx context.Context, reader client.Reader, namespace string, spec *v1alpha1.MemberTemplateSpec) ([]Missing, error) {
	var missing []Missing
	for _, things := range Kinds {
		for _, name := range things.Names(spec) {
			found, err := kube.Exists(ctx, reader, namespace, name, things.Empty())
			if err != nil {
				return nil, err
			}
			if !found {
				missing = append(missing, Missing{things.Kind, things.Reason, name})
			}
		}
	}
	return missing, nil
}

// maxMissingNames is how many names that nothing has a message tells.
const maxMissingNames = 10

// MissingMessage says which names nothing has, and what they can be taken out of.
func MissingMessage(missing []Missing, from string) string {
	parts := make([]string, 0, maxMissingNames+1)
	for i, nothing := range missing {
		if i == maxMissingNames {
			parts = append(parts, fmt.Sprintf("and %d more do not exist", len(missing)-i))
			break
		}
		parts = append(parts, fmt.Sprintf("no %s is named %s", nothing.Kind, nothing.Name))
	}
	return strings.Join(parts, ", ") + ": create what is missing in this namespace, or take it out of " + from
}
