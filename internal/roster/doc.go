// Package roster reads and writes the members of a contact center as a sheet: a csv
// file or an xlsx workbook with a header and one row per person.
//
// Read accepts files that people have typed, pasted, and saved with a spreadsheet
// program: English or Chinese headers in any order, commas, semicolons, or tabs, with
// or without a byte order mark, and cells that the program turned into numbers. Read
// reports all faults at once, each with its row, its column, and a correction. Files
// are not trusted: Read bounds its input, memory, and time.
//
// Read recognizes the users file of Webex Control Hub by its header and takes the
// names, the e-mail address, and the two contact center services from it.
// WriteControlHub writes such a file. Services interprets its service cells.
//
// The package parses xlsx files by hand instead of with the excelize library:
// excelize's row iterator hides formulas, and its support for merged cells loads the
// whole sheet into memory, so that a small file could use any amount of it.
//
// The fields follow the rules of the Member CustomResourceDefinition. The package does
// not depend on Kubernetes: its callers turn the result into Members.
package roster
