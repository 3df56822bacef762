package memberplan

import (
	"testing"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/credentials"
	"rollcall.dev/rollcall/internal/ownership"
)

// anasPermissions are the permissions of observedMember as a Desk Admin.
var anasPermissions = Permissions{Role: clusterRole(v1alpha1.DeskAdminClusterRole), Username: "oidc:ana@example.com"}

// anasBinding returns a RoleBinding that grants anasPermissions, with changes.
func anasBinding(change ...func(*Binding)) Binding {
	facts := Binding{
		Ownership: ownership.Ours, Labeled: true,
		Role: anasPermissions.Role, Username: anasPermissions.Username,
	}
	for _, mutate := range change {
		mutate(&facts)
	}
	return facts
}

func TestPlanBindingReturnsTheActionForTheRoleBinding(t *testing.T) {
	t.Parallel()
	none := Permissions{}
	predecessors := func(b *Binding) { b.Ownership = ownership.Predecessors }
	foreign := func(b *Binding) { b.Ownership = ownership.Foreign }
	deleting := func(b *Binding) { b.Deleting = true }
	for name, test := range map[string]struct {
		binding Binding
		granted Permissions
		want    BindingAction
	}{
		"absent, nothing to grant":                     {Binding{}, none, KeepBinding},
		"absent, permissions to grant":                 {Binding{}, anasPermissions, CreateBinding},
		"grants exactly the permissions":               {anasBinding(), anasPermissions, KeepBinding},
		"granted, nothing to grant":                    {anasBinding(), none, DeleteBinding},
		"lost labels":                                  {anasBinding(func(b *Binding) { b.Labeled = false }), anasPermissions, RepairBinding},
		"lost labels, nothing to grant":                {anasBinding(func(b *Binding) { b.Labeled = false }), none, DeleteBinding},
		"for another user":                             {anasBinding(func(b *Binding) { b.Username = "oidc:eve@example.com" }), anasPermissions, RepairBinding},
		"for several users, or for none":               {anasBinding(func(b *Binding) { b.Username = "" }), anasPermissions, RepairBinding},
		"for another role":                             {anasBinding(func(b *Binding) { b.Role = clusterRole(v1alpha1.SupervisorClusterRole) }), anasPermissions, ReplaceBinding},
		"for a Role with the ClusterRole's name":       {anasBinding(func(b *Binding) { b.Role.Kind = "Role" }), anasPermissions, ReplaceBinding},
		"for a role that is not from RBAC":             {anasBinding(func(b *Binding) { b.Role = RoleRef{} }), anasPermissions, ReplaceBinding},
		"from a predecessor":                           {anasBinding(predecessors), anasPermissions, ReplaceBinding},
		"from a predecessor, nothing to grant":         {anasBinding(predecessors), none, DeleteBinding},
		"foreign, same permissions":                    {anasBinding(foreign), anasPermissions, KeepBinding},
		"foreign, other permissions":                   {Binding{Ownership: ownership.Foreign}, anasPermissions, KeepBinding},
		"foreign, nothing to grant":                    {anasBinding(foreign), none, KeepBinding},
		"being deleted, nothing to grant":              {anasBinding(deleting), none, DeleteBinding},
		"being deleted, same permissions":              {anasBinding(deleting), anasPermissions, KeepBinding},
		"being deleted, for another role":              {anasBinding(deleting, func(b *Binding) { b.Role = RoleRef{} }), anasPermissions, DeleteBinding},
		"being deleted, for no user, nothing to grant": {anasBinding(deleting, func(b *Binding) { b.Empty, b.Username = true, "" }), none, KeepBinding},
		"being deleted, for no user":                   {anasBinding(deleting, func(b *Binding) { b.Empty, b.Username = true, "" }), anasPermissions, KeepBinding},
		"being deleted, foreign, nothing to grant":     {anasBinding(deleting, foreign), none, KeepBinding},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := PlanBinding(test.binding, test.granted); got != test.want {
				t.Errorf("PlanBinding() = %d, want %d", got, test.want)
			}
		})
	}
}

// administrator makes observedMember a Desk Admin whose login is allowed, in a contact center
// where members get permissions.
func administrator(o *Observation) {
	o.Member.Spec.Role, o.Role = v1alpha1.RoleDeskAdmin, v1alpha1.RoleDeskAdmin
	o.Member.Status.Login = v1alpha1.LoginAllowed
	o.Identity = &v1alpha1.Identity{UsernamePrefix: "oidc:"}
}

// licensed gives the contact center licenses, and the Member a seat; an empty tier means none.
func licensed(held v1alpha1.LicenseTier) func(*Observation) {
	return func(o *Observation) { o.License = License{Enabled: true, Held: held} }
}

