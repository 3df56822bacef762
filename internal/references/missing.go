package references

import (
	"context"
	"fmt"
	"strings"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/kube"
)

// kind is a kind of object that a template may name.
type kind struct {
	// name is the Kind of the objects, and reason the reason of the condition Ready if one
	// does not exist.
	name, reason string
	names        func(*v1alpha1.MemberTemplateSpec) []string
	// newObject returns an empty object to read into.
	newObject func() client.Object
}

// kinds are all kinds that a template may name, the most important first.
var kinds = []kind{
	{"Site", v1alpha1.ReasonSiteNotFound, SiteOf, func() client.Object { return &v1alpha1.Site{} }},
	{"Team", v1alpha1.ReasonTeamNotFound, TeamsOf, func() client.Object { return &v1alpha1.Team{} }},
	{"UserProfile", v1alpha1.ReasonProfileNotFound, UserProfileOf, func() client.Object { return &v1alpha1.UserProfile{} }},
	{"DesktopProfile", v1alpha1.ReasonProfileNotFound, DesktopProfileOf, func() client.Object { return &v1alpha1.DesktopProfile{} }},
	{"SkillGroup", v1alpha1.ReasonSkillGroupNotFound, SkillGroupsOf, func() client.Object { return &v1alpha1.SkillGroup{} }},
}

// Missing is a name without an object.
type Missing struct {
	Kind, Reason, Name string
}

// FindMissing returns the names in a template that have no object.
func FindMissing(ctx context.Context, reader client.Reader, namespace string, spec *v1alpha1.MemberTemplateSpec) ([]Missing, error) {
	var missing []Missing
	for _, kind := range kinds {
		for _, name := range kind.names(spec) {
			found, err := kube.Exists(ctx, reader, namespace, name, kind.newObject())
			if err != nil {
				return nil, err
			}
			if !found {
				missing = append(missing, Missing{kind.name, kind.reason, name})
			}
		}
	}
	return missing, nil
}

// maxMissingNames is how many missing names a message lists.
const maxMissingNames = 10

// MissingMessage returns a message that lists missing names. The names are in the field
// from.
func MissingMessage(missing []Missing, from string) string {
	parts := make([]string, 0, maxMissingNames+1)
	for i, object := range missing {
		if i == maxMissingNames {
			parts = append(parts, fmt.Sprintf("and %d more do not exist", len(missing)-i))
			break
		}
		parts = append(parts, fmt.Sprintf("no %s is named %s", object.Kind, object.Name))
	}
	return strings.Join(parts, ", ") + ": create what is missing in this namespace, or take it out of " + from
}
