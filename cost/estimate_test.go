package cost_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/mayfly-dev/mayfly/cost"
)

// example is the sandbox of docs/cost.md.
func example() cost.Estimate {
	const ten = 10 * 24 // hours
	return cost.Estimate{
		Month: "2026-11", Sandbox: "preview", Owner: "ana",
		From: cost.Month("2026-11").Start(), Until: time.Date(2026, 11, 11, 0, 0, 0, 0, time.UTC),
		Usage: cost.Usage{
			Requests: 250_000, BytesDownloaded: 12 * cost.GB,
			StorageBytes: 3 * cost.GB, StorageByteHours: 3 * cost.GB * ten,
			ImageBytes: cost.GB / 2, ImageByteHours: cost.GB / 2 * ten, Written: 1200,
			FirewallMillihours: 120_000, FirewallRules: 3,
			Executions: cost.Executions{"provision": 1, "release": 4, "teardown": 1},
		},
	}
}

// rates are those that docs/cost.md is computed with.
func rates(t *testing.T) cost.Rates {
	t.Helper()
	return listed(t).Rates("us-east-1", "PriceClass_100", checked).Taking(map[string]cost.Counted{
		"provision": {Transitions: 17, Calls: 9}, "release": {Transitions: 17, Calls: 4, LargeCalls: 4}, "teardown": {Transitions: 24, Calls: 9, LargeCalls: 2},
	})
}

// TestTheBillOfTheDocs holds the estimate to docs/cost.md, where it is checked
// by hand: each line, and the sums.
func TestTheBillOfTheDocs(t *testing.T) {
	text, err := os.ReadFile("../docs/cost.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(text), "| what | ")
	table, _, _ = strings.Cut(table, "\n\n")
	want := strings.Split(table, "\n")[2:]
	e := example()
	e.Price(rates(t))
	var got [][]string
	for _, line := range e.Lines {
		got = append(got, []string{line.Item.Label(), line.Each, line.USD.String(), line.Forecast.String()})
	}
	got = append(got, []string{"**in all**", "", e.USD.String(), e.Forecast.String()})
	if len(want) != len(got) {
		t.Fatalf("the page has %d lines, the estimate %d:\n%v", len(want), len(got), got)
	}
	for i, line := range got {
		cells := strings.Split(want[i], "|")
		if len(cells) != 8 {
			t.Fatalf("line %q", want[i])
		}
		for cell, value := range map[int]string{1: line[0], 3: line[1], 5: line[2], 6: line[3]} {
			if text := strings.Trim(cells[cell], " "); strings.Trim(text, "*") != strings.Trim(value, "*") {
				t.Errorf("%s: the page says %q, the estimate %q", line[0], text, value)
			}
		}
	}
}

func TestWhatIsFreeIsNamedAndTakenOffTheWhole(t *testing.T) {
	e, r := example(), rates(t)
	e.Price(r)
	named := 0
	for _, line := range e.Lines {
		if line.Free != "" {
			named++
		}
	}
	var bill cost.Bill
	for range 100 {
		bill.Add(&e)
	}
	if bill.USD != 100*e.USD || bill.Sandboxes != 100 {
		t.Errorf("%d sandboxes come to %s", bill.Sandboxes, bill.USD)
	}
	given := map[cost.Item]string{}
	for _, g := range bill.Free(r) {
		given[g.Item] = g.USD.String()
	}
	// 25,000,000 requests of which 10,000,000 are free; 1,200 GB of which 1,024
	// are; 10,900 transitions of which 4,000 are; all calls.
	for item, want := range map[cost.Item]string{
		cost.CloudFrontRequests: "12.000000000", cost.CloudFrontTransfer: "87.040000000", cost.StepFunctions: "0.100000000", cost.LambdaRequests: "0.001040000", cost.LambdaDuration: "0.008833400",
	} {
		if given[item] != want {
			t.Errorf("of %s %s is free, want %s", item, given[item], want)
		}
	}
	if named != len(given) || named != 5 {
		t.Errorf("%d lines name what is free, of %d", named, len(given))
	}
}

func TestForecasts(t *testing.T) {
	start := cost.Month("2026-11").Start()
	for name, tt := range map[string]struct {
		usage       cost.Usage
		from, until time.Duration // since the month's start
		ended       bool
		usd, more   string
	}{
		"half a month of storage":           {cost.Usage{StorageBytes: cost.GB, StorageByteHours: cost.GB * 360}, 0, 360 * time.Hour, false, "0.012", "0.012"},
		"requests go on":                    {cost.Usage{BytesDownloaded: cost.GB}, 0, 240 * time.Hour, false, "0.085", "0.17"},
		"a busy first hour is no month":     {cost.Usage{BytesDownloaded: cost.GB}, 359 * time.Hour, 360 * time.Hour, false, "0.085", "1.28"}, // 15 more days like this first one
		"flows come no more":                {cost.Usage{Executions: cost.Executions{"provision": 1000}}, 0, 360 * time.Hour, false, "0.48", "0.00"},
		"what ended saves":                  {cost.Usage{StorageBytes: cost.GB, StorageByteHours: cost.GB * 360}, 0, 360 * time.Hour, true, "0.012", "0.012"},
		"a whole month":                     {cost.Usage{StorageBytes: cost.GB, StorageByteHours: cost.GB * 720}, 0, 720 * time.Hour, false, "0.023", "0.00"},
		"nothing":                           {cost.Usage{}, 0, time.Hour, false, "0.00", "0.00"},
		"a month that is over and was late": {cost.Usage{StorageBytes: cost.GB}, 0, 800 * time.Hour, false, "0.00", "0.00"},
	} {
		e := cost.Estimate{Month: "2026-11", Usage: tt.usage, From: start.Add(tt.from), Until: start.Add(tt.until)}
		if tt.ended {
			e.Ended = e.Until
		}
		e.Price(rates(t))
		more := e.Forecast - e.USD
		if tt.ended {
			more = e.Saved
			if e.Forecast != e.USD || e.Live() {
				t.Errorf("%s: it goes on to cost %s after %s", name, e.Forecast, e.USD)
			}
		} else if e.Saved != 0 {
			t.Errorf("%s: it saves %s", name, e.Saved)
		}
		if e.USD.Short() != tt.usd || more.Short() != tt.more {
			t.Errorf("%s: %s and %s more, want %s and %s", name, e.USD.Short(), more.Short(), tt.usd, tt.more)
		}
	}
}

func TestWarningsAreKept(t *testing.T) {
	e := example()
	e.Price(listed(t).Rates("mars-north-1", "", checked.AddDate(1, 0, 0)))
	if all := strings.Join(e.Warnings, "\n"); len(e.Warnings) != 2 || !strings.Contains(all, "mars-north-1") || !strings.Contains(all, "365 days") {
		t.Errorf("warnings %q", e.Warnings)
	}
	if e.Prices != "2026-11-27" {
		t.Errorf("prices of %q", e.Prices)
	}
	first := e.USD
	e.Price(listed(t).Rates("us-east-1", "", checked)) // again, by other prices
	if len(e.Warnings) != 0 || e.USD >= first {
		t.Errorf("after pricing again %s, %q; before %s", e.USD, e.Warnings, first)
	}
}

func TestAMachineThatNobodyCountedIsTheDearest(t *testing.T) {
	e := cost.Estimate{Month: "2026-11", Usage: cost.Usage{Executions: cost.Executions{"new": 2}}}
	e.Price(rates(t))
	if len(e.Lines) == 0 || e.Lines[0].Item != cost.StepFunctions || e.Lines[0].Quantity != 48 {
		t.Errorf("lines %+v", e.Lines)
	}
}
