package claims

import (
	"hash/fnv"
	"strconv"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/cacheindex"
)

// bucketCount is the number of buckets of BucketIndex. With this many, about 20 of
// 50,000 Members share one.
const bucketCount = 8192

// BucketIndex finds Members by the buckets of the unique values that they request. An
// index by the values themselves would take as much memory as the rest of the Members.
var BucketIndex = cacheindex.Index[v1alpha1.Member]{Name: "rollcall.claim", Values: buckets}

// buckets returns the buckets that a Member is in.
func buckets(member *v1alpha1.Member) []string {
	claims := Of(member)
	buckets := make([]string, 0, len(claims))
	for _, claim := range claims {
		buckets = append(buckets, claim.Bucket())
	}
	return buckets
}

// Bucket returns the bucket that contains, among others, the Members that request the
// value.
func (c Claim) Bucket() string {
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(string(c.Kind) + "/" + c.Value))
	return strconv.FormatUint(uint64(hash.Sum32()%bucketCount), 10)
}
