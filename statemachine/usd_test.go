package statemachine_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/mayfly-dev/mayfly/cost"
)

// TestWhatFlowsCostInUSD prices what the machines take, which are run in virtual
// time: a thousand provisions, and what a night does for ten thousand sandboxes
// that nobody uses. make bench shows what it logs.
func TestWhatFlowsCostInUSD(t *testing.T) {
	prices, err := cost.Listed()
	if err != nil {
		t.Fatal(err)
	}
	rates := prices.Rates("us-east-1", "", prices.Checked)
	month := cost.MonthOf(prices.Checked)
	// StepFunctions, Lambda and the table, of n executions of machines.
	price := func(executions cost.Executions) (sum cost.USD, text string) {
		e := cost.Estimate{Month: month, Usage: cost.Usage{Executions: executions}}
		e.Price(rates)
		for _, line := range e.Lines {
			text += fmt.Sprintf(", %s %s (%d)", line.Item.Label(), line.USD.Short(), line.Quantity)
		}
		return e.USD, text
	}
	sum, text := price(cost.Executions{"provision": 1000})
	t.Logf("USD %s for 1,000 provisions: %s", sum.Short(), text[2:])
	if sum < cost.Dollar/10 || sum > cost.Dollar {
		t.Errorf("1,000 provisions cost %s USD", sum.Short())
	}

	// The night of 10,000 sandboxes: their costs are estimated, and all of them are
	// torn down.
	const boxes, page = 10_000, 100
	pages := 2*boxes/page + 1 // those that are there, those that are gone, and the sum
	answers := make([]string, 0, 4)
	const perRun = boxes / 4 // as many as a run of 15 minutes has time for
	for done := perRun; done < boxes; done += perRun {
		answers = append(answers, fmt.Sprintf(`{"metered":%d,"after":"there:x","done":false}`, done))
	}
	o := run(t, "costs", `{}`, script{"EstimateCosts": append(answers, usual["estimatecosts"])})
	runs := uint64(o.tries["EstimateCosts"])
	metrics := uint64(boxes * 4)
	estimate := rates.Of(cost.StepFunctions, uint64(o.transitions), month).
		Plus(rates.Of(cost.LambdaRequests, runs, month)).
		Plus(rates.Of(cost.LambdaDuration, runs*512*uint64(14*time.Minute/time.Millisecond), month)).
		Plus(rates.Of(cost.DynamoWrites, boxes*4, month)).Plus(rates.Of(cost.DynamoReads, boxes*6, month))
	asking := rates.Of(cost.CloudWatchMetrics, metrics, month).Plus(rates.Of(cost.CostExplorer, boxes/5000, month))
	t.Logf("USD %s to estimate the cost of 10,000 sandboxes in %d pages, %d runs and %d transitions; USD %s for CloudWatch's %d metrics and Cost Explorer",
		estimate.Short(), pages, runs, o.transitions, asking.Short(), metrics)
	nightly := nightOf(t, boxes)
	states := rates.Of(cost.StepFunctions, uint64(nightly.transitions+nightly.inChildren), month)
	// Of how each was used: its requests and its pulls.
	uses := rates.Of(cost.CloudWatchMetrics, boxes*2, month)
	t.Logf("USD %s for the night of 10,000 sandboxes by itself: %d transitions and %d of its %d starts; USD %s to ask CloudWatch how they were used",
		states.Short(), nightly.transitions, nightly.inChildren, nightly.children, uses.Short())
	gone, text := price(cost.Executions{"teardown": boxes})
	t.Logf("USD %s for the teardown of 10,000 sandboxes: %s", gone.Short(), text[2:])
	night := estimate.Plus(asking).Plus(states).Plus(uses).Plus(gone)
	t.Logf("USD %s for all that of a night", night.Short())
	if night < cost.Dollar || night > 20*cost.Dollar {
		t.Errorf("a night costs %s USD", night.Short())
	}
}

// nightOf runs the nightly machine over so many sandboxes, all of which it starts
// to tear down, fifty in a page.
func nightOf(t *testing.T, boxes int) outcome {
	t.Helper()
	var pages []string
	for first := 0; first < boxes; first += 50 {
		var starts []string
		for i := range 50 {
			starts = append(starts, fmt.Sprintf(`{"act":"teardown","waitSeconds":0,"name":"teardown-%d","flow":{}}`, first+i))
		}
		pages = append(pages, fmt.Sprintf(`{"starts":[%s],"done":%t}`, strings.Join(starts, ","), first+50 >= boxes))
	}
	o := run(t, "nightly", `{}`, script{"DecideNight": pages})
	o.wantGood(t, "nightly")
	if o.children != boxes {
		t.Errorf("the night started %d of %d", o.children, boxes)
	}
	return o
}
