package estimatecosts

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/costexplorer"
	"github.com/aws/aws-sdk-go-v2/service/costexplorer/types"

	"github.com/mayfly-dev/mayfly/awserr"
	"github.com/mayfly-dev/mayfly/cost"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// Bill is what the step needs of Cost Explorer.
type Bill interface {
	GetCostAndUsage(context.Context, *costexplorer.GetCostAndUsageInput, ...func(*costexplorer.Options)) (*costexplorer.GetCostAndUsageOutput, error)
}

// unblended is the metric of Cost Explorer that is the bill: what was used at
// the rates of the account, without spreading reservations.
const unblended = "UnblendedCost"

// billed asks Cost Explorer, in one request for all sandboxes (each page of its
// answer is billed 0.01 USD), what the month's bill has for each by its tag. It
// returns nil, and why, when nothing is told: an estimate needs no bill.
func (s *Step) billed(ctx context.Context, month cost.Month) (map[string]cost.USD, string) {
	if s.Bill == nil {
		return nil, "there is no Cost Explorer here: nothing is billed on one machine"
	}
	today := s.Now().UTC().Truncate(24 * time.Hour)
	if !today.After(month.Start()) {
		return nil, "Cost Explorer knows nothing yet of a month on its first day"
	}
	in := &costexplorer.GetCostAndUsageInput{
		// The end is exclusive, and may not be in the future.
		TimePeriod:  &types.DateInterval{Start: aws.String(month.Start().Format(time.DateOnly)), End: aws.String(today.Format(time.DateOnly))},
		Granularity: types.GranularityMonthly, Metrics: []string{unblended},
		GroupBy: []types.GroupDefinition{{Type: types.GroupDefinitionTypeTag, Key: aws.String(sandbox.TagSandboxID)}},
	}
	found := make(map[string]cost.USD)
	for {
		page, err := s.Bill.GetCostAndUsage(ctx, in)
		if err != nil {
			return nil, "Cost Explorer told nothing: " + unbilled(err)
		}
		for _, result := range page.ResultsByTime {
			for _, group := range result.Groups {
				if err := add(found, group); err != nil {
					return nil, "Cost Explorer told what can't be read: " + err.Error()
				}
			}
		}
		if in.NextPageToken = page.NextPageToken; aws.ToString(page.NextPageToken) == "" {
			break
		}
	}
	if len(found) == 0 {
		return nil, "Cost Explorer knows no sandbox by the tag " + sandbox.TagSandboxID + ": activate it for cost allocation in the Billing console; it counts from then on"
	}
	return found, fmt.Sprintf("Cost Explorer told of %d sandboxes", len(found))
}

// add adds a group, whose key is like mayfly:sandbox-id$abcdefgh23. What has no
// tag is not ours.
func add(to map[string]cost.USD, group types.Group) error {
	if len(group.Keys) != 1 {
		return fmt.Errorf("a group with keys %q", group.Keys)
	}
	id, ours := strings.CutPrefix(group.Keys[0], sandbox.TagSandboxID+"$")
	if !ours || id == "" {
		return nil
	}
	value := group.Metrics[unblended]
	if unit := aws.ToString(value.Unit); unit != "USD" {
		return fmt.Errorf("%s of %s is in %q, not in USD", unblended, id, unit)
	}
	amount, err := parse(aws.ToString(value.Amount))
	if err != nil {
		return err
	}
	to[id] = to[id].Plus(amount)
	return nil
}

// parse reads an amount of Cost Explorer's, which has more decimal places than
// an amount here.
func parse(text string) (cost.USD, error) {
	if whole, places, ok := strings.Cut(text, "."); ok && len(places) > 9 && !strings.ContainsAny(places, "eE") {
		text = whole + "." + places[:9]
	}
	if strings.ContainsAny(text, "eE") { // such as 4.2E-8: less than can matter
		return 0, nil
	}
	return cost.ParseUSD(text)
}

// unbilled says why, and what to do.
func unbilled(err error) string {
	switch name := awserr.Name(err); name {
	case "AccessDenied", "AccessDeniedException":
		return name + ": enable Cost Explorer in the Billing console, and let IAM users and roles see billing"
	case "DataUnavailableException":
		return name + ": it was enabled within the last day"
	case "LimitExceededException", "ThrottlingException":
		return name + ": it is asked again in the next night"
	}
	return err.Error()
}

// compare writes what is billed for a sandbox to its estimate.
func (s *Step) compare(ctx context.Context, month cost.Month, e *cost.Estimate, billed map[string]cost.USD) error {
	amount := billed[e.SandboxID]
	_, err := s.Store.UpdateEstimate(ctx, month, e.Key(), func(e *cost.Estimate) error {
		e.Billed, e.BilledAt = &amount, s.Now().UTC()
		return nil
	})
	return err
}
