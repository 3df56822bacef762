package gate

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// clientAddress returns the address that a request came from: the peer of the
// connection, or the address in X-Forwarded-For if the peer is a trusted proxy. It
// returns the zero Addr if the peer has no IP address.
func (h *handler) clientAddress(r *http.Request) netip.Addr {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	client := peer.Addr().Unmap().WithZone("")
	// Each proxy appends its peer, so the list is read from the right, as long as a
	// trusted proxy wrote the entry.
	list := strings.Join(r.Header["X-Forwarded-For"], ",")
	for h.trusts(client) {
		comma := strings.LastIndexByte(list, ',')
		previous, ok := forwardedAddress(list[comma+1:])
		if !ok {
			break
		}
		client = previous
		if comma < 0 {
			break
		}
		list = list[:comma]
	}
	return client
}

// trusts reports whether an address belongs to a trusted proxy.
func (h *handler) trusts(address netip.Addr) bool {
	return slices.ContainsFunc(h.TrustedProxies, func(network netip.Prefix) bool { return network.Contains(address) })
}

// forwardedAddress parses an entry of X-Forwarded-For: an IP address, which some
// proxies write with brackets or a port.
func forwardedAddress(entry string) (netip.Addr, bool) {
	entry = strings.Trim(entry, " \t")
	if withPort, err := netip.ParseAddrPort(entry); err == nil {
		return withPort.Addr().Unmap().WithZone(""), true
	}
	address, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(entry, "["), "]"))
	return address.Unmap().WithZone(""), err == nil
}

// unmapped returns networks with IPv4-mapped IPv6 ones (RFC 4291, section 2.5.5.2)
// converted to IPv4.
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
