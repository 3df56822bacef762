// Package membertemplate reconciles MemberTemplates. It counts the Members that a
// template applies to and previews what the template changes. Members take the
// values when they are reconciled themselves.
package membertemplate
