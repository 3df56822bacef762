package operator

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// licensed is a ContactCenter with seats and without mail.
func (env *environment) licensed(standard, premium int32) *v1alpha1.ContactCenter {
	center := env.ContactCenter()
	center.Spec.Mail = nil
	center.Spec.Licenses = &v1alpha1.Licenses{Standard: standard, Premium: premium}
	return center
}

// asking is a Member that asks for a license.
func (env *environment) asking(name string, license v1alpha1.License) *v1alpha1.Member {
	member := env.Member(name)
	member.Spec.License = license
	return member
}

// holds checks for a Member that holds a seat by its own wish and may log in.
func holds(tier v1alpha1.LicenseTier) func(*v1alpha1.Member) error {
	return hasLicense(v1alpha1.LicenseStatus{Tier: tier}, true, metav1.ConditionTrue, v1alpha1.ReasonAssigned, v1alpha1.ReasonReady)
}

// waits checks for a Member that waits for a seat, holds another one or none, and may log
// in or not accordingly.
func waits(requested, held v1alpha1.LicenseTier, allowed bool) func(*v1alpha1.Member) error {
	return hasLicense(v1alpha1.LicenseStatus{Tier: held, Requested: requested}, allowed, metav1.ConditionFalse, v1alpha1.ReasonNoSeat, v1alpha1.ReasonNoSeat)
}

// hasLicense checks the license that a Member asks for itself, whether it may log in, and
// the conditions LicenseAssigned and Ready, which have one status.
func hasLicense(want v1alpha1.LicenseStatus, allowed bool, status metav1.ConditionStatus, assigned, ready string) func(*v1alpha1.Member) error {
	want.Source = v1alpha1.SourceMember
	return func(member *v1alpha1.Member) error {
		if member.Status.License == nil || *member.Status.License != want {
			return fmt.Errorf("license is %+v, not %+v", member.Status.License, want)
		}
		return errors.Join(mayLogIn(allowed)(member),
			has(v1alpha1.LicenseAssignedCondition, status, assigned)(member),
			has(v1alpha1.ReadyCondition, status, ready)(member))
	}
}

// unlicensed checks for a Member that requests no license, and whose login is denied.
func unlicensed(member *v1alpha1.Member) error {
	if member.Status.License != nil {
		return fmt.Errorf("license is %+v", member.Status.License)
	}
	return errors.Join(
		login(v1alpha1.LoginDenied, v1alpha1.LoginReasonNoLicense)(member),
		has(v1alpha1.LicenseAssignedCondition, metav1.ConditionFalse, v1alpha1.ReasonNotRequested)(member))
}

// awaitSeats waits until the ContactCenter counts seats so.
func (env *environment) awaitSeats(standard, premium v1alpha1.SeatCounts, checks ...func(*v1alpha1.ContactCenterStatus) error) {
	env.Helper()
	env.awaitCenter(append(checks, func(status *v1alpha1.ContactCenterStatus) error {
		want := v1alpha1.LicensesStatus{Standard: standard, Premium: premium}
		if status.Licenses == nil || *status.Licenses != want {
			return fmt.Errorf("licenses are %+v, not %+v", status.Licenses, want)
		}
		return nil
	})...)
}

