//go:build faults

package faults

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// witness remembers what it has seen in Secrets. What came and went while the API
// server was down it may have missed.
type witness struct {
	mu sync.Mutex
	// seen are the passwords, by issue ID, and issues the issue IDs that each Member
	// has had, by UID.
	seen   map[string]string
	issues map[types.UID]map[string]bool
	// history has, by UID, when which password was first seen, and what for it was.
	history map[types.UID][]string
}

// watchSecrets has a witness look at the desk's Secrets until the test ends.
func (d *desk) watchSecrets() {
	d.Helper()
	d.witness = &witness{seen: map[string]string{}, issues: map[types.UID]map[string]bool{}, history: map[types.UID][]string{}}
	clients, err := kubernetes.NewForConfig(d.plane.Config)
	if err != nil {
		d.Fatal(err)
	}
	source := cache.NewListWatchFromClient(clients.CoreV1().RESTClient(), "secrets", d.namespace, fields.Everything())
	_, informer := cache.NewInformerWithOptions(cache.InformerOptions{ListerWatcher: source, ObjectType: &corev1.Secret{}, Handler: cache.ResourceEventHandlerFuncs{
		AddFunc:    func(object any) { d.witness.note(object) },
		UpdateFunc: func(_, object any) { d.witness.note(object) },
	}})
	ctx, cancel := context.WithCancel(context.WithoutCancel(d.Context()))
	var watching sync.WaitGroup
	watching.Go(func() { informer.RunWithContext(ctx) })
	d.Cleanup(func() { cancel(); watching.Wait() })
}

// lookAtSecrets has the witness look at once.
func (d *desk) lookAtSecrets() {
	d.Helper()
	secrets := &corev1.SecretList{}
	if err := d.admin.List(d.Context(), secrets, client.InNamespace(d.namespace)); err != nil {
		d.Fatal(err)
	}
	for i := range secrets.Items {
		d.witness.note(&secrets.Items[i])
	}
}

// note remembers a Secret.
func (w *witness) note(object any) {
	secret, ok := object.(*corev1.Secret)
	if !ok {
		return
	}
	issueID, owner := secret.Annotations[v1alpha1.IssueIDAnnotation], metav1.GetControllerOf(secret)
	if issueID == "" || owner == nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen[issueID] = string(secret.Data[corev1.BasicAuthPasswordKey])
	if w.issues[owner.UID] == nil {
		w.issues[owner.UID] = map[string]bool{}
	}
	if !w.issues[owner.UID][issueID] {
		w.history[owner.UID] = append(w.history[owner.UID], fmt.Sprintf("%s: Secret %s in version %s, made at %s, annotations %v",
			time.Now().Format(time.StampMilli), secret.UID, secret.ResourceVersion, secret.CreationTimestamp.Format(time.TimeOnly), secret.Annotations)) //nolint:forbidigo // as logs have it
	}
	w.issues[owner.UID][issueID] = true
}

// passwords are what was seen, by issue ID.
func (w *witness) passwords() map[string]string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return maps.Clone(w.seen)
}

// historyOf is what the passwords of a Member were for, a line each.
func (w *witness) historyOf(member types.UID) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return strings.Join(w.history[member], "\n")
}

// issuesOf is how many passwords a Member has had.
func (w *witness) issuesOf(member types.UID) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.issues[member])
}
