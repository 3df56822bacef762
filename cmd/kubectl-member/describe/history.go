package describe

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/cmd/kubectl-member/humanize"
	"rollcall.dev/rollcall/cmd/kubectl-member/query"
)

// writer is the program that wrote the spec, or a field of it, last.
type writer struct {
	field, value, program string
	at                    metav1.Time
}

// loginFields are the fields of a Member's spec that decide whether it can log in, and with
// which password.
var loginFields = []string{"spec.active", "spec.forceOffline", "spec.forceOfflineUntil", "spec.forceOfflineReason", "spec.passwordReset"}

// loginField returns the value of one of these fields.
func loginField(spec *v1alpha1.MemberSpec, field string) string {
	switch field {
	case "spec.active":
		return strconv.FormatBool(spec.IsActive())
	case "spec.forceOffline":
		return strconv.FormatBool(spec.ForceOffline)
	case "spec.forceOfflineUntil":
		if spec.ForceOfflineUntil == nil {
			return ""
		}
		return spec.ForceOfflineUntil.UTC().Format(time.RFC3339)
	case "spec.forceOfflineReason":
		return spec.ForceOfflineReason
	default:
		return spec.PasswordReset
	}
}

// ownedSpec returns the fields of the spec that a program owns. It returns nothing for programs
// that own no such field, and for formats that it cannot read.
func ownedSpec(entry metav1.ManagedFieldsEntry) map[string]json.RawMessage {
	var owned struct {
		Spec map[string]json.RawMessage `json:"f:spec"`
	}
	if entry.Subresource != "" || entry.FieldsV1 == nil || entry.Time == nil || json.Unmarshal(entry.FieldsV1.GetRawBytes(), &owned) != nil {
		return nil
	}
	return owned.Spec
}

// isDefaulted reports whether the API server set a field for the program that owns it: it sets active
// for the program that creates the Member.
func isDefaulted(spec *v1alpha1.MemberSpec, field string, owned map[string]json.RawMessage) bool {
	_, created := owned["f:email"]
	return field == "spec.active" && spec.IsActive() && created
}

// lastWriters returns which programs wrote the spec last, and which wrote each login field last.
func lastWriters(member *v1alpha1.Member) []writer {
	last := map[string]writer{}
	note := func(field, value string, entry metav1.ManagedFieldsEntry) {
		// Times are in seconds. Of several programs in the same second, an apply comes first.
		if known, found := last[field]; !found || !entry.Time.Before(&known.at) {
			last[field] = writer{field, value, entry.Manager, *entry.Time}
		}
	}
	for _, entry := range member.ManagedFields {
		owned := ownedSpec(entry)
		if len(owned) == 0 {
			continue
		}
		note("spec", "", entry)
		for _, field := range loginFields {
			if _, owns := owned["f:"+strings.TrimPrefix(field, "spec.")]; owns && !isDefaulted(&member.Spec, field, owned) {
				note(field, loginField(&member.Spec, field), entry)
			}
		}
	}
	var list []writer
	for _, field := range append([]string{"spec"}, loginFields...) {
		if found, ok := last[field]; ok {
			list = append(list, found)
		}
	}
	return list
}

// writeWriters writes which programs wrote the spec and the login fields last.
func (w *screen) writeWriters() {
	var rows [][]string
	for _, last := range lastWriters(w.member) {
		rows = append(rows, []string{last.field, last.value, last.program, w.moment(last.at)})
	}
	if rows == nil {
		rows = [][]string{{"spec", "", "not known: the Member has no managed fields of its spec", ""}}
	}
	w.section("Last written by", []string{"FIELD", "VALUE", "PROGRAM", "LAST WRITE"}, rows)
	w.print("   These are programs, not users: the audit log has the users, see docs/audit.md.\n")
}

const maxEvents = 10

type event struct {
	at                 metav1.Time
	kind, reason, note string
}

// recentEvents returns the last events about a Member, the latest first.
func recentEvents(ctx context.Context, cluster client.Client, member *v1alpha1.Member) ([]event, error) {
	var list corev1.EventList
	err := cluster.List(ctx, &list, client.InNamespace(member.Namespace), client.Limit(query.PageSize), client.MatchingFields{
		"involvedObject.kind": "Member", "involvedObject.name": member.Name, "involvedObject.uid": string(member.UID),
	})
	if apierrors.IsForbidden(err) {
		return nil, fmt.Errorf("you are not allowed to list events in namespace %s", member.Namespace)
	}
	if err != nil {
		return nil, err
	}
	var events []event
	for _, item := range list.Items {
		events = append(events, event{at: lastSeen(&item), kind: item.Type, reason: item.Reason, note: item.Message})
	}
	slices.SortStableFunc(events, func(a, b event) int { return b.at.Compare(a.at.Time) })
	return events[:min(len(events), maxEvents)], nil
}

// lastSeen returns when an event occurred last, which one of several fields says.
func lastSeen(item *corev1.Event) metav1.Time {
	switch {
	case item.Series != nil:
		return metav1.NewTime(item.Series.LastObservedTime.Time)
	case !item.LastTimestamp.IsZero():
		return item.LastTimestamp
	case !item.EventTime.IsZero():
		return metav1.NewTime(item.EventTime.Time)
	default:
		return item.CreationTimestamp
	}
}

func (w *screen) writeEvents() {
	var rows [][]string
	for _, e := range w.events {
		rows = append(rows, []string{humanize.Age(e.at, w.now), e.kind, e.reason, e.note})
	}
	w.section("Events", []string{"AGE", "TYPE", "REASON", "NOTE"}, rows)
	switch {
	case w.noEvents != nil:
		w.print("\n")
		w.field("Events", "not shown: "+w.noEvents.Error())
	case rows == nil:
		w.print("\n")
		w.field("Events", "none recently")
	}
}
