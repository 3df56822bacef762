package operator

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	authorizationv1 "k8s.io/api/authorization/v1"
	"k8s.io/apimachinery/pkg/util/sets"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// cell is one permission of a user in their contact center. The resource may be a
// subresource, such as members/status.
type cell struct{ group, resource, verb string }

// profileKinds are the resources that each field of a UserProfile is about.
var profileKinds = map[string][]string{
	"members": {"members"}, "skillGroups": {"skillgroups"}, "teams": {"teams"}, "sites": {"sites"},
	"templates": {"membertemplates"}, "profiles": {"userprofiles", "desktopprofiles"},
}

const (
	viewing = "get list watch"
	writing = "create update patch delete"
)

// given returns the cells that a role has in a profile; of a nil access, those of the
// role itself.
func given(role v1alpha1.Role, access *v1alpha1.ProfileAccess, actions []v1alpha1.MemberAction) sets.Set[cell] {
	cells := sets.New[cell]()
	if role == v1alpha1.RoleDeskStaff {
		return cells
	}
	admin := role != v1alpha1.RoleSupervisor
	allow := func(group, resource, verbs string) {
		for verb := range strings.FieldsSeq(verbs) {
			cells.Insert(cell{group, resource, verb})
		}
	}
	const ours = "rollcall.dev"
	whole := access == nil || role == v1alpha1.RoleSuperAdmin
	levels := map[string]v1alpha1.AccessLevel{}
	if whole {
		for kind := range profileKinds {
			levels[kind] = v1alpha1.AccessLevelEdit
		}
		actions = []v1alpha1.MemberAction{v1alpha1.ActionResetPassword, v1alpha1.ActionForceOffline, v1alpha1.ActionImport}
	} else {
		levels = map[string]v1alpha1.AccessLevel{
			"members": access.Members, "skillGroups": access.SkillGroups, "teams": access.Teams,
			"sites": access.Sites, "templates": access.Templates, "profiles": access.Profiles,
		}
	}
	for kind, level := range levels {
		for _, resource := range profileKinds[kind] {
			if !sees(level) {
				continue
			}
			allow(ours, resource, viewing)
			if admin && level == v1alpha1.AccessLevelEdit {
				allow(ours, resource, writing)
			}
			if whole {
				allow(ours, resource+"/status", "get")
			} else if admin {
				allow(ours, "members", "limited")
			}
		}
	}
	if sees(levels["members"]) {
		allow("", "events", viewing)
		allow("events.k8s.io", "events", viewing)
	}
	if !admin {
		return cells
	}
	if sees(levels["members"]) {
		allow(ours, "contactcenters", viewing)
	}
	if whole {
		allow(ours, "contactcenters/status", "get")
	}
	if levels["profiles"] == v1alpha1.AccessLevelEdit {
		allow(ours, "userprofiles", "assign")
	}
	for action, verb := range map[v1alpha1.MemberAction]string{
		v1alpha1.ActionResetPassword: "reset-password", v1alpha1.ActionForceOffline: "force-offline", v1alpha1.ActionImport: "import",
	} {
		if slices.Contains(actions, action) {
			allow(ours, "members", verb)
		}
	}
	return cells
}

func sees(level v1alpha1.AccessLevel) bool {
	return level == v1alpha1.AccessLevelView || level == v1alpha1.AccessLevelEdit
}

// oneLevel is an access in which one kind has a level, and the others have nothing;
// of an empty kind, all have it.
func oneLevel(kind string, level v1alpha1.AccessLevel) v1alpha1.ProfileAccess {
	at := func(field string) v1alpha1.AccessLevel {
		if kind == "" || kind == field {
			return level
		}
		return v1alpha1.AccessLevelNone
	}
	return v1alpha1.ProfileAccess{
		Members: at("members"), SkillGroups: at("skillGroups"), Teams: at("teams"), Sites: at("sites"), Templates: at("templates"), Profiles: at("profiles"),
	}
}