func TestAFreedSeatGoesToTheMemberWaitingLongest(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.CreateAll(env.licensed(2, 0))
	// They are there before the operator, which sees them in the order of their names.
	for _, name := range []string{"zoe", "yan", "ana", "bea"} {
		env.CreateAll(env.asking(name, v1alpha1.LicenseStandard))
	}
	inAge := []string{"zoe", "yan", "ana", "bea"}
	slices.SortStableFunc(inAge, func(a, b string) int {
		first, second := env.GetMember(a), env.GetMember(b)
		return cmp.Or(first.CreationTimestamp.Compare(second.CreationTimestamp.Time), cmp.Compare(first.UID, second.UID))
	})
	env.operate()
	env.awaitMembers(inAge[:2], holds(v1alpha1.TierStandard))
	for _, name := range inAge[2:] {
		env.AwaitMember(name, waits(v1alpha1.TierStandard, "", false))
	}
	env.awaitSeats(v1alpha1.SeatCounts{Seats: 2, Used: 2, Waiting: 2}, v1alpha1.SeatCounts{}, centerReady)

	// One by deletion, one by giving the license up.
	env.delete(env.GetMember(inAge[0]))
	env.AwaitMember(inAge[2], holds(v1alpha1.TierStandard))
	env.AwaitMember(inAge[3], waits(v1alpha1.TierStandard, "", false))
	change(env, env.GetMember(inAge[1]), func(m *v1alpha1.Member) { m.Spec.License = v1alpha1.LicenseNone })
	env.AwaitMember(inAge[3], holds(v1alpha1.TierStandard))
	// No license is what it asks for, so it is ready, and cannot log in.
	env.AwaitMember(inAge[1], unlicensed, has(v1alpha1.ReadyCondition, metav1.ConditionTrue, v1alpha1.ReasonReady))
	env.awaitSeats(v1alpha1.SeatCounts{Seats: 2, Used: 2}, v1alpha1.SeatCounts{}, centerReady)
}

func TestLoweringTheSeatsTakesNoneAndSaysSo(t *testing.T) {
	t.Parallel()
	env := operated(t)
	center := env.licensed(3, 1)
	env.CreateAll(center, env.asking("ana", v1alpha1.LicenseStandard), env.asking("bea", v1alpha1.LicenseStandard),
		env.asking("cai", v1alpha1.LicenseStandard), env.asking("dia", v1alpha1.LicensePremium))
	env.awaitMembers([]string{"ana", "bea", "cai"}, holds(v1alpha1.TierStandard))
	change(env, center, func(c *v1alpha1.ContactCenter) { c.Spec.Licenses = &v1alpha1.Licenses{Standard: 1} })
	over := centerHas(v1alpha1.ReadyCondition, metav1.ConditionFalse, v1alpha1.ReasonOverLicensed)
	env.awaitSeats(v1alpha1.SeatCounts{Seats: 1, Used: 3}, v1alpha1.SeatCounts{Used: 1}, over)
	env.awaitMembers([]string{"ana", "bea", "cai"}, holds(v1alpha1.TierStandard))
	env.AwaitMember("dia", holds(v1alpha1.TierPremium))
	// Who leaves frees no seat while there are too many holders.
	env.CreateAll(env.asking("eli", v1alpha1.LicenseStandard))
	env.AwaitMember("eli", waits(v1alpha1.TierStandard, "", false))
	for _, name := range []string{"ana", "bea", "dia"} {
		env.delete(env.GetMember(name))
	}
	env.awaitSeats(v1alpha1.SeatCounts{Seats: 1, Used: 1, Waiting: 1}, v1alpha1.SeatCounts{}, centerReady)
	env.AwaitMember("cai", holds(v1alpha1.TierStandard))
	env.AwaitMember("eli", waits(v1alpha1.TierStandard, "", false))
	change(env, center, func(c *v1alpha1.ContactCenter) { c.Spec.Licenses.Standard = 2 })
	env.AwaitMember("eli", holds(v1alpha1.TierStandard))
}

