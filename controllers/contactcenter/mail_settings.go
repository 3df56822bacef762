package contactcenter

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/mail"
	"rollcall.dev/rollcall/internal/ownership"
)

// caCertificateKey is the key of the CA certificates in a Secret.
const caCertificateKey = "ca.crt"

// settingsError is an error in the mail settings, with the reason for the condition.
type settingsError struct {
	reason, message string
}

func (e *settingsError) Error() string { return e.message }

// newSettingsError returns a settingsError with a formatted message.
func newSettingsError(reason, format string, arguments ...any) error {
	return &settingsError{reason: reason, message: fmt.Sprintf(format, arguments...)}
}

// mailReferences returns the objects to which the mail settings refer.
func mailReferences(center *v1alpha1.ContactCenter) []reference {
	if center.Spec.Mail == nil {
		return nil
	}
	var references []reference
	for _, secret := range []*v1alpha1.ObjectReference{center.Spec.Mail.SMTP.AuthSecretRef, center.Spec.Mail.SMTP.CASecretRef} {
		if secret != nil {
			references = append(references, reference{namespace: center.Namespace, name: secret.Name})
		}
	}
	if templates := center.Spec.Mail.Templates; templates != nil {
		references = append(references, reference{configMap: true, namespace: center.Namespace, name: templates.ConfigMapRef.Name})
	}
	return references
}

// mailSettings returns the mail settings with the values of all references; they are empty
// without spec.mail. It returns a settingsError if the settings are invalid. The settings
// hold the password of the mail account, so only the outbox may get them.
func (r *reconciler) mailSettings(ctx context.Context, center *v1alpha1.ContactCenter) (mail.Settings, error) {
	r.referenceWatches.watchOnly(center.Namespace, mailReferences(center)...)
	spec := center.Spec.Mail
	if spec == nil {
		return mail.Settings{}, nil
	}
	settings := mail.Settings{
		From: spec.From, ReplyTo: spec.ReplyTo, MaxPerMinute: int(spec.SMTP.MaxPerMinute),
		Templates: mail.DefaultTemplates(),
		Server:    mail.Server{Host: spec.SMTP.Host, Port: spec.SMTP.SMTPPort(), TLS: tlsMode(spec.SMTP.TLS)},
	}
	for _, address := range []struct{ field, value string }{{"from", spec.From}, {"replyTo", spec.ReplyTo}} {
		if _, err := mail.AddressDomain(address.value); address.value != "" && err != nil {
			return settings, newSettingsError(v1alpha1.ReasonAddressInvalid, "The address in spec.mail.%s is invalid: %v. Correct it.", address.field, err)
		}
	}
	var versions []string
	for _, read := range []func(context.Context, *v1alpha1.ContactCenter, *mail.Settings) (version string, err error){
		r.readAuth, r.readCA, r.readTemplates,
	} {
		version, err := read(ctx, center, &settings)
		if err != nil {
			return settings, err
		}
		versions = append(versions, version)
	}
	hash, err := settingsHash(spec, versions)
	settings.Hash = hash
	return settings, err
}

// settingsHash returns a hash of the settings and of the versions of the objects to which
// they refer. The status shows it, so it contains no secret.
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

// tlsMode returns the TLS mode for the value in the API.
func tlsMode(mode v1alpha1.TLSMode) mail.TLSMode {
	switch mode {
	case v1alpha1.TLSImplicit:
		return mail.ImplicitTLS
	case v1alpha1.TLSNone:
		return mail.NoTLS
	case v1alpha1.TLSStartTLS:
	}
	return mail.StartTLS
}

// readAuth reads the user name and password of the mail account.
func (r *reconciler) readAuth(ctx context.Context, center *v1alpha1.ContactCenter, settings *mail.Settings) (string, error) {
	secret, err := r.readSecret(ctx, center, center.Spec.Mail.SMTP.AuthSecretRef)
	if secret == nil || err != nil {
		return "", err
	}
	if secret.Type != v1alpha1.AuthSecretType {
		return "", newSettingsError(v1alpha1.ReasonSecretInvalid,
			"Secret %s has the type %s. Create it again with the type %s and the keys username and password.", secret.Name, secret.Type, v1alpha1.AuthSecretType)
	}
	settings.Server.Username = string(secret.Data[corev1.BasicAuthUsernameKey])
	settings.Server.Password = string(secret.Data[corev1.BasicAuthPasswordKey])
	if settings.Server.Username == "" || settings.Server.Password == "" {
		return "", newSettingsError(v1alpha1.ReasonSecretInvalid,
			"Secret %s lacks username or password. Add the user name and password of the mail account under these keys.", secret.Name)
	}
	return secret.ResourceVersion, nil
}

