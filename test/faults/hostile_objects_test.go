//go:build faults

package faults

import (
	"fmt"
	"strings"
)

// metadata tries names, labels and annotations.
func (g *generator) metadata() {
	for _, one := range append(values(accepted, quoteAll("m", "0", "a.b.c", "x-credentials", strings.Repeat("m", 63), strings.Repeat("m", 50)+"-credentials")...),
		values(rejected, append(quoteAll(strings.Repeat("m", 64), strings.Repeat("m", 241), strings.Repeat("m", 253), strings.Repeat("m", 254), "M", "-m", "m-", "m_", "m..m", ".", "..",
			"m/m", "m m", "mä", "m\n", "m\x00", "super-admin", "{{.Name}}", "<b>", "m%2fm"), odd[:4]...)...)...) {
		name, _ := one.decoded()
		if one.want == rejected {
			name = "" // it would not stand in a path
		}
		g.put("metadata.name: "+one.about, one.want, name, one.json, `"email":"`+g.next()+`@example.com"`)
	}
	key, label := strings.Repeat("k", 63), strings.Repeat("v", 63)
	prefix := strings.Repeat(strings.Repeat("p", 49)+".", 5) + "ppp"
	many := func(count int, value string) string {
		pairs := make([]string, count)
		for i := range pairs {
			pairs[i] = fmt.Sprintf(`"key-%d":"%s"`, i, value)
		}
		return strings.Join(pairs, ",")
	}
	for _, one := range []struct {
		about, json string
		want        verdict
	}{
		{"a label of the longest kind", `"labels":{"` + prefix + "/" + key + `":"` + label + `"}`, accepted},
		{"a label's value too long", `"labels":{"a":"` + label + `v"}`, rejected},
		{"a label's name too long", `"labels":{"` + key + `k":"v"}`, rejected},
		{"a label's value with a space", `"labels":{"a":"b c"}`, rejected},
		{"a label's value with a line break", `"labels":{"a":"b\nc"}`, rejected},
		{"a label that is a number", `"labels":{"a":1}`, rejected},
		{"1,000 labels", `"labels":{` + many(1000, label) + `}`, accepted},
		{"the operator's own labels", `"labels":{"app.kubernetes.io/managed-by":"rollcall","rollcall.dev/member":"super-admin"}`, accepted},
		{"the operator's own annotations", `"annotations":{"rollcall.dev/issue-id":"x","rollcall.dev/checksum":"x","rollcall.dev/issue":"-1"}`, accepted},
		{"annotations of nearly 256 KiB", `"annotations":{"a":"` + strings.Repeat("v", 256<<10-1) + `"}`, accepted},
		{"annotations of more than 256 KiB", `"annotations":{"a":"` + strings.Repeat("v", 256<<10) + `"}`, rejected},
		{"an annotation with control characters", `"annotations":{"a":"\u0000\u001b[31m\r\n\u202e"}`, accepted},
		{"an owner", `"ownerReferences":[{"apiVersion":"v1","kind":"ConfigMap","name":"a","uid":"b"}]`, rejected},
		{"a finalizer", `"finalizers":["evil.example/keep"]`, rejected},
		{"a time of creation", `"creationTimestamp":"1970-01-01T00:00:00Z"`, accepted},
		{"a time of deletion", `"deletionTimestamp":"2026-01-01T00:00:00Z"`, either},
		{"a generation", `"generation":9223372036854775807`, either},
		{"a UID", `"uid":"../../x"`, either},
		{"a resourceVersion", `"resourceVersion":"1"`, rejected},
		{"another namespace", `"namespace":"kube-system"`, rejected},
		{"an unknown field of metadata", `"evil":"x"`, rejected},
	} {
		name := g.next()
		g.put("metadata: "+one.about, one.want, name, quote(name).json+","+one.json, `"email":"`+name+`@example.com"`)
		// An apply takes what only the API server may write in ways of its own.
		g.cases[len(g.cases)-1].createOnly = true
	}
}

