package operator

import (
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// attempt is one way in which Ana tries to get more than her profile gives.
type attempt struct {
	name       string
	do         func(env *environment, ana client.Client, dryRun []string) error
	objections []refusal
}

// changing is an attempt to change an object that is there.
func changing[T client.Object](name string, object func(*environment) T, change func(T), objections ...refusal) attempt {
	return attempt{name, func(env *environment, ana client.Client, dryRun []string) error {
		there := object(env)
		if err := env.Get(env.Context(), client.ObjectKeyFromObject(there), there); err != nil {
			return err
		}
		change(there)
		return ana.Update(env.Context(), there, &client.UpdateOptions{DryRun: dryRun})
	}, objections}
}

// making is an attempt to create an object.
func making[T client.Object](name string, object func(*environment) T, objections ...refusal) attempt {
	return attempt{name, func(env *environment, ana client.Client, dryRun []string) error {
		return ana.Create(env.Context(), object(env), &client.CreateOptions{DryRun: dryRun})
	}, objections}
}

// removing is an attempt to delete an object.
func removing[T client.Object](name string, object func(*environment) T, objections ...refusal) attempt {
	return attempt{name, func(env *environment, ana client.Client, dryRun []string) error {
		return ana.Delete(env.Context(), object(env), &client.DeleteOptions{DryRun: dryRun})
	}, objections}
}

// blueTemplate returns a MemberTemplate for all members with a label.
func (env *environment) blueTemplate(name string, shape func(*v1alpha1.MemberTemplateSpec)) *v1alpha1.MemberTemplate {
	template := named(env, &v1alpha1.MemberTemplate{Spec: v1alpha1.MemberTemplateSpec{
		Selector: metav1.LabelSelector{MatchLabels: map[string]string{"team": "blue"}}, ApplyTo: v1alpha1.ApplyToAllMembers,
	}}, name)
	shape(&template.Spec)
	return template
}

func givesProfile(spec *v1alpha1.MemberTemplateSpec) { spec.UserProfile = "wide" }
func givesSite(spec *v1alpha1.MemberTemplateSpec)    { spec.Site = "berlin" }

const anasName = "oidc:ana@example.com"

func anas(env *environment) *v1alpha1.Member             { return env.Member("ana") }
func another(env *environment) *v1alpha1.Member          { return env.Member("wei") }
func anasProfile(env *environment) *v1alpha1.UserProfile { return env.editing("narrow") }
func profileTemplate(env *environment) *v1alpha1.MemberTemplate {
	return env.blueTemplate("profiles", givesProfile)
}

func siteTemplate(env *environment) *v1alpha1.MemberTemplate {
	return env.blueTemplate("sites", givesSite)
}

func anasRole(env *environment) *rbacv1.Role {
	return named(env, &rbacv1.Role{}, "rollcall-profile-narrow")
}

func anasBinding(env *environment) *rbacv1.RoleBinding {
	return named(env, &rbacv1.RoleBinding{}, "rollcall-member-ana")
}

// waysAround end with what her profile gives, in an order in which none spoils the next.
var waysAround = []attempt{
	changing("her own profile", anas, func(m *v1alpha1.Member) { m.Spec.UserProfile = "" }, notOwnProfile, noProfile),
	changing("another profile of her own", anas, func(m *v1alpha1.Member) { m.Spec.UserProfile = "wide" }, notOwnProfile, noProfile),
	changing("a label of her own", anas, func(m *v1alpha1.Member) { m.Labels = map[string]string{"team": "blue"} }, notOwnLabels, noLabels),
	changing("an import of her own", anas, imported, notOwnLabels, noImport),
	changing("a license of her own", anas, func(m *v1alpha1.Member) { m.Spec.License = v1alpha1.LicensePremium }, notOwnLicense),
	changing("her own role", anas, func(m *v1alpha1.Member) { m.Spec.Role = v1alpha1.RoleSupervisor }, notOwnRole, noDeskAdmin),
	removing("herself", anas, notOwnDeletion),
	making("a second self", func(env *environment) client.Object {
		m := env.withRole("second", v1alpha1.RoleDeskAdmin)
		m.Spec.Email = "ANA@example.com"
		return m
	}, notOwnMember, noDeskAdmin),
	making("a Desk Admin under another address", func(env *environment) client.Object { return env.withRole("ana-two", v1alpha1.RoleDeskAdmin) }, noDeskAdmin),
	changing("a Desk Admin of an accomplice", another, func(m *v1alpha1.Member) { m.Spec.Role = v1alpha1.RoleDeskAdmin }, noDeskAdmin),

	making("a template with a role", func(env *environment) client.Object {
		return env.blueTemplate("more", func(spec *v1alpha1.MemberTemplateSpec) { spec.Role = v1alpha1.RoleSupervisor })
	}, noTemplates),
	making("a template with a profile", func(env *environment) client.Object { return env.blueTemplate("more", givesProfile) }, noTemplates),
	making("a suspended template with a profile", func(env *environment) client.Object {
		return env.blueTemplate("more", func(s *v1alpha1.MemberTemplateSpec) { s.UserProfile, s.Suspend = "wide", true })
	}, noTemplates),
	changing("another profile in a template", profileTemplate, func(t *v1alpha1.MemberTemplate) { t.Spec.UserProfile = "narrow" }, noTemplates),
	changing("no profile in a template", profileTemplate, func(t *v1alpha1.MemberTemplate) { t.Spec.UserProfile, t.Spec.Site = "", "berlin" }, noTemplates),
	changing("a template that selects others", profileTemplate, func(t *v1alpha1.MemberTemplate) { t.Spec.Selector = metav1.LabelSelector{} }, noTemplates),
	changing("a profile in a template without one", siteTemplate, func(t *v1alpha1.MemberTemplate) { t.Spec.UserProfile = "wide" }, noTemplates),
	removing("a template with a profile, deleted", profileTemplate, noTemplates),

	making("a profile", func(env *environment) client.Object { return env.editing("new") }, cannot(anasName, "create", "userprofiles")),
	changing("what her profile says", anasProfile, func(p *v1alpha1.UserProfile) { p.Spec.Access.Profiles = v1alpha1.AccessLevelEdit }, cannot(anasName, "update", "userprofiles")),
	removing("no profile there any more", anasProfile, cannot(anasName, "delete", "userprofiles")),
	changing("the Role of her profile", anasRole, func(r *rbacv1.Role) { r.Rules = append(r.Rules, secrets) }, cannot(anasName, "update", "roles")),
	removing("no Role of her profile", anasRole, cannot(anasName, "delete", "roles")),
	changing("her RoleBinding", anasBinding, func(b *rbacv1.RoleBinding) { b.Subjects = nil }, cannot(anasName, "update", "rolebindings")),
	making("a RoleBinding to another's Role", func(env *environment) client.Object {
		binding := env.editor(anasName)
		binding.RoleRef = rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: "rollcall-profile-wide"}
		return binding
	}, cannot(anasName, "create", "rolebindings")),

	// What her profile gives.
	changing("a template for another site", siteTemplate, func(t *v1alpha1.MemberTemplate) { t.Spec.Site = "paris" }),
	making("a template without a profile", func(env *environment) client.Object { return env.blueTemplate("more", givesSite) }),
	removing("a template without a profile, deleted", siteTemplate),
	changing("her own nickname", anas, func(m *v1alpha1.Member) { m.Spec.Nickname = "Ana" }),
	changing("a colleague's license", another, func(m *v1alpha1.Member) { m.Spec.License = v1alpha1.LicensePremium }),
	changing("a colleague's label", another, func(m *v1alpha1.Member) { m.Labels = map[string]string{"team": "blue"} }),
}