// readCA reads the CA certificates of the mail server.
func (r *reconciler) readCA(ctx context.Context, center *v1alpha1.ContactCenter, settings *mail.Settings) (string, error) {
	secret, err := r.readSecret(ctx, center, center.Spec.Mail.SMTP.CASecretRef)
	if secret == nil || err != nil {
		return "", err
	}
	settings.Server.RootCAs = x509.NewCertPool()
	if !settings.Server.RootCAs.AppendCertsFromPEM(secret.Data[caCertificateKey]) {
		return "", newSettingsError(v1alpha1.ReasonSecretInvalid,
			"Secret %s has no certificate under the key %s. Add the CA certificate in PEM format under this key.", secret.Name, caCertificateKey)
	}
	return secret.ResourceVersion, nil
}

// readTemplates reads custom e-mail templates.
func (r *reconciler) readTemplates(ctx context.Context, center *v1alpha1.ContactCenter, settings *mail.Settings) (string, error) {
	custom := center.Spec.Mail.Templates
	if custom == nil {
		return "", nil
	}
	object, err := r.referenceWatches.get(ctx, reference{configMap: true, namespace: center.Namespace, name: custom.ConfigMapRef.Name})
	if err != nil {
		return "", newSettingsError(v1alpha1.ReasonReferenceUnreadable, "%v.", err)
	}
	configMap, ok := object.(*corev1.ConfigMap)
	if !ok {
		return "", newSettingsError(v1alpha1.ReasonConfigMapNotFound,
			"ConfigMap %s does not exist in this namespace. Create it, or remove spec.mail.templates.", custom.ConfigMapRef.Name)
	}
	settings.Templates, err = mail.NewTemplates(configMap.Data)
	if err != nil {
		return "", newSettingsError(v1alpha1.ReasonTemplateInvalid, "ConfigMap %s is invalid: %v. Correct it.", configMap.Name, err)
	}
	return configMap.ResourceVersion, nil
}

// readSecret returns the Secret to which the settings refer, or nil without a reference.
// It refuses the credentials of Members: otherwise an administrator who may write a
// ContactCenter could make the operator send a password to another mail server.
func (r *reconciler) readSecret(ctx context.Context, center *v1alpha1.ContactCenter, ref *v1alpha1.ObjectReference) (*corev1.Secret, error) {
	if ref == nil {
		return nil, nil //nolint:nilnil // the reference is optional
	}
	object, err := r.referenceWatches.get(ctx, reference{namespace: center.Namespace, name: ref.Name})
	if err != nil {
		return nil, newSettingsError(v1alpha1.ReasonReferenceUnreadable, "%v.", err)
	}
	secret, ok := object.(*corev1.Secret)
	if !ok {
		return nil, newSettingsError(v1alpha1.ReasonSecretNotFound,
			"Secret %s does not exist in this namespace. Create it, or correct the reference to it.", ref.Name)
	}
	if belongsToMember(secret) {
		return nil, newSettingsError(v1alpha1.ReasonSecretNotAllowed,
			"Secret %s holds a member's credentials and is not used for mail. Refer to a separate Secret for the mail server.", ref.Name)
	}
	return secret, nil
}

// belongsToMember reports whether a Secret has the operator's labels or is owned by a Member.
func belongsToMember(secret *corev1.Secret) bool {
	_, labeled := secret.Labels[v1alpha1.MemberLabel]
	return labeled || ownership.IsManaged(secret) || slices.ContainsFunc(secret.OwnerReferences, func(owner metav1.OwnerReference) bool {
		return ownership.IsMember(&owner)
	})
}
