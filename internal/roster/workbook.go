package roster

import (
	"archive/zip"
	"bufio"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"iter"
	"path"
	"strings"
)

// A workbook is a zip archive of XML parts (ISO/IEC 29500-2). Each part is read as a
// stream with bounded steps.
const (
	// maxEntries is the maximum number of files in the archive.
	maxEntries = 10_000
	// maxPart is the maximum size of an unpacked part.
	maxPart = 128 << 20
	// A part must not be larger than partAllowance + maxRatio times its packed size.
	// Packing shrinks sheets of people to about a tenth or a twentieth.
	partAllowance = 1 << 20
	maxRatio      = 100
	// maxToken is the maximum size of an XML token, in bytes. Excel's longest cell
	// (32,767 characters) fits in any encoding.
	maxToken = 512 << 10
)

// The reasons why a workbook cannot be read.
var (
	errNotWorkbook = errors.New("this is not an xlsx workbook, or it is damaged: save it as .xlsx (Excel workbook), or as csv in UTF-8")
	errBomb        = errors.New("the workbook unpacks to far more than its size: copy the rows into a new workbook and save that")
)

// notWorkbook reports that a part cannot be unpacked or parsed. It quotes the cause, which
// may contain characters of the file.
func notWorkbook(cause error) error {
	return fmt.Errorf("%w (%s)", errNotWorkbook, excerpt(cause.Error()))
}

// workbook is the archive. The names of its parts are in lowercase because OPC compares
// them without case.
type workbook struct {
	size  int64
	files map[string]*zip.File
}

func openWorkbook(data []byte) (*workbook, error) {
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, notWorkbook(err)
	}
	if len(archive.File) > maxEntries {
		return nil, errBomb
	}
	book := &workbook{size: int64(len(data)), files: make(map[string]*zip.File, len(archive.File))}
	for _, file := range archive.File {
		book.files[partName("/", file.Name)] = file
	}
	return book, nil
}

// partName returns the full name of a part that a part in a folder refers to.
func partName(folder, target string) string {
	target = strings.ReplaceAll(target, `\`, "/")
	if !strings.HasPrefix(target, "/") {
		target = folder + "/" + target
	}
	return strings.ToLower(path.Clean(target))
}

// open returns the content of a part. It is no longer than the archive declares.
func (w *workbook) open(name string) (io.ReadCloser, error) {
	file, found := w.files[name]
	if !found {
		return nil, fmt.Errorf("%w (it has no part %s)", errNotWorkbook, excerpt(name))
	}
	packed := min(file.CompressedSize64, uint64(w.size)) //nolint:gosec // The size of a file in memory is not negative.
	if file.UncompressedSize64 > maxPart || file.UncompressedSize64 > partAllowance+maxRatio*packed {
		return nil, errBomb
	}
	content, err := file.Open()
	if err != nil {
		return nil, notWorkbook(err)
	}
	return content, nil
}

// tokens returns the XML tokens of a part, up to the first error. A token is valid until
// the next one. No token, whether text, attributes, a comment, or a declaration, may be
// larger than maxToken.
func (w *workbook) tokens(name string) iter.Seq2[xml.Token, error] {
	return func(yield func(xml.Token, error) bool) {
		content, err := w.open(name)
		if err != nil {
			yield(nil, err)
			return
		}
		defer content.Close() //nolint:errcheck // A part that is not read to its end may be damaged after it.
		source := &io.LimitedReader{R: content}
		buffer := bufio.NewReader(source)
		decoder := xml.NewDecoder(buffer)
		for {
			source.N = int64(maxToken - buffer.Buffered())
			token, err := decoder.RawToken()
			switch {
			case source.N == 0:
				yield(nil, errBomb)
				return
			case errors.Is(err, io.EOF):
				return
			case err != nil:
				yield(nil, notWorkbook(err))
				return
			case !yield(token, nil):
				return
			}
		}
	}
}

// elements passes the start of each element of a part to a visitor, until it returns false.
func (w *workbook) elements(name string, visit func(element xml.StartElement) bool) error {
	for token, err := range w.tokens(name) {
		if err != nil {
			return err
		}
		if element, isStart := token.(xml.StartElement); isStart && !visit(element) {
			return nil
		}
	}
	return nil
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

// relations returns the parts to which a part refers, by the ID and by the kind of the
// reference.
func (w *workbook) relations(name string) (byID, byKind map[string]string, err error) {
	folder, base := path.Split(name)
	byID, byKind = map[string]string{}, map[string]string{}
	err = w.elements(folder+"_rels/"+base+".rels", func(element xml.StartElement) bool {
		if element.Name.Local == "Relationship" {
			target := partName(folder, attribute(element, "Target"))
			byID[attribute(element, "Id")] = target
			kind := path.Base(attribute(element, "Type"))
			if earlier, found := byKind[kind]; !found || target < earlier {
				byKind[kind] = target
			}
		}
		return max(len(byID), len(byKind)) <= maxEntries
	})
	return byID, byKind, err
}

// firstSheet returns the relation ID of the first sheet that is not hidden.
func (w *workbook) firstSheet(main string) (id string, err error) {
	err = w.elements(main, func(element xml.StartElement) bool {
		state := attribute(element, "state")
		if element.Name.Local != "sheet" || state != "" && state != "visible" {
			return true
		}
		id = attributeValue(element, "id", true)
		return false
	})
	if err == nil && id == "" {
		err = fmt.Errorf("%w (it has no visible sheet)", errNotWorkbook)
	}
	return id, err
}

// readWorkbook passes the rows of the first visible sheet to handleRow.
func readWorkbook(data []byte, handleRow func(row int, cells []cell) error) error {
	book, err := openWorkbook(data)
	if err != nil {
		return err
	}
	_, roots, err := book.relations("/")
	if err != nil {
		return err
	}
	main := roots["officeDocument"]
	id, err := book.firstSheet(main)
	if err != nil {
		return err
	}
	parts, related, err := book.relations(main)
	if err != nil {
		return err
	}
	sheet := sheet{handleRow: handleRow}
	if styles := related["styles"]; styles != "" {
		if sheet.formats, err = book.numberFormats(styles); err != nil {
			return err
		}
	}
	if texts := related["sharedStrings"]; texts != "" {
		if sheet.texts, err = book.sharedTexts(texts); err != nil {
			return err
		}
	}
	return sheet.read(book.tokens(parts[id]))
}
