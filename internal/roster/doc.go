// Package roster reads and writes the people of a contact centre as a sheet: a
// csv file or an xlsx workbook with a header and one row a person.
//
// Read is made for files that people have typed, pasted and saved with a
// spreadsheet program: headers in English or Chinese in any order, commas,
// semicolons or tabs, with or without a byte order mark, and cells that the
// program has taken for numbers. It checks everything and reports all faults at
// once, each with its row and column and with what to write instead. It trusts
// no file: what it reads is bounded, and so are the memory and the time it takes.
//
// It knows the users file of Webex Control Hub by its header: Read takes the names,
// the e-mail address and the two contact centre services of such a file, and
// WriteControlHub writes one. Services says what the service cells ask for.
//
// The rules of the fields are those of the Member's CustomResourceDefinition. The
// package knows nothing of Kubernetes: its callers make Members of what it returns.
package roster