func TestAMemberWaitingForAnotherTierKeepsTheSeat(t *testing.T) {
	t.Parallel()
	env := operated(t)
	center := env.licensed(2, 1)
	env.CreateAll(center, env.asking("ana", v1alpha1.LicensePremium), env.asking("bea", v1alpha1.LicenseStandard))
	env.AwaitMember("ana", holds(v1alpha1.TierPremium))
	env.AwaitMember("bea", holds(v1alpha1.TierStandard))
	change(env, env.GetMember("bea"), func(m *v1alpha1.Member) { m.Spec.License = v1alpha1.LicensePremium })
	env.AwaitMember("bea", waits(v1alpha1.TierPremium, v1alpha1.TierStandard, true))
	// A Supervisor cannot do with the Standard seat, but does not lose it.
	change(env, env.GetMember("bea"), func(m *v1alpha1.Member) { m.Spec.Role = v1alpha1.RoleSupervisor })
	env.AwaitMember("bea", waits(v1alpha1.TierPremium, v1alpha1.TierStandard, false))
	env.awaitSeats(v1alpha1.SeatCounts{Seats: 2, Used: 1}, v1alpha1.SeatCounts{Seats: 1, Used: 1, Waiting: 1})
	change(env, env.GetMember("ana"), func(m *v1alpha1.Member) { m.Spec.License = v1alpha1.LicenseStandard })
	env.AwaitMember("ana", holds(v1alpha1.TierStandard))
	env.AwaitMember("bea", holds(v1alpha1.TierPremium))
	env.awaitSeats(v1alpha1.SeatCounts{Seats: 2, Used: 1}, v1alpha1.SeatCounts{Seats: 1, Used: 1})
}

func TestWithoutLicensesTheStatusShowsNone(t *testing.T) {
	t.Parallel()
	env := operated(t)
	center := env.ContactCenter()
	env.CreateAll(center, env.asking("ana", v1alpha1.LicenseNone), env.Member("bea"))
	silent := func(member *v1alpha1.Member) error {
		status := member.Status
		if status.License != nil || status.Role != nil || status.UserProfile != nil || status.DesktopProfile != nil || status.Site != nil || status.Teams != nil || status.Templates != nil {
			return fmt.Errorf("the status says %+v", status)
		}
		for _, condition := range status.Conditions {
			if condition.Type == v1alpha1.LicenseAssignedCondition || condition.Type == v1alpha1.PlacementResolvedCondition {
				return fmt.Errorf("there is a condition %s", condition.Type)
			}
		}
		return nil
	}
	env.AwaitMember("ana", ready, silent)
	env.AwaitMember("bea", ready, silent)
	// With licensing on, every member needs a seat; with it off again, none does.
	change(env, center, func(c *v1alpha1.ContactCenter) { c.Spec.Licenses = &v1alpha1.Licenses{Standard: 5} })
	env.AwaitMember("ana", unlicensed)
	env.AwaitMember("bea", unlicensed, has(v1alpha1.ReadyCondition, metav1.ConditionFalse, v1alpha1.ReasonNotRequested))
	env.AwaitMember(v1alpha1.SuperAdminMemberName, login(v1alpha1.LoginAllowed, v1alpha1.LoginReasonActive),
		has(v1alpha1.LicenseAssignedCondition, metav1.ConditionFalse, v1alpha1.ReasonNotRequested),
		has(v1alpha1.ReadyCondition, metav1.ConditionTrue, v1alpha1.ReasonReady))
	change(env, center, func(c *v1alpha1.ContactCenter) { c.Spec.Licenses = nil })
	env.AwaitMember("ana", ready, silent)
	env.AwaitMember("bea", ready, silent)
}

func TestAMessageWaitsForTheLicense(t *testing.T) {
	t.Parallel()
	env := operated(t)
	center := env.ContactCenter()
	center.Spec.Licenses = &v1alpha1.Licenses{}
	env.CreateAll(center, env.asking("ana", v1alpha1.LicenseStandard))
	env.AwaitMember("ana", waits(v1alpha1.TierStandard, "", false), issue(1),
		has(v1alpha1.PasswordMailedCondition, metav1.ConditionFalse, v1alpha1.ReasonHeld))
	change(env, center, func(c *v1alpha1.ContactCenter) { c.Spec.Licenses.Standard = 1 })
	env.AwaitMember("ana", ready, holds(v1alpha1.TierStandard))
	env.CheckMessages("ana", 1)
	env.checkEvents("ana", map[string]int{"LicenseAssigned": 1})
	change(env, env.GetMember("ana"), func(m *v1alpha1.Member) { m.Spec.License = v1alpha1.LicenseNone })
	env.AwaitMember("ana", unlicensed)
	env.checkEvents("ana", map[string]int{"LicenseAssigned": 1, "LicenseMissing": 1})
}