func TestPermissionsAreGrantedAfterLoginIsAllowedAndRevokedBeforeItIsDenied(t *testing.T) {
	t.Parallel()
	role := func(role v1alpha1.Role) func(*Observation) {
		return func(o *Observation) { o.Member.Spec.Role, o.Role = role, role }
	}
	secret := func(secret credentials.Facts) func(*Observation) {
		return func(o *Observation) { o.Secret = secret }
	}
	later, earlier := metav1.NewTime(at.Add(1)), metav1.NewTime(at)
	for name, test := range map[string]struct {
		change []func(*Observation)
		secret SecretAction
		want   string
	}{
		"a Desk Admin":              {nil, KeepSecret, v1alpha1.DeskAdminClusterRole},
		"a Super Admin":             {of(role(v1alpha1.RoleSuperAdmin)), KeepSecret, v1alpha1.SuperAdminClusterRole},
		"a Supervisor":              {of(role(v1alpha1.RoleSupervisor)), KeepSecret, v1alpha1.SupervisorClusterRole},
		"Desk Staff":                {of(role(v1alpha1.RoleDeskStaff)), KeepSecret, ""},
		"no role":                   {of(role("")), KeepSecret, ""},
		"a role of a later version": {of(role("Owner")), KeepSecret, ""},
		"Desk Staff that a template makes a Supervisor": {of(role(v1alpha1.RoleDeskStaff), func(o *Observation) { o.Role = v1alpha1.RoleSupervisor }), KeepSecret, v1alpha1.SupervisorClusterRole},
		"an administrator without a license":            {of(licensed("")), KeepSecret, v1alpha1.DeskAdminClusterRole},
		"a Supervisor without a license":                {of(role(v1alpha1.RoleSupervisor), licensed("")), KeepSecret, ""},
		"a Supervisor with another license":             {of(role(v1alpha1.RoleSupervisor), licensed(v1alpha1.TierStandard)), KeepSecret, ""},
		"a Supervisor with the license":                 {of(role(v1alpha1.RoleSupervisor), licensed(v1alpha1.TierPremium)), KeepSecret, v1alpha1.SupervisorClusterRole},
		"no identity":                                   {of(func(o *Observation) { o.Identity = nil }), KeepSecret, ""},
		"login not allowed yet":                         {of(func(o *Observation) { o.Member.Status.Login = "" }), KeepSecret, ""},
		"login still denied":                            {of(func(o *Observation) { o.Member.Status.Login = v1alpha1.LoginDenied }), KeepSecret, ""},
		"forced offline now":                            {of(func(o *Observation) { o.Member.Spec.ForceOffline = true }), KeepSecret, ""},
		"forced offline until later":                    {of(func(o *Observation) { o.Member.Spec.ForceOfflineUntil = &later }), KeepSecret, ""},
		"forced offline until now":                      {of(func(o *Observation) { o.Member.Spec.ForceOfflineUntil = &earlier }), KeepSecret, v1alpha1.DeskAdminClusterRole},
		"inactive now":                                  {of(func(o *Observation) { o.Member.Spec.Active = new(false) }), KeepSecret, ""},
		"a Member being deleted":                        {of(func(o *Observation) { o.Member.DeletionTimestamp = &earlier }), KeepSecret, ""},
		"a duplicate":                                   {of(func(o *Observation) { o.Claims.Email = "" }), KeepSecret, ""},
		"no Secret, and none is created":                {of(secret(credentials.Facts{})), KeepSecret, ""},
		"no Secret, but one is created":                 {of(secret(credentials.Facts{})), CreateSecret, v1alpha1.DeskAdminClusterRole},
		"an edited Secret is replaced":                  {of(secret(credentials.Facts{Ownership: ownership.Ours, IssueID: "one"})), ReplacePassword, v1alpha1.DeskAdminClusterRole},
		"an edited Secret stays":                        {of(secret(credentials.Facts{Ownership: ownership.Ours, IssueID: "one"})), KeepSecret, ""},
		"an immutable Secret is recreated":              {of(secret(credentials.Facts{Ownership: ownership.Ours, Immutable: true})), RecreateSecret, v1alpha1.DeskAdminClusterRole},
		"an orphaned Secret is adopted":                 {of(secret(credentials.Facts{Ownership: ownership.Orphaned})), AdoptSecret, v1alpha1.DeskAdminClusterRole},
		"a foreign Secret":                              {of(secret(credentials.Facts{Ownership: ownership.Foreign})), KeepSecret, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := Permissions{}
			if test.want != "" {
				want = Permissions{Role: clusterRole(test.want), Username: "oidc:ana@example.com"}
			}
			observed := observedMember(append(of(administrator), test.change...)...)
			if got := observed.grantedPermissions(test.secret); got != want {
				t.Errorf("grantedPermissions() = %+v, want %+v", got, want)
			}
		})
	}
}

