//go:build faults

package faults

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/test/controlplane"
)

// lifeLabel counts, from 1, how often a member of that name was added, so that the
// load knows its own after an answer that did not arrive.
const lifeLabel = "faults.rollcall.dev/life"

// loadOptions say how much is asked for.
type loadOptions struct {
	// administrators work at a time, each with members of their own, one request
	// after the other; each has so many members.
	administrators, members int
	// perSecond is how many requests all of them make.
	perSecond float64
}

// everyday is the load of most tests.
var everyday = loadOptions{administrators: 4, members: 15, perSecond: 40}

// expectedMember is what the load wants of a member.
type expectedMember struct {
	name string
	// exists reports whether the member was added and not deleted since. The others are
	// about the current life, which is the last one if the member does not exist.
	exists bool
	life   int
	spec   v1alpha1.MemberSpec
	// issues is the most passwords that this life may have seen, and earlier the
	// most that earlier lives may.
	issues, earlier int
}

func (p *expectedMember) email() string { return p.name + "@example.com" }

// load is administrators at work.
type load struct {
	env     *environment
	options loadOptions
	limit   *rate.Limiter
	members map[string]*expectedMember
	stop    func()
	// closing reports whether the namespace is about to go, which ends the load.
	closing atomic.Bool

	mu     sync.Mutex
	counts map[string]int
	wrong  error
}

// startLoad puts administrators to work. stop has them finish what they are at.
func (env *environment) startLoad(options loadOptions) *load {
	env.Helper()
	l := &load{
		env: env, options: options, members: map[string]*expectedMember{}, counts: map[string]int{},
		limit: rate.NewLimiter(rate.Limit(options.perSecond), 1),
	}
	ctx, cancel := context.WithCancel(env.Context())
	var working sync.WaitGroup
	for a := range options.administrators {
		own := make([]*expectedMember, options.members)
		for i := range own {
			own[i] = &expectedMember{name: fmt.Sprintf("member-%d-%02d", a, i)}
			l.members[own[i].name] = own[i]
		}
		random := env.stream(uint64(a) + 1)
		working.Go(func() { l.work(ctx, random, own) })
	}
	// Not in a function that runs once: the end of the test in one would be a panic.
	stopped := false
	l.stop = func() {
		env.Helper()
		if stopped {
			return
		}
		stopped = true
		cancel()
		working.Wait()
		env.Logf("the load: %s", l)
		if l.wrong != nil {
			env.Fatalf("the load: %v", l.wrong)
		}
	}
	env.Cleanup(func() { cancel(); working.Wait() })
	return l
}

// String is how often what was requested.
func (l *load) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	text := ""
	for _, what := range slices.Sorted(maps.Keys(l.counts)) {
		text += fmt.Sprintf("%s %d, ", what, l.counts[what])
	}
	return text + fmt.Sprintf("members %d", len(l.members))
}

