package directory

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/gate"
)

// memberEntry is a Member in the gate's directory.
type memberEntry struct {
	namespace string
	known     *memberRecord
}

// readMember makes an entry of a Member.
func readMember(object any) (entry, error) {
	member, ok := object.(*v1alpha1.Member)
	if !ok {
		return nil, fmt.Errorf("%T is no Member", object)
	}
	return memberEntry{namespace: member.Namespace, known: newMemberRecord(member)}, nil
}

func (e memberEntry) key() string { return e.namespace + "/" + e.known.member.Name }

func (e memberEntry) enter(d *Directory) { d.center(e.namespace).setMember(e.known, d.now()) }

func (e memberEntry) leave(d *Directory) {
	d.center(e.namespace).removeMember(e.known.member.Name)
	d.tidy(e.namespace)
}

// credentialsEntry is a Secret in the gate's directory.
type credentialsEntry struct {
	namespace, member string
	credentials       credentialsRecord
}

// readSecret makes an entry of a Secret.
func readSecret(object any) (entry, error) {
	secret, ok := object.(*corev1.Secret)
	if !ok {
		return nil, fmt.Errorf("%T is no Secret", object)
	}
	member, ok := strings.CutSuffix(secret.Name, v1alpha1.CredentialsSecretSuffix)
	entry := credentialsEntry{namespace: secret.Namespace, member: member}
	if ok {
		entry.credentials = newCredentialsRecord(secret)
	}
	return entry, nil
}

func (e credentialsEntry) key() string { return e.namespace + "/" + e.member }

func (e credentialsEntry) enter(d *Directory) {
	if e.credentials.owner == "" {
		e.leave(d)
		return
	}
	d.center(e.namespace).credentials[e.member] = e.credentials
}

func (e credentialsEntry) leave(d *Directory) {
	delete(d.center(e.namespace).credentials, e.member)
	d.tidy(e.namespace)
}

// centerEntry is a ContactCenter in the gate's directory.
type centerEntry struct {
	namespace string
	center    *gate.Center // nil: it is of no use
}

// readCenter makes an entry of a ContactCenter.
func readCenter(object any) (entry, error) {
	center, ok := object.(*v1alpha1.ContactCenter)
	if !ok {
		return nil, fmt.Errorf("%T is no ContactCenter", object)
	}
	entry := centerEntry{namespace: center.Namespace}
	if made, ok := newCenter(center); ok {
		entry.center = &made
	}
	return entry, nil
}

func (e centerEntry) key() string { return e.namespace + "/" }

func (e centerEntry) enter(d *Directory) {
	d.center(e.namespace).center = e.center
	d.tidy(e.namespace)
}

func (e centerEntry) leave(d *Directory) {
	d.center(e.namespace).center = nil
	d.tidy(e.namespace)
}

// keysEntry is the Secret with the session keys.
type keysEntry struct {
	keys []gate.Key
}

// readKeys makes an entry of the Secret with the session keys, and tells of what is
// conditions.False key in it.
func readKeys(noKey func(entry string)) func(any) (entry, error) {
	return func(object any) (entry, error) {
		secret, ok := object.(*corev1.Secret)
		if !ok {
			return nil, fmt.Errorf("%T is no Secret", object)
		}
		keys := gate.SessionKeys(secret.Data)
		for name := range secret.Data {
			if !slices.ContainsFunc(keys, func(key gate.Key) bool { return key.ID == name }) {
				noKey(name)
			}
		}
		return keysEntry{keys: keys}, nil
	}
}

func (keysEntry) key() string { return "" }

func (e keysEntry) enter(d *Directory) { d.keys = e.keys }

func (keysEntry) leave(d *Directory) { d.keys = nil }
