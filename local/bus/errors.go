package bus

import "fmt"

// Error is a refusal by the API, by the name that AWS gives it.
type Error struct {
	Code    string // "ResourceNotFoundException"
	Message string
}

// Error returns code and message.
func (e *Error) Error() string { return e.Code + ": " + e.Message }

func failf(code, format string, args ...any) error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

func invalid(format string, args ...any) error {
	return failf("ValidationException", format, args...)
}

func noBus(name string) error {
	return failf("ResourceNotFoundException", "Event bus %s does not exist.", name)
}

func noRule(rule, bus string) error {
	return failf("ResourceNotFoundException", "Rule %s does not exist on EventBus %s.", rule, bus)
}

func tooMany() error {
	return failf("LimitExceededException", "The requested resource exceeds the maximum number allowed.")
}
