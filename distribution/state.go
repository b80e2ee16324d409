package distribution

import (
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// deployed is CloudFront's status of a distribution whose last change has
// reached every edge; the other one is InProgress.
const deployed = "Deployed"

// State returns what flows carry of d, without times.
func State(d *types.Distribution) events.Distribution {
	return events.Distribution{
		ID: aws.ToString(d.Id), ARN: aws.ToString(d.ARN), DomainName: aws.ToString(d.DomainName),
		Deployed: aws.ToString(d.Status) == deployed,
	}
}

// Resource returns the ledger's line for d.
func Resource(d *types.Distribution) sandbox.Resource {
	return sandbox.Resource{
		Kind: sandbox.KindDistribution, ID: aws.ToString(d.Id), ARN: aws.ToString(d.ARN), DomainName: aws.ToString(d.DomainName),
	}
}

// ChangedAt returns when d was last changed, as CloudFront says, or otherwise
// when it says nothing.
func ChangedAt(d *types.Distribution, otherwise time.Time) time.Time {
	if d.LastModifiedTime == nil {
		return otherwise.UTC()
	}
	return d.LastModifiedTime.UTC()
}

// PropagationTimeoutError says that a change took longer to spread than the
// installation waits.
type PropagationTimeoutError struct {
	ID string
	// Since is when the change was made, and Limit how long was waited.
	Since time.Time
	Limit time.Duration
}

func (e *PropagationTimeoutError) Error() string {
	return fmt.Sprintf("distribution %s: a change of %s has not spread within %s", e.ID, e.Since.Format(time.RFC3339), e.Limit)
}

// ErrorName is the name of the error in the state machines. None retries it.
func (e *PropagationTimeoutError) ErrorName() string { return "PropagationTimeout" }
