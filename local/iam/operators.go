package iam

import (
	"encoding/base64"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// A test compares one value of the request with one value of the policy. A
// negated test is written as its positive and turned around by the caller,
// which knows how to treat several values.
type test struct {
	match    func(pattern, value string) bool
	valid    func(value string) bool
	negated  bool
	presence bool
}

// operators are the condition operators, by lower-case name.
var operators = map[string]test{
	"stringequals":              {match: literally},
	"stringnotequals":           {match: literally, negated: true},
	"stringequalsignorecase":    {match: ignoringCase},
	"stringnotequalsignorecase": {match: ignoringCase, negated: true},
	"stringlike":                {match: glob},
	"stringnotlike":             {match: glob, negated: true},
	"arnequals":                 {match: arnLike},
	"arnlike":                   {match: arnLike},
	"arnnotequals":              {match: arnLike, negated: true},
	"arnnotlike":                {match: arnLike, negated: true},
	"bool":                      {match: ignoringCase, valid: isBool},
	"binaryequals":              {match: binaryEqual},
	"ipaddress":                 {match: inNetwork, valid: isNetwork},
	"notipaddress":              {match: inNetwork, valid: isNetwork, negated: true},
	"null":                      {presence: true, valid: isBool},
	"numericequals":             {match: numeric(func(c int) bool { return c == 0 }), valid: isNumber},
	"numericnotequals":          {match: numeric(func(c int) bool { return c == 0 }), valid: isNumber, negated: true},
	"numericlessthan":           {match: numeric(func(c int) bool { return c < 0 }), valid: isNumber},
	"numericlessthanequals":     {match: numeric(func(c int) bool { return c <= 0 }), valid: isNumber},
	"numericgreaterthan":        {match: numeric(func(c int) bool { return c > 0 }), valid: isNumber},
	"numericgreaterthanequals":  {match: numeric(func(c int) bool { return c >= 0 }), valid: isNumber},
	"dateequals":                {match: date(func(c int) bool { return c == 0 }), valid: isDate},
	"datenotequals":             {match: date(func(c int) bool { return c == 0 }), valid: isDate, negated: true},
	"datelessthan":              {match: date(func(c int) bool { return c < 0 }), valid: isDate},
	"datelessthanequals":        {match: date(func(c int) bool { return c <= 0 }), valid: isDate},
	"dategreaterthan":           {match: date(func(c int) bool { return c > 0 }), valid: isDate},
	"dategreaterthanequals":     {match: date(func(c int) bool { return c >= 0 }), valid: isDate},
}

func literally(pattern, value string) bool    { return plain(pattern) == value }
func ignoringCase(pattern, value string) bool { return strings.EqualFold(plain(pattern), value) }

// arnLike compares the six parts of an ARN one by one, so that a wildcard does
// not run over a colon into the next part.
func arnLike(pattern, value string) bool {
	wanted, got := strings.SplitN(pattern, ":", 6), strings.SplitN(value, ":", 6)
	if len(wanted) != 6 || len(got) != 6 {
		return pattern == "*" || plain(pattern) == value
	}
	for i := range wanted {
		if !glob(wanted[i], got[i]) {
			return false
		}
	}
	return true
}

func isBool(value string) bool {
	return strings.EqualFold(value, "true") || strings.EqualFold(value, "false")
}

func binaryEqual(pattern, value string) bool {
	wanted, err := base64.StdEncoding.DecodeString(plain(pattern))
	if err != nil {
		return false
	}
	got, err := base64.StdEncoding.DecodeString(value)
	return err == nil && string(wanted) == string(got)
}

func network(value string) (netip.Prefix, error) {
	if !strings.Contains(value, "/") {
		address, err := netip.ParseAddr(value)
		if err != nil {
			return netip.Prefix{}, err
		}
		return address.Prefix(address.BitLen())
	}
	return netip.ParsePrefix(value)
}

func isNetwork(value string) bool { _, err := network(value); return err == nil }

func inNetwork(pattern, value string) bool {
	within, err := network(plain(pattern))
	if err != nil {
		return false
	}
	address, err := netip.ParseAddr(value)
	return err == nil && within.Contains(address.Unmap())
}

func isNumber(value string) bool { _, err := strconv.ParseFloat(value, 64); return err == nil }

func numeric(accept func(int) bool) func(pattern, value string) bool {
	return func(pattern, value string) bool {
		wanted, err := strconv.ParseFloat(plain(pattern), 64)
		if err != nil {
			return false
		}
		got, err := strconv.ParseFloat(value, 64)
		if err != nil || got != got || wanted != wanted {
			return false
		}
		switch {
		case got < wanted:
			return accept(-1)
		case got > wanted:
			return accept(1)
		}
		return accept(0)
	}
}

// instant reads the forms of ISO 8601 that the W3C lists, and seconds since 1970.
func instant(value string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04Z07:00", "2006-01-02", "2006-01", "20060102T150405Z"} {
		if at, err := time.Parse(layout, value); err == nil {
			return at, true
		}
	}
	if seconds, err := strconv.ParseInt(value, 10, 64); err == nil {
		return time.Unix(seconds, 0), true
	}
	return time.Time{}, false
}

func isDate(value string) bool { _, ok := instant(value); return ok }

func date(accept func(int) bool) func(pattern, value string) bool {
	return func(pattern, value string) bool {
		wanted, ok := instant(plain(pattern))
		if !ok {
			return false
		}
		got, ok := instant(value)
		return ok && accept(got.Compare(wanted))
	}
}
