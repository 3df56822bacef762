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

// A workbook is a zip archive of XML parts (ISO/IEC 29500-2). It is read here
// rather than with a library, since libraries hold whole parts as objects: then a
// small file could take any amount of memory. Here every part is a stream, and
// each step of it is bounded.
const (
	// maxEntries is how many files the archive may have.
	maxEntries = 10_000
	// maxPart is the size of one part, unpacked.
	maxPart = 128 << 20
	// A part must not be larger than partAllowance + maxRatio times its packed
	// size. Sheets of people come to about a tenth or a twentieth when packed.
	partAllowance = 1 << 20
	maxRatio      = 100
)

// The reasons why a workbook cannot be read.
var (
	errNotWorkbook = errors.New("this is not an xlsx workbook, or a damaged one: save it as .xlsx (Excel workbook), or as csv in UTF-8")
	errBomb        = errors.New("the workbook is refused, since it unpacks to much more than its size: copy the rows into a new workbook, and save that")
)

// notWorkbook says that a part cannot be unpacked or parsed. The cause is repeated
// as a text, since it may have signs of the file.
func notWorkbook(cause error) error {
	return fmt.Errorf("%w (%s)", errNotWorkbook, excerpt(cause.Error()))
}

// workbook is the archive with the names of its parts in lower case, in which
// OPC compares them.
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

// partName is the name of a part that a part in a folder refers to.
func partName(folder, target string) string {
	target = strings.ReplaceAll(target, `\`, "/")
	if !strings.HasPrefix(target, "/") {
		target = folder + "/" + target
	}
	return strings.ToLower(path.Clean(target))
}

// walk reads the tokens of a part. What the visitor keeps of a token it has to
// copy. The visitor ends the walk early with io.EOF.
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
	// The archive may lie about the size.
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

// relation is how a part names another one: by its own ID, or by what it is.
type relation struct {
	kind, target string
}

// relations are those of a part, by ID.
func (w *workbook) relations(name string) (map[string]relation, error) {
	folder, base := path.Split(name)
	relations := map[string]relation{}
	err := w.walk(folder+"_rels/"+base+".rels", func(token xml.Token) error {
		element, is := token.(xml.StartElement)
		if !is || element.Name.Local != "Relationship" || len(relations) > maxEntries {
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

// ofKind is the part that the relations have for a purpose; empty without one.
func ofKind(relations map[string]relation, kind string) string {
	found := ""
	for _, relation := range relations {
		if relation.kind == kind && (found == "" || relation.target < found) {
			found = relation.target
		}
	}
	return found
}

// firstSheet is the relation of the first sheet that is not hidden.
func (w *workbook) firstSheet(main string) (id string, err error) {
	err = w.walk(main, func(token xml.Token) error {
		element, is := token.(xml.StartElement)
		if !is || element.Name.Local != "sheet" {
			return nil
		}
		if state := attribute(element, "state"); state == "" || state == "visible" {
			id = attributeOfSpace(element, "id")
			return io.EOF
		}
		return nil
	})
	if err == nil && id == "" {
		err = fmt.Errorf("%w (it has no visible sheet)", errNotWorkbook)
	}
	return id, err
}

// readWorkbook gives the rows of the first visible sheet to take.
func readWorkbook(data []byte, take func(row int, cells []cell) error) error {
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
	sheet := sheet{take: take}
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