func TestWithoutItsContactCenterALicenseStaysUnchanged(t *testing.T) {
	t.Parallel()
	env := operated(t)
	center := env.licensed(1, 0)
	env.CreateAll(center, env.asking("ana", v1alpha1.LicenseStandard))
	env.AwaitMember("ana", holds(v1alpha1.TierStandard))
	env.CreateAll(env.asking("bea", v1alpha1.LicenseStandard))
	env.AwaitMember("bea", waits(v1alpha1.TierStandard, "", false))
	env.exempt().delete(center)
	gone := has(v1alpha1.ReadyCondition, metav1.ConditionFalse, v1alpha1.ReasonNoContactCenter)
	env.AwaitMember("ana", gone, login(v1alpha1.LoginAllowed, v1alpha1.LoginReasonActive))
	env.AwaitMember("bea", gone, login(v1alpha1.LoginDenied, v1alpha1.LoginReasonNoLicense))
	env.CreateAll(env.licensed(1, 0))
	env.AwaitMember("ana", holds(v1alpha1.TierStandard))
	env.AwaitMember("bea", waits(v1alpha1.TierStandard, "", false))
}

func TestADuplicateTakesNoSeat(t *testing.T) {
	t.Parallel()
	env := operated(t)
	env.CreateAll(env.licensed(2, 0), env.asking("ana", v1alpha1.LicenseStandard))
	env.AwaitMember("ana", holds(v1alpha1.TierStandard))
	again := env.asking("ana-again", v1alpha1.LicenseStandard)
	again.Spec.Email = "ANA@example.com"
	env.CreateAll(again)
	env.AwaitMember("ana-again", login(v1alpha1.LoginDenied, v1alpha1.LoginReasonDuplicate))
	env.CreateAll(env.asking("bea", v1alpha1.LicenseStandard))
	env.AwaitMember("bea", holds(v1alpha1.TierStandard))
	env.awaitSeats(v1alpha1.SeatCounts{Seats: 2, Used: 2}, v1alpha1.SeatCounts{})
}

// TestTheLicenseFollowsRoleAndProfile is the table of license, role, the profile asked
// for, and what follows: the user profile that counts, and whether the member may log
// in.
func TestTheLicenseFollowsRoleAndProfile(t *testing.T) {
	t.Parallel()
	env := operated(t)
	env.CreateAll(env.licensed(20, 20), &v1alpha1.UserProfile{ObjectMeta: env.meta("lead")})
	none, standard, premium := v1alpha1.LicenseNone, v1alpha1.LicenseStandard, v1alpha1.LicensePremium
	follows := map[v1alpha1.Role]map[v1alpha1.License]string{
		v1alpha1.RoleDeskStaff: {
			"": "", none: "", standard: v1alpha1.ProfileStandardAgent, premium: v1alpha1.ProfilePremiumAgent,
		},
		v1alpha1.RoleSupervisor: {
			"": "", none: "", premium: v1alpha1.ProfileSupervisor, // Standard is refused by the schema
		},
		v1alpha1.RoleDeskAdmin: {
			"": v1alpha1.ProfileAdministratorOnly, none: v1alpha1.ProfileAdministratorOnly,
			standard: v1alpha1.ProfileAdministrator, premium: v1alpha1.ProfileAdministrator,
		},
	}
	rows := 0
	for role, byLicense := range follows {
		for license, profile := range byLicense {
			for _, asked := range []string{"", "lead", v1alpha1.ProfileSupervisor} {
				rows++
				member := env.asking(fmt.Sprintf("member-%d", rows), license)
				member.Spec.Role, member.Spec.UserProfile = role, asked
				want := v1alpha1.Assignment{Name: cmp.Or(asked, profile), Source: v1alpha1.SourceDefault}
				if asked != "" {
					want.Source = v1alpha1.SourceMember
				}
				allowed := role == v1alpha1.RoleDeskAdmin || license == standard || license == premium
				name := strings.Join([]string{string(role), cmp.Or(string(license), "silent"), cmp.Or(asked, "no profile")}, ", ")
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					env := env.in(t)
					env.CreateAll(member)
					env.AwaitMember(member.Name, hasProfile(want), mayLogIn(allowed))
				})
			}
		}
	}
}