func TestConditionPermissionsGrantedTellsTheStateOfTheRoleBinding(t *testing.T) {
	t.Parallel()
	offline := func(o *Observation) { o.Member.Spec.ForceOffline = true }
	deskStaff := func(o *Observation) {
		o.Member.Spec.Role, o.Role = v1alpha1.RoleDeskStaff, v1alpha1.RoleDeskStaff
	}
	profile := func(name string, facts Profile) func(*Observation) {
		return func(o *Observation) { o.UserProfile.Name, o.Profile = name, facts }
	}
	ready := Profile{Found: true, Administrators: true, Supervisors: true}
	ofProfile := func(b *Binding) { b.Role = namespacedRole("rollcall-profile-narrow") }
	noIdentity := func(o *Observation) { o.Identity = nil }
	undecided := func(o *Observation) { o.Member.Status.Login = "" }
	foreign := Binding{Ownership: ownership.Foreign}
	for name, test := range map[string]struct {
		change  []func(*Observation)
		binding Binding
		problem string
		reason  string // of PermissionsGranted
		ready   string
		stalled string
	}{
		"granted":                                         {nil, anasBinding(), "", "Granted", "Ready", ""},
		"not granted yet":                                 {nil, Binding{}, "", "Pending", "Pending", ""},
		"this status allows login":                        {of(undecided), Binding{}, "", "Pending", "Pending", ""},
		"still for another user":                          {nil, anasBinding(func(b *Binding) { b.Username = "x" }), "", "Pending", "Pending", ""},
		"could not be written":                            {nil, Binding{}, "over quota", "NotGranted", "NotGranted", ""},
		"foreign":                                         {nil, foreign, "", "RoleBindingConflict", "RoleBindingConflict", "RoleBindingConflict"},
		"forced offline":                                  {of(offline), Binding{}, "", "LoginDenied", "Ready", ""},
		"forced offline, foreign":                         {of(offline), foreign, "", "RoleBindingConflict", "RoleBindingConflict", "RoleBindingConflict"},
		"forced offline, could not be deleted":            {of(offline), anasBinding(), "refused", "NotRevoked", "NotRevoked", ""},
		"Desk Staff":                                      {of(deskStaff), Binding{}, "", "", "Ready", ""},
		"Desk Staff, foreign":                             {of(deskStaff), foreign, "", "", "Ready", ""},
		"Desk Staff, could not be deleted":                {of(deskStaff), anasBinding(), "refused", "NotRevoked", "NotRevoked", ""},
		"through a profile":                               {of(profile("narrow", ready)), anasBinding(ofProfile), "", "Granted", "Ready", ""},
		"through a profile, not granted yet":              {of(profile("narrow", ready)), Binding{}, "", "Pending", "Pending", ""},
		"through a missing profile":                       {of(profile("narrow", Profile{})), Binding{}, "", "ProfileNotFound", "ProfileNotFound", ""},
		"through a missing profile, login denied":         {of(profile("narrow", Profile{}), offline), Binding{}, "", "LoginDenied", "Ready", ""},
		"through a missing profile, could not be deleted": {of(profile("narrow", Profile{})), anasBinding(ofProfile), "refused", "NotRevoked", "NotRevoked", ""},
		"through a missing profile, foreign":              {of(profile("narrow", Profile{})), foreign, "", "RoleBindingConflict", "RoleBindingConflict", "RoleBindingConflict"},
		"through a missing profile, Desk Staff":           {of(profile("narrow", Profile{}), deskStaff), Binding{}, "", "", "Ready", ""},
		"through a profile whose Role is wrong":           {of(profile("narrow", Profile{Found: true, Supervisors: true})), Binding{}, "", "RoleNotReady", "RoleNotReady", ""},
		"through a profile that grants nothing":           {of(profile(v1alpha1.ProfilePremiumAgent, Profile{Found: true})), Binding{}, "", "", "Ready", ""},
		"no identity":                                     {of(noIdentity), Binding{}, "", "", "Ready", ""},
		"no identity, foreign":                            {of(noIdentity), foreign, "", "", "Ready", ""},
		"no identity, could not be deleted":               {of(noIdentity), anasBinding(), "refused", "NotRevoked", "NotRevoked", ""},
		"no contact center":                               {of(noIdentity, func(o *Observation) { o.Center = nil }), Binding{}, "", "", "NoContactCenter", ""},
		"a Member being deleted, foreign":                 {of(func(o *Observation) { o.Member.DeletionTimestamp = &metav1.Time{Time: at} }), foreign, "", "RoleBindingConflict", "Deleting", ""},
		"a duplicate":                                     {of(func(o *Observation) { o.Claims.Email = "" }), Binding{}, "", "LoginDenied", "Duplicate", "Duplicate"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			observed := observedMember(append(of(administrator), test.change...)...)
			outcome := Outcome{
				Secret: observed.Secret, Binding: test.binding, BindingProblem: test.problem,
				Granted: observed.grantedPermissions(KeepSecret),
			}
			status := Status(observed, outcome)
			for conditionType, want := range map[string]string{
				v1alpha1.PermissionsGrantedCondition: test.reason, v1alpha1.ReadyCondition: test.ready, v1alpha1.StalledCondition: test.stalled,
			} {
				condition := apimeta.FindStatusCondition(status.Conditions, conditionType)
				if (condition == nil) != (want == "") || condition != nil && (condition.Reason != want || condition.Message == "" || condition.ObservedGeneration != 4) {
					t.Errorf("%s is %+v, want %q", conditionType, condition, want)
				}
			}
			// The condition is True exactly while permissions may exist.
			holds := apimeta.IsStatusConditionTrue(status.Conditions, v1alpha1.PermissionsGrantedCondition)
			if want := test.reason == "Granted" || test.reason == "NotRevoked"; holds != want {
				t.Errorf("PermissionsGranted is True: %t", holds)
			}
		})
	}
}

