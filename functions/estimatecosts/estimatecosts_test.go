package estimatecosts_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/costexplorer"
	"github.com/aws/aws-sdk-go-v2/service/costexplorer/types"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	ebtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/smithy-go"
	"go.uber.org/goleak"

	"github.com/mayfly-dev/mayfly/activity"
	"github.com/mayfly-dev/mayfly/cost"
	"github.com/mayfly-dev/mayfly/cost/meter"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/estimatecosts"
	"github.com/mayfly-dev/mayfly/metric"
	"github.com/mayfly-dev/mayfly/notice"
	"github.com/mayfly-dev/mayfly/sandbox"
	"github.com/mayfly-dev/mayfly/sandbox/sqlite"
	"github.com/mayfly-dev/mayfly/steptest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var start = time.Date(2026, 11, 10, 3, 0, 0, 0, time.UTC)

// counts counts 10 GB of each sandbox: 0.85 USD, and little more.
type counts struct{}

func (counts) Meter(_ context.Context, subjects []activity.Subject, _, _ time.Time) []activity.Metered {
	out := make([]activity.Metered, len(subjects))
	for i := range out {
		out[i].BytesDownloaded = 10 * cost.GB
	}
	return out
}

// explorer is a Cost Explorer that tells of two sandboxes in a page, and refuses
// as AWS's does.
type explorer struct {
	bill  []types.Group
	err   error
	asked []*costexplorer.GetCostAndUsageInput
}

func (e *explorer) GetCostAndUsage(_ context.Context, in *costexplorer.GetCostAndUsageInput, _ ...func(*costexplorer.Options)) (*costexplorer.GetCostAndUsageOutput, error) {
	copied := *in
	e.asked = append(e.asked, &copied)
	if e.err != nil {
		return nil, e.err
	}
	if aws.ToString(in.TimePeriod.Start) >= aws.ToString(in.TimePeriod.End) {
		return nil, &smithy.GenericAPIError{Code: "ValidationException", Message: "Start date (and hour) should be before end date (and hour)"}
	}
	from := 0
	if _, err := fmt.Sscanf(aws.ToString(in.NextPageToken), "page-%d", &from); in.NextPageToken != nil && err != nil {
		return nil, &types.InvalidNextTokenException{Message: aws.String("Invalid NextPageToken")}
	}
	to := min(from+2, len(e.bill))
	out := &costexplorer.GetCostAndUsageOutput{ResultsByTime: []types.ResultByTime{{Groups: e.bill[from:to], Estimated: true}}}
	if to < len(e.bill) {
		out.NextPageToken = aws.String(fmt.Sprint("page-", to))
	}
	return out, nil
}

// billed is a line of Cost Explorer's answer.
func billed(tag, amount string) types.Group {
	return types.Group{Keys: []string{tag}, Metrics: map[string]types.MetricValue{"UnblendedCost": {Amount: aws.String(amount), Unit: aws.String("USD")}}}
}

// bus is an EventBridge that keeps what is put.
type bus struct {
	told []events.BudgetNotice
	fail string
}

func (b *bus) PutEvents(_ context.Context, in *eventbridge.PutEventsInput, _ ...func(*eventbridge.Options)) (*eventbridge.PutEventsOutput, error) {
	if b.fail != "" {
		return &eventbridge.PutEventsOutput{FailedEntryCount: 1, Entries: []ebtypes.PutEventsResultEntry{{ErrorCode: aws.String(b.fail), ErrorMessage: aws.String("try again")}}}, nil
	}
	for _, entry := range in.Entries {
		var told events.BudgetNotice
		if err := json.Unmarshal([]byte(*entry.Detail), &told); err != nil {
			return nil, err
		}
		b.told = append(b.told, told)
	}
	return &eventbridge.PutEventsOutput{}, nil
}

type world struct {
	t        *testing.T
	now      time.Time
	store    *sqlite.Store
	explorer *explorer
	bus      *bus
	options  estimatecosts.Options
}

