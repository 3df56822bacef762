package roster

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
)

const (
	beginSheet = `<worksheet><sheetData><row><c t="inlineStr"><is><t>email</t></is></c></row>`
	endSheet   = `</sheetData></worksheet>`
)

// noise is a text that packs badly, so that the ratio of a part stays low.
func noise(length int) string {
	random := rand.New(rand.NewPCG(3, 4))
	text := make([]byte, length)
	for index := range text {
		text[index] = byte('a' + random.IntN(26))
	}
	return string(text)
}

// packed is a file of an archive whose declared size is not its true one.
func packed(t *testing.T, name, content string, declared uint64) []byte {
	t.Helper()
	var body, file bytes.Buffer
	packer, err := flate.NewWriter(&body, flate.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	packer.Write([]byte(content))
	packer.Close()
	archive := zip.NewWriter(&file)
	entry, err := archive.CreateRaw(&zip.FileHeader{Name: name, Method: zip.Deflate, CompressedSize64: uint64(body.Len()), UncompressedSize64: declared})
	if err != nil {
		t.Fatal(err)
	}
	entry.Write(body.Bytes())
	archive.Close()
	return file.Bytes()
}

// manyEntries is an archive of small files.
func manyEntries(t *testing.T, count int) []byte {
	t.Helper()
	var file bytes.Buffer
	archive := zip.NewWriter(&file)
	for number := range count {
		if _, err := archive.CreateRaw(&zip.FileHeader{Name: fmt.Sprint(number)}); err != nil {
			t.Fatal(err)
		}
	}
	archive.Close()
	return file.Bytes()
}

// The test is not parallel: it measures the memory of the process.
func TestABombIsRefusedWithoutMuchMemory(t *testing.T) {
	const allowance = 64 << 20
	long := noise(1 << 20)
	cases := map[string]struct {
		file []byte
		want error
	}{
		"a sheet of 16 MiB":     {bookOf(t, beginSheet+strings.Repeat(" ", 16<<20)+endSheet, nil), errBomb},
		"a sheet of empty rows": {bookOf(t, beginSheet+strings.Repeat("<row/>", 1<<18)+endSheet, nil), errBomb},
		"texts without end":     {bookOf(t, beginSheet+endSheet, map[string]string{"xl/texts.xml": "<sst>" + strings.Repeat("<si/>", 1<<18) + "</sst>"}), errBomb},
		"formats without end":   {bookOf(t, beginSheet+endSheet, map[string]string{"xl/styles.xml": "<cellXfs>" + strings.Repeat("<xf/>", 1<<18) + "</cellXfs>"}), errBomb},
		"a text for all cells": {
			bookOf(t, beginSheet+strings.Repeat(`<row><c t="s"><v>0</v></c></row>`, 2100)+endSheet, map[string]string{"xl/texts.xml": "<sst><si><t>" + noise(40<<10) + "</t></si></sst>"}),
			errTooMuchText,
		},
		"a long text":       {bookOf(t, beginSheet+"<row><c><v>"+long, nil), errBomb},
		"a long name":       {bookOf(t, beginSheet+"<"+long, nil), errBomb},
		"a long attribute":  {bookOf(t, beginSheet+`<row r="`+long, nil), errBomb},
		"many attributes":   {bookOf(t, beginSheet+"<row"+strings.Repeat(` a="`+noise(3)+`"`, 200<<10), nil), errBomb},
		"a long comment":    {bookOf(t, beginSheet+"<!--"+long, nil), errBomb},
		"a long data":       {bookOf(t, beginSheet+"<![CDATA["+strings.Repeat("<"+noise(9), 100<<10), nil), errBomb},
		"entities":          {bookOf(t, `<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>`+beginSheet+"<row><c><v>&b;</v></c></row>", nil), errNotWorkbook},
		"a column far away": {bookOf(t, beginSheet+`<row><c r="XFD2"><v>1</v></c></row>`+endSheet, nil), errTooWide},
		"a row far away":    {bookOf(t, beginSheet+`<row r="99999999"/>`+endSheet, nil), errTooManyRows},
		"a workbook in itself": {
			bookOf(t, string(bookOf(t, beginSheet+strings.Repeat(" ", 1<<20), nil)), nil), errNotWorkbook,
		},
		"many files":            {manyEntries(t, maxEntries+1), errBomb},
		"a size that is a lie":  {packed(t, "_rels/.rels", strings.Repeat("<Relationship/>", 1<<16), 1000), errNotWorkbook},
		"a size that is vast":   {packed(t, "_rels/.rels", "<Relationship/>", 1<<62), errBomb},
		"a file of one unknown": {manyEntries(t, 1), errNotWorkbook},
		"a row that goes back":  {bookOf(t, beginSheet+`<row r="1"/>`+endSheet, nil), errNotWorkbook},
		"a cell that goes back": {bookOf(t, beginSheet+`<row><c r="B2"/><c r="A2"/></row>`+endSheet, nil), errNotWorkbook},
		"a text that is not":    {bookOf(t, beginSheet+`<row><c t="s"><v>9</v></c></row>`+endSheet, nil), errNotWorkbook},
		"no sheet to be seen":   {bookOf(t, "", map[string]string{"xl/workbook.xml": "<workbook/>"}), errNotWorkbook},
		"no sheet":              {bookOf(t, "", nil), errNotWorkbook},
		"a damaged archive":     {bookOf(t, beginSheet, nil)[:200], errNotWorkbook},
	}
	for name, c := range cases {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		_, _, err := Read(bytes.NewReader(c.file), "bomb.xlsx", ReadOptions{})
		runtime.ReadMemStats(&after)
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, not %v", name, err, c.want)
		}
		if grown := int64(after.HeapSys) - int64(before.HeapSys); grown > allowance {
			t.Errorf("%s: a file of %d bytes took %d MiB", name, len(c.file), grown>>20)
		}
	}
}

func TestElementsAreNestedToAnyDepth(t *testing.T) {
	t.Parallel()
	sheet := beginSheet + strings.Repeat("<a>", 300_000) + `<row><c t="inlineStr"><is><t>a@example.com</t></is></c></row>` + endSheet
	read, faults := read(t, "f.xlsx", bookOf(t, sheet, nil), ReadOptions{})
	if len(faults) > 0 || len(read.People) != 1 {
		t.Errorf("%v %+v", faults, read.People)
	}
}

func TestManyTextsAreRefused(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("it reads a million texts")
	}
	// Each repetition is longer than what the packer looks back, 32 KiB, so that
	// it does not pack well.
	const each = 4096
	word := noise(3 * each)
	var texts strings.Builder
	for number := range each {
		fmt.Fprintf(&texts, "<si a='%s'/>", word[3*number:][:3])
	}
	content := "<sst>" + strings.Repeat(texts.String(), maxSharedTexts/each+1)
	_, _, err := Read(bytes.NewReader(bookOf(t, beginSheet+endSheet, map[string]string{"xl/texts.xml": content})), "f.xlsx", ReadOptions{})
	const want = "f.xlsx: the workbook has more than 1000000 texts: copy the sheet with the members into a new workbook"
	if err == nil || err.Error() != want {
		t.Error(err)
	}
}
