package directory

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-logr/logr/funcr"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/gate"
	"rollcall.dev/rollcall/internal/login"
	"rollcall.dev/rollcall/internal/password"
)

// gateTestTime is when the tests of the directory happen.
var gateTestTime = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// gateTestMember is ana, who may log in.
func gateTestMember(change func(*v1alpha1.Member)) *v1alpha1.Member {
	member := &v1alpha1.Member{
		ObjectMeta: metav1.ObjectMeta{Namespace: "desk", Name: "ana", UID: "uid-ana"},
		Spec:       v1alpha1.MemberSpec{Email: "Ana@example.com", Role: v1alpha1.RoleDeskStaff, AgentID: "A-7"},
		Status: v1alpha1.MemberStatus{
			Login: v1alpha1.LoginAllowed, LoginReason: v1alpha1.LoginReasonActive,
			Claims:      &v1alpha1.Claims{Email: "ana@example.com"},
			Credentials: &v1alpha1.CredentialsStatus{IssueID: "issue-1"},
			SkillGroups: []v1alpha1.SkillGroupMembership{{Name: "billing"}, {Name: "sales"}},
			Conditions: []metav1.Condition{{
				Type: v1alpha1.LoginAllowedCondition, Status: metav1.ConditionTrue, LastTransitionTime: metav1.NewTime(gateTestTime.Add(-time.Hour)),
			}},
		},
	}
	if change != nil {
		change(member)
	}
	return member
}

// gateTestSecret is the Secret of gateTestMember.
func gateTestSecret(change func(*corev1.Secret)) *corev1.Secret {
	secret := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: "desk", Name: "ana-credentials",
			Annotations: map[string]string{
				v1alpha1.IssueIDAnnotation:  "issue-1",
				v1alpha1.ChecksumAnnotation: password.Checksum("issue-1", "Ana@example.com", "correct"),
			},
			OwnerReferences: []metav1.OwnerReference{{
				APIVersion: v1alpha1.GroupVersion.String(), Kind: "Member", Name: "ana", UID: "uid-ana", Controller: new(true),
			}},
		},
		Type: v1alpha1.AuthSecretType,
		Data: map[string][]byte{corev1.BasicAuthUsernameKey: []byte("Ana@example.com"), corev1.BasicAuthPasswordKey: []byte("correct")},
	}
	if change != nil {
		change(secret)
	}
	return secret
}

// gateFeedsForTest are feeds of one directory without a source, by kind.
func gateFeedsForTest(now func() time.Time) (*Directory, map[string]*feed) {
	directory := New(now)
	feeds := map[string]*feed{
		"members": membersFeed(directory, nil, ""), "secrets": credentialsFeed(directory, nil, ""),
		"contactcenters": centersFeed(directory, nil, ""), "sessionkeys": keysFeed(directory, nil, func(string) {}),
		"sites": sitesFeed(directory, nil, ""), "teams": teamsFeed(directory, nil, ""), "desktopprofiles": desktopProfilesFeed(directory, nil, ""),
	}
	directory.feeds[""] = []*feed{feeds["members"], feeds["secrets"], feeds["contactcenters"]}
	directory.placeFeeds[""] = []*feed{feeds["sites"], feeds["teams"], feeds["desktopprofiles"]}
	directory.keysFeed = feeds["sessionkeys"]
	return directory, feeds
}

// feedAll puts objects into the feed of their kind, as a list would.
func feedAll(t *testing.T, feed *feed, objects ...any) {
	t.Helper()
	if err := feed.Replace(objects, "1"); err != nil {
		t.Fatal(err)
	}
}

func atGateTestTime() time.Time { return gateTestTime }

func noAuditProblem() error { return nil }

