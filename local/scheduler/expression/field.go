package expression

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// field is what one field of a cron expression takes.
type field struct {
	name      string
	low, high int
	// names stand for low and what follows it.
	names []string
	// steps says that it takes increments.
	steps bool
}

// values reads a list of values, ranges and increments.
func (f field) values(text string) (set, string) {
	made := set{}
	for item := range strings.SplitSeq(text, ",") {
		if because := f.add(made, item); because != "" {
			return nil, because
		}
	}
	return made, ""
}

// add reads "*", "5", "5-10", "*/10", "5/10" or "5-30/10".
func (f field) add(to set, item string) string {
	span, stepText, stepped := strings.Cut(item, "/")
	step := 1
	if stepped {
		n, ok := number(stepText)
		if !f.steps || !ok || n < 1 || n > f.high {
			return f.refuse(item)
		}
		step = n
	}
	low, high := f.low, f.high
	if span != "*" {
		from, until, ranged := strings.Cut(span, "-")
		var ok bool
		if low, ok = f.value(from); !ok {
			return f.refuse(item)
		}
		switch {
		case ranged:
			if high, ok = f.value(until); !ok || high < low {
				return f.refuse(item)
			}
		case !stepped:
			high = low
		}
	}
	for n := low; n <= high; n += step {
		to[n] = true
	}
	return ""
}

// value reads a number or a name within the field's bounds.
func (f field) value(text string) (int, bool) {
	if i := slices.Index(f.names, strings.ToUpper(text)); i >= 0 {
		return f.low + i, true
	}
	n, ok := number(text)
	return n, ok && n >= f.low && n <= f.high
}

func (f field) refuse(item string) string {
	return fmt.Sprintf("the field %s does not take %q", f.name, item)
}

// number reads digits alone: no sign, at most four.
func number(text string) (int, bool) {
	if text == "" || len(text) > 4 || strings.Trim(text, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.Atoi(text)
	return n, err == nil
}