// structure tries manifests that are something else.
func (g *generator) structure() {
	for _, one := range []struct {
		about, manifest string // NAME stands for the name
		want            verdict
	}{
		{"an unknown field of the spec", `{"apiVersion":"rollcall.dev/v1alpha1","kind":"Member","metadata":{"name":"NAME"},"spec":{"email":"NAME@example.com","password":"x"}}`, rejected},
		{"an unknown field beside the spec", `{"apiVersion":"rollcall.dev/v1alpha1","kind":"Member","metadata":{"name":"NAME"},"spec":{"email":"NAME@example.com"},"evil":1}`, rejected},
		{"a field in another case", `{"apiVersion":"rollcall.dev/v1alpha1","kind":"Member","metadata":{"name":"NAME"},"spec":{"EMAIL":"NAME@example.com"}}`, rejected},
		{"a status", `{"apiVersion":"rollcall.dev/v1alpha1","kind":"Member","metadata":{"name":"NAME"},"spec":{"email":"NAME@example.com"},"status":{"login":"Allowed","observedGeneration":1}}`, accepted},
		{"a status of nonsense", `{"apiVersion":"rollcall.dev/v1alpha1","kind":"Member","metadata":{"name":"NAME"},"spec":{"email":"NAME@example.com"},"status":{"login":"Root","mail":1}}`, either},
		{"no spec", `{"apiVersion":"rollcall.dev/v1alpha1","kind":"Member","metadata":{"name":"NAME"}}`, rejected},
		{"a spec of null", `{"apiVersion":"rollcall.dev/v1alpha1","kind":"Member","metadata":{"name":"NAME"},"spec":null}`, rejected},
		{"a spec that is a list", `{"apiVersion":"rollcall.dev/v1alpha1","kind":"Member","metadata":{"name":"NAME"},"spec":[]}`, rejected},
		{"an empty spec", `{"apiVersion":"rollcall.dev/v1alpha1","kind":"Member","metadata":{"name":"NAME"},"spec":{}}`, rejected},
		{"another version", `{"apiVersion":"rollcall.dev/v9","kind":"Member","metadata":{"name":"NAME"},"spec":{"email":"NAME@example.com"}}`, rejected},
		{"another kind", `{"apiVersion":"v1","kind":"Secret","metadata":{"name":"NAME"},"stringData":{"a":"b"}}`, rejected},
		{"no kind", `{"apiVersion":"rollcall.dev/v1alpha1","metadata":{"name":"NAME"},"spec":{"email":"NAME@example.com"}}`, either},
		{"a list of Members", `{"apiVersion":"rollcall.dev/v1alpha1","kind":"MemberList","items":[]}`, rejected},
		{"a list", `[{"apiVersion":"rollcall.dev/v1alpha1","kind":"Member"}]`, rejected},
		{"nothing", ``, rejected},
		{"null", `null`, rejected},
		{"a text", `"Member"`, rejected},
		{"half a manifest", `{"apiVersion":"rollcall.dev/v1alpha1","kind":"Member","metadata":{"name":"NAME"`, rejected},
		{"something behind the manifest", `{"apiVersion":"rollcall.dev/v1alpha1","kind":"Member","metadata":{"name":"NAME"},"spec":{"email":"NAME@example.com"}}}`, rejected},
		{"NULs", strings.Repeat("\x00", 100), rejected},
		{"nesting without end", strings.Repeat(`{"a":`, 20_000), rejected},
		{"nesting of 9,000 levels", `{"a":` + strings.Repeat(`[`, 9000) + strings.Repeat(`]`, 9000) + `}`, rejected},
		{"4 MiB", `{"a":"` + strings.Repeat("a", 4<<20) + `"}`, rejected},
		{"the spec twice", `{"apiVersion":"rollcall.dev/v1alpha1","kind":"Member","metadata":{"name":"NAME"},"spec":{"email":"NAME@example.com"},"spec":{"email":"eve@evil.example"}}`, rejected},
		{"a number of 10,000 digits", `{"apiVersion":"rollcall.dev/v1alpha1","kind":"Member","metadata":{"name":"NAME"},"spec":{"email":"NAME@example.com","name":` + strings.Repeat("9", 10_000) + `}}`, rejected},
		{"a prototype", `{"apiVersion":"rollcall.dev/v1alpha1","kind":"Member","metadata":{"name":"NAME"},"spec":{"email":"NAME@example.com","__proto__":{"admin":true}}}`, rejected},
	} {
		name := g.next()
		g.cases = append(g.cases, hostile{about: one.about, resource: "members", name: name, manifest: strings.ReplaceAll(one.manifest, "NAME", name), want: one.want})
	}
}

// groups tries SkillGroups, whose names and selectors come into Members' status.
func (g *generator) groups() {
	put := func(about string, want verdict, name string, fields ...string) {
		g.cases = append(g.cases, hostile{
			about: "SkillGroup: " + about, resource: "skillgroups", name: name, want: want,
			manifest: `{"apiVersion":"rollcall.dev/v1alpha1","kind":"SkillGroup","metadata":{"name":` + quote(name).json + `},"spec":{` + strings.Join(fields, ",") + `}}`,
		})
	}
	known := texts(32)
	for i := 0; i < len(known); i += 11 {
		text := known[i]
		want := nameVerdict(text, 32)
		if decoded, _ := text.decoded(); decoded == "" {
			want = rejected
		}
		put("displayName: "+text.about, want, g.next(), `"displayName":`+text.json)
	}
	for _, one := range []struct {
		about, json string
		want        verdict
	}{
		{"everybody", `"selector":{}`, accepted},
		{"a selector of nobody", `"selector":{"matchLabels":{"a":"b"}}`, accepted},
		{"a selector with an operator that is none", `"selector":{"matchExpressions":[{"key":"a","operator":"Like","values":["b"]}]}`, either},
		{"a selector with values too many", `"selector":{"matchExpressions":[{"key":"a","operator":"Exists","values":["b"]}]}`, either},
		{"a selector with a key that is none", `"selector":{"matchLabels":{"a b\n":"c"}}`, either},
		{"a selector with null", `"selector":{"matchLabels":{"a":null}}`, either},
		{"1,001 members", `"members":[` + strings.TrimSuffix(numbered(`{"name":"m-%d"},`, 1001), ",") + `]`, rejected},
		{"1,000 members", `"members":[` + strings.TrimSuffix(numbered(`{"name":"m-%d"},`, 1000), ",") + `]`, accepted},
		{"a member twice", `"members":[{"name":"a"},{"name":"a"}]`, rejected},
		{"a member with a line break", `"members":[{"name":"a\nb"}]`, rejected},
		{"999 calls at a time", `"maxConcurrency":999,"channel":"Online"`, accepted},
		{"1,000 calls at a time", `"maxConcurrency":1000,"channel":"Online"`, rejected},
		{"2 calls on the telephone", `"maxConcurrency":2`, rejected},
		{"another channel", `"channel":"Fax"`, rejected},
	} {
		put(one.about, one.want, g.next(), `"displayName":"Hostile"`, one.json)
	}
	put("the longest name", accepted, strings.Repeat("g", 253), `"displayName":"Longest"`, `"selector":{}`)
}

// numbered repeats a format with numbers.
func numbered(format string, count int) string {
	var text strings.Builder
	for i := range count {
		fmt.Fprintf(&text, format, i)
	}
	return text.String()
}
