package operator

import (
	"errors"
	"io"
	"path/filepath"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/yaml"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// samples are the objects of config/samples, in this world's namespace and without
// mail.
func (w *world) samples() []*unstructured.Unstructured {
	w.Helper()
	text, err := suite.plane.Kubectl(w.Context(), "", "kustomize", filepath.Join("..", "..", "config", "samples"))
	if err != nil {
		w.Fatal(err)
	}
	var objects []*unstructured.Unstructured
	decoder := yaml.NewYAMLOrJSONDecoder(strings.NewReader(text), len(text))
	for {
		object := &unstructured.Unstructured{}
		err := decoder.Decode(object)
		switch {
		case errors.Is(err, io.EOF):
			return objects
		case err != nil:
			w.Fatal(err)
		case object.GetKind() == "Namespace":
			continue
		}
		object.SetNamespace(w.namespace)
		unstructured.RemoveNestedField(object.Object, "spec", "mail")
		objects = append(objects, object)
	}
}

func TestTheSamplesFitTogether(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.operate()
	samples, kinds := w.samples(), map[string]bool{}
	for _, sample := range samples {
		w.create(sample)
		kinds[sample.GetKind()] = true
	}
	for _, kind := range []string{"ContactCenter", "Member", "SkillGroup", "MemberTemplate", "UserProfile", "DesktopProfile", "Site", "Team"} {
		if !kinds[kind] {
			t.Errorf("there is no sample of a %s", kind)
		}
	}
	const template = v1alpha1.AssignmentSource("Template/online")
	w.await("ana", isPlaced("site paris (Member)", v1alpha1.ReasonResolved), uses(""))
	for _, name := range []string{"wei", "putri"} {
		w.await(name, siteFrom("paris", template), desktopFrom("voice-and-chat", template), has(v1alpha1.ReadyCondition, metav1.ConditionTrue, v1alpha1.ReasonReady))
	}
	w.awaitSite(w.site("paris"), siteReady, siteCounts(3, 2))
	w.awaitTeam(w.team("online", "paris"), teamReady, teamCounts(2))
	w.awaitTeam(w.team("overflow", "paris"), teamReady, teamCounts(0))
	w.awaitTemplate(w.template("online", "", v1alpha1.MemberTemplateSpec{}), templateIs(metav1.ConditionTrue, v1alpha1.ReasonReady), templateCounts(2, 2, 0))
	if answer, err := suite.plane.Kubectl(t.Context(), "", "-n", w.namespace, "wait", "--all", "--for=condition=Ready", "--timeout="+patience.String(),
		"contactcenters,members,skillgroups,membertemplates,userprofiles,desktopprofiles,sites,teams"); err != nil {
		t.Errorf("not all is Ready: %v\n%s", err, answer)
	}
}
