package operator

import (
	"errors"
	"fmt"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// tryChange is one cell: a user makes a change, as a dry run and for real.
func (env *environment) tryChange(as client.Client, d profileUser, c limitedChange, do wayIn, apply bool, name string) error {
	env.Helper()
	var objections []refusal
	for power, objection := range c.needs {
		if !slices.Contains(d.powers, power) {
			objections = append(objections, objection)
		}
	}
	before := env.withRole(name, c.role)
	if c.was != nil {
		c.was(before)
	}
	if !c.add {
		// Applied, so that what a later apply does not say any more is taken out.
		if err := env.apply(env.Cluster.Admin, before, nil); err != nil {
			return err
		}
		before = env.GetMember(name)
	}
	var problems []error
	for _, dryRun := range [][]string{{metav1.DryRunAll}, nil} {
		after := before.DeepCopy()
		c.does(after)
		var err error
		if c.add {
			err = env.addBy(as, after, apply, dryRun)
		} else {
			err = do(env, as, before, after, dryRun)
		}
		problems = append(problems, checkAnswer(err, objections), env.checkChanged(c, before, dryRun == nil && len(objections) == 0))
	}
	return errors.Join(problems...)
}

// addBy adds a Member by a POST or by server-side apply.
func (env *environment) addBy(as client.Client, member *v1alpha1.Member, apply bool, dryRun []string) error {
	if apply {
		return env.apply(as, member, dryRun)
	}
	return as.Create(env.Context(), member, &client.CreateOptions{DryRun: dryRun})
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
