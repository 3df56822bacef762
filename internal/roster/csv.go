package roster

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/unicode"
)

// maxRecord is the maximum size of a csv row, in bytes. A row may be longer by the size of the
// buffer.
const maxRecord = 256 << 10

const saveAsUTF8 = "save it as UTF-8 (in Excel: CSV UTF-8; in LibreOffice: the character set Unicode (UTF-8))"

const utf8Mark = "\ufeff"

// decodeText returns the text of a csv file in UTF-8, without its byte order mark.
func decodeText(data []byte) ([]byte, error) {
	if bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff")) {
		decoded, err := unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder().Bytes(data)
		if err != nil || bytes.ContainsRune(decoded, utf8.RuneError) {
			return nil, errors.New("the file starts like UTF-16 but is damaged: " + saveAsUTF8)
		}
		data = decoded
	}
	data = bytes.TrimPrefix(data, []byte(utf8Mark))
	number := 0
	for line := range bytes.Lines(data) {
		if number++; !utf8.Valid(line) {
			return nil, fmt.Errorf("line %d is not in UTF-8: %s", number, saveAsUTF8)
		}
	}
	if bytes.IndexByte(data, 0) >= 0 {
		return nil, errors.New("this is neither a csv file in UTF-8 nor an xlsx workbook: " + saveAsUTF8)
	}
	if bytes.IndexByte(data, '\n') < 0 {
		data = bytes.ReplaceAll(data, []byte("\r"), []byte("\n"))
	}
	return data, nil
}

// manifest matches the beginning of a Kubernetes manifest, after comments.
var manifest = regexp.MustCompile(`^([\s\v\x{85}\p{Z}]|#.*\n)*(apiVersion:|kind:|---|\{)`)

// separators are the possible separators of cells, the preferred one first.
const separators = ",;\t"

// separatorOf returns the separator that is most frequent in the first line that is not
// blank, outside quotation marks.
func separatorOf(text []byte) rune {
	counts := map[rune]int{}
	quoted := false
	for _, char := range string(text[:min(len(text), maxRecord)]) {
		if char == '"' {
			quoted = !quoted
		}
		if char == '\n' && !quoted && len(counts) > 0 {
			break
		}
		if !quoted && (strings.ContainsRune(separators, char) || !isBlank(char)) {
			counts[char]++
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

// declaredSeparator matches a first line such as sep=; which declares the separator for
// Excel.
var declaredSeparator = regexp.MustCompile(`^["\r]*sep=([,;\t])["\r]*(\n|$)`)

// csvRows counts the rows of a csv file as a spreadsheet program does: blank lines,
// which the csv reader skips, count, and a cell with several lines is in one row.
type csvRows struct {
	row, nextLine int
}

// rowOf returns the row of the record between these lines.
func (c *csvRows) rowOf(first, last int) int {
	c.row += first - c.nextLine + 1
	c.nextLine = last + 1
	return c.row
}

// readCSV reads the rows of a csv file.
func (r *reader) readCSV(text []byte) error {
	rows := csvRows{nextLine: 1}
	separator := separatorOf(text)
	if declared := declaredSeparator.FindSubmatch(text); declared != nil {
		rows.row, separator, text = 1, rune(declared[1][0]), text[len(declared[0]):]
	}
	source := &io.LimitedReader{R: bytes.NewReader(text)}
	buffer := bufio.NewReader(source)
	records := csv.NewReader(buffer)
	records.Comma = separator
	records.FieldsPerRecord = -1
	records.ReuseRecord = true
	records.TrimLeadingSpace = separator != '\t'
	for {
		source.N = int64(maxRecord + 1 + buffer.Size() - buffer.Buffered())
		record, err := records.Read()
		if source.N == 0 {
			return fmt.Errorf("row %d, or a cell of it, has more than %d KiB: a quotation mark is probably not closed; close it, or remove data that is not about members", rows.row+1, maxRecord>>10)
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			err = r.csvFault(&rows, err)
		} else {
			err = r.readRecord(&rows, records, record)
		}
		if err != nil {
			return err
		}
	}
}

// readRecord processes one record of a csv file.
func (r *reader) readRecord(rows *csvRows, records *csv.Reader, record []string) error {
	first, _ := records.FieldPos(0)
	last, _ := records.FieldPos(len(record) - 1)
	last += strings.Count(record[len(record)-1], "\n")
	row := rows.rowOf(first, last)
	for len(record) > 0 && record[len(record)-1] == "" {
		record = record[:len(record)-1]
	}
	cells := make([]cell, len(record))
	for position, text := range record {
		cells[position].text = text
	}
	return r.readRow(row, cells)
}

// csvFault records a row that cannot be split into cells. It returns an error if that row
// is the header, or if the csv reader cannot find the next row.
func (r *reader) csvFault(rows *csvRows, err error) error {
	var problem *csv.ParseError
	if !errors.As(err, &problem) {
		return err
	}
	row := rows.rowOf(problem.StartLine, problem.Line)
	const advice = "put the cell in quotation marks and double the quotation marks inside it, as in \"Ana \"\"Nan\"\" Pop\""
	if r.header.row == 0 {
		return fmt.Errorf("the header in row %d has a misplaced quotation mark: %s", row, advice)
	}
	r.faults.add(Fault{Row: row}, "line %d has a misplaced quotation mark at character %d, or an unclosed one: %s", problem.Line, problem.Column, advice)
	return nil
}