func TestTheMessageTellsWhyPermissionsThatWerePendingCannotBeGranted(t *testing.T) {
	t.Parallel()
	observed := observedMember(administrator)
	outcome := Outcome{Secret: observed.Secret, Granted: anasPermissions}
	waiting := permissionsGranted(&observed.Member.Status, observed, outcome)
	waiting.Set(&observed.Member.Status.Conditions, v1alpha1.PermissionsGrantedCondition, observed.Member.Generation, metav1.NewTime(at))
	outcome.BindingProblem = "exceeded quota: one"
	if failed := permissionsGranted(&observed.Member.Status, observed, outcome); failed.Message == waiting.Message {
		t.Errorf("the message is still %q", failed.Message)
	}
}

func TestTheFirstMessageAboutARoleBindingProblemStays(t *testing.T) {
	t.Parallel()
	observed := observedMember(administrator)
	outcome := Outcome{Secret: observed.Secret, Granted: anasPermissions, BindingProblem: "exceeded quota: one"}
	first := permissionsGranted(&observed.Member.Status, observed, outcome)
	if want := "RoleBinding rollcall-member-ana could not be written. The operator tries again: exceeded quota: one"; first.Message != want {
		t.Errorf("the message is %q, want %q", first.Message, want)
	}
	first.Set(&observed.Member.Status.Conditions, v1alpha1.PermissionsGrantedCondition, observed.Member.Generation, metav1.NewTime(at))
	outcome.BindingProblem = "exceeded quota: two"
	if second := permissionsGranted(&observed.Member.Status, observed, outcome); second != first {
		t.Errorf("the verdict is %+v, want %+v as before", second, first)
	}
	// A change of the spec updates the message.
	observed.Member.Generation++
	if third := permissionsGranted(&observed.Member.Status, observed, outcome); third == first {
		t.Errorf("the verdict is still %+v", third)
	}
}

func TestExpectsBindingReportsARoleBindingThatTheCacheMayNotHaveYet(t *testing.T) {
	t.Parallel()
	condition := func(status metav1.ConditionStatus, reason string) func(*Observation) {
		return func(o *Observation) {
			o.Member.Status.Conditions = []metav1.Condition{{Type: v1alpha1.PermissionsGrantedCondition, Status: status, Reason: reason}}
		}
	}
	offline := func(o *Observation) { o.Member.Spec.ForceOffline = true }
	denied := func(o *Observation) { o.Member.Status.Login = v1alpha1.LoginDenied }
	noIdentity := func(o *Observation) { o.Identity = nil }
	for name, test := range map[string]struct {
		change []func(*Observation)
		want   bool
	}{
		"granted":                     {of(condition(metav1.ConditionTrue, v1alpha1.ReasonGranted)), true},
		"not revoked":                 {of(denied, offline, condition(metav1.ConditionTrue, v1alpha1.ReasonNotRevoked)), true},
		"granted, identity removed":   {of(noIdentity, condition(metav1.ConditionTrue, v1alpha1.ReasonGranted)), true},
		"foreign":                     {of(condition(metav1.ConditionFalse, v1alpha1.ReasonRoleBindingConflict)), true},
		"about to be granted":         {of(condition(metav1.ConditionFalse, v1alpha1.ReasonPending)), false},
		"denied while being granted":  {of(offline, condition(metav1.ConditionFalse, v1alpha1.ReasonPending)), true},
		"denied while being restored": {of(offline, condition(metav1.ConditionFalse, v1alpha1.ReasonLoginDenied)), true},
		"denied already":              {of(denied, offline, condition(metav1.ConditionFalse, v1alpha1.ReasonLoginDenied)), false},
		"no condition":                {nil, false},
		// If the identity is new, the RoleBinding is created before the condition is written. A
		// denial between the two prevents that write.
		"denied before the first condition": {of(offline), true},
		"denied, and nothing to grant":      {of(offline, noIdentity), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			observed := observedMember(append(of(administrator), test.change...)...)
			if got := observed.ExpectsBinding(); got != test.want {
				t.Errorf("ExpectsBinding() = %t, want %t", got, test.want)
			}
		})
	}
}

