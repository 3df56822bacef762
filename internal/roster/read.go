package roster

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// The limits of what Read takes in. They are far above any contact centre, and
// keep the memory and the time that a file takes in proportion to its size.
const (
	maxFileSize = 32 << 20
	maxRows     = 100_000
	maxColumns  = 256
	// maxText is the size of all cells of a workbook together: a workbook stores
	// a text once, however many cells have it.
	maxText = 64 << 20
)

// ReadOptions say how strict Read is.
type ReadOptions struct {
	// IgnoreUnknownColumns leaves out columns with a header that is not known,
	// and cells in columns without a header.
	IgnoreUnknownColumns bool
}

// reader is what Read knows so far.
type reader struct {
	options    ReadOptions
	vocabulary vocabulary
	fields     map[Column]field
	faults     faults
	header     header
	register   register
	people     []Person
	// controlHub is the row being read, of a file of Control Hub.
	controlHub controlHubRow
	// failed are the columns with a fault in the row being read.
	failed map[Column]bool
	// text is the size of the cells read so far, in bytes.
	text int
}

// Read reads a csv file or an xlsx workbook; which of the two it is, is seen from
// its first bytes. The first row that is not blank is the header. Of a workbook,
// the first sheet that is not hidden is read.
//
// A csv file has commas, semicolons or tabs between its cells, whichever the
// header has most, and is in UTF-8, or in UTF-16 with a byte order mark. White
// space and invisible signs at the ends of a cell do not count, and an apostrophe
// in front of what a spreadsheet program would take for a formula, a number or a
// date is removed, as Write has put it there.
//
// A file with the column User ID/Email (Required) is one of Webex Control Hub, and
// of it only the names, that column and the services whose headers begin with
// Webex Contact Center Standard and Webex Contact Center Premium are read. The name
// is Display Name, or, where that is empty, First Name and Last Name.
//
// The faults are everything that is wrong with the rows, by row and column; the
// file must not be used if one of them is not a warning. The error says why the
// file cannot be read at all: it is not a table, or too large. The file name
// appears in both.
func Read(r io.Reader, file string, o ReadOptions) (Sheet, []Fault, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxFileSize+1))
	if err != nil {
		return Sheet{}, nil, fmt.Errorf("reading %s: %w", file, err)
	}
	if len(data) > maxFileSize {
		return Sheet{}, nil, fmt.Errorf("%s: the file has more than %d MiB: divide it into several, or remove what is not about the members", file, maxFileSize>>20)
	}
	into := &reader{
		options: o, vocabulary: newVocabulary(languages()), fields: fields(), faults: faults{file: file},
		register: newRegister(), failed: map[Column]bool{},
	}
	if err := into.readTable(data); err != nil {
		return Sheet{}, nil, fmt.Errorf("%s: %w", file, err)
	}
	if into.header.row == 0 {
		return Sheet{}, nil, fmt.Errorf("%s: %w", file, errNoRows)
	}
	return Sheet{File: file, ControlHub: into.header.controlHub, Has: into.header.has(), People: into.people}, into.faults.list(), nil
}

// The reasons why a file is no table of people.
var (
	errNoRows      = errors.New("the file is empty: begin with the file that kubectl member template writes")
	errOldWorkbook = errors.New("this is a workbook of an old format (.xls), or one with a password: save it as .xlsx without a password")
	errManifest    = errors.New("this is a manifest in YAML or JSON, and no sheet: kubectl apply -f takes it")
	errTooManyRows = fmt.Errorf("the file has more than %d people: divide it into several", maxRows)
	errTooWide     = fmt.Errorf("the file has a row with more than %d columns: remove what is not about the members", maxColumns)
	errTooMuchText = fmt.Errorf("the cells of the file have more than %d MiB of text: remove what is not about the members", maxText>>20)
)

// readTable reads all rows.
func (r *reader) readTable(data []byte) error {
	switch {
	case len(data) == 0:
		return errNoRows
	case bytes.HasPrefix(data, []byte("PK\x03\x04")), bytes.HasPrefix(data, []byte("PK\x05\x06")):
		return readWorkbook(data, r.readRow)
	case bytes.HasPrefix(data, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")):
		return errOldWorkbook
	}
	text, err := decodeText(data)
	if err != nil {
		return err
	}
	if isManifest(text) {
		return errManifest
	}
	return r.readCSV(text)
}

// readRow takes the next row of the file.
func (r *reader) readRow(row int, cells []cell) error {
	blank := true
	for _, cell := range cells {
		r.text += len(cell.text)
		blank = blank && trim(cell.text) == ""
	}
	switch {
	case r.text > maxText:
		return errTooMuchText
	case blank:
		return nil
	case len(cells) > maxColumns:
		return errTooWide
	case r.header.row == 0:
		r.readHeader(row, cells)
	case len(r.people) == maxRows:
		return errTooManyRows
	default:
		r.readPerson(row, cells)
	}
	return nil
}
