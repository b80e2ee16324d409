package decidenight

import (
	"errors"
	"fmt"
	"strconv"
	"time"
)

// OptionsOf reads what the step knows of its installation from the environment:
// MAYFLY_SLEEP_ARN, MAYFLY_TEARDOWN_ARN, and MAYFLY_SWEEPS_PER_MINUTE, which is
// how many sandboxes with a distribution are begun in a minute.
func OptionsOf(getenv func(string) string) (Options, error) {
	o := Options{Sleep: getenv("MAYFLY_SLEEP_ARN"), Teardown: getenv("MAYFLY_TEARDOWN_ARN"), Page: Page, Now: time.Now}
	if o.Sleep == "" || o.Teardown == "" {
		return o, errors.New("MAYFLY_SLEEP_ARN and MAYFLY_TEARDOWN_ARN must name the machines")
	}
	const name = "MAYFLY_SWEEPS_PER_MINUTE"
	rate, err := strconv.Atoi(getenv(name))
	if err != nil || rate < 1 || rate > 6000 {
		return o, fmt.Errorf("%s %q: must be 1 to 6000", name, getenv(name))
	}
	o.Interval = time.Minute / time.Duration(rate)
	return o, nil
}