func newWorld(t *testing.T, owners ...string) *world {
	t.Helper()
	w := &world{t: t, now: start, explorer: &explorer{}, bus: &bus{}}
	now := func() time.Time { return w.now }
	store, err := sqlite.Open(t.Context(), sqlite.Memory, now)
	steptest.WantError(t, err, "")
	t.Cleanup(func() { _ = store.Close() })
	prices, err := cost.Listed()
	steptest.WantError(t, err, "")
	w.store = store
	for i, owner := range owners {
		name := fmt.Sprintf("site-%d", i)
		s := sandbox.Sandbox{ID: "id" + name, Name: name, Owner: owner, Phase: sandbox.PhaseReady, CreatedAt: start}
		steptest.WantError(t, store.Claim(t.Context(), s, sandbox.Event{Type: sandbox.EventClaimed}), "")
	}
	w.options = estimatecosts.Options{
		Meter: &meter.Meter{Activity: counts{}, Records: store, Estimates: store, Prices: prices, Region: "us-east-1", Now: now},
		Store: store, Bill: w.explorer, Notices: notice.Teller{Bus: w.bus, Stage: "dev", Now: now}, Page: 2, Margin: time.Minute, Now: now,
	}
	w.now = start.Add(24 * time.Hour)
	return w
}

// run runs the step to its end, as the machine does.
func (w *world) run(ctx context.Context) (out events.CostsPage, runs int) {
	w.t.Helper()
	step := estimatecosts.New(w.options)
	var flow events.CostsFlow
	for {
		page, err := step.Handle(ctx, flow)
		steptest.WantError(w.t, err, "")
		if runs++; page.Done || runs > 50 {
			return page, runs
		}
		flow.Costs = &page
	}
}

func (w *world) estimates() (all []cost.Estimate) {
	w.t.Helper()
	all, _, err := w.store.ListEstimates(w.t.Context(), "2026-11", "", sandbox.Page{})
	steptest.WantError(w.t, err, "")
	return all
}

func TestAllAreEstimatedAndAddedUp(t *testing.T) {
	w := newWorld(t, "ann", "ann", "bob", "bob", "bob")
	measured := &metric.Set{}
	out, runs := w.run(metric.With(t.Context(), measured))
	if runs != 1 || out.Metered != 5 || out.Ended != 0 || out.Failed != 0 || out.Month != "2026-11" || out.After != "" {
		t.Errorf("after %d runs: %+v", runs, out)
	}
	sum, err := cost.ParseUSD(out.USD)
	if err != nil || sum < 4*cost.Dollar || sum > 5*cost.Dollar || out.Forecast <= out.USD {
		t.Errorf("%s, forecast %s, %v", out.USD, out.Forecast, err)
	}
	got := steptest.Measured(measured)
	if got["EstimatedCost"] != float64(sum)/1e9 || got["ForecastCost"] <= got["EstimatedCost"] {
		t.Errorf("measured %v", got)
	}
}

// TestARunEndsBeforeItsTimeIsUp and the next goes on: each run here has time for
// one page.
func TestARunEndsBeforeItsTimeIsUp(t *testing.T) {
	w := newWorld(t, "ann", "ann", "bob", "bob", "bob")
	ctx, cancel := context.WithDeadline(t.Context(), time.Now().Add(time.Hour))
	defer cancel()
	w.options.Margin = 2 * time.Hour
	out, runs := w.run(ctx)
	// Three pages of two, three of estimates, and the sum.
	if runs != 7 || out.Metered != 5 {
		t.Errorf("after %d runs: %+v", runs, out)
	}
}

func TestTheBillIsComparedInOneGroupedRequest(t *testing.T) {
	w := newWorld(t, "ann", "ann", "bob")
	w.explorer.bill = []types.Group{
		billed("mayfly:sandbox-id$", "123.45"), billed("mayfly:sandbox-id$idsite-0", "0.8512345678901"), billed("mayfly:sandbox-id$idsite-1", "4.2E-8"), billed("mayfly:sandbox-id$elsewhere", "1"),
	}
	out, _ := w.run(t.Context())
	if out.Billed != "Cost Explorer told of 3 sandboxes" || len(w.explorer.asked) != 2 {
		t.Errorf("%s, after %d requests", out.Billed, len(w.explorer.asked))
	}
	for _, in := range w.explorer.asked {
		if *in.TimePeriod.Start != "2026-11-01" || *in.TimePeriod.End != "2026-11-11" || in.Granularity != types.GranularityMonthly || len(in.GroupBy) != 1 || *in.GroupBy[0].Key != "mayfly:sandbox-id" || in.GroupBy[0].Type != types.GroupDefinitionTypeTag {
			t.Errorf("asked %+v", in)
		}
	}
	var got []string
	for _, e := range w.estimates() {
		got = append(got, fmt.Sprintf("%s %s %t", e.Sandbox, e.Billed, e.BilledAt.Equal(w.now)))
	}
	if want := "[site-0 0.851234567 true site-1 0.000000000 true site-2 0.000000000 true]"; fmt.Sprint(got) != want {
		t.Errorf("billed %v, want %s", got, want)
	}
}

