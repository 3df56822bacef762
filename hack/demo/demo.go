package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"k8s.io/utils/clock"

	"rollcall.dev/rollcall/test/controlplane"
	"rollcall.dev/rollcall/test/testenv"
)

// options holds the demo's flags.
type options struct {
	dir  string
	tour bool
}

// demo holds everything that runs.
type demo struct {
	*console
	clock clock.PassiveClock
	root  string // the repository's folder
	dir   string // the demo's folder

	// These are in start order; nil means not started.
	cluster  *testenv.Cluster
	mail     *mailbox
	operator *controlplane.Process
	gate     *controlplane.Process
	site     *site
	// siteAddress is the address of the site, reserved before the site starts.
	siteAddress string
}

// run runs the demo until the context or the tour ends.
func run(ctx context.Context, o options, c *console) (err error) {
	d := &demo{console: c, clock: clock.RealClock{}}
	if err := d.makeFolder(o.dir); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.stop()) }() //nolint:contextcheck // a mail server waits for its own goroutines
	if err := d.start(ctx); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return err
	}
	if o.tour {
		return d.tour(ctx)
	}
	d.explain()
	select {
	case <-ctx.Done():
		d.say("")
		return nil
	case <-d.operator.Done():
		return nil // stop reports the error
	case <-d.gate.Done():
		return nil // stop reports the error
	}
}

func (d *demo) makeFolder(dir string) (err error) {
	if d.root, err = controlplane.RepositoryRoot(); err != nil {
		return err
	}
	if dir == "" {
		d.dir, err = os.MkdirTemp("", "rollcall-demo-")
	} else if d.dir, err = filepath.Abs(dir); err == nil {
		err = os.MkdirAll(d.dir, 0o700)
	}
	if err != nil {
		return fmt.Errorf("the demo's folder: %w", err)
	}
	d.say("All files of this demo are in %s", d.dir)
	return nil
}

// start starts everything and returns when the samples are ready.
func (d *demo) start(ctx context.Context) (err error) {
	d.cluster, err = testenv.Start(ctx, testenv.Options{
		Plane: controlplane.Options{Dir: filepath.Join(d.dir, "controlplane"), Log: d.console},
	})
	if err != nil {
		return err
	}
	if d.mail, err = startMailbox(filepath.Join(d.dir, "mails"), d.console); err != nil {
		return err
	}
	d.say("A mail server is at %s; it saves e-mails in %s", d.mail.Addr(), d.mail.dir)
	d.say("")
	d.say("# Install the CRDs, the operator's permissions, and a Deployment (which gets no pods, because this cluster has no nodes):")
	if err := d.install(ctx); err != nil {
		return err
	}
	d.say("# Run the operator as a process instead, with the permissions of its service account:")
	return inOrder(
		func() error { return d.build(ctx) },
		func() error { return d.startOperator(ctx) },
		func() error { return d.startSamples(ctx) },
	)
}

// startSamples creates the contact center of config/samples and starts a site behind its
// login gate.
func (d *demo) startSamples(ctx context.Context) (err error) {
	if d.siteAddress, err = controlplane.FreeAddress(ctx); err != nil {
		return err
	}
	d.say("")
	d.say("# Create a contact center with three members, the objects they refer to, and the mail server above:")
	if err := d.applySamples(ctx); err != nil {
		return err
	}
	if err := d.waitForSamples(ctx); err != nil {
		return err
	}
	d.say("")
	d.say("# Start the login gate, which decides which members can use a small site:")
	if err := d.installGate(ctx); err != nil {
		return err
	}
	if err := d.startGate(ctx); err != nil {
		return err
	}
	d.say("The site is at %s", d.site.address)
	d.showSamples(ctx)
	return nil
}

// explain prints what the user can try.
func (d *demo) explain() {
	d.say(`
Everything is ready. In another terminal, run:

  export KUBECONFIG=%s PATH=%s:$PATH

  kubectl get members -A -o wide
  kubectl -n %[3]s get member ana -o yaml
  kubectl -n %[3]s get secret ana-credentials -o jsonpath='{.data.password}' | base64 -d; echo
  kubectl -n %[3]s patch member ana --type=merge --field-manager=rollcall-cli -p '{"spec":{"passwordReset":"1"}}'
  kubectl -n %[3]s patch member ana --type=merge --field-manager=rollcall-cli -p '{"spec":{"forceOffline":true}}'
  kubectl -n %[3]s patch member ana --type=merge --field-manager=rollcall-cli -p '{"spec":{"forceOffline":null}}'
  kubectl -n %[3]s get rolebindings -o wide                                      # roles and their permissions: docs/roles.md
  kubectl -n %[3]s patch member putri --type=merge --field-manager=rollcall-cli --as=oidc:ana@example.com -p '{"spec":{"passwordReset":"1"}}'
  kubectl -n %[3]s patch member ana --type=merge --field-manager=rollcall-cli --as=oidc:ana@example.com -p '{"spec":{"passwordReset":"2"}}'   # refused
  kubectl -n %[3]s delete member ana

Open %[6]s/ in a browser, log in as ana@example.com or putri@example.com
with the password from the Secret or the e-mail, and force that member offline as above.

E-mails:        %[4]s
Operator's log: %[5]s
Gate's log:     %[7]s
Press Ctrl-C to stop everything.`, command(d.cluster.Kubeconfig), command(d.cluster.Assets), samplesNamespace, d.mail.dir, d.operator.Log,
		d.site.address, d.gate.Log)
}

// stop stops what was started, in reverse order.
func (d *demo) stop() error {
	var errs []error
	if d.site != nil {
		errs = append(errs, d.site.stop())
	}
	errs = append(errs, d.stopProgram("login gate", d.gate), d.stopProgram("operator", d.operator))
	if d.mail != nil {
		errs = append(errs, d.mail.Close())
	}
	if d.cluster != nil {
		d.say("Stopping the control plane")
		errs = append(errs, d.cluster.Stop())
	}
	d.say("All files, including passwords, remain in %s: delete the folder when you are done", d.dir)
	return errors.Join(errs...)
}
