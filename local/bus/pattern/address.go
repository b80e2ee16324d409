package pattern

import (
	"net/netip"
	"strconv"
	"strings"
)

// address reads an IP address as EventBridge does: IPv4 in four decimal numbers,
// which may have leading zeros; IPv6 without dots or zones. A mapped IPv4
// address is that IPv4 address.
func address[T ~string | ~[]byte](text T) (netip.Addr, bool) {
	if len(text) < 2 || len(text) > 45 {
		return netip.Addr{}, false
	}
	dots, colons := 0, 0
	for i := range len(text) {
		switch c := text[i]; {
		case c == '.':
			dots++
		case c == ':':
			colons++
		case c >= '0' && c <= '9', c|0x20 >= 'a' && c|0x20 <= 'f':
		default:
			return netip.Addr{}, false
		}
	}
	switch {
	case dots == 3 && colons == 0:
		return address4(text)
	case dots == 0 && colons >= 2:
		a, err := netip.ParseAddr(string(text))
		return a.Unmap(), err == nil
	}
	return netip.Addr{}, false
}

func address4[T ~string | ~[]byte](text T) (netip.Addr, bool) {
	var octets [4]byte
	octet, n, digits := 0, 0, 0
	for i := range len(text) {
		switch c := text[i]; {
		case c >= '0' && c <= '9':
			n, digits = n*10+int(c-'0'), digits+1
			if n > 255 {
				return netip.Addr{}, false
			}
		case c == '.' && digits > 0:
			octets[octet] = byte(n)
			octet, n, digits = octet+1, 0, 0
		default:
			return netip.Addr{}, false
		}
	}
	octets[octet] = byte(n)
	return netip.AddrFrom4(octets), digits > 0
}

// looksLikeAddress reports whether EventBridge takes a text for an IP address,
// even for a wrong one.
func looksLikeAddress(text string) bool {
	if strings.Trim(text, "0123456789abcdefABCDEF:") == "" && strings.Contains(text, ":") {
		return true
	}
	parts := strings.Split(text, ".")
	for _, part := range parts {
		if part == "" || strings.Trim(part, "0123456789") != "" {
			return false
		}
	}
	return len(parts) == 4
}

// network reads a CIDR block.
func network(text string) (netip.Prefix, error) {
	base, mask, _ := strings.Cut(text, "/")
	if mask == "" || strings.Contains(mask, "/") {
		return netip.Prefix{}, failf("Malformed CIDR, one '/' required")
	}
	bits, err := strconv.ParseInt(mask, 10, 32)
	if err != nil {
		return netip.Prefix{}, failf("Malformed CIDR, mask bits must be an integer")
	}
	if bits < 0 {
		return netip.Prefix{}, failf("Malformed CIDR, mask bits must not be negative")
	}
	a, ok := address(base)
	switch {
	case !ok && looksLikeAddress(base):
		return netip.Prefix{}, failf("Invalid IP address: %s", base)
	case !ok:
		return netip.Prefix{}, failf("Nonstandard IP address: %s", base)
	case a.Is4() && bits > 31:
		return netip.Prefix{}, failf("IPv4 mask bits must be < 32")
	case bits > 127:
		return netip.Prefix{}, failf("IPv6 mask bits must be < 128")
	}
	return netip.PrefixFrom(a, int(bits)).Masked(), nil
}
