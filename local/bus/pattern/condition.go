package pattern

import (
	"net/netip"
)

// condition is one of a field's alternatives. It is asked of leaves alone; that
// there is none is what [absent] asks.
type condition interface{ matches(v *value) bool }

type (
	// exactText is a string.
	exactText string
	// exactNumber is a number in millionths.
	exactNumber int64
	// exactLiteral is true, false, null, or a number that is compared as written.
	exactLiteral string
	// exactAddress is a string that is an IP address.
	exactAddress netip.Addr
	prefix       string
	suffix       string
	foldedText   struct{ folded }
	foldedPrefix struct{ folded }
	foldedSuffix struct{ folded }
	// within is a CIDR block.
	within netip.Prefix
	// anythingBut is a leaf that meets none of the conditions.
	anythingBut []condition
	// present is any leaf, absent is none.
	present struct{}
	absent  struct{}
)

// span is a range of numbers, in millionths and with both ends.
type span struct{ low, high int64 }

func (c exactText) matches(v *value) bool { return v.kind == kindText && string(v.text) == string(c) }

func (c exactNumber) matches(v *value) bool { return v.known && v.number == int64(c) }

func (c exactLiteral) matches(v *value) bool {
	return v.kind != kindText && !v.known && string(v.text) == string(c)
}

func (c exactAddress) matches(v *value) bool {
	a, ok := v.address()
	return ok && a == netip.Addr(c)
}

func (v *value) address() (netip.Addr, bool) {
	if v.kind != kindText {
		return netip.Addr{}, false
	}
	return address(v.text)
}

func (c prefix) matches(v *value) bool {
	return v.kind == kindText && len(v.text) >= len(c) && string(v.text[:len(c)]) == string(c)
}

func (c suffix) matches(v *value) bool {
	return v.kind == kindText && len(v.text) >= len(c) && string(v.text[len(v.text)-len(c):]) == string(c)
}

func (c foldedText) matches(v *value) bool {
	if v.kind != kindText {
		return false
	}
	size, ok := c.prefixOf(v.text)
	return ok && size == len(v.text)
}

func (c foldedPrefix) matches(v *value) bool {
	if v.kind != kindText {
		return false
	}
	_, ok := c.prefixOf(v.text)
	return ok
}

func (c foldedSuffix) matches(v *value) bool { return v.kind == kindText && c.suffixOf(v.text) }

// wildcard is a glob as a condition.
type wildcard struct{ glob }

func (c wildcard) matches(v *value) bool { return v.kind == kindText && c.glob.matches(v.text) }

func (c span) matches(v *value) bool { return v.known && v.number >= c.low && v.number <= c.high }

func (c within) matches(v *value) bool {
	a, ok := v.address()
	return ok && netip.Prefix(c).Contains(a)
}

func (c anythingBut) matches(v *value) bool {
	for _, not := range c {
		if not.matches(v) {
			return false
		}
	}
	return true
}

func (present) matches(*value) bool { return true }

func (absent) matches(*value) bool { return false }
