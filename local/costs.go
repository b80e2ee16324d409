package local

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"github.com/mayfly-dev/mayfly/activity/metered"
	"github.com/mayfly-dev/mayfly/cost/meter"
	"github.com/mayfly-dev/mayfly/functions/estimatecosts"
)

const (
	// costsEvery is how often the costs are estimated without anybody asking, and
	// budgets looked after: here, asking CloudWatch is free.
	costsEvery = time.Hour
	costsPage  = 100
	// costsMargin is how long before the end of its time the step returns.
	costsMargin = 20 * time.Second
)

// costs is what the step estimatecosts works with. There is no Cost Explorer
// here: nothing is billed.
func (s steps) costs() estimatecosts.Options {
	return estimatecosts.Options{
		Meter: &meter.Meter{
			Activity: &metered.Reader{
				Global: s.metrics, Regional: s.metrics, Images: s.ecr, Releases: s.store, Now: s.now,
			},
			Records: s.store, Estimates: s.store, Prices: s.prices, Region: Region, Now: s.now,
		},
		Store: s.store, Notices: s.notices(), Page: costsPage, Margin: costsMargin, Now: s.now,
	}
}

// estimate estimates costs regularly, as the night does on AWS.
func (c *Cloud) estimate(config Config, aws clients) {
	machine := machineARN("costs")
	c.every(costsEvery, func(ctx context.Context) {
		if _, err := aws.states.StartExecution(ctx, &sfn.StartExecutionInput{StateMachineArn: &machine}); err != nil && ctx.Err() == nil {
			config.Logger.Error("costs could not be estimated", "error", err)
		}
	})
}
