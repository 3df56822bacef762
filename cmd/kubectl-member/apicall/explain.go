// Package apicall retries API calls, runs several at a time, and explains their
// errors.
package apicall

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// guardAnswer precedes the message of a ValidatingAdmissionPolicy.
const guardAnswer = " denied request: "

// invalidValue matches what precedes the message of a validation rule in a CRD.
var invalidValue = regexp.MustCompile(`^Invalid value: (("(\\.|[^"\\])*"|[^ :]+): )?`)

// Explain returns an error that says in one line what went wrong with a member and what to do. The
// name is empty for an error about a list of members.
func Explain(name, namespace string, err error) error {
	if err == nil {
		return nil
	}
	words := explanation(namespace, err)
	if name == "" {
		return errors.New(words)
	}
	return fmt.Errorf("%s: %s", name, words)
}

func explanation(namespace string, err error) string {
	text := strings.Join(strings.Fields(err.Error()), " ")
	switch {
	case strings.Contains(text, guardAnswer):
		// Policies of other programs may refuse with reason Invalid.
		_, answer, _ := strings.Cut(text, guardAnswer)
		return answer
	case apierrors.IsForbidden(err):
		_, cannot, _ := strings.Cut(": "+text, " is forbidden: ")
		return cmp.Or(cannot, text) + ": ask a cluster administrator for a role that allows it, or use --as or --context to act as another user"
	case apierrors.IsNotFound(err):
		return notFound(namespace, text)
	case apierrors.IsAlreadyExists(err):
		return fmt.Sprintf("already exists in namespace %s: change it with kubectl member edit, or use another name", namespace)
	case apierrors.IsInvalid(err):
		return invalid(err, text)
	case apierrors.IsConflict(err):
		return "changed, or deleted and added again, by another user at the same time: check it with kubectl member show, and try again"
	case apierrors.IsTooManyRequests(err):
		return "the API server is too busy: try again later"
	case errors.Is(err, context.Canceled):
		return "interrupted: the change may have been made"
	default:
		return text
	}
}

// notFound tells a missing member from a missing namespace and from a cluster without Rollcall.
func notFound(namespace, text string) string {
	switch {
	case strings.Contains(text, "namespaces "):
		return fmt.Sprintf("there is no namespace %s: select the contact center with --namespace", namespace)
	case strings.Contains(text, "could not find the requested resource"):
		return "the cluster has no Member CRD: install Rollcall, or select the right cluster with --context"
	default:
		return fmt.Sprintf("there is no such member in namespace %s. Run: kubectl member list", namespace)
	}
}

// invalid lists the fields that the API server refused.
func invalid(err error, text string) string {
	var status apierrors.APIStatus
	if !errors.As(err, &status) || status.Status().Details == nil {
		return text
	}
	var faults []string
	for _, cause := range status.Status().Details.Causes {
		// The API server skips the rules of a field while another field is invalid: that is no
		// fault to correct.
		if strings.Contains(cause.Message, "some validation rules were not checked") {
			continue
		}
		faults = append(faults, cause.Field+": "+faultWords(cause))
	}
	if len(faults) == 0 {
		return text
	}
	// The API server's order is random.
	slices.Sort(faults)
	return strings.Join(strings.Fields(strings.Join(faults, "; ")), " ")
}

// faultWords returns what is wrong with a field, and what to write instead.
func faultWords(cause metav1.StatusCause) string {
	switch {
	case cause.Field == "metadata.name" && strings.Contains(cause.Message, "RFC 1123"):
		return "use only lower-case letters, digits, and hyphens, at most 63 characters, with a letter or digit first and last"
	case cause.Field == "metadata.uid":
		return "deleted and added again at the same time: check it with kubectl member show, and try again"
	default:
		return invalidValue.ReplaceAllString(cause.Message, "")
	}
}
