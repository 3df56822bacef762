package operator

import (
	"errors"
	"fmt"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// tryChange has a user make a change in each way, as a dry run and for real.
func (env *environment) tryChange(as client.Client, d profileUser, c limitedChange, name string) error {
	env.Helper()
	var objections []refusal
	for power, objection := range c.needs {
		if !slices.Contains(d.powers, power) {
			objections = append(objections, objection)
		}
	}
	var before *v1alpha1.Member
	var problems []error
	for i, by := range []method{byPut, byMergePatch, byApply} {
		if c.add && by.name == byMergePatch.name {
			continue // which adds no Member
		}
		// Where the change is refused, the Member is as before the next way too.
		if before == nil || len(objections) == 0 {
			var err error
			if before, err = env.beforeChange(c, fmt.Sprint(name, "-", i)); err != nil {
				return err
			}
		}
		for _, dryRun := range [][]string{{metav1.DryRunAll}, nil} {
			after := before.DeepCopy()
			c.does(after)
			var err error
			if c.add && by.name == byPut.name {
				err = as.Create(env.Context(), after, &client.CreateOptions{DryRun: dryRun})
			} else {
				err = by.send(env, as, before, after, "", dryRun)
			}
			err = checkAnswer(err, objections)
			if len(objections) == 0 || dryRun == nil { // refused requests are checked together
				err = errors.Join(err, env.checkChanged(c, before, dryRun == nil && len(objections) == 0))
			}
			if err != nil {
				problems = append(problems, fmt.Errorf("by %s (dry run %v): %w", by.name, dryRun, err))
			}
		}
	}
	return errors.Join(problems...)
}

// beforeChange returns the Member to change, and creates it unless the change adds it.
func (env *environment) beforeChange(c limitedChange, name string) (*v1alpha1.Member, error) {
	env.Helper()
	before := env.withRole(name, c.role)
	if c.was != nil {
		c.was(before)
	}
	if c.add {
		return before, nil
	}
	// Applied, so that what a later apply does not say any more is taken out.
	if err := byApply.send(env, env.Cluster.Admin, nil, before, "", nil); err != nil {
		return nil, err
	}
	return env.GetMember(name), nil
}

// checkChanged checks that a change was made, or that it was not.
func (env *environment) checkChanged(c limitedChange, before *v1alpha1.Member, made bool) error {
	now := env.find(before.Name)
	changed := now != nil
	if !c.add {
		changed = changed && now.ResourceVersion != before.ResourceVersion
	}
	if changed != made {
		return fmt.Errorf("the Member was changed: %t", changed)
	}
	return nil
}
