package main

import (
	"context"

	"rollcall.dev/rollcall/test/controlplane"
)

// installGate applies config/gate: the gate's permissions and a Deployment.
func (d *demo) installGate(ctx context.Context) error {
	return d.apply(ctx, d.fromHere("config", "gate"))
}

// startGate starts the login gate and a site behind it, at the address in the contact
// center's loginURL.
func (d *demo) startGate(ctx context.Context) error {
	gate, err := controlplane.FreeAddress(ctx)
	if err != nil {
		return err
	}
	d.gate, err = d.startProgram(ctx, "gate", gateAccount, "--bind-address="+gate, "--insecure-http",
		"--namespaces="+samplesNamespace, "--session-key-secret="+sessionKeySecret, "--trusted-proxies=127.0.0.1")
	if err != nil {
		return err
	}
	d.site, err = startSite(d.siteAddress, gate)
	return err
}
