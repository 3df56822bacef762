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
	startSheet = `<worksheet><sheetData><row><c t="inlineStr"><is><t>email</t></is></c></row>`
	endSheet   = `</sheetData></worksheet>`
)

// noise returns a text that packs badly, so that the packing ratio stays low.
func noise(length int) string {
	random := rand.New(rand.NewPCG(3, 4))
	text := make([]byte, length)
	for index := range text {
		text[index] = byte('a' + random.IntN(26))
	}
	return string(text)
}

// archiveDeclaring returns an archive with a file whose declared size may be wrong.
func archiveDeclaring(t *testing.T, name, content string, declared uint64) []byte {
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

// archiveOfFiles returns an archive with a number of small files.
func archiveOfFiles(t *testing.T, count int) []byte {
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

// TestZipBombsAreRefusedInBoundedMemory is not parallel because it measures the memory
// of the process.
func TestZipBombsAreRefusedInBoundedMemory(t *testing.T) {
	const allowance = 64 << 20
	long := noise(maxToken + 1)
	cases := map[string]struct {
		file []byte
		want error
	}{
		"a sheet of 16 MiB":     {workbookOf(t, startSheet+strings.Repeat(" ", 16<<20)+endSheet, nil), errBomb},
		"a sheet of empty rows": {workbookOf(t, startSheet+strings.Repeat("<row/>", 1<<18)+endSheet, nil), errBomb},
		"endless texts":         {workbookOf(t, startSheet+endSheet, map[string]string{"xl/texts.xml": "<sst>" + strings.Repeat("<si/>", 1<<18) + "</sst>"}), errBomb},
		"endless formats":       {workbookOf(t, startSheet+endSheet, map[string]string{"xl/styles.xml": "<cellXfs>" + strings.Repeat("<xf/>", 1<<18) + "</cellXfs>"}), errBomb},
		"one long text in all cells": {
			workbookOf(t, startSheet+strings.Repeat(`<row><c t="s"><v>0</v></c></row>`, 2100)+endSheet, map[string]string{"xl/texts.xml": "<sst><si><t>" + noise(40<<10) + "</t></si></sst>"}),
			errTooMuchText,
		},
		"a long text":          {workbookOf(t, startSheet+"<row><c><v>"+long, nil), errBomb},
		"a long name":          {workbookOf(t, startSheet+"<"+long, nil), errBomb},
		"a long attribute":     {workbookOf(t, startSheet+`<row r="`+long, nil), errBomb},
		"many attributes":      {workbookOf(t, startSheet+"<row"+strings.Repeat(` a="`+noise(3)+`"`, maxToken/8+1), nil), errBomb},
		"a long comment":       {workbookOf(t, startSheet+"<!--"+long, nil), errBomb},
		"a long CDATA section": {workbookOf(t, startSheet+"<![CDATA["+strings.Repeat("<"+noise(9), maxToken/10+1), nil), errBomb},
		"entities":             {workbookOf(t, `<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>`+startSheet+"<row><c><v>&b;</v></c></row>", nil), errNotWorkbook},
		"a column far away":    {workbookOf(t, startSheet+`<row><c r="XFD2"><v>1</v></c></row>`+endSheet, nil), errTooWide},
		"a row far away":       {workbookOf(t, startSheet+`<row r="99999999"/>`+endSheet, nil), errTooManyRows},
		"a workbook in a workbook": {
			workbookOf(t, string(workbookOf(t, startSheet+strings.Repeat(" ", 1<<20), nil)), nil), errNotWorkbook,
		},
		"many files":         {archiveOfFiles(t, maxEntries+1), errBomb},
		"a false size":       {archiveDeclaring(t, "_rels/.rels", strings.Repeat("<Relationship/>", 1<<16), 1000), errNotWorkbook},
		"a huge size":        {archiveDeclaring(t, "_rels/.rels", "<Relationship/>", 1<<62), errBomb},
		"one unknown file":   {archiveOfFiles(t, 1), errNotWorkbook},
		"rows out of order":  {workbookOf(t, startSheet+`<row r="1"/>`+endSheet, nil), errNotWorkbook},
		"cells out of order": {workbookOf(t, startSheet+`<row><c r="B2"/><c r="A2"/></row>`+endSheet, nil), errNotWorkbook},
		"a missing text":     {workbookOf(t, startSheet+`<row><c t="s"><v>9</v></c></row>`+endSheet, nil), errNotWorkbook},
		"no visible sheet":   {workbookOf(t, "", map[string]string{"xl/workbook.xml": "<workbook/>"}), errNotWorkbook},
		"no sheet":           {workbookOf(t, "", nil), errNotWorkbook},
		"a damaged archive":  {workbookOf(t, startSheet, nil)[:200], errNotWorkbook},
	}
	for name, c := range cases {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		_, _, err := Read(bytes.NewReader(c.file), "bomb.xlsx", ReadOptions{})
		runtime.ReadMemStats(&after)
		if !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
		if grown := int64(after.HeapSys) - int64(before.HeapSys); grown > allowance {
			t.Errorf("%s: a file of %d bytes took %d MiB", name, len(c.file), grown>>20)
		}
	}
}

func TestDeeplyNestedElementsAreRead(t *testing.T) {
	t.Parallel()
	sheet := startSheet + strings.Repeat("<a>", 300_000) + `<row><c t="inlineStr"><is><t>a@example.com</t></is></c></row>` + endSheet
	got, faults := readSheet(t, "f.xlsx", workbookOf(t, sheet, nil), ReadOptions{})
	if len(faults) > 0 || len(got.People) != 1 {
		t.Errorf("%v %+v", faults, got.People)
	}
}

func TestAWorkbookWithTooManyTextsIsRefused(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("the test reads a million texts")
	}
	// The noise keeps the packing ratio of the part within its bound.
	content := "<sst><!--" + noise(256<<10) + "-->" + strings.Repeat("<si/>", maxSharedTexts+1)
	_, _, err := Read(bytes.NewReader(workbookOf(t, startSheet+endSheet, map[string]string{"xl/texts.xml": content})), "f.xlsx", ReadOptions{})
	const want = "f.xlsx: the workbook has more than 1000000 texts: copy the sheet with the members into a new workbook"
	if err == nil || err.Error() != want {
		t.Error(err)
	}
}