func TestTheGateDeniesWhomSpecOrStatusDenies(t *testing.T) {
	t.Parallel()
	later, earlier := metav1.NewTime(gateTestTime.Add(time.Second)), metav1.NewTime(gateTestTime.Add(-time.Second))
	denied := func(reason v1alpha1.LoginReason) func(*v1alpha1.Member) {
		return func(m *v1alpha1.Member) { m.Status.Login, m.Status.LoginReason = v1alpha1.LoginDenied, reason }
	}
	for name, test := range map[string]struct {
		change func(*v1alpha1.Member)
		want   v1alpha1.LoginReason
	}{
		"nothing denies":                        {nil, ""},
		"forced offline, status not yet":        {func(m *v1alpha1.Member) { m.Spec.ForceOffline = true }, v1alpha1.LoginReasonForcedOffline},
		"until later":                           {func(m *v1alpha1.Member) { m.Spec.ForceOfflineUntil = &later }, v1alpha1.LoginReasonForcedOffline},
		"until earlier, and the operator knows": {func(m *v1alpha1.Member) { m.Spec.ForceOfflineUntil = &earlier }, ""},
		"inactive":                              {func(m *v1alpha1.Member) { m.Spec.Active = new(false) }, v1alpha1.LoginReasonInactive},
		"being deleted":                         {func(m *v1alpha1.Member) { m.DeletionTimestamp = &earlier }, v1alpha1.LoginReasonDeleting},
		"restored, status not yet":              {denied(v1alpha1.LoginReasonForcedOffline), v1alpha1.LoginReasonForcedOffline},
		"status alone":                          {denied(v1alpha1.LoginReasonNotIssued), v1alpha1.LoginReasonNotIssued},
		"until earlier, the operator not so far": {func(m *v1alpha1.Member) {
			m.Spec.ForceOfflineUntil = &earlier
			denied(v1alpha1.LoginReasonForcedOffline)(m)
		}, v1alpha1.LoginReasonForcedOffline},
		"nobody has looked at it":       {func(m *v1alpha1.Member) { m.Status.Login, m.Status.LoginReason = "", "" }, reasonUnknown},
		"denied without a reason":       {denied(""), reasonUnknown},
		"the spec's reason comes first": {func(m *v1alpha1.Member) { m.Spec.ForceOffline = true; denied(v1alpha1.LoginReasonNotIssued)(m) }, v1alpha1.LoginReasonForcedOffline},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			directory, feeds := gateFeedsForTest(atGateTestTime)
			feedAll(t, feeds["members"], gateTestMember(test.change))
			got, ok := directory.MemberByUID("desk", "uid-ana")
			if !ok || got.Denial != string(test.want) {
				t.Errorf("denial %q (found: %t), want %q", got.Denial, ok, test.want)
			}
		})
	}
}

func TestTheGateKnowsAMemberByTheAddressThatIsTheirs(t *testing.T) {
	t.Parallel()
	directory, feeds := gateFeedsForTest(atGateTestTime)
	twin := gateTestMember(func(m *v1alpha1.Member) {
		m.Name, m.UID, m.Spec.Email, m.Status.Claims = "twin", "uid-twin", "ana@EXAMPLE.com", nil
	})
	feedAll(t, feeds["members"], twin, gateTestMember(nil))
	feedAll(t, feeds["secrets"], gateTestSecret(nil))
	for _, email := range []string{"Ana@example.com", "ana@example.com", "ANA@EXAMPLE.COM"} {
		member, ok := directory.MemberByEmail("desk", email)
		if !ok || member.Name != "ana" || member.Email != "Ana@example.com" || member.Credentials.IssueID != "issue-1" {
			t.Errorf("%s is %+v (found: %t), want ana with the password issue-1", email, member, ok)
		}
	}
	for namespace, email := range map[string]string{"desk": "bo@example.com", "other": "ana@example.com"} {
		if member, ok := directory.MemberByEmail(namespace, email); ok {
			t.Errorf("%s in %s is %s, want nobody", email, namespace, member.Name)
		}
	}
	third := gateTestMember(func(m *v1alpha1.Member) {
		m.Name, m.UID, m.Status.Claims = "third", "uid-third", nil
	})
	// Whoever goes, first or last or from the middle, the others stay.
	for _, gone := range []*v1alpha1.Member{twin, third, twin} {
		if err := feeds["members"].Add(third); err != nil {
			t.Fatal(err)
		}
		if err := feeds["members"].Add(twin); err != nil {
			t.Fatal(err)
		}
		if err := feeds["members"].Delete(gone); err != nil {
			t.Fatal(err)
		}
		if member, ok := directory.MemberByEmail("desk", "ana@example.com"); !ok || member.Name != "ana" {
			t.Errorf("after %s went, the address is %q's", gone.Name, member.Name)
		}
	}
	feedAll(t, feeds["members"], twin, gateTestMember(nil))
	if err := feeds["members"].Delete(gateTestMember(nil)); err != nil {
		t.Fatal(err)
	}
	if member, ok := directory.MemberByEmail("desk", "ana@example.com"); ok {
		t.Errorf("the address is %s's, who does not hold it", member.Name)
	}
	if _, ok := directory.MemberByUID("desk", "uid-twin"); !ok {
		t.Error("deleting one Member took away another")
	}
}

