// Package membertemplate holds the controller of MemberTemplates. It counts the Members
// that a template selects, and previews the changes of a suspended template. Members
// take the values of templates when they are reconciled themselves.
package membertemplate
