package roster

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/unicode"
)

// maxRecord is how long one row of a csv file may be, in bytes. The csv reader
// buffers what it reads ahead, so a row may be longer by that much.
const maxRecord = 256 << 10

const saveAsUTF8 = "save it as UTF-8 (in Excel: CSV UTF-8; in LibreOffice: the character set Unicode (UTF-8))"

const utf8Mark = "\ufeff"

// decodeText is the text of a csv file without its byte order mark.
func decodeText(data []byte) ([]byte, error) {
	if bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff")) {
		decoded, err := unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder().Bytes(data)
		if err != nil || bytes.ContainsRune(decoded, utf8.RuneError) {
			return nil, errors.New("the file begins like UTF-16 but is damaged: " + saveAsUTF8)
		}
		data = decoded
	}
	data = bytes.TrimPrefix(data, []byte(utf8Mark))
	if !utf8.Valid(data) {
		return nil, fmt.Errorf("line %d is not in UTF-8: %s", bytes.Count(data[:firstInvalid(data)], []byte("\n"))+1, saveAsUTF8)
	}
	if bytes.IndexByte(data, 0) >= 0 {
		return nil, errors.New("this is neither a csv file in UTF-8 nor an xlsx workbook: " + saveAsUTF8)
	}
	if bytes.IndexByte(data, '\n') < 0 {
		data = bytes.ReplaceAll(data, []byte("\r"), []byte("\n"))
	}
	return data, nil
}

// isManifest is whether a text is not a table but a manifest of Kubernetes, as an export
// in YAML is: that begins so, after comments.
func isManifest(text []byte) bool {
	for line := range bytes.Lines(text) {
		line = bytes.TrimSpace(line)
		if len(line) == 0 || line[0] == '#' {
			continue
		}
		return slices.ContainsFunc([]string{"apiVersion:", "kind:", "---", "{"}, func(beginning string) bool {
			return bytes.HasPrefix(line, []byte(beginning))
		})
	}
	return false
}

// firstInvalid is where the first byte is that is not UTF-8.
func firstInvalid(data []byte) int {
	for at := 0; at < len(data); {
		sign, size := utf8.DecodeRune(data[at:])
		if sign == utf8.RuneError && size == 1 {
			return at
		}
		at += size
	}
	return len(data)
}

// separators are the signs that may stand between cells; of those that the header
// has equally often, the first.
const separators = ",;\t"

// separatorOf is the separator that the first line which is not blank has most,
// outside quotation marks.
func separatorOf(text []byte) rune {
	counts := map[rune]int{}
	quoted := false
	for _, sign := range string(text[:min(len(text), maxRecord)]) {
		if sign == '"' {
			quoted = !quoted
		}
		if sign == '\n' && !quoted && len(counts) > 0 {
			break
		}
		if !quoted && (strings.ContainsRune(separators, sign) || !isBlank(sign)) {
			counts[sign]++
		}
	}
	best := ','
	for _, candidate := range separators {
		if counts[candidate] > counts[best] {
			best = candidate
		}
	}
	return best
}

// declaredSeparator finds a first line such as sep=; with which Excel is told the
// separator.
func declaredSeparator(text []byte) (separator rune, rest []byte, found bool) {
	line, rest, _ := bytes.Cut(text, []byte("\n"))
	declared, found := strings.CutPrefix(strings.Trim(string(line[:min(len(line), 16)]), "\"\r"), "sep=")
	if !found || len(declared) != 1 || !strings.ContainsAny(declared, separators) {
		return 0, text, false
	}
	return rune(declared[0]), rest, true
}

// budget hands out a bounded number of bytes until it is filled again.
type budget struct {
	source *bytes.Reader
	left   int
}

// errRecordTooLong is a row longer than maxRecord.
var errRecordTooLong = errors.New("row too long")

// Read implements io.Reader.
func (b *budget) Read(into []byte) (int, error) {
	if b.left == 0 && b.source.Len() > 0 {
		return 0, errRecordTooLong
	}
	count, err := b.source.Read(into[:min(len(into), b.left)])
	b.left -= count
	return count, err //nolint:wrapcheck // io.EOF has to stay itself.
}

// csvRows counts the rows of a csv file as a spreadsheet program does: blank
// lines, which the csv reader leaves out, count, and a cell with several lines
// does not make several rows.
type csvRows struct {
	row, nextLine int
}

// at is the row of a record that begins and ends at these lines.
func (c *csvRows) at(first, last int) int {
	c.row += first - c.nextLine + 1
	c.nextLine = last + 1
	return c.row
}

// readCSV reads the rows of a csv file.
func (r *reader) readCSV(text []byte) error {
	count := csvRows{nextLine: 1}
	separator, text, declared := declaredSeparator(text)
	if declared {
		count.row = 1
	} else {
		separator = separatorOf(text)
	}
	source := &budget{source: bytes.NewReader(text)}
	records := csv.NewReader(source)
	records.Comma = separator
	records.FieldsPerRecord = -1
	records.ReuseRecord = true
	records.TrimLeadingSpace = separator != '\t'
	for {
		source.left = maxRecord
		record, err := records.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			if stop, err := r.csvFault(&count, err); stop {
				return err
			}
			continue
		}
		if err := r.readRecord(&count, records, record); err != nil {
			return err
		}
	}
}

// readRecord takes one record of a csv file.
func (r *reader) readRecord(count *csvRows, records *csv.Reader, record []string) error {
	first, _ := records.FieldPos(0)
	last, _ := records.FieldPos(len(record) - 1)
	last += strings.Count(record[len(record)-1], "\n")
	row := count.at(first, last)
	for len(record) > 0 && record[len(record)-1] == "" {
		record = record[:len(record)-1]
	}
	cells := make([]cell, len(record))
	for position, text := range record {
		cells[position].text = text
	}
	return r.readRow(row, cells)
}

// csvFault records a row that cannot be divided into cells. The rows after it are
// read, except where the csv reader cannot tell where they begin, or if it is
// the header.
func (r *reader) csvFault(count *csvRows, err error) (stop bool, _ error) {
	if errors.Is(err, errRecordTooLong) {
		return true, fmt.Errorf("row %d, or a cell of it, has more than %d KiB: a quotation mark is probably not closed; close it, or remove what is not about the members", count.row+1, maxRecord>>10)
	}
	var problem *csv.ParseError
	if !errors.As(err, &problem) {
		return true, err
	}
	row := count.at(problem.StartLine, problem.Line)
	const advice = "put the cell in quotation marks and double those inside it, as in \"Ana \"\"Nan\"\" Pop\""
	if r.header.row == 0 {
		return true, fmt.Errorf("the header in row %d has a quotation mark out of place: %s", row, advice)
	}
	r.faults.add(row, -1, "", "line %d has a quotation mark out of place, at character %d, or one that is not closed: %s", problem.Line, problem.Column, advice)
	return false, nil
}