func TestASecretThatIsNotAsIssuedIsNoLogin(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*corev1.Secret){
		"password edited":  func(s *corev1.Secret) { s.Data[corev1.BasicAuthPasswordKey] = []byte("chosen") },
		"user name edited": func(s *corev1.Secret) { s.Data[corev1.BasicAuthUsernameKey] = []byte("bo@example.com") },
		"issue ID edited":  func(s *corev1.Secret) { s.Annotations[v1alpha1.IssueIDAnnotation] = "issue-2" },
		"checksum gone":    func(s *corev1.Secret) { delete(s.Annotations, v1alpha1.ChecksumAnnotation) },
		"no annotations":   func(s *corev1.Secret) { s.Annotations = nil },
		"no data":          func(s *corev1.Secret) { s.Data = nil },
		"nobody's":         func(s *corev1.Secret) { s.OwnerReferences = nil },
		"another Member's": func(s *corev1.Secret) { s.OwnerReferences[0].UID = "uid-former" },
		"another kind's":   func(s *corev1.Secret) { s.OwnerReferences[0].Kind = "Agent" },
		"owned, not ruled": func(s *corev1.Secret) { s.OwnerReferences[0].Controller = nil },
		"of another type":  func(s *corev1.Secret) { s.Type = corev1.SecretTypeOpaque },
		"of another name":  func(s *corev1.Secret) { s.Name = "ana" },
		"another address's": func(s *corev1.Secret) {
			s.Data[corev1.BasicAuthUsernameKey] = []byte("ana@example.com")
			s.Annotations[v1alpha1.ChecksumAnnotation] = password.Checksum("issue-1", "ana@example.com", "correct")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			directory, feeds := gateFeedsForTest(atGateTestTime)
			feedAll(t, feeds["members"], gateTestMember(nil))
			feedAll(t, feeds["secrets"], gateTestSecret(nil))
			if member, _ := directory.MemberByUID("desk", "uid-ana"); member.Credentials.IssueID == "" {
				t.Fatal("the Secret as issued is no login")
			}
			spoilt := gateTestSecret(change)
			if spoilt.Name == "ana-credentials" {
				if err := feeds["secrets"].Update(spoilt); err != nil {
					t.Fatal(err)
				}
			} else {
				feedAll(t, feeds["secrets"], spoilt)
			}
			if member, _ := directory.MemberByUID("desk", "uid-ana"); member.Credentials.IssueID != "" {
				t.Errorf("the Secret is a login: %s", member.Credentials.IssueID)
			}
		})
	}
}

func TestNoPasswordStaysInTheGatesMemory(t *testing.T) {
	t.Parallel()
	entry, err := readSecret(gateTestSecret(func(s *corev1.Secret) {
		s.Data["other"] = []byte("correct")
	}))
	if err != nil {
		t.Fatal(err)
	}
	kept := entry.(credentialsEntry).credentials //nolint:forcetypeassert // what readSecret makes
	for _, text := range []string{string(kept.owner), kept.IssueID, kept.Username, kept.Checksum} {
		if strings.Contains(text, "correct") {
			t.Errorf("the password is in %q", text)
		}
	}
}

func TestAListInPlaceOfAWatchLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	directory, feeds := gateFeedsForTest(atGateTestTime)
	other := gateTestMember(func(m *v1alpha1.Member) { m.Namespace, m.UID = "sales", "uid-sales" })
	center := &v1alpha1.ContactCenter{
		ObjectMeta: metav1.ObjectMeta{Namespace: "desk", Name: "default"},
		Spec:       v1alpha1.ContactCenterSpec{DisplayName: "Desk", LoginURL: "https://desk.example.com/login"},
	}
	feedAll(t, feeds["members"], gateTestMember(nil), other)
	feedAll(t, feeds["secrets"], gateTestSecret(nil))
	feedAll(t, feeds["contactcenters"], center)
	feedAll(t, feeds["members"], other)
	if _, ok := directory.MemberByUID("desk", "uid-ana"); ok {
		t.Error("a Member that is in no list any more is still there")
	}
	if _, ok := directory.MemberByEmail("desk", "ana@example.com"); ok {
		t.Error("its address is still there")
	}
	if _, ok := directory.Center("desk"); !ok {
		t.Error("a list of Members took the contact centre away")
	}
	for _, kind := range []string{"members", "secrets", "contactcenters"} {
		feedAll(t, feeds[kind])
	}
	if len(directory.centers) > 0 {
		t.Errorf("there are still %d books", len(directory.centers))
	}
}

