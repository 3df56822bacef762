package contactcenter

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	corev1 "k8s.io/api/core/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/mail"
	"rollcall.dev/rollcall/internal/ownership"
)

// caCertificateKey is the key of the CA certificates in their Secret.
const caCertificateKey = "ca.crt"

// settingsError is why mail settings cannot work, as a condition says it.
type settingsError struct {
	reason, message string
}

func (p *settingsError) Error() string { return p.message }

// problem makes a settingsError.
func problem(reason, format string, arguments ...any) error {
	return &settingsError{reason: reason, message: fmt.Sprintf(format, arguments...)}
}

// resolvedMail is what a ContactCenter's mail settings come to.
type resolvedMail struct {
	// settings are complete if problem is nil. They hold the mail account's
	// password, so they go to the outbox and nowhere else.
	settings mail.Settings
	problem  *settingsError
}

// resolveMail reads what the mail settings refer to. An error is one of reading;
// settings that cannot work have a problem.
func (r *reconciler) resolveMail(ctx context.Context, center *v1alpha1.ContactCenter) (resolvedMail, error) {
	r.referenceWatches.keep(center.Namespace, mailReferences(center)...)
	if center.Spec.Mail == nil {
		return resolvedMail{}, nil
	}
	settings, err := r.mailSettings(ctx, center)
	if found := (*settingsError)(nil); errors.As(err, &found) {
		return resolvedMail{problem: found}, nil
	}
	return resolvedMail{settings: settings}, err
}

// mailReferences are what the mail settings refer to.
func mailReferences(center *v1alpha1.ContactCenter) []reference {
	if center.Spec.Mail == nil {
		return nil
	}
	var found []reference
	for _, secret := range []*v1alpha1.ObjectReference{center.Spec.Mail.SMTP.AuthSecretRef, center.Spec.Mail.SMTP.CASecretRef} {
		if secret != nil {
			found = append(found, reference{namespace: center.Namespace, name: secret.Name})
		}
	}
	if templates := center.Spec.Mail.Templates; templates != nil {
		found = append(found, reference{configMap: true, namespace: center.Namespace, name: templates.ConfigMapRef.Name})
	}
	return found
}

// mailSettings puts the settings together.
func (r *reconciler) mailSettings(ctx context.Context, center *v1alpha1.ContactCenter) (mail.Settings, error) {
	spec := center.Spec.Mail
	settings := mail.Settings{
		From: spec.From, ReplyTo: spec.ReplyTo, MaxPerMinute: int(spec.SMTP.MaxPerMinute),
		Templates: mail.DefaultTemplates(),
		Server:    mail.Server{Host: spec.SMTP.Host, Port: spec.SMTP.SMTPPort(), TLS: tlsMode(spec.SMTP.TLS)},
	}
	for _, address := range []struct{ field, value string }{{"from", spec.From}, {"replyTo", spec.ReplyTo}} {
		if _, err := mail.AddressDomain(address.value); address.value != "" && err != nil {
			return settings, problem(v1alpha1.ReasonAddressInvalid, "spec.mail.%s: %v", address.field, err)
		}
	}
	var versions []string
	for _, read := range []func() (string, error){
		func() (string, error) { return r.readAuth(ctx, center, &settings.Server) },
		func() (string, error) { return r.readCA(ctx, center, &settings.Server) },
		func() (string, error) { return r.readTemplates(ctx, center, &settings) },
	} {
		version, err := read()
		if err != nil {
			return settings, err
		}
		versions = append(versions, version)
	}
	hash, err := settingsHash(spec, versions)
	settings.Hash = hash
	return settings, err
}

// settingsHash changes with the settings and with what they refer to. It is in
// status, so no secret goes into it.
func settingsHash(spec *v1alpha1.Mail, versions []string) (string, error) {
	encoded, err := json.Marshal(struct {
		Mail     *v1alpha1.Mail
		Versions []string
	}{spec, versions})
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(encoded)
	return hex.EncodeToString(sum[:8]), nil
}

// tlsMode translates the API's word.
func tlsMode(mode v1alpha1.TLSMode) mail.TLSMode {
	switch mode {
	case v1alpha1.TLSImplicit:
		return mail.ImplicitTLS
	case v1alpha1.TLSNone:
		return mail.NoTLS
	case v1alpha1.TLSStartTLS:
		return mail.StartTLS
	default:
		return mail.StartTLS
	}
}

