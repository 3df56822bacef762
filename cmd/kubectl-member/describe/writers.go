package describe

import (
	"encoding/json"
	"strconv"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/cmd/kubectl-member/memberinfo"
)

// authorship is which program wrote the spec or a field of it last, and what the field
// says.
type authorship struct {
	field, value, program string
	at                    metav1.Time
}

// decidingFields are the fields of a Member's spec that decide whether it may log
// in, and which password it has.
var decidingFields = []string{"active", "forceOffline", "forceOfflineUntil", "forceOfflineReason", "passwordReset"}

// decidingValue is what one of these fields says.
func decidingValue(spec *v1alpha1.MemberSpec, field string) string {
	switch field {
	case "active":
		return strconv.FormatBool(spec.Active == nil || *spec.Active)
	case "forceOffline":
		return strconv.FormatBool(spec.ForceOffline)
	case "forceOfflineUntil":
		if spec.ForceOfflineUntil == nil {
			return ""
		}
		return spec.ForceOfflineUntil.UTC().Format(time.RFC3339)
	case "forceOfflineReason":
		return spec.ForceOfflineReason
	default:
		return spec.PasswordReset
	}
}

// says is whether a program that owns these fields has decided about one: who has
// created the Member, and so owns its e-mail address, has not where active is as the
// API server fills it in for everybody.
func says(member *v1alpha1.Member, owned map[string]json.RawMessage, field string) bool {
	_, owns := owned["f:"+field]
	_, created := owned["f:email"]
	return owns && (field != "active" || !memberinfo.IsActive(member) || !created)
}

// ownedSpec are the fields of the spec that a program owns; none if it has not written
// the spec, or in a format of tomorrow's.
func ownedSpec(entry metav1.ManagedFieldsEntry) map[string]json.RawMessage {
	var owned struct {
		Spec map[string]json.RawMessage `json:"f:spec"`
	}
	if entry.Subresource != "" || entry.FieldsV1 == nil || entry.Time == nil || json.Unmarshal(entry.FieldsV1.GetRawBytes(), &owned) != nil {
		return nil
	}
	return owned.Spec
}

// authors are which program wrote the spec last at all, and which wrote the fields last
// that decide about login. A field that is not there has no author.
func authors(member *v1alpha1.Member) []authorship {
	last := map[string]authorship{}
	note := func(author authorship) {
		// Times are in seconds. Of several programs in one, an apply comes first.
		if known, found := last[author.field]; !found || !author.at.Before(&known.at) {
			last[author.field] = author
		}
	}
	for _, entry := range member.ManagedFields {
		owned := ownedSpec(entry)
		if len(owned) == 0 {
			continue
		}
		note(authorship{"spec", "", entry.Manager, *entry.Time})
		for _, field := range decidingFields {
			if says(member, owned, field) {
				note(authorship{"spec." + field, decidingValue(&member.Spec, field), entry.Manager, *entry.Time})
			}
		}
	}
	var list []authorship
	if author, found := last["spec"]; found {
		list = append(list, author)
	}
	for _, field := range decidingFields {
		if author, found := last["spec."+field]; found {
			list = append(list, author)
		}
	}
	return list
}
