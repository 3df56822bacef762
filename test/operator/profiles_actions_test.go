package operator

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// The refusals of the policies about what a user profile does not allow.
var (
	noReset     = guarded("profile-actions", "your user profile does not allow you to reset passwords: ask an administrator")
	noCutOff    = guarded("profile-actions", "your user profile does not allow you to force members offline, restore, deactivate or activate them: ask an administrator")
	noImport    = guarded("profile-actions", "your user profile does not allow you to import members,")
	noProfile   = guarded("profile-actions", "your user profile does not allow you to assign user profiles: ask an administrator")
	noDeskAdmin = guarded("profile-actions", "your user profile does not allow you to give or take the role DeskAdmin: ask an administrator")
	noLabels    = guarded("profile-actions", "your user profile does not allow you to change the labels of a Desk Admin,")
	noTemplates = guarded("profile-templates", "your user profile does not allow you to add, change or delete a MemberTemplate that gives a user profile or a role:")
)

// power is what a change of a Member takes beside editing it.
type power string

const (
	resetting, forcing, importing, assigning power = "reset", "force", "import", "assign"
)

// limitedChange is what one request does to a Member.
type limitedChange struct {
	name string
	// add reports whether the Member is added so; else it is there.
	add bool
	// role is the Member's before.
	role v1alpha1.Role
	// was is what the Member is like before, and does what is done.
	was, does func(*v1alpha1.Member)
	// needs are the powers it takes, with the refusal of who lacks one.
	needs map[power]refusal
}

func needing(p power, r refusal) map[power]refusal { return map[power]refusal{p: r} }

func imported(m *v1alpha1.Member) {
	m.Labels = map[string]string{v1alpha1.ImportedByLabel: v1alpha1.ImportedByValue}
}