func TestNoRequestEscalatesBeyondTheOwnProfile(t *testing.T) {
	t.Parallel()
	env := newProfiledEnvironment(t, func(env *environment) *v1alpha1.UserProfile {
		return env.profile("narrow", v1alpha1.ProfileAccess{Members: v1alpha1.AccessLevelEdit, Templates: v1alpha1.AccessLevelEdit, Profiles: v1alpha1.AccessLevelView},
			v1alpha1.ActionResetPassword, v1alpha1.ActionForceOffline)
	})
	env.CreateAll(env.profile("wide", oneLevel("", v1alpha1.AccessLevelEdit)), profileTemplate(env), siteTemplate(env), env.withRole("wei", v1alpha1.RoleSupervisor))
	for identity, authenticate := range identities {
		ana := clientFor(t, authenticate(t, deskAdmin))
		for _, a := range waysAround {
			for _, dryRun := range [][]string{{metav1.DryRunAll}, nil} {
				if dryRun == nil && len(a.objections) == 0 {
					continue // it would spoil the world for the next identity
				}
				if err := checkAnswer(a.do(env, ana, dryRun), a.objections); err != nil {
					t.Errorf("%s, %s (dry run %v): %v", a.name, identity, dryRun, err)
				}
			}
		}
	}
	for _, a := range waysAround {
		if len(a.objections) > 0 {
			continue
		}
		if err := a.do(env, env.clientAs("ana"), nil); err != nil {
			t.Errorf("%s: %v", a.name, err)
		}
	}
}

