package bus

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// checks collects what is wrong with a request, as AWS tells it: all at once.
type checks []string

func (c *checks) addf(value any, at, format string, args ...any) {
	shown := fmt.Sprintf("Value '%v'", value)
	if value == nil {
		shown = "Value null"
	}
	*c = append(*c, fmt.Sprintf("%s at '%s' failed to satisfy constraint: %s", shown, at, fmt.Sprintf(format, args...)))
}

// required refuses an absent value.
func (c *checks) required(value, at string) {
	if value == "" {
		c.addf(nil, at, "Member must not be null")
	}
}

func (c *checks) length(value, at string, longest int) {
	if utf8.RuneCountInString(value) > longest {
		c.addf(value, at, "Member must have length less than or equal to %d", longest)
	}
}

func (c *checks) size(n int, at string, least, most int) {
	switch {
	case n < least:
		*c = append(*c, fmt.Sprintf("Value at '%s' failed to satisfy constraint: Member must have length greater than or equal to %d", at, least))
	case n > most:
		*c = append(*c, fmt.Sprintf("Value at '%s' failed to satisfy constraint: Member must have length less than or equal to %d", at, most))
	}
}

// between refuses a number that is there and out of range.
func (c *checks) between(value *int, at string, least, most int) {
	switch {
	case value == nil:
	case *value < least:
		c.addf(*value, at, "Member must have value greater than or equal to %d", least)
	case *value > most:
		c.addf(*value, at, "Member must have value less than or equal to %d", most)
	}
}

func (c *checks) matches(value, at string, p *regexp.Regexp) {
	if value != "" && !p.MatchString(value) {
		shown := strings.TrimSuffix(strings.TrimPrefix(p.String(), "^(?:"), ")$")
		c.addf(value, at, "Member must satisfy regular expression pattern: %s", shown)
	}
}

func (c *checks) oneOf(value, at string, all ...string) {
	if value != "" && !slices.Contains(all, value) {
		c.addf(value, at, "Member must satisfy enum value set: [%s]", strings.Join(all, ", "))
	}
}

// name checks a name of a rule or target, or the beginning of one.
func (c *checks) name(value, at string) {
	c.length(value, at, 64)
	c.matches(value, at, names)
}

func (c *checks) page(limit *int, token string) {
	c.between(limit, "limit", 1, 100)
	c.length(token, "nextToken", 2048)
}

// err is the refusal, if there is something to refuse.
func (c *checks) err() error {
	switch len(*c) {
	case 0:
		return nil
	case 1:
		return invalid("1 validation error detected: %s", (*c)[0])
	}
	return invalid("%d validation errors detected: %s", len(*c), strings.Join(*c, "; "))
}

var (
	names    = regexp.MustCompile(`^(?:[\.\-_A-Za-z0-9]+)$`)
	busNames = regexp.MustCompile(`^(?:[/\.\-_A-Za-z0-9]+)$`)
	arns     = regexp.MustCompile(`^arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:[0-9]*:.+$`)
)
