package scheduler

import (
	"errors"
	"fmt"
	"net/http"
)

// refusal is an error by the name that EventBridge Scheduler gives it.
type refusal struct {
	code, message string
	status        int
}

func (r *refusal) Error() string { return r.code + ": " + r.message }

func invalid(format string, args ...any) error {
	return &refusal{"ValidationException", fmt.Sprintf(format, args...), http.StatusBadRequest}
}

func conflict(format string, args ...any) error {
	return &refusal{"ConflictException", fmt.Sprintf(format, args...), http.StatusConflict}
}

func noSchedule(name string) error {
	return &refusal{"ResourceNotFoundException", fmt.Sprintf("Schedule %s does not exist.", name), http.StatusNotFound}
}

func noGroup(name string) error {
	return &refusal{"ResourceNotFoundException", fmt.Sprintf("Schedule group %s does not exist.", name), http.StatusNotFound}
}

// refusalOf returns an error as it is answered: what is no refusal is a fault of
// the service's own.
func refusalOf(err error) *refusal {
	var known *refusal
	if errors.As(err, &known) {
		return known
	}
	return &refusal{"InternalServerException", err.Error(), http.StatusInternalServerError}
}