func TestANewMemberOfAnOldNameIsSomebodyElse(t *testing.T) {
	t.Parallel()
	directory, feeds := gateFeedsForTest(atGateTestTime)
	feedAll(t, feeds["members"], gateTestMember(nil))
	feedAll(t, feeds["secrets"], gateTestSecret(nil))
	if err := feeds["members"].Add(gateTestMember(func(m *v1alpha1.Member) { m.UID = "uid-next" })); err != nil {
		t.Fatal(err)
	}
	if _, ok := directory.MemberByUID("desk", "uid-ana"); ok {
		t.Error("the former Member is still there")
	}
	if member, ok := directory.MemberByUID("desk", "uid-next"); !ok || member.Credentials.IssueID != "" {
		t.Errorf("the new Member (found: %t) logs in with the former one's password %q", ok, member.Credentials.IssueID)
	}
}

func TestSilenceMakesTheDirectoryStale(t *testing.T) {
	t.Parallel()
	now := gateTestTime
	directory, feeds := gateFeedsForTest(func() time.Time { return now })
	mustFail := func(want string) {
		t.Helper()
		if err := directory.Fresh("desk"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Fresh: %v, want %q in it", err, want)
		}
	}
	for _, kind := range []string{"members", "secrets", "contactcenters"} {
		feedAll(t, feeds[kind])
	}
	mustFail("the cache of sessionkeys has not filled yet")
	feedAll(t, feeds["sessionkeys"])
	now = now.Add(maxSilence)
	if err := directory.Fresh("desk"); err != nil {
		t.Errorf("Fresh after exactly the silence allowed: %v", err)
	}
	for _, kind := range []string{"members", "contactcenters", "sessionkeys"} {
		feeds[kind].UpdateResourceVersion("2")
	}
	now = now.Add(time.Second)
	mustFail("no event or bookmark for secrets for 2m31s")
	feeds["secrets"].UpdateResourceVersion("3")
	if err := directory.Fresh("desk"); err != nil {
		t.Errorf("Fresh after a bookmark: %v", err)
	}
}

func TestSessionKeysAreTheEntriesThatAreKeys(t *testing.T) {
	t.Parallel()
	key := []byte(strings.Repeat("k", gate.SessionKeyBytes))
	keys := gate.SessionKeys(map[string][]byte{
		"20260302T090000Z": key, "20251231T235959Z": key,
		"20260303T090000Z": key[1:], "20260304T0900": key, "current": key, "20261302T090000Z": key,
	})
	var names []string
	for _, key := range keys {
		names = append(names, key.ID)
	}
	if want := []string{"20251231T235959Z", "20260302T090000Z"}; !slices.Equal(names, want) {
		t.Fatalf("keys %v, want %v", names, want)
	}
	if !keys[1].From.Equal(gateTestTime) {
		t.Errorf("the key begins at %s, want %s", keys[1].From, gateTestTime)
	}
}

func TestAContactCenterBecomesPolicies(t *testing.T) {
	t.Parallel()
	spec := v1alpha1.ContactCenterSpec{LoginURL: "https://desk.example.com/login", Gate: &v1alpha1.Gate{Policies: []v1alpha1.GatePolicy{
		{Name: "billing-desk", Roles: []v1alpha1.Role{v1alpha1.RoleSupervisor}, SkillGroups: []string{"billing"}},
	}}}
	center, ok := newCenter(&v1alpha1.ContactCenter{Spec: spec})
	policy := center.Policies["billing-desk"]
	if !ok || !slices.Equal(policy.Roles, []string{"Supervisor"}) || !slices.Equal(policy.SkillGroups, []string{"billing"}) {
		t.Errorf("the policy is %+v (of use: %t)", policy, ok)
	}
	if _, ok := newCenter(&v1alpha1.ContactCenter{Spec: v1alpha1.ContactCenterSpec{LoginURL: "://"}}); ok {
		t.Error("a contact centre without a login address is of use")
	}
}

