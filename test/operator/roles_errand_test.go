package operator

import (
	"errors"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// errand is what is not done to one Member that is there.
type errand struct {
	name, verb, resource string
	// about is what it is done to, made anew for each request, in the namespace.
	about func(s *stage) client.Object
	// do is the request; nil for the verb on about.
	do func(s *stage, object client.Object, options request) error
	// before readies the world of a requester who is allowed to.
	before func(s *stage)
	// objections are what refuses it although RBAC allows it.
	objections func(r requester) []refusal
	// elsewhere is whether it would spoil the world for what comes next, and has
	// a contact centre of its own where it is allowed.
	elsewhere bool
	// pretend is whether it would spoil the cluster, and is only tried as a dry
	// run where it is allowed.
	pretend bool
}

// request says how something is asked for.
type request struct{ dryRun []string }

// run is one row of the table that is about no Member that is there.
func (s *stage) run(e errand, way way) {
	s.Helper()
	if s.own == "" && e.name == "add oneself again" {
		return // the operator has no Member
	}
	if e.verb == "impersonate" && s.config.Impersonate.UserName != "" {
		return // whoever acts as them already may act as others
	}
	var objections []refusal
	if !s.rights.allow(e.verb, e.resource) {
		objections = []refusal{cannot(s.username(), e.verb, e.resource)}
	} else if e.objections != nil {
		objections = e.objections(s.requester)
	}
	if len(objections) == 0 && e.elsewhere {
		somewhere := s.in(s.T)
		somewhere.world = newWorld(s.T)
		somewhere.visit(e, way, objections)
	} else {
		s.visit(e, way, objections)
	}
	s.count(objections)
}

// visit makes the requests of an errand. What is allowed is done for real in the last way.
func (s *stage) visit(e errand, way way, objections []refusal) {
	s.Helper()
	if e.before != nil && len(objections) == 0 {
		e.before(s)
	}
	for _, options := range []request{{dryRun: []string{metav1.DryRunAll}}, {}} {
		if len(objections) == 0 && options.dryRun == nil && (e.pretend || way.name != ways[len(ways)-1].name) {
			continue
		}
		if err := checkAnswer(s.ask(e, options), objections); err != nil {
			s.Errorf("%s: %s (%s, dry run %v): %v", s.name, e.name, way.name, options.dryRun != nil, err)
		}
	}
}

// ask makes the request of an errand.
func (s *stage) ask(e errand, options request) error {
	var object client.Object
	if e.about != nil {
		object = e.about(s)
	}
	ctx := s.Context()
	switch {
	case e.do != nil:
		return e.do(s, object, options)
	case e.verb == "create":
		return s.client.Create(ctx, object, &client.CreateOptions{DryRun: options.dryRun})
	case e.verb == "delete":
		return s.client.Delete(ctx, object, &client.DeleteOptions{DryRun: options.dryRun})
	case e.verb == "update":
		if err := s.Get(ctx, client.ObjectKeyFromObject(object), object); client.IgnoreNotFound(err) != nil {
			return err
		}
		object.SetAnnotations(map[string]string{"example.com/note": "changed"})
		return s.client.Update(ctx, object, &client.UpdateOptions{DryRun: options.dryRun})
	default:
		return errors.New("no such verb")
	}
}
