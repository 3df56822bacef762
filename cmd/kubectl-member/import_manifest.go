package main

import (
	"bytes"
	"fmt"
	"io"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// manifest is a Member as it goes into Git: its spec, without what the operator fills
// in, and without what is done to a Member in the course of a day (forcing offline,
// resetting the password), which Git would undo or do again if it said so.
func manifest(member *v1alpha1.Member) *v1alpha1.Member {
	made := &v1alpha1.Member{
		TypeMeta:   metav1.TypeMeta{APIVersion: v1alpha1.GroupVersion.String(), Kind: "Member"},
		ObjectMeta: metav1.ObjectMeta{Namespace: member.Namespace, Name: member.Name},
		Spec:       *member.Spec.DeepCopy(),
	}
	for label, value := range member.Labels {
		// What Git makes, no import may delete.
		if label != v1alpha1.ImportedByLabel {
			metav1.SetMetaDataLabel(&made.ObjectMeta, label, value)
		}
	}
	made.Spec.ForceOffline, made.Spec.ForceOfflineUntil, made.Spec.ForceOfflineReason = false, nil, ""
	made.Spec.PasswordReset = ""
	return made
}

// isCutOff is whether somebody has forced a Member offline.
func isCutOff(member *v1alpha1.Member) bool {
	return member.Spec.ForceOffline || member.Spec.ForceOfflineUntil != nil
}

// writeManifests writes Members as a stream of YAML documents.
func writeManifests(w io.Writer, members []*v1alpha1.Member) error {
	var text bytes.Buffer
	for i, member := range members {
		document, err := yaml.Marshal(member)
		if err != nil {
			return fmt.Errorf("writing Member %s as YAML: %w", member.Name, err)
		}
		if i > 0 {
			text.WriteString("---\n")
		}
		text.Write(document)
	}
	_, err := w.Write(text.Bytes())
	return err
}