func TestAllowedSinceIsWhenTheOperatorLastAllowedLogin(t *testing.T) {
	t.Parallel()
	member := gateTestMember(nil)
	if got := login.Period(&member.Status); got != gateTestTime.Add(-time.Hour).Unix() {
		t.Errorf("allowed since %d", got)
	}
	member.Status.Conditions[0].Status = metav1.ConditionFalse
	if got := login.Period(&member.Status); got != 0 {
		t.Errorf("allowed since %d where login is denied, want 0", got)
	}
	if known := newMemberRecord(gateTestMember(nil)); types.UID(known.member.UID) != "uid-ana" || !slices.Equal(known.member.SkillGroups, []string{"billing", "sales"}) {
		t.Errorf("the gate keeps %+v", known.member)
	}
}

func TestAPasswordCountsWhenSecretAndStatusNameTheSameOne(t *testing.T) {
	t.Parallel()
	directory, feeds := gateFeedsForTest(atGateTestTime)
	issued := func(id string) func(*v1alpha1.Member) {
		return func(m *v1alpha1.Member) { m.Status.Credentials = &v1alpha1.CredentialsStatus{IssueID: id} }
	}
	feedAll(t, feeds["members"], gateTestMember(issued("issue-2")))
	feedAll(t, feeds["secrets"], gateTestSecret(nil))
	if member, _ := directory.MemberByUID("desk", "uid-ana"); member.Credentials.IssueID != "" {
		t.Error("the status names a newer password, and the old one still counts")
	}
	feedAll(t, feeds["members"], gateTestMember(func(m *v1alpha1.Member) { m.Status.Credentials = nil }))
	if member, _ := directory.MemberByUID("desk", "uid-ana"); member.Credentials.IssueID != "" {
		t.Error("the status names no password, and one counts")
	}
	feedAll(t, feeds["members"], gateTestMember(issued("issue-1")))
	if member, _ := directory.MemberByUID("desk", "uid-ana"); member.Credentials.IssueID != "issue-1" {
		t.Error("both name the same password, and it does not count")
	}
}

func TestADenialThatTheOperatorNeverSawEndsSessions(t *testing.T) {
	t.Parallel()
	now := gateTestTime
	directory, feeds := gateFeedsForTest(func() time.Time { return now })
	later := metav1.NewTime(gateTestTime.Add(time.Minute))
	for name, deny := range map[string]func(*v1alpha1.Member){
		"force offline":         func(m *v1alpha1.Member) { m.Spec.ForceOffline = true },
		"for a time":            func(m *v1alpha1.Member) { m.Spec.ForceOfflineUntil = &later },
		"deactivation":          func(m *v1alpha1.Member) { m.Spec.Active = new(false) },
		"denied by status":      func(m *v1alpha1.Member) { m.Status.Login = v1alpha1.LoginDenied },
		"nothing to begin with": nil,
	} {
		uid := types.UID(name)
		as := func(change func(*v1alpha1.Member)) *v1alpha1.Member {
			return gateTestMember(func(m *v1alpha1.Member) {
				m.Name, m.UID = strings.ReplaceAll(name, " ", "-"), uid
				if change != nil {
					change(m)
				}
			})
		}
		feed := func(change func(*v1alpha1.Member)) {
			if err := feeds["members"].Update(as(change)); err != nil {
				t.Fatal(err)
			}
		}
		feed(nil)
		feed(deny)
		now = now.Add(time.Second)
		feed(nil)
		want := now.UnixMilli()
		if deny == nil {
			want = 0
		}
		now = now.Add(time.Second)
		feed(func(m *v1alpha1.Member) { m.Spec.Nickname = "Another" })
		if member, _ := directory.MemberByUID("desk", string(uid)); member.SessionsAfter != want {
			t.Errorf("%s: sessions are good from %d on, want %d", name, member.SessionsAfter, want)
		}
		// A list in place of a watch forgets nothing of it, and somebody else of the
		// same name has nothing to do with it.
		feedAll(t, feeds["members"], as(nil))
		if member, _ := directory.MemberByUID("desk", string(uid)); member.SessionsAfter != want {
			t.Errorf("%s: after a list, sessions are good from %d on, want %d", name, member.SessionsAfter, want)
		}
		feed(func(m *v1alpha1.Member) { m.UID = "another" })
		if member, _ := directory.MemberByUID("desk", "another"); member.SessionsAfter != 0 {
			t.Errorf("%s: a new Member's sessions are good from %d on", name, member.SessionsAfter)
		}
	}
}

