package roster

import (
	"bufio"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxToken is the maximum size of an XML token, in bytes. Excel's longest cell (32,767
// characters) fits in any encoding.
const maxToken = 512 << 10

// maxCell is the number of bytes kept of a cell, far more than any field may have.
const maxCell = 32 << 10

// tokens reads the XML tokens of a part. No token, whether text, attributes, a comment, or
// a declaration, may be larger than maxToken.
type tokens struct {
	source  *boundedReader
	decoder *xml.Decoder
}

func newTokens(part io.Reader) *tokens {
	source := &boundedReader{source: bufio.NewReaderSize(part, 64<<10), exceeded: errBomb}
	return &tokens{source: source, decoder: xml.NewDecoder(source)}
}

// next returns the next token, or io.EOF. The token is valid until the following call.
func (t *tokens) next() (xml.Token, error) {
	t.source.budget = maxToken
	token, err := t.decoder.RawToken()
	if err == nil || errors.Is(err, io.EOF) {
		return token, err //nolint:wrapcheck // io.EOF must stay unwrapped.
	}
	if errors.Is(err, errBomb) {
		return nil, errBomb
	}
	return nil, notWorkbook(err)
}

// attribute returns the value of an attribute without a namespace, or an empty string.
func attribute(element xml.StartElement, name string) string {
	return attributeValue(element, name, false)
}

func attributeValue(element xml.StartElement, name string, namespaced bool) string {
	for _, attribute := range element.Attr {
		if attribute.Name.Local == name && (attribute.Name.Space != "") == namespaced {
			return attribute.Value
		}
	}
	return ""
}

// escaped matches a character that XML cannot hold, as a workbook writes it: _x000D_.
var escaped = regexp.MustCompile(`_x[0-9A-Fa-f]{4}_`)

// unescape replaces escaped characters (ISO/IEC 29500-1, section 22.9.2.19).
func unescape(text string) string {
	if !strings.Contains(text, "_x") {
		return text
	}
	return escaped.ReplaceAllStringFunc(text, func(match string) string {
		code, err := strconv.ParseUint(match[2:6], 16, 16)
		if err != nil || !utf8.ValidRune(rune(code)) {
			return match
		}
		return string(rune(code))
	})
}

// richText collects the text of a cell from its runs, without phonetic hints (rPh).
type richText struct {
	text []byte
	// start is the position of the current run in the text.
	start    int
	inside   bool
	phonetic int
}

// visit processes a token inside the cell.
func (t *richText) visit(token xml.Token) {
	switch token := token.(type) {
	case xml.StartElement:
		t.inside, t.start = token.Name.Local == "t", len(t.text)
		if token.Name.Local == "rPh" {
			t.phonetic++
		}
	case xml.EndElement:
		if t.inside {
			t.text = append(t.text[:t.start], unescape(string(t.text[t.start:]))...)
		}
		t.inside = false
		if token.Name.Local == "rPh" {
			t.phonetic--
		}
	case xml.CharData:
		if t.inside && t.phonetic == 0 {
			t.text = append(t.text, token[:max(0, min(len(token), maxCell-len(t.text)))]...)
		}
	}
}

// reset returns the collected text and starts a new one.
func (t *richText) reset() string {
	text := strings.ToValidUTF8(string(t.text), "")
	*t = richText{text: t.text[:0]}
	return text
}
