package sfn

import (
	"slices"
	"strings"
)

// oneOf refuses a value that is not among those that AWS has; "" is the absent one.
func oneOf(member, value string, allowed ...string) error {
	if value == "" || slices.Contains(allowed, value) {
		return nil
	}
	return failf("ValidationException", "1 validation error detected: Value '%s' at '%s' failed to satisfy constraint: "+
		"Member must satisfy enum value set: [%s]", value, member, strings.Join(allowed, ", "))
}

func atMost(member string, value *string, limit int) error {
	if value == nil || len(*value) <= limit {
		return nil
	}
	return failf("ValidationException", "1 validation error detected: Value at '%s' failed to satisfy constraint: "+
		"Member must have length less than or equal to %d", member, limit)
}

func notNegative(member string, value int) error {
	if value >= 0 {
		return nil
	}
	return failf("ValidationException", "1 validation error detected: Value '%d' at '%s' failed to satisfy constraint: "+
		"Member must have value greater than or equal to 0", value, member)
}