func TestTheRoleToBindFollowsFromRoleAndProfile(t *testing.T) {
	t.Parallel()
	const (
		superAdmin, deskAdmin, supervisor = v1alpha1.SuperAdminClusterRole, v1alpha1.DeskAdminClusterRole, v1alpha1.SupervisorClusterRole
		notFound, notReady                = v1alpha1.ReasonProfileNotFound, v1alpha1.ReasonRoleNotReady
	)
	none := RoleRef{}
	byRole := [4]RoleRef{clusterRole(superAdmin), clusterRole(deskAdmin), clusterRole(supervisor), none}
	narrow := [4]RoleRef{clusterRole(superAdmin), namespacedRole("rollcall-profile-narrow"), namespacedRole("rollcall-supervisor-profile-narrow"), none}
	ready := Profile{Found: true, Administrators: true, Supervisors: true}
	// The columns of want and problem follow this order.
	roles := []v1alpha1.Role{v1alpha1.RoleSuperAdmin, v1alpha1.RoleDeskAdmin, v1alpha1.RoleSupervisor, v1alpha1.RoleDeskStaff}
	for name, test := range map[string]struct {
		profile string
		facts   Profile
		want    [4]RoleRef
		problem [4]string
	}{
		"no profile":                      {"", Profile{}, byRole, [4]string{}},
		"administrator":                   {v1alpha1.ProfileAdministrator, Profile{Found: true}, byRole, [4]string{}},
		"administrator-only":              {v1alpha1.ProfileAdministratorOnly, Profile{Found: true}, byRole, [4]string{}},
		"supervisor":                      {v1alpha1.ProfileSupervisor, Profile{Found: true}, [4]RoleRef{clusterRole(superAdmin), clusterRole(supervisor), clusterRole(supervisor), none}, [4]string{}},
		"premium-agent":                   {v1alpha1.ProfilePremiumAgent, Profile{Found: true}, [4]RoleRef{clusterRole(superAdmin)}, [4]string{}},
		"standard-agent":                  {v1alpha1.ProfileStandardAgent, Profile{Found: true}, [4]RoleRef{clusterRole(superAdmin)}, [4]string{}},
		"a custom profile":                {"narrow", ready, narrow, [4]string{}},
		"a missing profile":               {"narrow", Profile{}, [4]RoleRef{clusterRole(superAdmin)}, [4]string{"", notFound, notFound, ""}},
		"a profile whose Roles are wrong": {"narrow", Profile{Found: true}, narrow, [4]string{"", notReady, notReady, ""}},
		"a profile whose Role for administrators is wrong": {"narrow", Profile{Found: true, Supervisors: true}, narrow, [4]string{"", notReady, "", ""}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for i, role := range roles {
				observed := observedMember(administrator, func(o *Observation) {
					o.Member.Spec.Role, o.Role, o.UserProfile.Name, o.Profile = role, role, test.profile, test.facts
				})
				got, problem := observed.wantedRole()
				if got != test.want[i] || problem != test.problem[i] {
					t.Errorf("%s: the role is %+v with problem %q, want %+v with %q", role, got, problem, test.want[i], test.problem[i])
				}
				want := Permissions{}
				if test.problem[i] == "" && test.want[i] != none {
					want = Permissions{Role: test.want[i], Username: "oidc:ana@example.com"}
				}
				if granted := observed.grantedPermissions(KeepSecret); granted != want {
					t.Errorf("%s: permissions are %+v, want %+v", role, granted, want)
				}
			}
		})
	}
}