func TestANamespaceThatCannotBeReadClosesNoOther(t *testing.T) {
	t.Parallel()
	directory := New(atGateTestTime)
	directory.keysFeed = keysFeed(directory, nil, func(string) {})
	for _, namespace := range []string{"desk", "sales"} {
		directory.feeds[namespace] = []*feed{membersFeed(directory, nil, namespace), credentialsFeed(directory, nil, namespace), centersFeed(directory, nil, namespace)}
	}
	health := &Health{Directory: directory, AuditProblem: noAuditProblem}
	feedAll(t, directory.keysFeed, &corev1.Secret{Data: map[string][]byte{"20260302T090000Z": make([]byte, gate.SessionKeyBytes)}})
	if err := health.Ready(nil); err == nil {
		t.Error("the gate is ready without any namespace")
	}
	for _, feed := range directory.feeds["desk"] {
		feedAll(t, feed)
	}
	if err := directory.Fresh("desk"); err != nil {
		t.Errorf("desk: %v", err)
	}
	if err := directory.Fresh("sales"); err == nil {
		t.Error("sales is fresh, of which nothing was heard")
	}
	if err := directory.Fresh("not-served"); err != nil {
		t.Errorf("a namespace that is not served: %v", err)
	}
	if err := health.Ready(nil); err != nil {
		t.Errorf("the gate is not ready: %v", err)
	}
	if problems := health.problems(); len(problems) != 1 || problems["namespace sales"] == nil {
		t.Errorf("the problems are %v, want one about sales", problems)
	}
}

func TestAGateThatHadSessionKeysStaysReadyWithout(t *testing.T) {
	t.Parallel()
	directory, feeds := gateFeedsForTest(atGateTestTime)
	var auditProblem error
	health := &Health{Directory: directory, AuditProblem: func() error { return auditProblem }}
	for _, feed := range feeds {
		feedAll(t, feed)
	}
	if err := health.Ready(nil); !errors.Is(err, errNoSessionKey) {
		t.Errorf("without a key from the beginning, ready is %v", err)
	}
	feedAll(t, feeds["sessionkeys"], &corev1.Secret{Data: map[string][]byte{"20260302T090000Z": make([]byte, gate.SessionKeyBytes)}})
	if err := health.Ready(nil); err != nil {
		t.Errorf("with a key, ready is %v", err)
	}
	feedAll(t, feeds["sessionkeys"])
	if err := health.Ready(nil); err != nil {
		t.Errorf("when the key is gone, ready is %v", err)
	}
	auditProblem = errors.New("no space left on device")
	if err := health.Ready(nil); err == nil {
		t.Error("without an audit log, it is ready")
	}
}

func TestProblemsAreLoggedAsTheyComeAndGo(t *testing.T) {
	t.Parallel()
	directory, feeds := gateFeedsForTest(atGateTestTime)
	var log []string
	health := &Health{Directory: directory, AuditProblem: noAuditProblem, Log: funcr.New(func(_, line string) { log = append(log, line) }, funcr.Options{})}
	said := map[string]time.Time{}
	says := func(after time.Duration, want ...string) {
		t.Helper()
		log = nil
		health.say(said, gateTestTime.Add(after))
		slices.Sort(log)
		if len(log) != len(want) {
			t.Fatalf("after %s it says %q, want %q", after, log, want)
		}
		for i := range want {
			if !strings.Contains(log[i], want[i]) {
				t.Errorf("after %s it says %q, want %q", after, log[i], want[i])
			}
		}
	}
	says(0, `"about"="namespace " "because"="the cache of members has not filled yet"`, `"about"="session keys" "because"="there is no session key`)
	says(time.Second)
	says(time.Minute, "namespace ", "session keys")
	for _, feed := range feeds {
		feedAll(t, feed, map[bool][]any{true: {&corev1.Secret{Data: map[string][]byte{"20260302T090000Z": make([]byte, gate.SessionKeyBytes)}}}}[feed.kind == "sessionkeys"]...)
	}
	says(time.Minute+time.Second, `"The gate can decide again" "about"="namespace "`, `"The gate can decide again" "about"="session keys"`)
	says(time.Hour)
}