func TestWithoutABillEstimatesAreEnough(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*world)
		says   string
		asked  int
	}{
		"one machine":          {func(w *world) { w.options.Bill = nil }, "there is no Cost Explorer here", 0},
		"the tag is not known": {func(*world) {}, "activate it for cost allocation", 1},
		"not enabled": {func(w *world) {
			w.explorer.err = &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "User not enabled for cost explorer access"}
		}, "enable Cost Explorer", 1},
		"enabled today": {func(w *world) {
			w.explorer.err = &types.DataUnavailableException{Message: aws.String("Data is not available.")}
		}, "within the last day", 1},
		"throttled":     {func(w *world) { w.explorer.err = &types.LimitExceededException{Message: aws.String("Rate exceeded")} }, "the next night", 1},
		"another error": {func(w *world) { w.explorer.err = &smithy.GenericAPIError{Code: "InternalFailure", Message: "oh no"} }, "oh no", 1},
		"other money": {func(w *world) {
			group := billed("mayfly:sandbox-id$idsite-0", "1")
			group.Metrics["UnblendedCost"] = types.MetricValue{Amount: aws.String("1"), Unit: aws.String("CNY")}
			w.explorer.bill = []types.Group{group}
		}, `in "CNY"`, 1},
		"no number": {func(w *world) { w.explorer.bill = []types.Group{billed("mayfly:sandbox-id$a", "much")} }, "can't be read", 1},
		"the 1st":   {func(w *world) { w.now = time.Date(2026, 12, 1, 3, 0, 0, 0, time.UTC) }, "on its first day", 0},
		"no sandboxes": {func(w *world) {
			steptest.WantError(w.t, w.store.Remove(w.t.Context(), sandbox.Ref{ID: "idsite-0", Name: "site-0"}), "")
		}, "nothing to compare", 0},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, "ann")
			tt.change(w)
			out, _ := w.run(t.Context())
			if !out.Done || !strings.Contains(out.Billed, tt.says) || len(w.explorer.asked) != tt.asked {
				t.Errorf("%+v, after %d requests", out, len(w.explorer.asked))
			}
			for _, e := range w.estimates() {
				if e.Billed != nil {
					t.Errorf("%s is billed %s", e.Sandbox, e.Billed)
				}
			}
		})
	}
}

func (w *world) budget(owner string, limit cost.USD) {
	w.t.Helper()
	_, err := w.store.UpdateBudget(w.t.Context(), owner, func(b *cost.Budget) error {
		b.Limit = limit
		return nil
	})
	steptest.WantError(w.t, err, "")
}

func TestBudgetsAreLookedAfter(t *testing.T) {
	w := newWorld(t, "ann", "bob", "bob", "kim")
	w.budget("ann", cost.Dollar)       // 0.85 and a little: warned
	w.budget("bob", cost.Dollar)       // 1.70: used up
	w.budget("kim", 5*cost.Dollar)     // fine
	w.budget("nobody", 20*cost.Dollar) // has nothing
	w.bus.fail = "InternalFailure"
	_, err := estimatecosts.New(w.options).Handle(t.Context(), events.CostsFlow{})
	steptest.WantError(t, err, "InternalFailure")
	w.bus.fail = ""
	for range 3 { // once a month
		out, _ := w.run(t.Context())
		if fmt.Sprint(out.OverBudget) != "[bob]" {
			t.Errorf("over %v", out.OverBudget)
		}
	}
	told := ""
	for _, n := range w.bus.told {
		told += fmt.Sprintf("%s %s %s %d; ", n.Owner, n.State, n.Month, n.Percent/10*10)
		if !strings.Contains(n.Message, n.Owner+" cost ") || strings.Contains(n.Message, "idle goes to sleep") != (n.State == "over") {
			t.Errorf("message %q", n.Message)
		}
	}
	if told != "ann warn 2026-11 80; bob over 2026-11 170; " {
		t.Errorf("told %s", told)
	}
	entries, _, err := w.store.ListAudit(t.Context(), sandbox.AuditFilter{Principal: sandbox.PrincipalSchedule}, sandbox.Page{})
	steptest.WantError(t, err, "")
	if len(entries) != 2 || entries[0].Action != "budget over" && entries[1].Action != "budget over" {
		t.Errorf("the audit has %+v", entries)
	}
}
