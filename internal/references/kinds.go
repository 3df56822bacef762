// Package references knows which objects name which others: Members their skill groups,
// sites, teams, and profiles, and templates, teams, and skill groups what they name. It
// holds the indexes of the cache by those names, and finds names without an object.
package references

import (
	"context"
	"fmt"
	"strings"

	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/kube"
)

// Kind is a resource kind whose objects Members and MemberTemplates name.
type Kind struct {
	// Name is the Kind of the objects, and NotFound the reason of a condition if one does
	// not exist.
	Name, NotFound string
	// InTemplate returns the names of the objects that a template names.
	InTemplate func(*v1alpha1.MemberTemplateSpec) []string
	// Exists reports whether an object with a name exists.
	Exists func(ctx context.Context, reader client.Reader, namespace, name string) (bool, error)
}

// The kinds that a MemberTemplate may name.
var (
	Site = Kind{
		"Site", v1alpha1.ReasonSiteNotFound,
		func(t *v1alpha1.MemberTemplateSpec) []string { return nonEmpty(t.Site) }, kube.Exists[v1alpha1.Site],
	}
	Team = Kind{
		"Team", v1alpha1.ReasonTeamNotFound,
		func(t *v1alpha1.MemberTemplateSpec) []string { return t.Teams }, kube.Exists[v1alpha1.Team],
	}
	UserProfile    = Kind{"UserProfile", v1alpha1.ReasonProfileNotFound, customProfile, kube.Exists[v1alpha1.UserProfile]}
	DesktopProfile = Kind{
		"DesktopProfile", v1alpha1.ReasonProfileNotFound,
		func(t *v1alpha1.MemberTemplateSpec) []string { return nonEmpty(t.DesktopProfile) }, kube.Exists[v1alpha1.DesktopProfile],
	}
	SkillGroup = Kind{
		"SkillGroup", v1alpha1.ReasonSkillGroupNotFound,
		func(t *v1alpha1.MemberTemplateSpec) []string { return groupNames(t.SkillGroups) }, kube.Exists[v1alpha1.SkillGroup],
	}
)

// customProfile returns the user profile that a template names, in a list. It omits
// built-in profiles, which have no object.
func customProfile(t *v1alpha1.MemberTemplateSpec) []string {
	if v1alpha1.IsBuiltInProfile(t.UserProfile) {
		return nil
	}
	return nonEmpty(t.UserProfile)
}

// DefaultsOf returns the defaults of a ContactCenter in the form of a template.
func DefaultsOf(center *v1alpha1.ContactCenter) *v1alpha1.MemberTemplateSpec {
	defaults := ptr.Deref(center.Spec.Defaults, v1alpha1.Defaults{})
	return &v1alpha1.MemberTemplateSpec{Site: defaults.Site, UserProfile: defaults.UserProfile, DesktopProfile: defaults.DesktopProfile}
}

// Missing is a name without an object.
type Missing struct {
	Kind, Reason, Name string
}

// FindMissing returns the names in a template that have no object, those of the most
// important kind first.
func FindMissing(ctx context.Context, reader client.Reader, namespace string, spec *v1alpha1.MemberTemplateSpec) ([]Missing, error) {
	var missing []Missing
	for _, kind := range []Kind{Site, Team, UserProfile, DesktopProfile, SkillGroup} {
		for _, name := range kind.InTemplate(spec) {
			found, err := kind.Exists(ctx, reader, namespace, name)
			if err != nil {
				return nil, err
			}
			if !found {
				missing = append(missing, Missing{kind.Name, kind.NotFound, name})
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
	var parts []string
	for i, object := range missing {
		if i == maxMissingNames {
			parts = append(parts, fmt.Sprintf("and %d more do not exist", len(missing)-i))
			break
		}
		parts = append(parts, fmt.Sprintf("no %s is named %s", object.Kind, object.Name))
	}
	return strings.Join(parts, ", ") + ": create what is missing in this namespace, or take it out of " + from
}

// ListGroups returns the SkillGroups of a namespace that have a value in an index. Callers
// must not change them.
func ListGroups(ctx context.Context, reader client.Reader, namespace, index, value string) ([]*v1alpha1.SkillGroup, error) {
	var list v1alpha1.SkillGroupList
	return kube.List(ctx, reader, &list, &list.Items, namespace, client.MatchingFields{index: value})
}