func TestEveryCellOfEveryGeneratedRole(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	stop := env.operate()
	profiles := map[string]*v1alpha1.UserProfile{
		"nothing": env.profile("nothing", oneLevel("", v1alpha1.AccessLevelNone)),
		"sees":    env.profile("sees", oneLevel("", v1alpha1.AccessLevelView)),
		"edits":   env.profile("edits", oneLevel("", v1alpha1.AccessLevelEdit), v1alpha1.ActionResetPassword, v1alpha1.ActionForceOffline, v1alpha1.ActionImport),
		"resets":  env.editing("resets", v1alpha1.ActionResetPassword),
		"forces":  env.editing("forces", v1alpha1.ActionForceOffline),
		"imports": env.editing("imports", v1alpha1.ActionImport),
	}
	for kind := range profileKinds {
		for _, level := range []v1alpha1.AccessLevel{v1alpha1.AccessLevelView, v1alpha1.AccessLevelEdit} {
			name := strings.ToLower(fmt.Sprintf("%s-%s", kind, level))
			profiles[name] = env.profile(name, oneLevel(kind, level))
		}
	}
	env.CreateAll(env.ContactCenterWithIdentity(),
		env.withRole("boss", v1alpha1.RoleDeskAdmin), env.withRole("lead", v1alpha1.RoleSupervisor), env.withRole("agent", v1alpha1.RoleDeskStaff),
		env.withProfile("desk-edits", v1alpha1.RoleDeskStaff, "edits"))
	want := map[string]sets.Set[cell]{
		"sam":   given(v1alpha1.RoleSuperAdmin, nil, nil),
		"boss":  given(v1alpha1.RoleDeskAdmin, nil, nil),
		"lead":  given(v1alpha1.RoleSupervisor, nil, nil),
		"agent": {}, "desk-edits": {},
	}
	members := []string{"boss", "lead"}
	for name, profile := range profiles {
		access, actions := profile.Spec.Access, profile.Spec.Actions
		env.CreateAll(profile, env.withProfile("admin-"+name, v1alpha1.RoleDeskAdmin, name), env.withProfile("super-"+name, v1alpha1.RoleSupervisor, name))
		want["admin-"+name] = given(v1alpha1.RoleDeskAdmin, &access, actions)
		want["super-"+name] = given(v1alpha1.RoleSupervisor, &access, actions)
		members = append(members, "admin-"+name, "super-"+name)
	}
	env.awaitGranted(append(members, v1alpha1.SuperAdminMemberName)...)
	env.AwaitMember("agent", ready)
	env.AwaitMember("desk-edits", ready)
	stop()
	count := 0
	for name, cells := range want {
		// The API server learns of RoleBindings a moment after they are written.
		env.Eventually(name+" has the permissions", func() error { return env.checkCells(name, cells) })
		count += len(cells)
		own := want["boss"]
		if strings.HasPrefix(name, "super-") {
			own = want["lead"]
		}
		for c := range cells.Difference(own) {
			if c.verb != "limited" {
				t.Errorf("%s: %s is more than the role gives", name, c)
			}
		}
	}
	t.Logf("%d cells are allowed, and no others", count)
}

// checkCells checks that a member has exactly these permissions in the namespace, by
// the rules that the API server's authorizer finds for the member.
func (env *environment) checkCells(member string, want sets.Set[cell]) error {
	review := &authorizationv1.SelfSubjectRulesReview{Spec: authorizationv1.SelfSubjectRulesReviewSpec{Namespace: env.Namespace}}
	if err := env.clientAs(member).Create(env.Context(), review); err != nil {
		return err
	}
	if review.Status.Incomplete {
		return fmt.Errorf("not all rules are known: %s", review.Status.EvaluationError)
	}
	got := sets.New[cell]()
	for _, rule := range review.Status.ResourceRules {
		for _, group := range rule.APIGroups {
			if group == "authorization.k8s.io" || group == "authentication.k8s.io" {
				continue // every user may ask about themselves
			}
			for _, resource := range rule.Resources {
				for _, verb := range rule.Verbs {
					got.Insert(cell{group, resource, verb})
				}
			}
		}
	}
	if !got.Equal(want) {
		return fmt.Errorf("%v is allowed, %v is not", got.Difference(want).UnsortedList(), want.Difference(got).UnsortedList())
	}
	return nil
}
