// Package claims decides which Member holds a value that is unique in its namespace:
// an e-mail address, an agent ID, or an extension. It is pure: a function that lists
// Members supplies the objects that it decides from.
package claims

import (
	"cmp"
	"hash/crc32"
	"strconv"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/cacheindex"
)

// Kind is a kind of unique value.
type Kind string

// The kinds of values that only one Member of a namespace may hold.
const (
	Email     Kind = "email"
	AgentID   Kind = "agentID"
	Extension Kind = "extension"
)

// Claim is a value that only one Member of a namespace may hold.
type Claim struct {
	Namespace string
	Kind      Kind
	Value     string
}

// Of returns the unique values that a Member requests.
func Of(member *v1alpha1.Member) []Claim {
	var claims []Claim
	for _, kind := range []Kind{Email, AgentID, Extension} {
		if value := ValueOf(member, kind); value != "" {
			claims = append(claims, Claim{Namespace: member.Namespace, Kind: kind, Value: value})
		}
	}
	return claims
}

// ValueOf returns the value of a kind that a Member requests; empty for none. E-mail
// addresses are compared regardless of case.
func ValueOf(member *v1alpha1.Member, kind Kind) string {
	spec := &member.Spec
	return *field(&v1alpha1.Claims{Email: strings.ToLower(spec.Email), AgentID: spec.AgentID, Extension: spec.Extension}, kind)
}

// field returns the field of Claims that holds a value of a kind.
func field(claims *v1alpha1.Claims, kind Kind) *string {
	switch kind {
	case AgentID:
		return &claims.AgentID
	case Extension:
		return &claims.Extension
	case Email:
	}
	return &claims.Email
}

// isShown reports whether a Member's status shows that it holds a value.
func isShown(member *v1alpha1.Member, claim Claim) bool {
	return member.Status.Claims != nil && *field(member.Status.Claims, claim.Kind) == claim.Value
}

// IsOlder reports whether an object was created before another. Of two objects of the
// same second, the one with the lower UID counts as older.
func IsOlder(a, b metav1.Object) bool {
	created, other := a.GetCreationTimestamp(), b.GetCreationTimestamp()
	return cmp.Or(created.Compare(other.Time), cmp.Compare(a.GetUID(), b.GetUID())) < 0
}

// bucketCount is the number of buckets of BucketIndex. With this many, about 20 of
// 50,000 Members share one.
const bucketCount = 8192

// BucketIndex finds Members by the buckets of the unique values that they request. An
// index by the values themselves would take as much memory as the rest of the Members.
var BucketIndex = cacheindex.Index[v1alpha1.Member]{Name: "rollcall.claim", Values: buckets}

// buckets returns the buckets that a Member is in.
func buckets(member *v1alpha1.Member) []string {
	var buckets []string
	for _, claim := range Of(member) {
		buckets = append(buckets, claim.Bucket())
	}
	return buckets
}

// Bucket returns the bucket that contains, among others, the Members that request the
// value.
func (c Claim) Bucket() string {
	sum := crc32.ChecksumIEEE([]byte(string(c.Kind) + "/" + c.Value))
	return strconv.FormatUint(uint64(sum%bucketCount), 10)
}
