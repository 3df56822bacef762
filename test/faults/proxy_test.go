//go:build faults

package faults

import (
	"rollcall.dev/rollcall/test/faultproxy"
)

// proxyStream is the number of the proxy's random numbers, which no administrator has.
const proxyStream = 1 << 32

// startProxy starts a proxy in front of the API server, for operators of the contact center.
func (env *environment) startProxy() *faultproxy.Proxy {
	env.Helper()
	proxy, err := faultproxy.Start(faultproxy.Options{Upstream: env.Cluster.Operator, Random: env.stream(proxyStream)})
	if err != nil {
		env.Fatal(err)
	}
	// Before this the operators, which are prepared later, have ended.
	env.Cleanup(func() {
		if err := proxy.Close(); err != nil {
			env.Errorf("closing the proxy: %v", err)
		}
	})
	return proxy
}
