package mail

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// received is a message as a mail program reads it.
type received struct {
	header     mail.Header
	names      []string // of the headers, with repetitions, sorted
	text, page string
}

// receive renders the message and parses the raw bytes.
func receive(tb testing.TB, templates *Templates, envelope Envelope, content Content) received {
	tb.Helper()
	message, err := templates.Message(envelope, content)
	if err != nil {
		tb.Fatal(err)
	}
	var raw bytes.Buffer
	if _, err := message.WriteTo(&raw); err != nil {
		tb.Fatal(err)
	}
	checkLines(tb, raw.String())
	parsed, err := mail.ReadMessage(bytes.NewReader(raw.Bytes()))
	if err != nil {
		tb.Fatal(err)
	}
	result := received{header: parsed.Header}
	for name, values := range parsed.Header {
		for range values {
			result.names = append(result.names, name)
		}
	}
	slices.Sort(result.names)
	kind, parameters, err := mime.ParseMediaType(parsed.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		tb.Fatalf("Content-Type is %q (%v)", parsed.Header.Get("Content-Type"), err)
	}
	parts := multipart.NewReader(parsed.Body, parameters["boundary"])
	result.text = readPart(tb, parts, "text/plain")
	result.page = readPart(tb, parts, "text/html")
	if _, err := parts.NextRawPart(); !errors.Is(err, io.EOF) {
		tb.Fatalf("after the two parts: %v, want the end", err)
	}
	return result
}

func readPart(tb testing.TB, parts *multipart.Reader, kind string) string {
	tb.Helper()
	part, err := parts.NextRawPart()
	if err != nil {
		tb.Fatal(err)
	}
	got, parameters, err := mime.ParseMediaType(part.Header.Get("Content-Type"))
	if err != nil || got != kind || !strings.EqualFold(parameters["charset"], "utf-8") {
		tb.Fatalf("Content-Type of the part is %q (%v), want %s in UTF-8", part.Header.Get("Content-Type"), err, kind)
	}
	if encoding := part.Header.Get("Content-Transfer-Encoding"); encoding != "quoted-printable" {
		tb.Fatalf("Content-Transfer-Encoding is %q", encoding)
	}
	body, err := io.ReadAll(quotedprintable.NewReader(part))
	if err != nil {
		tb.Fatal(err)
	}
	return strings.ReplaceAll(string(body), "\r\n", "\n")
}

// checkLines checks the raw bytes against RFC 5322, section 2.1.1.
func checkLines(tb testing.TB, raw string) {
	tb.Helper()
	for line := range strings.SplitSeq(raw, "\r\n") {
		if len(line) > 998 || strings.ContainsAny(line, "\r\n\x00") {
			tb.Fatalf("bad line %.80q", line)
		}
		for i := range len(line) {
			if line[i] > '~' {
				tb.Fatalf("bytes outside ASCII in line %.80q", line)
			}
		}
	}
}

// page is an HTML page as parsed.
type page struct {
	skeleton []string // tags with the names of their attributes, in order
	text     string   // all text, as a reader sees it
	links    []string
	lang     string
	code     string
}

func parsePage(tb testing.TB, source string) page {
	tb.Helper()
	root, err := html.Parse(strings.NewReader(source))
	if err != nil {
		tb.Fatal(err)
	}
	var result page
	for node := range root.Descendants() {
		switch node.Type {
		case html.TextNode:
			result.text += node.Data
			if node.Parent.Data == "code" {
				result.code += node.Data
			}
		case html.ElementNode:
			tag := node.Data
			for _, attribute := range node.Attr {
				tag += " " + attribute.Key
				switch {
				case attribute.Key == "href":
					result.links = append(result.links, attribute.Val)
				case attribute.Key == "lang" && node.Data == "html":
					result.lang = attribute.Val
				}
			}
			result.skeleton = append(result.skeleton, tag)
		default:
			result.skeleton = append(result.skeleton, "other")
		}
	}
	return result
}
