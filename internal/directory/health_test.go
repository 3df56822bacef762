package directory

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-logr/logr"
	"github.com/go-logr/logr/funcr"
	"github.com/prometheus/client_golang/prometheus"

	"rollcall.dev/rollcall/internal/gate"
)

func TestUnreadableNamespaceDoesNotAffectOthers(t *testing.T) {
	t.Parallel()
	directory := New(atTestTime, logr.Discard())
	directory.keysFeed = directory.sessionKeys.feed(directory, nil, "")
	for _, namespace := range []string{"desk", "sales"} {
		directory.feeds[namespace] = []*feed{directory.members.feed(directory, nil, namespace), directory.credentials.feed(directory, nil, namespace), directory.contactCenters.feed(directory, nil, namespace)}
	}
	health := &Health{Directory: directory, AuditProblem: noAuditProblem}
	replaceAll(t, directory.keysFeed, keySecret())
	if err := health.Ready(nil); err == nil {
		t.Error("the gate is ready without any namespace")
	}
	for _, feed := range directory.feeds["desk"] {
		replaceAll(t, feed)
	}
	if err := directory.Fresh("desk"); err != nil {
		t.Errorf("desk: %v", err)
	}
	if err := directory.Fresh("sales"); err == nil {
		t.Error("sales is fresh before its first list")
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

func TestGateStaysReadyAfterItsSessionKeysAreGone(t *testing.T) {
	t.Parallel()
	directory, feeds := newTestDirectory(atTestTime)
	var auditProblem error
	health := &Health{Directory: directory, AuditProblem: func() error { return auditProblem }}
	for _, feed := range feeds {
		replaceAll(t, feed)
	}
	if err := health.Ready(nil); !errors.Is(err, errNoSessionKey) {
		t.Errorf("before the first key, Ready returns %v, want errNoSessionKey", err)
	}
	replaceAll(t, feeds["sessionkeys"], keySecret())
	if err := health.Ready(nil); err != nil {
		t.Errorf("with a key, Ready returns %v", err)
	}
	replaceAll(t, feeds["sessionkeys"])
	if err := health.Ready(nil); err != nil {
		t.Errorf("after the key is gone, Ready returns %v", err)
	}
	auditProblem = errors.New("no space left on device")
	if err := health.Ready(nil); err == nil {
		t.Error("the gate is ready without an audit log")
	}
}

func TestProblemsAreLoggedWhenTheyBeginLastAndEnd(t *testing.T) {
	t.Parallel()
	directory, feeds := newTestDirectory(atTestTime)
	var log []string
	health := &Health{Directory: directory, AuditProblem: noAuditProblem, Log: funcr.New(func(_, line string) { log = append(log, line) }, funcr.Options{})}
	lastLogged := map[string]time.Time{}
	mustLog := func(after time.Duration, want ...string) {
		t.Helper()
		log = nil
		health.logProblems(lastLogged, testTime.Add(after))
		slices.Sort(log)
		if len(log) != len(want) {
			t.Fatalf("after %s the log has %q, want %q", after, log, want)
		}
		for i := range want {
			if !strings.Contains(log[i], want[i]) {
				t.Errorf("after %s the log has %q, want %q", after, log[i], want[i])
			}
		}
	}
	mustLog(0, `"about"="namespace " "because"="the cache of members has not filled yet"`, `"about"="session keys" "because"="there is no session key`)
	mustLog(time.Second)
	mustLog(time.Minute, "namespace ", "session keys")
	for _, feed := range feeds {
		replaceAll(t, feed, map[bool][]any{true: {keySecret()}}[feed.resource == "sessionkeys"]...)
	}
	mustLog(time.Minute+time.Second, `"The gate can decide again" "about"="namespace "`, `"The gate can decide again" "about"="session keys"`)
	mustLog(time.Hour)
}

func TestSessionKeysAreTheValidEntriesOldestFirst(t *testing.T) {
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
	if !keys[1].From.Equal(testTime) {
		t.Errorf("the key is valid from %s, want %s", keys[1].From, testTime)
	}
}

// gathered returns the values of a metric, by its labels.
func gathered(t *testing.T, collector prometheus.Collector, name string) map[string]float64 {
	t.Helper()
	registry := prometheus.NewPedanticRegistry()
	if err := registry.Register(collector); err != nil {
		t.Fatal(err)
	}
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]float64{}
	for _, family := range families {
		if family.GetName() != name {
			continue
		}
		for _, metric := range family.GetMetric() {
			var labels string
			for _, label := range metric.GetLabel() {
				labels += label.GetName() + "=" + label.GetValue() + " "
			}
			values[labels] = metric.GetGauge().GetValue() + metric.GetCounter().GetValue() + float64(metric.GetHistogram().GetSampleCount())
		}
	}
	return values
}

func TestMetricsShowTheAgesOfCaches(t *testing.T) {
	t.Parallel()
	now := testTime
	directory, feeds := newTestDirectory(func() time.Time { return now })
	if shown := gathered(t, CacheAges{directory}, "rollcall_gate_cache_age_seconds"); len(shown) != 0 {
		t.Errorf("before the first list, ages are %v, want none", shown)
	}
	for _, resource := range []string{"members", "secrets"} {
		replaceAll(t, feeds[resource])
	}
	now = now.Add(90 * time.Second)
	feeds["members"].UpdateResourceVersion("2")
	now = now.Add(10 * time.Second)
	shown := gathered(t, CacheAges{directory}, "rollcall_gate_cache_age_seconds")
	if len(shown) != 2 || shown["kind=members "] != 10 || shown["kind=secrets "] != 100 {
		t.Errorf("ages are %v, want 10 of members and 100 of secrets", shown)
	}
}