func TestNoUserChangesTheirOwnProfileLicenseOrLabels(t *testing.T) {
	t.Parallel()
	env := newAdministeredEnvironment(t)
	env.CreateAll(env.withRole("wei", v1alpha1.RoleDeskAdmin))
	for who, as := range map[string]client.Client{
		"a Desk Admin": clientFor(t, withToken(t, "ana@example.com")), "a cluster administrator": clientFor(t, impersonating(t, anasName)),
	} {
		for name, test := range map[string]struct {
			change func(*v1alpha1.Member)
			guard  refusal
		}{
			"profile":  {func(m *v1alpha1.Member) { m.Spec.UserProfile = v1alpha1.ProfileSupervisor }, notOwnProfile},
			"license":  {func(m *v1alpha1.Member) { m.Spec.License = v1alpha1.LicensePremium }, notOwnLicense},
			"labels":   {func(m *v1alpha1.Member) { m.Labels = map[string]string{"team": "blue"} }, notOwnLabels},
			"template": {func(m *v1alpha1.Member) { m.Spec.Site = "berlin" }, refusal{}},
		} {
			for whose, objections := range map[string][]refusal{"ana": {test.guard}, "wei": nil} {
				if test.guard.by == nil {
					objections = nil
				}
				member := env.GetMember(whose)
				test.change(member)
				if err := checkAnswer(as.Update(t.Context(), member, client.DryRunAll), objections); err != nil {
					t.Errorf("%s, the %s of %s: %v", who, name, whose, err)
				}
			}
		}
	}
}

func TestNoUserSetsOwnersOrFinalizersOfTheKindsThatGrantAccess(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	for _, object := range []client.Object{env.editing("narrow"), env.desktop("quiet"), env.site("site"), env.team("team", "site"), siteTemplate(env)} {
		if err := env.Create(t.Context(), object); err != nil {
			t.Errorf("%T: %v", object, err)
			continue
		}
		owned, held := object.DeepCopyObject().(client.Object), object.DeepCopyObject().(client.Object) //nolint:forcetypeassert // they are copies
		owned.SetOwnerReferences([]metav1.OwnerReference{{APIVersion: "v1", Kind: "ConfigMap", Name: "owner", UID: "no such object"}})
		held.SetFinalizers([]string{"example.com/hold"})
		for _, dryRun := range [][]string{{metav1.DryRunAll}, nil} {
			if err := checkAnswer(env.Update(t.Context(), owned, &client.UpdateOptions{DryRun: dryRun}), []refusal{ownersAreKept}); err != nil {
				t.Errorf("%T, owned: %v", object, err)
			}
			if err := checkAnswer(env.Update(t.Context(), held, &client.UpdateOptions{DryRun: dryRun}), []refusal{finalizersAreKept}); err != nil {
				t.Errorf("%T, held: %v", object, err)
			}
		}
	}
}