// work is an administrator's day.
func (l *load) work(ctx context.Context, random *rand.Rand, people []*expectedMember) {
	for step := 1; ; step++ {
		if l.limit.Wait(ctx) != nil {
			return // the day is over
		}
		p := people[random.IntN(len(people))]
		what, err := l.ask(ctx, random, p, step)
		if errors.Is(err, errClosed) {
			return
		}
		l.mu.Lock()
		l.counts[what]++
		l.wrong = errors.Join(l.wrong, err)
		l.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// ask asks for one thing about a member, and returns when the API server has it:
// what is begun is finished, also after the end, since otherwise the load does not know
// what was requested.
func (l *load) ask(ctx context.Context, random *rand.Rand, p *expectedMember, step int) (what string, err error) {
	ctx = context.WithoutCancel(ctx)
	chance := random.IntN(100)
	switch {
	case !p.exists:
		return "added", l.add(ctx, random, p, step)
	case chance < 40:
		p.spec.PasswordReset = fmt.Sprintf("reset %d", step)
		p.issues++
		return "reset", l.patch(ctx, p, map[string]any{"passwordReset": p.spec.PasswordReset})
	case chance < 65:
		p.spec.ForceOffline = !p.spec.ForceOffline
		what = map[bool]string{true: "forced offline", false: "restored"}[p.spec.ForceOffline]
		return what, l.patch(ctx, p, map[string]any{"forceOffline": p.spec.ForceOffline})
	case chance < 75:
		until := metav1.NewTime(time.Now().Add(time.Duration(random.IntN(4000)) * time.Millisecond).Truncate(time.Second)) //nolint:forbidigo // the operator's clock is the machine's
		p.spec.ForceOfflineUntil = &until
		return "forced offline until", l.patch(ctx, p, map[string]any{"forceOfflineUntil": until})
	case chance < 80:
		active := p.spec.Active != nil && !*p.spec.Active
		p.spec.Active = &active
		return "made active or not", l.patch(ctx, p, map[string]any{"active": active})
	case chance < 92:
		return "deleted", l.remove(ctx, p, metav1.DeletePropagationBackground)
	case chance < 96:
		return "deleted in the foreground", l.remove(ctx, p, metav1.DeletePropagationForeground)
	default:
		// Before the garbage collector has been.
		return "deleted and added", errors.Join(l.remove(ctx, p, metav1.DeletePropagationBackground), l.add(ctx, random, p, step))
	}
}

// add adds a member, for the first time or again.
func (l *load) add(ctx context.Context, random *rand.Rand, p *expectedMember, step int) error {
	roles := []v1alpha1.Role{v1alpha1.RoleDeskStaff, v1alpha1.RoleDeskStaff, v1alpha1.RoleSupervisor, v1alpha1.RoleDeskAdmin}
	p.earlier += p.issues
	p.exists, p.issues = true, 1
	p.life++
	p.spec = v1alpha1.MemberSpec{Email: p.email(), Role: roles[random.IntN(len(roles))], ForceOffline: random.IntN(10) == 0}
	if random.IntN(5) == 0 {
		p.spec.PasswordReset = fmt.Sprintf("added %d", step)
	}
	life := fmt.Sprint(p.life)
	return l.insist(ctx, fmt.Sprintf("adding %s for the %d. time", p.name, p.life), func(ctx context.Context) (bool, error) {
		member := &v1alpha1.Member{
			ObjectMeta: metav1.ObjectMeta{Namespace: l.env.Namespace, Name: p.name, Labels: map[string]string{lifeLabel: life}},
			Spec:       *p.spec.DeepCopy(),
		}
		err := l.env.Create(ctx, member, client.FieldOwner(controlplane.FieldManager))
		if !apierrors.IsAlreadyExists(err) {
			return err == nil, err
		}
		// Either an answer was lost, or the former life is still being deleted.
		there, err := l.env.getMember(ctx, p.name)
		return err == nil && there.Labels[lifeLabel] == life, err
	})
}

// addMember adds a member beside those that the administrators look after, whom check
// expects as well. The e-mail address is as the name says.
func (l *load) addMember(name string, spec v1alpha1.MemberSpec) *expectedMember {
	env := l.env
	env.Helper()
	p := &expectedMember{name: name, exists: true, life: 1, issues: 1, spec: spec}
	p.spec.Email = p.email()
	l.members[name] = p
	member := &v1alpha1.Member{ObjectMeta: metav1.ObjectMeta{Namespace: env.Namespace, Name: name}, Spec: *p.spec.DeepCopy()}
	if err := env.Create(env.Context(), member, client.FieldOwner(controlplane.FieldManager)); err != nil {
		env.Fatal(err)
	}
	return p
}

// reset asks for a new password for a member.
func (l *load) reset(p *expectedMember, value string) {
	l.env.Helper()
	p.spec.PasswordReset = value
	p.issues++
	if err := l.patch(l.env.Context(), p, map[string]any{"passwordReset": value}); err != nil {
		l.env.Fatal(err)
	}
}

// remove deletes a member, and in the foreground waits until it is gone.
func (l *load) remove(ctx context.Context, p *expectedMember, how metav1.DeletionPropagation) error {
	p.exists = false
	asked := false
	return l.insist(ctx, fmt.Sprintf("deleting %s (%s)", p.name, how), func(ctx context.Context) (bool, error) {
		member := &v1alpha1.Member{ObjectMeta: metav1.ObjectMeta{Namespace: l.env.Namespace, Name: p.name}}
		err := l.env.Delete(ctx, member, client.PropagationPolicy(how))
		if apierrors.IsNotFound(err) && asked {
			return true, nil
		}
		asked = true
		return err == nil && how == metav1.DeletePropagationBackground, err
	})
}

// patch changes a member's spec.
func (l *load) patch(ctx context.Context, p *expectedMember, fields map[string]any) error {
	text, err := json.Marshal(fields)
	if err != nil {
		return err
	}
	return l.insist(ctx, fmt.Sprintf("patching %s with %s", p.name, text), func(ctx context.Context) (bool, error) {
		err := l.env.patch(ctx, p.name, string(text))
		return err == nil, err
	})
}

// errClosed ends the load of a namespace that goes.
var errClosed = errors.New("the namespace goes")

// isClosed reports whether an answer is because the namespace goes.
func (l *load) isClosed(err error) bool {
	return l.closing.Load() && (apierrors.IsNotFound(err) || apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause))
}

// insist tries until the API server has done it. What can only be this program's
// fault ends it at once.
func (l *load) insist(ctx context.Context, what string, try func(context.Context) (bool, error)) error {
	var last error
	err := wait.PollUntilContextTimeout(ctx, 100*time.Millisecond, patience, true, func(ctx context.Context) (bool, error) {
		var done bool
		done, last = try(ctx)
		if l.isClosed(last) {
			return false, errClosed
		}
		if last != nil && strings.Contains(last.Error(), "denied request: failed to configure ") {
			// An API server that has just started does not know yet what the guards'
			// parameters are, and refuses what they are about.
			return false, nil
		}
		if apierrors.IsInvalid(last) || apierrors.IsForbidden(last) || apierrors.IsBadRequest(last) {
			return false, last
		}
		return done, nil
	})
	if err != nil {
		return fmt.Errorf("%s: %w", what, errors.Join(err, last))
	}
	return nil
}
