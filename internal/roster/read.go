package roster

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// The limits of Read. They are far above the size of any contact center and keep
// memory and time in proportion to the file size.
const (
	maxFileSize = 32 << 20
	maxRows     = 100_000
	maxColumns  = 256
	// maxText is the total size of all cells: a workbook stores a text once, however
	// many cells use it.
	maxText = 64 << 20
)

// ReadOptions configures how strict Read is.
type ReadOptions struct {
	// IgnoreUnknownColumns skips columns with an unknown header, and cells in
	// columns without a header.
	IgnoreUnknownColumns bool
}

// reader holds the state of Read.
type reader struct {
	options   ReadOptions
	faults    faults
	header    header
	firstRows firstRows
	people    []Person
	// controlHub holds the current row of a Control Hub file.
	controlHub controlHubRow
	// failed has the columns with a fault in the current row.
	failed map[Column]bool
	// textSize is the size of all cells read so far, in bytes.
	textSize int
}

// Read reads a csv file or an xlsx workbook; its first bytes tell which one it is. The
// first row that is not blank is the header. Of a workbook, Read reads the first sheet
// that is not hidden.
//
// A csv file separates cells with commas, semicolons, or tabs, whichever is most
// frequent in the header. It is in UTF-8, or in UTF-16 with a byte order mark. Read
// ignores white space and invisible characters at the ends of a cell. It also removes
// the apostrophe that Write puts before a text that a spreadsheet program would take
// for a formula, a number, or a date.
//
// A file with the column User ID/Email (Required) is a Webex Control Hub file. Read
// takes the names, that column, and the services whose headers begin with Webex Contact
// Center Standard and Webex Contact Center Premium. The name is Display Name or, if that
// is empty, First Name and Last Name.
//
// The returned faults are all problems of the rows, by row and column. Do not use the
// file if any of them is not a warning. The error says why the file cannot be read at
// all: it is not a table, or too large. Faults and errors include the file name.
func Read(r io.Reader, file string, o ReadOptions) (Sheet, []Fault, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxFileSize+1))
	if err != nil {
		return Sheet{}, nil, fmt.Errorf("reading %s: %w", file, err)
	}
	if len(data) > maxFileSize {
		return Sheet{}, nil, fmt.Errorf("%s: the file has more than %d MiB: split it into several files, or remove data that is not about members", file, maxFileSize>>20)
	}
	table := &reader{options: o, faults: faults{file: file}, firstRows: firstRows{}, controlHub: controlHubRow{}, failed: map[Column]bool{}}
	if err := table.readTable(data); err != nil {
		return Sheet{}, nil, fmt.Errorf("%s: %w", file, err)
	}
	if table.header.row == 0 {
		return Sheet{}, nil, fmt.Errorf("%s: %w", file, errNoRows)
	}
	return Sheet{File: file, ControlHub: table.header.controlHub, Has: table.header.has(), People: table.people}, table.faults.list(), nil
}

// The reasons why a file is not a table of people.
var (
	errNoRows      = errors.New("the file is empty: start from the file that kubectl member template writes")
	errOldWorkbook = errors.New("this is a workbook in the old .xls format or with a password: save it as .xlsx without a password")
	errManifest    = errors.New("this is a YAML or JSON manifest, not a sheet: apply it with kubectl apply -f")
	errTooManyRows = fmt.Errorf("the file has more than %d people: split it into several files", maxRows)
	errTooWide     = fmt.Errorf("the file has a row with more than %d columns: remove data that is not about members", maxColumns)
	errTooMuchText = fmt.Errorf("the cells of the file have more than %d MiB of text: remove data that is not about members", maxText>>20)
)

// readTable reads all rows of a file in any format.
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
	if manifest.Match(text) {
		return errManifest
	}
	return r.readCSV(text)
}

// readRow processes the next row of the file.
func (r *reader) readRow(row int, cells []cell) error {
	blank := true
	for _, cell := range cells {
		r.textSize += len(cell.text)
		blank = blank && trim(cell.text) == ""
	}
	switch {
	case r.textSize > maxText:
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
