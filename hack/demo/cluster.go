package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"rollcall.dev/rollcall/test/controlplane"
)

// samplesNamespace is the contact centre of config/samples.
const samplesNamespace = "support-desk"

// smallKinds are what members are in, at, and given by.
const smallKinds = "skillgroups,sites,teams,desktopprofiles,userprofiles,membertemplates"

// samplesOverlay is config/samples with the demo's mail server in place of the
// sample's, so that nothing is ever sent there, and the demo's site to log in at.
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

// kubectl shows a kubectl command as a person would type it, runs it and shows
// what it prints.
func (d *demo) kubectl(ctx context.Context, args ...string) error {
	d.say("$ %s", command(append([]string{"kubectl"}, args...)...))
	output, err := d.plane.Kubectl(ctx, "", args...)
	if output != "" {
		d.say("%s", strings.TrimRight(output, "\n"))
	}
	return err
}

// apply applies a kustomization.
func (d *demo) apply(ctx context.Context, folder string) error {
	return d.kubectl(ctx, "apply", "--server-side", "--field-manager="+controlplane.FieldManager, "-k", folder)
}

// install applies config/default: kinds, permissions and a Deployment.
func (d *demo) install(ctx context.Context) error {
	// The kinds are there already, so that the garbage collector knows them from
	// the beginning: taking them over from whoever made them is no conflict.
	return d.kubectl(ctx, "apply", "--server-side", "--force-conflicts", "--field-manager="+controlplane.FieldManager,
		"-k", d.fromHere("config", "default"))
}

// applySamples applies config/samples with the demo's mail server.
func (d *demo) applySamples(ctx context.Context) error {
	folder := filepath.Join(d.dir, "samples")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	// Kustomize takes folders by relative path only, and looks behind symbolic
	// links.
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

// waitSamples waits until all of the contact centre is Ready.
func (d *demo) waitSamples(ctx context.Context) error {
	const timeout = "--timeout=120s"
	for _, args := range [][]string{
		// The operator makes this Member, so it may not be there yet.
		{"wait", "member/super-admin", "--for=create", timeout},
		{"wait", "contactcenters,members," + smallKinds, "--all", "--for=condition=Ready", timeout},
	} {
		if err := d.kubectl(ctx, append([]string{"-n", samplesNamespace}, args...)...); err != nil {
			// What is there says more than the error.
			d.showSamples(ctx)
			return fmt.Errorf("the samples are not ready: %w: see %s", err, d.operator.log.Name())
		}
	}
	return nil
}

// showSamples prints what is in the contact centre.
func (d *demo) showSamples(ctx context.Context) {
	for _, args := range [][]string{
		{"get", "members", "-o", "wide"},
		{"get", "contactcenters," + smallKinds},
	} {
		d.say("")
		if err := d.kubectl(ctx, append([]string{"-n", samplesNamespace}, args...)...); err != nil {
			d.say("%v", err)
		}
	}
}

// fromHere is a path of the repository as it is typed in the working directory.
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
