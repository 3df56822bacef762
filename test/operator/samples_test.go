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
	"rollcall.dev/rollcall/test/testenv"
)

// samples are the objects of config/samples, in this environment's namespace and without
// mail.
func (env *environment) samples() []*unstructured.Unstructured {
	env.Helper()
	text, err := env.Cluster.Kubectl(env.Context(), "", "kustomize", filepath.Join("..", "..", "config", "samples"))
	if err != nil {
		env.Fatal(err)
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
			env.Fatal(err)
		case object.GetKind() == "Namespace":
			continue
		}
		object.SetNamespace(env.Namespace)
		unstructured.RemoveNestedField(object.Object, "spec", "mail")
		objects = append(objects, object)
	}
}

func TestTheSamplesFitTogether(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.operate()
	samples, kinds := env.samples(), map[string]bool{}
	for _, sample := range samples {
		env.CreateAll(sample)
		kinds[sample.GetKind()] = true
	}
	for _, kind := range []string{"ContactCenter", "Member", "SkillGroup", "MemberTemplate", "UserProfile", "DesktopProfile", "Site", "Team"} {
		if !kinds[kind] {
			t.Errorf("there is no sample of a %s", kind)
		}
	}
	const template = v1alpha1.AssignmentSource("Template/online")
	env.AwaitMember("ana", isPlaced("site paris (Member)", v1alpha1.ReasonResolved), uses(""))
	for _, name := range []string{"wei", "putri"} {
		env.AwaitMember(name, siteFrom("paris", template), desktopFrom("voice-and-chat", template), has(v1alpha1.ReadyCondition, metav1.ConditionTrue, v1alpha1.ReasonReady))
	}
	env.await(env.site("paris"), isReady, counts(3, 2))
	env.await(env.team("online", "paris"), isReady, counts(2))
	env.await(env.team("overflow", "paris"), isReady, counts(0))
	env.await(env.template("online", "", v1alpha1.MemberTemplateSpec{}), isReady, counts(2, 2, 0))
	if answer, err := env.Cluster.Kubectl(t.Context(), "", "-n", env.Namespace, "wait", "--all", "--for=condition=Ready", "--timeout="+testenv.DefaultPatience.String(),
		"contactcenters,members,skillgroups,membertemplates,userprofiles,desktopprofiles,sites,teams"); err != nil {
		t.Errorf("not all is Ready: %v\n%s", err, answer)
	}
}
