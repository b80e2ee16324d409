package pattern

import "strconv"

// EventBridge compares numbers as multiples of a millionth, up to five billion
// either way.
const (
	decimals   = 6
	unit       = 1_000_000
	maxNumber  = 5_000_000_000
	maxDecimal = maxNumber * unit
)

// validNumber reports whether a text is a number as JSON has it.
func validNumber[T ~string | ~[]byte](text T) bool {
	i := 0
	digits := func() bool {
		start := i
		for i < len(text) && text[i] >= '0' && text[i] <= '9' {
			i++
		}
		return i > start
	}
	if i < len(text) && text[i] == '-' {
		i++
	}
	start := i
	if !digits() || text[start] == '0' && i > start+1 {
		return false
	}
	if i < len(text) && text[i] == '.' {
		if i++; !digits() {
			return false
		}
	}
	if i < len(text) && text[i]|0x20 == 'e' {
		i++
		if i < len(text) && (text[i] == '+' || text[i] == '-') {
			i++
		}
		if !digits() {
			return false
		}
	}
	return i == len(text)
}

// millionths returns a number in millionths. It is not ok when the number is
// beyond five billion or needs more than six decimals, which EventBridge does
// not compare as a number. The text is a valid number.
func millionths[T ~string | ~[]byte](text T) (n int64, ok bool) {
	negative := len(text) > 0 && text[0] == '-'
	var mantissa int64 // without trailing zeros
	scale, zeros := 0, 0
	fraction, started := false, false
	i := 0
	if negative {
		i++
	}
	for ; i < len(text) && text[i]|0x20 != 'e'; i++ {
		c := text[i]
		if c == '.' {
			fraction = true
			continue
		}
		if fraction {
			scale--
		}
		if c == '0' {
			if started {
				zeros++
			}
			continue
		}
		started = true
		for ; zeros > 0; zeros-- {
			if mantissa > maxDecimal/10 {
				return 0, false
			}
			mantissa *= 10
		}
		if mantissa > maxDecimal/10 {
			return 0, false
		}
		mantissa = mantissa*10 + int64(c-'0')
	}
	if mantissa == 0 {
		return 0, true
	}
	scale += zeros + decimals
	if i < len(text) {
		exponent, err := strconv.Atoi(string(text[i+1:]))
		if err != nil || exponent > 1000 || exponent < -1000 {
			// Beyond any mantissa of an event or a pattern that fits.
			return 0, false
		}
		scale += exponent
	}
	if scale < 0 {
		return 0, false
	}
	for ; scale > 0; scale-- {
		if mantissa > maxDecimal/10 {
			return 0, false
		}
		mantissa *= 10
	}
	if mantissa > maxDecimal {
		return 0, false
	}
	if negative {
		mantissa = -mantissa
	}
	return mantissa, true
}

// requireNumber is millionths for a number in a pattern's operator, where
// EventBridge refuses what it cannot compare.
func requireNumber(text string) (int64, string) {
	n, ok := millionths(text)
	if ok {
		return n, ""
	}
	if f, err := strconv.ParseFloat(text, 64); err == nil && f >= -maxNumber && f <= maxNumber {
		return 0, "Only values upto 6 decimals are supported" + text
	}
	return 0, "Value must be between -5.0E9 and 5.0E9, inclusive"
}