var limitedChanges = []limitedChange{
	{name: "edit names, numbers, groups and placement", does: func(m *v1alpha1.Member) {
		m.Spec.Nickname, m.Spec.Phone, m.Spec.Site, m.Spec.Teams, m.Spec.DesktopProfile = "Desk", "+14155550123", "berlin", []string{"blue"}, "quiet"
	}},
	{name: "give a license", does: func(m *v1alpha1.Member) { m.Spec.License = v1alpha1.LicensePremium }},
	{name: "label Desk Staff", does: func(m *v1alpha1.Member) { m.Labels = map[string]string{"team": "blue"} }},
	{name: "annotate", role: v1alpha1.RoleDeskAdmin, does: func(m *v1alpha1.Member) { m.Annotations = map[string]string{"note": "new"} }},
	{name: "make a Supervisor", does: func(m *v1alpha1.Member) { m.Spec.Role = v1alpha1.RoleSupervisor }},

	{name: "reset", needs: needing(resetting, noReset), does: func(m *v1alpha1.Member) { m.Spec.PasswordReset = "today" }},
	{
		name: "take a reset out", needs: needing(resetting, noReset),
		was: func(m *v1alpha1.Member) { m.Spec.PasswordReset = "today" }, does: func(m *v1alpha1.Member) { m.Spec.PasswordReset = "" },
	},
	{name: "add with a reset", add: true, does: func(m *v1alpha1.Member) { m.Spec.PasswordReset = "today" }},

	{name: "force offline", needs: needing(forcing, noCutOff), does: func(m *v1alpha1.Member) { m.Spec.ForceOffline = true }},
	{name: "force offline for a while", needs: needing(forcing, noCutOff), does: func(m *v1alpha1.Member) { m.Spec.ForceOfflineUntil = &tomorrow }},
	{name: "say why offline", needs: needing(forcing, noCutOff), does: func(m *v1alpha1.Member) { m.Spec.ForceOfflineReason = "on leave" }},
	{name: "deactivate", needs: needing(forcing, noCutOff), does: func(m *v1alpha1.Member) { m.Spec.Active = new(false) }},
	{
		name: "restore", needs: needing(forcing, noCutOff),
		was: func(m *v1alpha1.Member) { m.Spec.ForceOffline = true }, does: func(m *v1alpha1.Member) { m.Spec.ForceOffline = false },
	},
	{
		name: "restore early", needs: needing(forcing, noCutOff),
		was: func(m *v1alpha1.Member) { m.Spec.ForceOfflineUntil = &tomorrow }, does: func(m *v1alpha1.Member) { m.Spec.ForceOfflineUntil = nil },
	},
	{
		name: "activate", needs: needing(forcing, noCutOff),
		was: func(m *v1alpha1.Member) { m.Spec.Active = new(false) }, does: func(m *v1alpha1.Member) { m.Spec.Active = nil },
	},
	{name: "edit who is offline", was: func(m *v1alpha1.Member) { m.Spec.ForceOffline, m.Spec.Active = true, new(false) }, does: func(m *v1alpha1.Member) { m.Spec.Nickname = "Desk" }},
	{name: "add offline", add: true, needs: needing(forcing, noCutOff), does: func(m *v1alpha1.Member) { m.Spec.ForceOffline = true }},
	{name: "add offline for a while", add: true, needs: needing(forcing, noCutOff), does: func(m *v1alpha1.Member) { m.Spec.ForceOfflineUntil = &tomorrow }},
	{name: "add inactive", add: true, needs: needing(forcing, noCutOff), does: func(m *v1alpha1.Member) { m.Spec.Active = new(false) }},
	{name: "add active and online", add: true, does: func(m *v1alpha1.Member) { m.Spec.Active, m.Spec.ForceOffline = new(true), false }},

	{name: "take over an import", needs: needing(importing, noImport), does: imported},
	{name: "give up an import", was: imported, needs: needing(importing, noImport), does: func(m *v1alpha1.Member) { m.Labels = nil }},
	{name: "import for another program", was: imported, needs: needing(importing, noImport), does: func(m *v1alpha1.Member) { m.Labels[v1alpha1.ImportedByLabel] = "other" }},
	{name: "add by an import", add: true, needs: needing(importing, noImport), does: imported},
	{name: "edit who was imported", was: imported, does: func(m *v1alpha1.Member) { m.Spec.Nickname = "Desk" }},
	{name: "import over a Desk Admin", role: v1alpha1.RoleDeskAdmin, needs: needing(importing, noImport), does: imported},

	{name: "give a profile", needs: needing(assigning, noProfile), does: func(m *v1alpha1.Member) { m.Spec.UserProfile = "edits" }},
	{name: "give a built-in profile", needs: needing(assigning, noProfile), does: func(m *v1alpha1.Member) { m.Spec.UserProfile = v1alpha1.ProfileAdministrator }},
	{
		name: "take a profile away", role: v1alpha1.RoleDeskAdmin, needs: needing(assigning, noProfile),
		was: func(m *v1alpha1.Member) { m.Spec.UserProfile = "sees" }, does: func(m *v1alpha1.Member) { m.Spec.UserProfile = "" },
	},
	{name: "add with a profile", add: true, needs: needing(assigning, noProfile), does: func(m *v1alpha1.Member) { m.Spec.UserProfile = "edits" }},
	{name: "make a Desk Admin", needs: needing(assigning, noDeskAdmin), does: func(m *v1alpha1.Member) { m.Spec.Role = v1alpha1.RoleDeskAdmin }},
	{name: "make a Supervisor a Desk Admin", role: v1alpha1.RoleSupervisor, needs: needing(assigning, noDeskAdmin), does: func(m *v1alpha1.Member) { m.Spec.Role = v1alpha1.RoleDeskAdmin }},
	{name: "unmake a Desk Admin", role: v1alpha1.RoleDeskAdmin, needs: needing(assigning, noDeskAdmin), does: func(m *v1alpha1.Member) { m.Spec.Role = v1alpha1.RoleDeskStaff }},
	{name: "add a Desk Admin", add: true, needs: needing(assigning, noDeskAdmin), does: func(m *v1alpha1.Member) { m.Spec.Role = v1alpha1.RoleDeskAdmin }},
	{name: "add a Supervisor", add: true, does: func(m *v1alpha1.Member) { m.Spec.Role = v1alpha1.RoleSupervisor }},
	{name: "edit a Desk Admin", role: v1alpha1.RoleDeskAdmin, does: func(m *v1alpha1.Member) { m.Spec.Nickname = "Desk" }},
	{name: "label a Desk Admin", role: v1alpha1.RoleDeskAdmin, needs: needing(assigning, noLabels), does: func(m *v1alpha1.Member) { m.Labels = map[string]string{"team": "blue"} }},
	{
		name: "take a Desk Admin's label away", role: v1alpha1.RoleDeskAdmin, needs: needing(assigning, noLabels),
		was: func(m *v1alpha1.Member) { m.Labels = map[string]string{"team": "blue"} }, does: func(m *v1alpha1.Member) { m.Labels = nil },
	},
	{
		name: "change a Desk Admin's label", role: v1alpha1.RoleDeskAdmin, needs: needing(assigning, noLabels),
		was: func(m *v1alpha1.Member) { m.Labels = map[string]string{"team": "blue"} }, does: func(m *v1alpha1.Member) { m.Labels["team"] = "red" },
	},
}

