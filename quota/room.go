package quota

import (
	"fmt"
	"strings"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// most is how many hundredths of a quota Mayfly makes use of: the rest is for
// what is not Mayfly's, and for mending things.
const most = 90

// Needs is how many of a quota something takes, by the quota's code.
type Needs map[string]int

// Of returns what a sandbox takes of quotas.
func Of(spec events.Spec) Needs {
	spec = sandbox.Defaults(spec)
	needs := Needs{}
	if spec.Delivery != events.DeliveryNone {
		needs[CodeBuckets] = 1
	}
	if spec.Delivery == events.DeliveryCloudFront {
		needs[CodeDistributions] = 1
		if spec.OriginAccess == events.OriginAccessIdentity {
			needs[CodeIdentities] = 1
		}
	}
	if spec.Repository.Visibility == events.VisibilityPrivate {
		needs[CodeRepositories] = 1
	}
	return needs
}

// ExceededError says of which quotas there is too little left.
type ExceededError struct {
	Quotas []Reading
}

func (e *ExceededError) Error() string {
	lines := make([]string, len(e.Quotas))
	for i, r := range e.Quotas {
		lines[i] = fmt.Sprintf("%d of %.0f %s are in use, %d %%, and Mayfly makes nothing new above %d %%: delete sandboxes, or ask AWS for more: %s",
			r.Used, r.Value, r.Name, r.Percent(), most, r.Raise(r.Value))
		if r.Code == CodeIdentities {
			lines[i] += " (or make it with --origin-access oac, which takes none)"
		}
	}
	return strings.Join(lines, "; ")
}

// Room returns an *ExceededError when what is needed would take more than 90 %
// of a quota. A quota that could not be read refuses nothing.
func Room(readings []Reading, needs Needs) error {
	var short []Reading
	for _, r := range readings {
		if n := needs[r.Code]; n > 0 && r.Counted && float64(r.Used+n) > r.Value*most/100 {
			short = append(short, r)
		}
	}
	if len(short) > 0 {
		return &ExceededError{Quotas: short}
	}
	return nil
}
