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

// maxToken is the size of one XML token, in bytes. Excel's longest cell, 32,767
// characters, fits in it in any way of writing.
const maxToken = 512 << 10

// maxCell is what is kept of a cell, in bytes: far more than any field may have.
const maxCell = 32 << 10

// tokens are the XML tokens of a part. No token is larger than maxToken, whatever
// the part has: text, attributes, comments or declarations.
type tokens struct {
	meter   *meter
	decoder *xml.Decoder
}

func newTokens(part io.Reader) *tokens {
	counted := &meter{source: bufio.NewReaderSize(part, 64<<10)}
	return &tokens{meter: counted, decoder: xml.NewDecoder(counted)}
}

// next is the next token, or io.EOF. It is valid until the following call.
func (t *tokens) next() (xml.Token, error) {
	t.meter.left = maxToken
	token, err := t.decoder.RawToken()
	if err == nil || errors.Is(err, io.EOF) {
		return token, err //nolint:wrapcheck // io.EOF has to stay itself.
	}
	if errors.Is(err, errBomb) {
		return nil, errBomb
	}
	return nil, notWorkbook(err)
}

// meter hands out a bounded number of bytes until it is filled again.
type meter struct {
	source *bufio.Reader
	left   int
}

// ReadByte implements io.ByteReader, which is all that the decoder asks for.
func (m *meter) ReadByte() (byte, error) {
	if m.left == 0 {
		return 0, errBomb
	}
	m.left--
	return m.source.ReadByte() //nolint:wrapcheck // io.EOF has to stay itself.
}

// Read implements io.Reader, for which the decoder has no use.
func (m *meter) Read([]byte) (int, error) {
	return 0, errBomb
}

// attribute is the value of an attribute without a namespace; empty without it.
func attribute(element xml.StartElement, name string) string {
	for _, attribute := range element.Attr {
		if attribute.Name.Local == name && attribute.Name.Space == "" {
			return attribute.Value
		}
	}
	return ""
}

// attributeOfSpace is the value of an attribute with a namespace.
func attributeOfSpace(element xml.StartElement, name string) string {
	for _, attribute := range element.Attr {
		if attribute.Name.Local == name && attribute.Name.Space != "" {
			return attribute.Value
		}
	}
	return ""
}

// escaped is how a workbook writes signs that XML does not have: _x000D_.
var escaped = regexp.MustCompile(`_x[0-9A-Fa-f]{4}_`)

// unescape is the text that a workbook means (ISO/IEC 29500-1, section 22.9.2.19).
func unescape(text string) string {
	if !strings.Contains(text, "_x") {
		return text
	}
	return escaped.ReplaceAllStringFunc(text, func(sign string) string {
		code, err := strconv.ParseUint(sign[2:6], 16, 16)
		if err != nil || !utf8.ValidRune(rune(code)) {
			return sign
		}
		return string(rune(code))
	})
}

// richText collects the text of a cell that may be in several runs. Phonetic
// hints (rPh) are left out.
type richText struct {
	text []byte
	// begin is where the run being read begins in the text.
	begin    int
	inside   bool
	phonetic int
}

// visit takes a token inside the cell.
func (t *richText) visit(token xml.Token) {
	switch token := token.(type) {
	case xml.StartElement:
		t.inside, t.begin = token.Name.Local == "t", len(t.text)
		if token.Name.Local == "rPh" {
			t.phonetic++
		}
	case xml.EndElement:
		if t.inside {
			t.text = append(t.text[:t.begin], unescape(string(t.text[t.begin:]))...)
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

// take is the text collected, after which the next one begins.
func (t *richText) take() string {
	text := strings.ToValidUTF8(string(t.text), "")
	*t = richText{text: t.text[:0]}
	return text
}
