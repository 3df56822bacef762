package roster

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
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

// walk passes the tokens of a part to a visitor, which must copy what it keeps. The
// visitor returns io.EOF to stop early.
func (w *workbook) walk(name string, visit func(token xml.Token) error) (err error) {
	file, found := w.files[name]
	if !found {
		return fmt.Errorf("%w (it has no part %s)", errNotWorkbook, excerpt(name))
	}
	packed := min(file.CompressedSize64, uint64(w.size)) //nolint:gosec // The size of a file in memory is not negative.
	if file.UncompressedSize64 > maxPart || file.UncompressedSize64 > partAllowance+maxRatio*packed {
		return errBomb
	}
	content, err := file.Open()
	if err != nil {
		return notWorkbook(err)
	}
	defer func() {
		if closing := content.Close(); err == nil && closing != nil {
			err = notWorkbook(closing)
		}
	}()
	// The size that the archive declares may be wrong.
	stream := newTokens(io.LimitReader(content, maxPart))
	for {
		token, err := stream.next()
		if err == nil {
			err = visit(token)
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// relation is a reference from a part to another one.
type relation struct {
	kind, target string
}

// relations returns the references of a part by ID.
func (w *workbook) relations(name string) (map[string]relation, error) {
	folder, base := path.Split(name)
	relations := map[string]relation{}
	err := w.walk(folder+"_rels/"+base+".rels", func(token xml.Token) error {
		element, isStart := token.(xml.StartElement)
		if !isStart || element.Name.Local != "Relationship" || len(relations) > maxEntries {
			return nil
		}
		relations[attribute(element, "Id")] = relation{
			kind:   path.Base(attribute(element, "Type")),
			target: partName(folder, attribute(element, "Target")),
		}
		return nil
	})
	return relations, err
}

// ofKind returns the first part with a kind of relation, or an empty string.
func ofKind(relations map[string]relation, kind string) string {
	found := ""
	for _, relation := range relations {
		if relation.kind == kind && (found == "" || relation.target < found) {
			found = relation.target
		}
	}
	return found
}

// firstSheet returns the relation ID of the first sheet that is not hidden.
func (w *workbook) firstSheet(main string) (id string, err error) {
	err = w.walk(main, func(token xml.Token) error {
		element, isStart := token.(xml.StartElement)
		if !isStart || element.Name.Local != "sheet" {
			return nil
		}
		if state := attribute(element, "state"); state == "" || state == "visible" {
			id = attributeValue(element, "id", true)
			return io.EOF
		}
		return nil
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
	roots, err := book.relations("/")
	if err != nil {
		return err
	}
	main := ofKind(roots, "officeDocument")
	id, err := book.firstSheet(main)
	if err != nil {
		return err
	}
	related, err := book.relations(main)
	if err != nil {
		return err
	}
	sheet := sheet{handleRow: handleRow}
	if styles := ofKind(related, "styles"); styles != "" {
		if sheet.formats, err = book.numberFormats(styles); err != nil {
			return err
		}
	}
	if texts := ofKind(related, "sharedStrings"); texts != "" {
		if sheet.texts, err = book.sharedTexts(texts); err != nil {
			return err
		}
	}
	return book.walk(related[id].target, sheet.visit)
}