// readAuth reads the mail account.
func (r *reconciler) readAuth(ctx context.Context, center *v1alpha1.ContactCenter, server *mail.Server) (string, error) {
	secret, err := r.readSecret(ctx, center, center.Spec.Mail.SMTP.AuthSecretRef)
	if secret == nil || err != nil {
		return "", err
	}
	if secret.Type != v1alpha1.AuthSecretType {
		return "", problem(v1alpha1.ReasonSecretInvalid,
			"Secret %s has the type %s: make it one of type %s with the keys username and password", secret.Name, secret.Type, v1alpha1.AuthSecretType)
	}
	server.Username = string(secret.Data[corev1.BasicAuthUsernameKey])
	server.Password = string(secret.Data[corev1.BasicAuthPasswordKey])
	if server.Username == "" || server.Password == "" {
		return "", problem(v1alpha1.ReasonSecretInvalid,
			"Secret %s lacks username or password: add the mail account's user name and password under these keys", secret.Name)
	}
	return secret.ResourceVersion, nil
}

// readCA reads the certificates to trust.
func (r *reconciler) readCA(ctx context.Context, center *v1alpha1.ContactCenter, server *mail.Server) (string, error) {
	secret, err := r.readSecret(ctx, center, center.Spec.Mail.SMTP.CASecretRef)
	if secret == nil || err != nil {
		return "", err
	}
	server.RootCAs = x509.NewCertPool()
	if !server.RootCAs.AppendCertsFromPEM(secret.Data[caCertificateKey]) {
		return "", problem(v1alpha1.ReasonSecretInvalid,
			"Secret %s has no certificate under the key %s: put the CA's certificate there, in PEM", secret.Name, caCertificateKey)
	}
	return secret.ResourceVersion, nil
}

// readTemplates reads the letters of one's own.
func (r *reconciler) readTemplates(ctx context.Context, center *v1alpha1.ContactCenter, settings *mail.Settings) (string, error) {
	own := center.Spec.Mail.Templates
	if own == nil {
		return "", nil
	}
	object, err := r.referenceWatches.get(ctx, reference{configMap: true, namespace: center.Namespace, name: own.ConfigMapRef.Name})
	if err != nil {
		return "", problem(v1alpha1.ReasonReferenceUnreadable, "%v", err)
	}
	configMap, ok := object.(*corev1.ConfigMap)
	if !ok {
		return "", problem(v1alpha1.ReasonConfigMapNotFound,
			"ConfigMap %s does not exist in this namespace: create it, or remove spec.mail.templates", own.ConfigMapRef.Name)
	}
	settings.Templates, err = mail.NewTemplates(configMap.Data)
	if err != nil {
		return "", problem(v1alpha1.ReasonTemplateInvalid, "ConfigMap %s: %v", configMap.Name, err)
	}
	return configMap.ResourceVersion, nil
}

// readSecret reads a Secret that the settings refer to; nil without a reference.
// Members' credentials are refused: whoever writes a ContactCenter could have
// the operator send one of their passwords to a server of their own.
func (r *reconciler) readSecret(ctx context.Context, center *v1alpha1.ContactCenter, ref *v1alpha1.ObjectReference) (*corev1.Secret, error) {
	if ref == nil {
		return nil, nil //nolint:nilnil // no reference is a setting like any other
	}
	object, err := r.referenceWatches.get(ctx, reference{namespace: center.Namespace, name: ref.Name})
	if err != nil {
		return nil, problem(v1alpha1.ReasonReferenceUnreadable, "%v", err)
	}
	secret, ok := object.(*corev1.Secret)
	if !ok {
		return nil, problem(v1alpha1.ReasonSecretNotFound,
			"Secret %s does not exist in this namespace: create it, or correct the reference to it", ref.Name)
	}
	if belongsToMember(secret) {
		return nil, problem(v1alpha1.ReasonSecretNotAllowed,
			"Secret %s holds a member's credentials and is not used for mail: refer to a Secret of its own for the mail server", ref.Name)
	}
	return secret, nil
}

// belongsToMember is whether a Secret has our labels, or a Member for an owner.
func belongsToMember(secret *corev1.Secret) bool {
	if _, labelled := secret.Labels[v1alpha1.MemberLabel]; labelled || secret.Labels[v1alpha1.ManagedByLabel] == v1alpha1.ManagedByValue {
		return true
	}
	for i := range secret.OwnerReferences {
		if ownership.IsMember(&secret.OwnerReferences[i]) {
			return true
		}
	}
	return false
}
