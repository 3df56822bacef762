package query

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// Resource is a resource kind that is listed a page at a time.
type Resource[T any] struct {
	// Kind is the name of the kind, and FullName its full name as kubectl's -o name writes it.
	Kind, FullName string
	// Plural is the kind's name in messages.
	Plural string
	// NewList returns an empty list, and its items.
	NewList func() (client.ObjectList, *[]T)
	// Object returns an item as an object.
	Object func(*T) client.Object
}

// Members describes Members.
func Members() Resource[v1alpha1.Member] {
	return Resource[v1alpha1.Member]{
		Kind: "Member", FullName: "member.rollcall.dev", Plural: "members",
		NewList: func() (client.ObjectList, *[]v1alpha1.Member) {
			list := &v1alpha1.MemberList{}
			return list, &list.Items
		},
		Object: func(m *v1alpha1.Member) client.Object { return m },
	}
}

// SkillGroups describes SkillGroups.
func SkillGroups() Resource[v1alpha1.SkillGroup] {
	return Resource[v1alpha1.SkillGroup]{
		Kind: "SkillGroup", FullName: "skillgroup.rollcall.dev", Plural: "skill groups",
		NewList: func() (client.ObjectList, *[]v1alpha1.SkillGroup) {
			list := &v1alpha1.SkillGroupList{}
			return list, &list.Items
		},
		Object: func(g *v1alpha1.SkillGroup) client.Object { return g },
	}
}

// Teams describes Teams.
func Teams() Resource[v1alpha1.Team] {
	return Resource[v1alpha1.Team]{
		Kind: "Team", FullName: "team.rollcall.dev", Plural: "teams",
		NewList: func() (client.ObjectList, *[]v1alpha1.Team) {
			list := &v1alpha1.TeamList{}
			return list, &list.Items
		},
		Object: func(t *v1alpha1.Team) client.Object { return t },
	}
}

// Names describes the metadata of a kind, for callers that need only names.
func Names(kind schema.GroupVersionKind, plural string) Resource[metav1.PartialObjectMetadata] {
	return Resource[metav1.PartialObjectMetadata]{
		Kind: kind.Kind, Plural: plural,
		NewList: func() (client.ObjectList, *[]metav1.PartialObjectMetadata) {
			list := &metav1.PartialObjectMetadataList{}
			list.SetGroupVersionKind(kind.GroupVersion().WithKind(kind.Kind + "List"))
			return list, &list.Items
		},
		Object: func(o *metav1.PartialObjectMetadata) client.Object { return o },
	}
}
