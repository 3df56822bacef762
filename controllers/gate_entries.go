package controllers

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
	known     *gateMember
}

// readMember makes an entry of a Member.
func readMember(object any) (gateEntry, error) {
	member, ok := object.(*v1alpha1.Member)
	if !ok {
		return nil, fmt.Errorf("%T is no Member", object)
	}
	return memberEntry{namespace: member.Namespace, known: newGateMember(member)}, nil
}

func (e memberEntry) key() string { return e.namespace + "/" + e.known.member.Name }

func (e memberEntry) enter(d *gateDirectory) { d.book(e.namespace).setMember(e.known, d.now()) }

func (e memberEntry) leave(d *gateDirectory) {
	d.book(e.namespace).removeMember(e.known.member.Name)
	d.tidy(e.namespace)
}

// credentialsEntry is a Secret in the gate's directory.
type credentialsEntry struct {
	namespace, member string
	credentials       gateCredentials
}

// readSecret makes an entry of a Secret.
func readSecret(object any) (gateEntry, error) {
	secret, ok := object.(*corev1.Secret)
	if !ok {
		return nil, fmt.Errorf("%T is no Secret", object)
	}
	member, ok := strings.CutSuffix(secret.Name, v1alpha1.CredentialsSecretSuffix)
	entry := credentialsEntry{namespace: secret.Namespace, member: member}
	if ok {
		entry.credentials = newGateCredentials(secret)
	}
	return entry, nil
}

func (e credentialsEntry) key() string { return e.namespace + "/" + e.member }

func (e credentialsEntry) enter(d *gateDirectory) {
	if e.credentials.owner == "" {
		e.leave(d)
		return
	}
	d.book(e.namespace).credentials[e.member] = e.credentials
}

func (e credentialsEntry) leave(d *gateDirectory) {
	delete(d.book(e.namespace).credentials, e.member)
	d.tidy(e.namespace)
}

// centerEntry is a ContactCenter in the gate's directory.
type centerEntry struct {
	namespace string
	center    *gate.Center // nil: it is of no use
}

// readCenter makes an entry of a ContactCenter.
func readCenter(object any) (gateEntry, error) {
	center, ok := object.(*v1alpha1.ContactCenter)
	if !ok {
		return nil, fmt.Errorf("%T is no ContactCenter", object)
	}
	entry := centerEntry{namespace: center.Namespace}
	if made, ok := newGateCenter(center); ok {
		entry.center = &made
	}
	return entry, nil
}

func (e centerEntry) key() string { return e.namespace + "/" }

func (e centerEntry) enter(d *gateDirectory) {
	d.book(e.namespace).center = e.center
	d.tidy(e.namespace)
}

func (e centerEntry) leave(d *gateDirectory) {
	d.book(e.namespace).center = nil
	d.tidy(e.namespace)
}

// keysEntry is the Secret with the session keys.
type keysEntry struct {
	keys []gate.Key
}

// readKeys makes an entry of the Secret with the session keys, and tells of what is
// no key in it.
func readKeys(noKey func(entry string)) func(any) (gateEntry, error) {
	return func(object any) (gateEntry, error) {
		secret, ok := object.(*corev1.Secret)
		if !ok {
			return nil, fmt.Errorf("%T is no Secret", object)
		}
		keys := sessionKeys(secret.Data)
		for name := range secret.Data {
			if !slices.ContainsFunc(keys, func(key gate.Key) bool { return key.ID == name }) {
				noKey(name)
			}
		}
		return keysEntry{keys: keys}, nil
	}
}

func (keysEntry) key() string { return "" }

func (e keysEntry) enter(d *gateDirectory) { d.keys = e.keys }

func (keysEntry) leave(d *gateDirectory) { d.keys = nil }
