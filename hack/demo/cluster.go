package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"rollcall.dev/rollcall/test/controlplane"
)

// samplesNamespace is the namespace of the contact center in config/samples.
const samplesNamespace = "support-desk"

// otherResources are the resources that the sample members refer to.
const otherResources = "skillgroups,sites,teams,desktopprofiles,userprofiles,membertemplates"

// samplesOverlay is config/samples with the demo's mail server, so that the demo sends no
// e-mail to the sample's server, and with the demo's site as the login URL.
const samplesOverlay = `# config/samples with the demo's mail server and site.
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
  - %s
patches:
  - target: {group: rollcall.dev, kind: ContactCenter, name: default}
    patch: |
      - op: replace
        path: /spec/mail/smtp
        value: {host: %q, port: %d, tls: None}
      - op: replace
        path: /spec/loginURL
        value: http://%s/login
`

// kubectl prints a kubectl command as a user would type it, runs it, and prints its
// output.
func (d *demo) kubectl(ctx context.Context, args ...string) error {
	d.say("$ %s", command(append([]string{"kubectl"}, args...)...))
	output, err := d.cluster.Kubectl(ctx, "", args...)
	if output != "" {
		d.say("%s", strings.TrimRight(output, "\n"))
	}
	return err
}

// apply applies a kustomization.
func (d *demo) apply(ctx context.Context, folder string) error {
	return d.kubectl(ctx, "apply", "--server-side", "--field-manager="+controlplane.FieldManager, "-k", folder)
}

// install applies config/default: CRDs, permissions, and a Deployment.
func (d *demo) install(ctx context.Context) error {
	// The CRDs exist already, so that the garbage collector knows them from the start.
	// Forcing conflicts takes over their fields.
	return d.kubectl(ctx, "apply", "--server-side", "--force-conflicts", "--field-manager="+controlplane.FieldManager,
		"-k", d.fromHere("config", "default"))
}

// applySamples applies config/samples with the demo's mail server.
func (d *demo) applySamples(ctx context.Context) error {
	folder := filepath.Join(d.dir, "samples")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	// Kustomize accepts only relative paths to folders and resolves symbolic links.
	samples, err := filepath.EvalSymlinks(filepath.Join(d.root, "config", "samples"))
	if err != nil {
		return err
	}
	from, err := filepath.EvalSymlinks(folder)
	if err != nil {
		return err
	}
	relative, err := filepath.Rel(from, samples)
	if err != nil {
		return err
	}
	text := fmt.Sprintf(samplesOverlay, relative, d.mail.Host(), d.mail.Port(), d.siteAddress)
	if err := os.WriteFile(filepath.Join(folder, "kustomization.yaml"), []byte(text), 0o600); err != nil {
		return err
	}
	return d.apply(ctx, folder)
}

// waitForSamples waits until all objects of the contact center are Ready.
func (d *demo) waitForSamples(ctx context.Context) error {
	const timeout = "--timeout=120s"
	for _, args := range [][]string{
		// The operator creates this Member, so it may not exist yet.
		{"wait", "member/super-admin", "--for=create", timeout},
		{"wait", "contactcenters,members," + otherResources, "--all", "--for=condition=Ready", timeout},
	} {
		if err := d.kubectl(ctx, append([]string{"-n", samplesNamespace}, args...)...); err != nil {
			// The objects explain the failure better than the error.
			d.showSamples(ctx)
			return fmt.Errorf("the samples are not ready: %w: see %s", err, d.operator.Log)
		}
	}
	return nil
}

// showSamples prints the objects of the contact center.
func (d *demo) showSamples(ctx context.Context) {
	for _, args := range [][]string{
		{"get", "members", "-o", "wide"},
		{"get", "contactcenters," + otherResources},
	} {
		d.say("")
		if err := d.kubectl(ctx, append([]string{"-n", samplesNamespace}, args...)...); err != nil {
			d.say("%v", err)
		}
	}
}

// fromHere returns a path of the repository relative to the working directory.
func (d *demo) fromHere(parts ...string) string {
	path := filepath.Join(append([]string{d.root}, parts...)...)
	here, err := os.Getwd()
	if err != nil {
		return path
	}
	relative, err := filepath.Rel(here, path)
	if err != nil {
		return path
	}
	return relative
}
