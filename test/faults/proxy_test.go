//go:build faults

package faults

import (
	"rollcall.dev/rollcall/test/apitest"
)

// proxyStream is the number of the proxy's random numbers, which no administrator has.
const proxyStream = 1 << 32

// startProxy starts a proxy in front of the API server, for operators of the desk.
func (d *desk) startProxy() *apitest.Proxy {
	d.Helper()
	proxy, err := apitest.Start(apitest.Options{Upstream: d.account, Random: d.stream(proxyStream)})
	if err != nil {
		d.Fatal(err)
	}
	// Before this the operators, which are prepared later, have ended.
	d.Cleanup(func() {
		if err := proxy.Close(); err != nil {
			d.Errorf("closing the proxy: %v", err)
		}
	})
	return proxy
}
