package membertemplate

import (
	"context"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/assignment"
	"rollcall.dev/rollcall/internal/kube"
	"rollcall.dev/rollcall/internal/references"
)

// observation holds everything from which the status of a MemberTemplate is derived.
type observation struct {
	template *v1alpha1.MemberTemplate
	// members are those that the template selects. They share memory with the cache.
	members []*v1alpha1.Member
	// center is the ContactCenter, nil if it does not exist, and templates are all
	// templates of the namespace, this one included. Both serve the preview, so they are
	// nil unless this template is suspended.
	center    *v1alpha1.ContactCenter
	templates []*v1alpha1.MemberTemplate
	// missing are the objects that the template names and that do not exist.
	missing []references.Missing
	// selectorProblem is the error in the selector, or "" if the selector is valid.
	selectorProblem string
}

// observe makes the only reads of a reconcile.
func observe(ctx context.Context, reader client.Reader, template *v1alpha1.MemberTemplate) (observation, error) {
	observed := observation{template: template}
	if _, err := metav1.LabelSelectorAsSelector(&template.Spec.Selector); err != nil {
		observed.selectorProblem = err.Error()
	}
	var err error
	if observed.missing, err = references.FindMissing(ctx, reader, template.Namespace, &template.Spec); err != nil {
		return observed, err
	}
	members, err := kube.ListMembers(ctx, reader, template.Namespace)
	if err != nil {
		return observed, err
	}
	observed.members = slices.DeleteFunc(members, func(member *v1alpha1.Member) bool { return !assignment.Selects(template, member) })
	if !template.Spec.Suspend {
		return observed, nil
	}
	if observed.center, err = kube.FindContactCenter(ctx, reader, template.Namespace); err != nil {
		return observed, err
	}
	observed.templates, err = kube.ListTemplates(ctx, reader, template.Namespace)
	return observed, err
}
