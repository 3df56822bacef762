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

// secretObserver remembers what it has seen in Secrets. What came and went while the API
// server was down it may have missed.
type secretObserver struct {
	mu sync.Mutex
	// seen are the passwords, by issue ID, and issues the issue IDs that each Member
	// has had, by UID.
	seen   map[string]string
	issues map[types.UID]map[string]bool
	// history has, by UID, when which password was first seen, and what for it was.
	history map[types.UID][]string
}

// observeSecrets has an observer look at the namespace's Secrets until the test ends.
func (env *environment) observeSecrets() {
	env.Helper()
	env.secrets = &secretObserver{seen: map[string]string{}, issues: map[types.UID]map[string]bool{}, history: map[types.UID][]string{}}
	clients, err := kubernetes.NewForConfig(env.Cluster.Config)
	if err != nil {
		env.Fatal(err)
	}
	source := cache.NewListWatchFromClient(clients.CoreV1().RESTClient(), "secrets", env.Namespace, fields.Everything())
	_, informer := cache.NewInformerWithOptions(cache.InformerOptions{ListerWatcher: source, ObjectType: &corev1.Secret{}, Handler: cache.ResourceEventHandlerFuncs{
		AddFunc:    func(object any) { env.secrets.note(object) },
		UpdateFunc: func(_, object any) { env.secrets.note(object) },
	}})
	ctx, cancel := context.WithCancel(context.WithoutCancel(env.Context()))
	var watching sync.WaitGroup
	watching.Go(func() { informer.RunWithContext(ctx) })
	env.Cleanup(func() { cancel(); watching.Wait() })
}

// lookAtSecrets has the observer look at once.
func (env *environment) lookAtSecrets() {
	env.Helper()
	secrets := &corev1.SecretList{}
	if err := env.List(env.Context(), secrets, client.InNamespace(env.Namespace)); err != nil {
		env.Fatal(err)
	}
	for i := range secrets.Items {
		env.secrets.note(&secrets.Items[i])
	}
}

// note remembers a Secret.
func (observer *secretObserver) note(object any) {
	secret, ok := object.(*corev1.Secret)
	if !ok {
		return
	}
	issueID, owner := secret.Annotations[v1alpha1.IssueIDAnnotation], metav1.GetControllerOf(secret)
	if issueID == "" || owner == nil {
		return
	}
	observer.mu.Lock()
	defer observer.mu.Unlock()
	observer.seen[issueID] = string(secret.Data[corev1.BasicAuthPasswordKey])
	if observer.issues[owner.UID] == nil {
		observer.issues[owner.UID] = map[string]bool{}
	}
	if !observer.issues[owner.UID][issueID] {
		observer.history[owner.UID] = append(observer.history[owner.UID], fmt.Sprintf("%s: Secret %s in version %s, made at %s, annotations %v",
			time.Now().Format(time.StampMilli), secret.UID, secret.ResourceVersion, secret.CreationTimestamp.Format(time.TimeOnly), secret.Annotations)) //nolint:forbidigo // as logs have it
	}
	observer.issues[owner.UID][issueID] = true
}

// passwords are what was seen, by issue ID.
func (observer *secretObserver) passwords() map[string]string {
	observer.mu.Lock()
	defer observer.mu.Unlock()
	return maps.Clone(observer.seen)
}

// historyOf is what the passwords of a Member were for, a line each.
func (observer *secretObserver) historyOf(member types.UID) string {
	observer.mu.Lock()
	defer observer.mu.Unlock()
	return strings.Join(observer.history[member], "\n")
}

// issuesOf is how many passwords a Member has had.
func (observer *secretObserver) issuesOf(member types.UID) int {
	observer.mu.Lock()
	defer observer.mu.Unlock()
	return len(observer.issues[member])
}
