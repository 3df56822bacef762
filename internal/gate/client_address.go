package gate

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// clientAddress is where a request came from: the peer of the connection, or, if
// that is a trusted proxy, who it says in X-Forwarded-For. What an untrusted peer
// says there is ignored. The zero Addr if the peer has no IP address.
func (h *handler) clientAddress(r *http.Request) netip.Addr {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	client := peer.Addr().Unmap().WithZone("")
	// Each proxy adds its peer at the end, so the list is believed from the right,
	// for as long as a trusted proxy has written it.
	for _, line := range slices.Backward(r.Header["X-Forwarded-For"]) {
		for rest, more := line, true; more; {
			if !h.trusts(client) {
				return client
			}
			var entry string
			if comma := strings.LastIndexByte(rest, ','); comma >= 0 {
				rest, entry = rest[:comma], rest[comma+1:]
			} else {
				entry, more = rest, false
			}
			before, ok := forwardedAddress(entry)
			if !ok {
				return client
			}
			client = before
		}
	}
	return client
}

// trusts tells whether an address is one of a trusted proxy.
func (h *handler) trusts(address netip.Addr) bool {
	for _, prefix := range h.TrustedProxies {
		if prefix.Contains(address) {
			return true
		}
	}
	return false
}

// forwardedAddress reads an entry of X-Forwarded-For: an IP address, which some
// proxies write with brackets or a port.
func forwardedAddress(entry string) (netip.Addr, bool) {
	entry = strings.Trim(entry, " \t")
	address, err := netip.ParseAddr(entry)
	if err != nil {
		withPort, err := netip.ParseAddrPort(entry)
		if err == nil {
			address = withPort.Addr()
		} else if address, err = netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(entry, "["), "]")); err != nil {
			return netip.Addr{}, false
		}
	}
	return address.Unmap().WithZone(""), true
}

// unmapped returns networks in the form that addresses are compared in: IPv4 ones
// that are written as IPv6 (RFC 4291, section 2.5.5.2) as IPv4.
func unmapped(networks []netip.Prefix) []netip.Prefix {
	plain := make([]netip.Prefix, 0, len(networks))
	for _, network := range networks {
		if network.Addr().Is4In6() && network.Bits() >= 96 {
			network = netip.PrefixFrom(network.Addr().Unmap(), network.Bits()-96)
		}
		plain = append(plain, network.Masked())
	}
	return plain
}
