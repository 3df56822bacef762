//go:build faults

package faults

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"unicode/utf8"
)

// hostileCases is how many manifests are generated.
const hostileCases = 1000

// verdict is what the API server has to do with a manifest.
type verdict int

const (
	// either: whichever it does, it has to be safe.
	either verdict = iota
	accepted
	rejected
)

// String is the verdict in a word.
func (v verdict) String() string {
	return [...]string{"accepted or rejected", "accepted", "rejected"}[v]
}

// hostile is a manifest at an edge of the schema.
type hostile struct {
	about string
	// resource is members or skillgroups; name is empty if the manifest is not to be
	// had by a name.
	resource, name string
	manifest       string
	want           verdict
	// apply sends it as a server-side apply, else as a create; createOnly rules it out.
	apply, createOnly bool
}

// generator makes hostile manifests, always the same from the same random numbers.
type generator struct {
	random *rand.Rand
	cases  []hostile
}

// generateHostile makes hostileCases manifests: every edge that is known, and
// combinations by chance; in an order by chance.
func generateHostile(random *rand.Rand) []hostile {
	g := &generator{random: random}
	g.freeText()
	g.strict()
	g.emails()
	g.types()
	g.metadata()
	g.structure()
	g.groups()
	for len(g.cases) < hostileCases {
		g.chance()
	}
	for i := range g.cases {
		g.cases[i].apply = random.IntN(3) == 0 && isAlsoYAML(g.cases[i])
	}
	random.Shuffle(len(g.cases), func(i, j int) { g.cases[i], g.cases[j] = g.cases[j], g.cases[i] })
	return g.cases
}

// isAlsoYAML reports whether a manifest can be sent as an apply, which is read as YAML,
// and means the same.
func isAlsoYAML(h hostile) bool {
	return h.name != "" && !h.createOnly && json.Valid([]byte(h.manifest)) && !strings.ContainsAny(h.manifest, "\u0085\u2028\u2029\ufffe\uffff") &&
		!strings.Contains(h.manifest, ":1e")
}

// next is the name of the next Member.
func (g *generator) next() string { return fmt.Sprintf("hostile-%04d", len(g.cases)) }

// add adds a Member whose spec has these fields, as JSON, beside an address of its own.
func (g *generator) add(about string, want verdict, fields ...string) {
	name := g.next()
	g.put(about, want, name, quote(name).json, append([]string{`"email":` + quote(name+"@example.com").json}, fields...)...)
}

// put adds a Member with a name, which metadata has as JSON.
func (g *generator) put(about string, want verdict, name, jsonName string, fields ...string) {
	g.cases = append(g.cases, hostile{
		about: about, resource: "members", name: name, want: want,
		manifest: `{"apiVersion":"rollcall.dev/v1alpha1","kind":"Member","metadata":{"name":` + jsonName + `},"spec":{` + strings.Join(fields, ",") + `}}`,
	})
}

// freeText tries every text in every field that takes any: the names by themselves,
// since they have rules of their own, and the others together.
func (g *generator) freeText() {
	for _, text := range texts(64) {
		g.add("name: "+text.about, nameVerdict(text, 64), `"name":`+text.json)
	}
	for _, text := range sharpTexts(32) {
		g.add("nickname: "+text.about, nameVerdict(text, 32), `"nickname":`+text.json)
	}
	resets := sharpTexts(64)
	for i, reason := range sharpTexts(256) {
		g.add("reason and reset: "+reason.about, freeVerdict(reason, 256), `"forceOfflineReason":`+reason.json, `"passwordReset":`+resets[i].json)
	}
}

// freeVerdict is about a field of free text: what it may do with control characters
// is for the checks of what came of it.
func freeVerdict(text token, most int) verdict {
	decoded, ok := text.decoded()
	switch {
	case !ok, slices.Contains(odd, text):
		return either
	case utf8.RuneCountInString(decoded) > most:
		return rejected
	case strings.ContainsFunc(decoded, isControl):
		return either
	default:
		return accepted
	}
}

// nameVerdict is about a field of one line of plain text.
func nameVerdict(text token, most int) verdict {
	decoded, _ := text.decoded()
	if strings.ContainsFunc(decoded, isControl) {
		return rejected
	}
	return freeVerdict(text, most)
}

// isControl reports whether a character is not for a line of plain text.
func isControl(r rune) bool {
	return r < ' ' || r >= 0x7f && r < 0xa0 || r == '\u2028' || r == '\u2029' || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069'
}