// profileUser is a user who edits members.
type profileUser struct {
	name   string
	config *rest.Config
	powers []power
}

// profileUsers are administrators with user profiles that are given, and others, for whom
// all is as if there were none.
func (env *environment) profileUsers() []profileUser {
	env.Helper()
	all := []power{resetting, forcing, importing, assigning}
	profiles := map[string]struct {
		profile *v1alpha1.UserProfile
		powers  []power
	}{
		"plain":          {env.editing("plain"), nil},
		"resets":         {env.editing("resets", v1alpha1.ActionResetPassword), all[:1]},
		"forces":         {env.editing("forces", v1alpha1.ActionForceOffline), all[1:2]},
		"imports":        {env.editing("imports", v1alpha1.ActionImport), all[2:3]},
		"assigns":        {env.profile("assigns", v1alpha1.ProfileAccess{Members: v1alpha1.AccessLevelEdit, Profiles: v1alpha1.AccessLevelEdit}), all[3:]},
		"views-profiles": {env.profile("views-profiles", v1alpha1.ProfileAccess{Members: v1alpha1.AccessLevelEdit, Profiles: v1alpha1.AccessLevelView}), nil},
		"does-all":       {env.profile("does-all", oneLevel("", v1alpha1.AccessLevelEdit), v1alpha1.ActionResetPassword, v1alpha1.ActionForceOffline, v1alpha1.ActionImport), all},
	}
	names := slices.Collect(maps.Keys(profiles))
	stop := env.operate()
	env.CreateAll(env.ContactCenterWithIdentity(), env.withRole("boss", v1alpha1.RoleDeskAdmin))
	for name, p := range profiles {
		env.CreateAll(p.profile, env.withProfile(name, v1alpha1.RoleDeskAdmin, name))
	}
	env.awaitGranted(append(names, "boss", v1alpha1.SuperAdminMemberName)...)
	users := []profileUser{
		{"a Desk Admin without a profile", withCertificate(env.T, "oidc:boss@example.com"), all},
		{"the Super Admin", withToken(env.T, "sam@example.com"), all},
		{"a cluster administrator", env.Cluster.Config, all},
		{"a cluster administrator who is nobody else", impersonating(env.T, "oidc:eve@example.com"), all},
	}
	for name, p := range profiles {
		env.awaitListing(name, true)
		users = append(users, profileUser{name, env.impersonatingMember(name), p.powers})
	}
	env.awaitListing("boss", true)
	env.awaitListing("sam", true)
	stop()
	for name, rules := range map[string][]rbacv1.PolicyRule{
		"a robot that edits members": {{APIGroups: []string{"rollcall.dev"}, Resources: []string{"members"}, Verbs: []string{"get", "list", "create", "update", "patch"}}},
		"a robot with all verbs":     {{APIGroups: []string{"rollcall.dev"}, Resources: []string{"members"}, Verbs: []string{"*"}}},
	} {
		robot := "robot-" + fmt.Sprint(len(users))
		role := &rbacv1.Role{ObjectMeta: metav1.ObjectMeta{Namespace: env.Namespace, Name: robot}, Rules: rules}
		binding := env.editor("oidc:" + robot + "@example.com")
		binding.RoleRef = rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: robot}
		env.CreateAll(role, binding)
		env.awaitListing(robot, true)
		users = append(users, profileUser{name, env.impersonatingMember(robot), all})
	}
	return users
}

func TestWhatAUserProfileDoesNotAllowIsRefusedWhicheverWayItComes(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	for i, d := range env.profileUsers() {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			env := env.in(t)
			as := clientFor(t, d.config)
			for j, c := range limitedChanges {
				if err := env.tryChange(as, d, c, fmt.Sprintf("cell-%d-%d", i, j)); err != nil {
					t.Errorf("%s: %v", c.name, err)
				}
			}
		})
	}
}
