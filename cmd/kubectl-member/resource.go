package main

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// resource is a resource kind that is listed a page at a time.
type resource[T any] struct {
	// name is the kind, and fullName its full name as kubectl's -o name writes it.
	name, fullName string
	// plural is the kind's name in messages.
	plural string
	// list returns an empty list, and where its items are.
	list func() (client.ObjectList, *[]T)
	// object returns an item as an object.
	object func(*T) client.Object
}

// memberResource describes Members.
func memberResource() resource[v1alpha1.Member] {
	return resource[v1alpha1.Member]{
		name: "Member", fullName: "member.rollcall.dev", plural: "members",
		list: func() (client.ObjectList, *[]v1alpha1.Member) {
			list := &v1alpha1.MemberList{}
			return list, &list.Items
		},
		object: func(m *v1alpha1.Member) client.Object { return m },
	}
}

// groupResource describes SkillGroups.
func groupResource() resource[v1alpha1.SkillGroup] {
	return resource[v1alpha1.SkillGroup]{
		name: "SkillGroup", fullName: "skillgroup.rollcall.dev", plural: "skill groups",
		list: func() (client.ObjectList, *[]v1alpha1.SkillGroup) {
			list := &v1alpha1.SkillGroupList{}
			return list, &list.Items
		},
		object: func(g *v1alpha1.SkillGroup) client.Object { return g },
	}
}

// teamResource describes Teams.
func teamResource() resource[v1alpha1.Team] {
	return resource[v1alpha1.Team]{
		name: "Team", fullName: "team.rollcall.dev", plural: "teams",
		list: func() (client.ObjectList, *[]v1alpha1.Team) {
			list := &v1alpha1.TeamList{}
			return list, &list.Items
		},
		object: func(t *v1alpha1.Team) client.Object { return t },
	}
}

// nameResource describes the metadata of a kind, for callers that need only names.
func nameResource(kind schema.GroupVersionKind, plural string) resource[metav1.PartialObjectMetadata] {
	return resource[metav1.PartialObjectMetadata]{
		name: kind.Kind, plural: plural,
		list: func() (client.ObjectList, *[]metav1.PartialObjectMetadata) {
			list := &metav1.PartialObjectMetadataList{}
			list.SetGroupVersionKind(kind.GroupVersion().WithKind(kind.Kind + "List"))
			return list, &list.Items
		},
		object: func(o *metav1.PartialObjectMetadata) client.Object { return o },
	}
}