// strict tries the edges of every other field.
func (g *generator) strict() {
	for _, field := range strictFields() {
		for _, one := range field.values {
			extra := []string{`"` + field.path + `":` + field.before + one.json + field.after}
			if field.path == "license" && one.about == `"Standard"` {
				extra = append(extra, `"role":"DeskStaff"`)
			}
			g.add(field.path+": "+one.about, one.want, extra...)
		}
	}
	var groups, more []string
	for i := range 65 {
		groups, more = append(groups, fmt.Sprintf(`{"name":"group-%d"}`, i)), append(more, fmt.Sprintf(`"team-%d"`, i))
	}
	list := func(items []string) string { return "[" + strings.Join(items, ",") + "]" }
	g.add("64 skill groups", accepted, `"skillGroups":`+list(groups[:64]))
	g.add("65 skill groups", rejected, `"skillGroups":`+list(groups))
	g.add("a skill group twice", rejected, `"skillGroups":[{"name":"a","priority":1},{"name":"a","priority":2}]`)
	g.add("a skill group without a name", rejected, `"skillGroups":[{"priority":1}]`)
	g.add("no skill group in the list", rejected, `"skillGroups":[null]`)
	g.add("64 teams", accepted, `"teams":`+list(more[:64]))
	g.add("65 teams", rejected, `"teams":`+list(more))
	g.add("a team twice", rejected, `"teams":["a","a"]`)
	g.add("no team in the list", rejected, `"teams":[null]`)
	g.add("a million teams", rejected, `"teams":`+list(slices.Repeat([]string{`"a"`}, 500_000)))
}

// emails tries addresses. What is accepted is made another one for each Member.
func (g *generator) emails() {
	locals, domains, bad := addresses()
	put := func(want verdict, about, address string) {
		name := g.next()
		g.put("email: "+about, want, name, quote(name).json, `"email":`+address)
	}
	for _, local := range locals {
		address := quote(fmt.Sprintf("%s%d@example.com", local, len(g.cases)))
		put(accepted, address.about, address.json)
	}
	for _, domain := range domains {
		address := quote(fmt.Sprintf("ana%d@%s", len(g.cases), domain))
		put(accepted, address.about, address.json)
	}
	label := strings.Repeat("b", 63)
	put(accepted, "254 characters", quote(strings.Repeat("a", 64)+"@"+label+"."+label+"."+label[:61]).json)
	for _, one := range bad {
		put(rejected, one.about, one.json)
	}
	put(rejected, "twice in the manifest", `"a@example.com","email":"b@example.com"`)
	for i, address := range []string{"twin@example.com", "TWIN@example.com", "twin@EXAMPLE.COM", "Twin@Example.Com"} {
		put(accepted, fmt.Sprintf("the same in another spelling, %d", i), quote(address).json)
	}
}

// types puts what is no text into fields of text.
func (g *generator) types() {
	for _, path := range typedFields {
		for _, one := range wrongTypes {
			want := one.want
			if path == "email" {
				want = rejected // it is required
				name := g.next()
				g.put(path+": "+one.about, want, name, quote(name).json, `"email":`+one.json)
				continue
			}
			g.add(path+": "+one.about, want, `"`+path+`":`+one.json)
		}
	}
}

// chance adds a Member with texts by chance in every free field.
func (g *generator) chance() {
	var fields []string
	about := "by chance"
	for _, field := range []struct {
		path string
		most int
	}{{"name", 64}, {"nickname", 32}, {"forceOfflineReason", 256}, {"passwordReset", 64}} {
		known := texts(field.most)
		text := known[g.random.IntN(len(known))]
		if g.random.IntN(2) == 0 {
			text = quote(g.gibberish(field.most))
		}
		if strings.HasSuffix(field.path, "name") && nameVerdict(text, field.most) == rejected {
			continue // the rest would not be tried
		}
		fields = append(fields, `"`+field.path+`":`+text.json)
		about += ", " + field.path + " " + text.about
	}
	g.add(about, either, fields...)
}

// gibberish is a text of characters from everywhere.
func (g *generator) gibberish(most int) string {
	ranges := [][2]rune{{0x20, 0x7e}, {0xa0, 0x24f}, {0x300, 0x36f}, {0x590, 0x6ff}, {0x900, 0x97f}, {0x2000, 0x206f}, {0x4e00, 0x9fff}, {0xfe00, 0xfe0f}, {0x1f300, 0x1f9ff}, {0xe0000, 0xe007f}}
	text := make([]rune, 1+g.random.IntN(most))
	for i := range text {
		from := ranges[g.random.IntN(len(ranges))]
		text[i] = from[0] + rune(g.random.IntN(int(from[1]-from[0])+1))
	}
	return string(text)
}
