package membertemplate

import (
	"context"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/assignment"
	"rollcall.dev/rollcall/internal/kube"
	"rollcall.dev/rollcall/internal/references"
)

// observation is all that the status of a MemberTemplate is made from.
type observation struct {
	now      time.Time
	template *v1alpha1.MemberTemplate
	// members are those that the template is about. They are the cache's.
	members []*v1alpha1.Member
	// center is the ContactCenter, nil if there is none, and templates are those of
	// the namespace, this one included. Both are nil unless this one is suspended:
	// only its preview is made from them.
	center    *v1alpha1.ContactCenter
	templates []*v1alpha1.MemberTemplate
	// missing are the names of the template that nothing has.
	missing []references.Missing
	// selectorProblem is what is wrong with the selector; empty if nothing is.
	selectorProblem string
}

// observer looks at MemberTemplates.
type observer struct {
	reader client.Reader
	now    func() time.Time
}

// describe brings the status of a MemberTemplate up to date.
func (o observer) describe(ctx context.Context, template *v1alpha1.MemberTemplate) error {
	observed, err := o.observe(ctx, template)
	if err != nil {
		return err
	}
	template.Status = newStatus(observed)
	return nil
}

// observe makes the only reads of a reconcile.
func (o observer) observe(ctx context.Context, template *v1alpha1.MemberTemplate) (observation, error) {
	observed := observation{now: o.now(), template: template}
	if _, err := metav1.LabelSelectorAsSelector(&template.Spec.Selector); err != nil {
		observed.selectorProblem = err.Error()
	}
	var err error
	if observed.missing, err = references.FindMissing(ctx, o.reader, template.Namespace, &template.Spec); err != nil {
		return observed, err
	}
	var members v1alpha1.MemberList
	if err := o.reader.List(ctx, &members, client.InNamespace(template.Namespace), client.UnsafeDisableDeepCopy); err != nil {
		return observed, err
	}
	for i := range members.Items {
		if member := &members.Items[i]; assignment.Selects(template, member) {
			observed.members = append(observed.members, member)
		}
	}
	if !template.Spec.Suspend {
		return observed, nil
	}
	if observed.center, err = kube.FindContactCenter(ctx, o.reader, template.Namespace); err != nil {
		return observed, err
	}
	observed.templates, err = kube.ListTemplates(ctx, o.reader, template.Namespace)
	return observed, err
}
