package printer

import (
	"bytes"
	"cmp"
	"compress/flate"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	apimeta "k8s.io/apimachinery/pkg/api/meta"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/cmd/kubectl-member/memberinfo"
	"rollcall.dev/rollcall/cmd/kubectl-member/query"
)

// sortKey is a key that objects are sorted by. Keys compare as texts.
type sortKey[T any] struct {
	word string
	key  func(*T) string
}

// memberSortKeys returns the sort keys of members.
func memberSortKeys() []sortKey[v1alpha1.Member] {
	type member = v1alpha1.Member
	return []sortKey[member]{
		{"name", func(m *member) string { return natural(m.Name) }},
		{"nickname", func(m *member) string { return natural(m.Spec.Nickname) }},
		{"email", func(m *member) string { return natural(m.Spec.Email) }},
		{"role", func(m *member) string {
			return fmt.Sprintf("%d", slices.Index(query.RoleWords, string(m.EffectiveRole())))
		}},
		{"login", func(m *member) string { return string(m.Status.Login) }},
		{"ready", func(m *member) string {
			return memberinfo.ConditionStatus(m.Status.Conditions, v1alpha1.ReadyCondition)
		}},
		{"age", func(m *member) string { return youngestFirst(m.CreationTimestamp.Unix()) }},
		{"agentID", func(m *member) string { return natural(m.Spec.AgentID) }},
		{"extension", func(m *member) string { return natural(m.Spec.Extension) }},
		{"mail", memberinfo.MailReason},
		{"reason", func(m *member) string { return string(m.Status.LoginReason) }},
		{"since", func(m *member) string {
			condition := apimeta.FindStatusCondition(m.Status.Conditions, v1alpha1.LoginAllowedCondition)
			if condition == nil {
				return ""
			}
			return youngestFirst(condition.LastTransitionTime.Unix())
		}},
		// Premium comes before Standard, and no license last.
		{"license", func(m *member) string { return cmp.Or(memberinfo.HeldTier(m), "~") }},
		{"site", func(m *member) string { return namedFirst(memberinfo.AssignedName(m.Status.Site)) }},
		{"team", func(m *member) string { return namedFirst(memberinfo.TeamNames(m)) }},
		{"userProfile", func(m *member) string { return namedFirst(memberinfo.AssignedName(m.Status.UserProfile)) }},
		{"desktopProfile", func(m *member) string { return namedFirst(memberinfo.AssignedName(m.Status.DesktopProfile)) }},
	}
}

// namedFirst returns a key that puts an empty text last: all names come before a tilde.
func namedFirst(text string) string { return cmp.Or(natural(text), "~") }

// groupSortKeys returns the sort keys of skill groups.
func groupSortKeys() []sortKey[v1alpha1.SkillGroup] {
	type group = v1alpha1.SkillGroup
	number := func(n *int32) string { return natural(cmp.Or(Count(n), "0")) }
	return []sortKey[group]{
		{"name", func(g *group) string { return natural(g.Name) }},
		{"displayName", func(g *group) string { return natural(g.Spec.DisplayName) }},
		{"channel", func(g *group) string { return string(g.Spec.Channel) }},
		{"members", func(g *group) string { return number(g.Status.Members) }},
		{"available", func(g *group) string { return number(g.Status.Available) }},
		{"age", func(g *group) string { return youngestFirst(g.CreationTimestamp.Unix()) }},
	}
}

// sortWords returns the words of sort keys.
func sortWords[T any](orders []sortKey[T]) []string {
	texts := make([]string, 0, len(orders))
	for _, o := range orders {
		texts = append(texts, o.word)
	}
	return texts
}

// natural returns a key by which numbers in a text compare as numbers, and letters regardless of
// case.
func natural(text string) string {
	var key strings.Builder
	text = strings.ToLower(text)
	for text != "" {
		digits := len(text) - len(strings.TrimLeft(text, "0123456789"))
		if digits == 0 {
			key.WriteByte(text[0])
			text = text[1:]
			continue
		}
		number := strings.TrimLeft(text[:digits], "0")
		// More digits mean a larger number, and digits come before letters.
		fmt.Fprintf(&key, "0%03d%s", len(number), number)
		text = text[digits:]
	}
	return key.String()
}

// youngestFirst returns a key by which later times come first.
func youngestFirst(unix int64) string { return fmt.Sprintf("%020d", math.MaxInt64-unix) }

// sorter keeps the rows of objects until all are known.
type sorter[T any] struct {
	key func(*T) string
	// packer compresses rows. It may be nil.
	packer *packer
	rows   []sortedRow
}

// sortedRow is the row of an object, with its key.
type sortedRow struct {
	key string
	row []string
}

// Add adds the row of an object.
func (s *sorter[T]) Add(item *T, row []string) (err error) {
	if s.packer != nil {
		if row[0], err = s.packer.pack(row[0]); err != nil {
			return err
		}
	}
	s.rows = append(s.rows, sortedRow{s.key(item), row})
	return nil
}

// writeTo writes the rows in order; rows with equal keys stay sorted by name. Packed rows are
// written one by one, other rows at once, because all of them decide the widths of a table.
func (s *sorter[T]) writeTo(out RowWriter) error {
	slices.SortStableFunc(s.rows, func(a, b sortedRow) int { return cmp.Compare(a.key, b.key) })
	rows := make([][]string, 0, min(len(s.rows), query.PageSize))
	for _, kept := range s.rows {
		rows = append(rows, kept.row)
		if s.packer == nil {
			continue
		}
		text, err := s.packer.unpack(kept.row[0])
		if err != nil {
			return err
		}
		rows[0] = []string{text}
		if err := out.WriteRows(rows); err != nil {
			return err
		}
		rows = rows[:0]
	}
	if len(rows) == 0 {
		return nil
	}
	return out.WriteRows(rows)
}

// packer compresses similar texts with DEFLATE (RFC 1951), with the first text as the dictionary.
// Manifests of members shrink to a tenth.
type packer struct {
	dictionary []byte
	to         *flate.Writer
	from       io.ReadCloser
	buffer     bytes.Buffer
}

func (p *packer) pack(text string) (string, error) {
	if p.to == nil {
		p.dictionary = []byte(text)
		// Only slower levels support a dictionary.
		to, err := flate.NewWriterDict(&p.buffer, flate.DefaultCompression, p.dictionary)
		if err != nil {
			return "", err
		}
		p.to = to
	}
	p.buffer.Reset()
	p.to.Reset(&p.buffer)
	if _, err := io.WriteString(p.to, text); err != nil {
		return "", err
	}
	err := p.to.Close()
	return p.buffer.String(), err
}

func (p *packer) unpack(packed string) (string, error) {
	source := bytes.NewReader([]byte(packed))
	if p.from == nil {
		p.from = flate.NewReaderDict(source, p.dictionary)
	} else if err := p.from.(flate.Resetter).Reset(source, p.dictionary); err != nil { //nolint:errcheck,forcetypeassert // as flate.NewReaderDict promises
		return "", err
	}
	text, err := io.ReadAll(p.from)
	return string(text), err
}
