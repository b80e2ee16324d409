package e2e_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/aws/aws-sdk-go-v2/service/sfn"
	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/mayfly-dev/mayfly/cost"
	"github.com/mayfly-dev/mayfly/events"
)

// TestWhatASandboxCosts: what the edge served, the bucket and the repository hold
// and the flows took is in the estimate, and stays there when all is gone.
func TestWhatASandboxCosts(t *testing.T) {
	c := start(t, nil)
	box := c.create(t, events.CreateSandbox{Name: "priced"})
	image := imageOf(t, fstest.MapFS{"index.html": {Data: []byte("<h1>priced</h1>")}})
	if err := remote.Write(reference(t, box.RepositoryURI, "v1"), image, c.login(t)...); err != nil {
		t.Fatal(err)
	}
	c.becomes(t, box.URL, "<h1>priced</h1>")
	c.await(t, "priced", events.PhaseReady) // a release ends a moment after what it shows
	ctx := context.WithoutCancel(t.Context())
	meter := func() {
		t.Helper()
		for body := (events.CostMetering{}); ; {
			var page events.CostMetered
			if err := c.api(ctx, http.MethodPost, "/v1/costs", body, &page); err != nil || len(page.Troubles) > 0 {
				t.Fatalf("%v %v", page.Troubles, err)
			}
			if body.Next = page.Next; body.Next == "" {
				return
			}
		}
	}
	read := func() events.Cost {
		t.Helper()
		var page events.CostPage
		if err := c.api(ctx, http.MethodGet, "/v1/costs?sandbox=priced&lines=true", nil, &page); err != nil || len(page.Costs) != 1 {
			t.Fatalf("%+v, %v", page, err)
		}
		return page.Costs[0]
	}
	eventually(t, "requests are told to CloudWatch", func() (bool, error) {
		var s events.Stats
		err := c.api(ctx, http.MethodGet, "/v1/sandboxes/priced/stats?days=1", nil, &s)
		return err == nil && s.Days[0].Requests > 0, fmt.Errorf("%+v: %w", s, err)
	})
	meter()
	e := read()
	lines := make(map[string]events.CostLine)
	for _, line := range e.Lines {
		lines[line.Item] = line
	}
	for _, item := range []cost.Item{cost.CloudFrontRequests, cost.CloudFrontTransfer, cost.S3Writes, cost.S3Reads, cost.StepFunctions, cost.LambdaRequests, cost.DynamoWrites} {
		if lines[string(item)].Quantity == "" {
			t.Errorf("%s is not among %+v", item, e.Lines)
		}
	}
	for _, item := range []cost.Item{cost.S3Storage, cost.ECRStorage} { // a few bytes, for moments
		if _, ok := lines[string(item)]; !ok {
			t.Errorf("%s is not among %+v", item, e.Lines)
		}
	}
	amount, err := cost.ParseUSD(e.Amount)
	if err != nil || amount <= 0 || amount > cost.Dollar || len(e.Unknown) > 0 {
		t.Errorf("it costs %s (%v), unknown %q", e.Amount, err, e.Unknown)
	}

	// The night's machine does the same, and looks after budgets.
	if err := c.api(ctx, http.MethodPut, "/v1/budgets/"+e.Owner, events.BudgetLimit{Limit: "0.000001"}, nil); err != nil {
		t.Fatal(err)
	}
	machine := "arn:aws:states:us-east-1:000000000000:stateMachine:mayfly-costs"
	started, err := c.sfn().StartExecution(t.Context(), &sfn.StartExecutionInput{StateMachineArn: &machine})
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "costs are estimated", func() (bool, error) {
		out, err := c.sfn().DescribeExecution(ctx, &sfn.DescribeExecutionInput{ExecutionArn: started.ExecutionArn})
		if err != nil || out.Status != sfntypes.ExecutionStatusSucceeded {
			return false, fmt.Errorf("%+v: %w", out, err)
		}
		var flow events.CostsFlow
		err = json.Unmarshal([]byte(*out.Output), &flow)
		done := flow.Costs != nil && flow.Costs.Metered == 1 && flow.Costs.USD != "" && strings.Contains(flow.Costs.Billed, "no Cost Explorer here") && slices.Equal(flow.Costs.OverBudget, []string{e.Owner})
		return done, fmt.Errorf("%+v: %w", flow.Costs, err)
	})
	if err := c.api(ctx, http.MethodPost, "/v1/sandboxes", events.CreateSandbox{Name: "dear", Owner: e.Owner}, nil); status(err) != http.StatusConflict || !strings.Contains(err.Error(), "budget-used-up") {
		t.Errorf("one more: %v", err)
	}

	if err := c.api(ctx, http.MethodDelete, "/v1/sandboxes/priced", nil, nil); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it is gone", func() (bool, error) {
		err := c.api(ctx, http.MethodGet, "/v1/sandboxes/priced", nil, nil)
		return err != nil, err
	})
	meter()
	if gone := read(); gone.Ended.IsZero() || gone.SandboxID != e.SandboxID || gone.Forecast != gone.Amount {
		t.Errorf("when it is gone: %+v", gone)
	}
}