// hasProfile checks for a user profile to count; none if it has no name.
func hasProfile(want v1alpha1.Assignment) func(*v1alpha1.Member) error {
	return func(member *v1alpha1.Member) error {
		got := v1alpha1.Assignment{}
		if member.Status.UserProfile != nil {
			got = *member.Status.UserProfile
		}
		if got.Name != want.Name || got.Name != "" && got != want {
			return fmt.Errorf("the profile is %+v, not %+v", got, want)
		}
		return nil
	}
}

// mayLogIn checks for a Member to be allowed, or denied because it has no license.
func mayLogIn(allowed bool) func(*v1alpha1.Member) error {
	if allowed {
		return login(v1alpha1.LoginAllowed, v1alpha1.LoginReasonActive)
	}
	return login(v1alpha1.LoginDenied, v1alpha1.LoginReasonNoLicense)
}

// test/faults has 500 Members for 100 seats.
func TestMoreMembersThanSeatsAddedAtOnceEndWithOneHolderForEachSeat(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	const members, seats, workers = 120, 30, 10
	env.CreateAll(env.licensed(seats, 0))
	process := env.startProcess("--leader-elect=false")
	var creating sync.WaitGroup
	for worker := range workers {
		creating.Go(func() {
			for i := worker; i < members; i += workers {
				if err := env.Create(t.Context(), env.asking(fmt.Sprintf("member-%03d", i), v1alpha1.LicenseStandard)); err != nil {
					t.Errorf("creating a Member: %v", err)
					return
				}
			}
		})
	}
	// It is killed twice, while seats are given.
	for _, some := range []int{seats / 4, seats / 2} {
		env.Eventually("some hold a seat", func() error {
			if held, _ := env.seatsHeld(); held < some {
				return fmt.Errorf("%d do", held)
			}
			return nil
		})
		if err := process.Kill(); err != nil {
			t.Fatal(err)
		}
		if held, _ := env.seatsHeld(); held > seats {
			t.Errorf("%d hold one of %d seats when the operator is killed", held, seats)
		}
		process = env.startProcess("--leader-elect=false")
	}
	creating.Wait()
	env.Eventually("all Members are updated", func() error {
		held, waiting := env.seatsHeld()
		if held > seats {
			t.Fatalf("%d hold one of %d seats", held, seats)
		}
		if held != seats || waiting != members-seats {
			return fmt.Errorf("%d hold a seat and %d wait", held, waiting)
		}
		return nil
	})
	env.awaitSeats(v1alpha1.SeatCounts{Seats: seats, Used: seats, Waiting: members - seats}, v1alpha1.SeatCounts{}, centerReady)
	env.end(process)
}

// seatsHeld counts the Members that may log in with a seat, and those that wait for
// one and may not.
func (env *environment) seatsHeld() (held, waiting int) {
	env.Helper()
	for _, member := range env.Members() {
		switch license := member.Status.License; {
		case license == nil:
		case license.Tier == v1alpha1.TierStandard && member.Status.Login == v1alpha1.LoginAllowed:
			held++
		case license.Tier == "" && license.Requested == v1alpha1.TierStandard && member.Status.LoginReason == v1alpha1.LoginReasonNoLicense:
			waiting++
		}
	}
	return held, waiting
}
