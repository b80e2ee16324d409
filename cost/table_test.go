package cost_test

import (
	"strings"
	"testing"
	"time"

	"github.com/mayfly-dev/mayfly/cost"
)

var checked = time.Date(2026, 11, 27, 0, 0, 0, 0, time.UTC)

func listed(t *testing.T) cost.Prices {
	t.Helper()
	prices, err := cost.Listed()
	if err != nil {
		t.Fatal(err)
	}
	return prices
}

// TestEachItemHasAPrice in each region that the stack is tested in (see
// cdk/matrix_test.go), and its source.
func TestEachItemHasAPrice(t *testing.T) {
	prices := listed(t)
	for _, region := range []string{"us-east-1", "eu-west-1", "eu-central-1", "ap-southeast-2", "sa-east-1"} {
		for _, class := range []string{"PriceClass_100", "PriceClass_200", "PriceClass_All", ""} {
			rates := prices.Rates(region, class, checked)
			if rates.Assumed != "" {
				t.Errorf("%s: %s", region, rates.Assumed)
			}
			for _, item := range cost.Items() {
				service, _, _ := strings.Cut(string(item), ".")
				if rates.Each(item) == "0.00" || item.Label() == "" || !strings.HasPrefix(prices.Sources[service], "https://") {
					t.Errorf("%s, %s: %s costs %s, by %q", region, class, item, rates.Each(item), prices.Sources[service])
				}
			}
		}
	}
}

// TestPublishedPrices holds some prices to what AWS's pages and their examples
// say, by quantities as they say them.
func TestPublishedPrices(t *testing.T) {
	prices := listed(t)
	for _, tt := range []struct {
		region   string
		item     cost.Item
		quantity uint64
		month    cost.Month
		want     string
	}{
		{"us-east-1", cost.CloudFrontTransfer, 1024 * cost.GB, "2026-11", "87.04"}, // 1,024 GB at 0.085
		{"us-east-1", cost.StepFunctions, 1_000_000, "2026-11", "25.00"},           // 0.025 for 1,000
		{"us-east-1", cost.LambdaRequests, 3_000_000, "2026-11", "0.60"},           // 0.20 for 1,000,000
		{"us-east-1", cost.LambdaDuration, 1_000_000 * 1024 * 1000, "2026-11", "13.33"},
		{"us-east-1", cost.S3Storage, 100 * cost.GB * 744, "2026-12", "2.30"}, // 100 GB for a whole month of 31 days
		{"us-east-1", cost.S3Storage, 100 * cost.GB * 744 / 2, "2026-12", "1.15"},
		{"eu-central-1", cost.S3Storage, 100 * cost.GB * 720, "2026-11", "2.45"},
		{"sa-east-1", cost.S3Storage, 100 * cost.GB * 720, "2026-11", "4.05"},
		{"us-east-1", cost.S3Writes, 10_000, "2026-11", "0.050"},
		{"us-east-1", cost.ECRStorage, 50 * cost.GB * 720, "2026-11", "5.00"},
		{"eu-west-1", cost.WAFACL, 720_000, "2026-11", "5.00"},
		{"eu-west-1", cost.WAFRules, 3 * 720_000, "2026-11", "3.00"},
		{"eu-west-1", cost.WAFRequests, 10_000_000, "2026-11", "6.00"},
		{"us-east-1", cost.DynamoWrites, 2_000_000, "2026-11", "1.25"},
		{"us-east-1", cost.CostExplorer, 30, "2026-11", "0.30"},
	} {
		if got := prices.Rates(tt.region, "", checked).Of(tt.item, tt.quantity, tt.month); got.Short() != tt.want {
			t.Errorf("%d of %s in %s: %s, want %s", tt.quantity, tt.item, tt.region, got.Short(), tt.want)
		}
	}
}

func TestOldPricesAreSaid(t *testing.T) {
	prices := listed(t)
	for after, old := range map[time.Duration]bool{0: false, 90 * 24 * time.Hour: false, 91 * 24 * time.Hour: true, -time.Hour: false} {
		said := prices.Old(prices.Checked.Add(after))
		if (said != "") != old || old && !strings.Contains(said, "91 days") {
			t.Errorf("after %s: %q", after, said)
		}
	}
}

func TestARegionWithoutPricesIsTheDearest(t *testing.T) {
	prices := listed(t)
	rates := prices.Rates("eu-north-1", "PriceClass_None", checked)
	if !strings.Contains(rates.Assumed, "eu-north-1") || rates.PriceClass != "PriceClass_100" {
		t.Errorf("assumed %q, %s", rates.Assumed, rates.PriceClass)
	}
	for _, region := range prices.Regions() {
		for _, item := range cost.Items() {
			if one := prices.Rates(region, "", checked).Of(item, 1<<40, "2026-11"); rates.Of(item, 1<<40, "2026-11") < one {
				t.Errorf("%s costs more in %s", item, region)
			}
		}
	}
}

func TestBadPricesAreRefused(t *testing.T) {
	for text, says := range map[string]string{
		`{`:                  "prices:",
		`{"checked":"soon"}`: "soon",
		`{"checked":"2026-11-27","regions":{"r":{"s3.storage":"free"}}}`:   "free",
		`{"checked":"2026-11-27","regions":{"r":{"s3.storage":"-0.023"}}}`: "-0.023",
		`{"checked":"2026-11-27","everywhere":{"lunch":"1"}}`:              "lunch",
	} {
		if _, err := cost.ParsePrices([]byte(text)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", text, err)
		}
	}
}
