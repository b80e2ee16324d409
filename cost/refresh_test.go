package cost_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mayfly-dev/mayfly/cost"
)

func offer(t *testing.T, file string) cost.Offer {
	t.Helper()
	f, err := os.Open("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	o, err := cost.ReadOffer(f)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// TestPricesAreRefreshed from lists of AWS's: what is in them takes the place of
// what was there, and nothing else changes.
func TestPricesAreRefreshed(t *testing.T) {
	text, err := os.ReadFile("prices.json")
	if err != nil {
		t.Fatal(err)
	}
	offers := []cost.Offer{offer(t, "AmazonS3.json"), offer(t, "AmazonCloudFront.json")}
	today := checked.AddDate(0, 1, 0)
	refreshed, changes, err := cost.Refresh(text, offers, today)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"cloudfront.transfer, PriceClass_100: 0.09, was 0.085", // the dearest of the US and Europe
		"cloudfront.transfer, PriceClass_200: 0.13, was 0.120", // India's
		"cloudfront.transfer, PriceClass_All: 0.13, was 0.120",
		"s3.storage, eu-central-1: 0.025, was 0.0245",
	}
	slices.Sort(changes)
	if strings.Join(changes, "\n") != strings.Join(want, "\n") {
		t.Errorf("changes\n%s", strings.Join(changes, "\n"))
	}
	prices, err := cost.ParsePrices(refreshed)
	if err != nil {
		t.Fatal(err)
	}
	if got := prices.Rates("eu-central-1", "PriceClass_200", today); got.Each(cost.S3Storage) != "0.025" || got.Each(cost.CloudFrontTransfer) != "0.13" || got.Each(cost.S3Writes) != "0.0054" || got.Each(cost.LambdaDuration) != "0.0000133334" {
		t.Errorf("S3 %s, CloudFront %s, PUT %s", got.Each(cost.S3Storage), got.Each(cost.CloudFrontTransfer), got.Each(cost.S3Writes))
	}
	if !prices.Checked.Equal(checked) {
		t.Errorf("checked on %s, though not all services were in a list", prices.Checked)
	}
	for _, service := range []string{"AmazonECR", "AmazonStates", "AWSLambda", "AmazonDynamoDB", "awswaf"} {
		offers = append(offers, cost.Offer{Service: service, Published: today})
	}
	refreshed, changes, err = cost.Refresh(refreshed, offers, today)
	if err != nil || len(changes) != 0 {
		t.Fatalf("again: %v, %v", changes, err)
	}
	if prices, err = cost.ParsePrices(refreshed); err != nil || !prices.Checked.Equal(today) {
		t.Errorf("checked on %s, %v", prices.Checked, err)
	}
}

func TestARegionIsAddedOnceAllOfItIsKnown(t *testing.T) {
	text, err := os.ReadFile("prices.json")
	if err != nil {
		t.Fatal(err)
	}
	whole := map[cost.Item]string{}
	for _, item := range []cost.Item{cost.S3Storage, cost.S3Writes, cost.S3Reads, cost.ECRStorage, cost.StepFunctions, cost.LambdaRequests, cost.LambdaDuration, cost.DynamoWrites, cost.DynamoReads} {
		whole[item] = "0.5"
	}
	offers := []cost.Offer{{Service: "AmazonS3", Published: checked, Prices: map[string]map[cost.Item]string{"eu-north-1": whole, "eu-south-1": {cost.S3Storage: "0.5"}}}}
	refreshed, changes, err := cost.Refresh(text, offers, time.Now())
	if err != nil || len(changes) != 9 {
		t.Fatalf("%v, %v", changes, err)
	}
	prices, err := cost.ParsePrices(refreshed)
	if err != nil || prices.Rates("eu-north-1", "", checked).Assumed != "" || prices.Rates("eu-south-1", "", checked).Assumed == "" {
		t.Errorf("%v, %v", prices.Regions(), err)
	}
}

func TestWhatIsNoPriceListIsRefused(t *testing.T) {
	price := func(usd, begin string) string {
		return fmt.Sprintf(`{"offerCode":"AmazonECR","publicationDate":"2026-11-20T00:00:00Z","products":{"A":{"attributes":{"usagetype":"TimedStorage-ByteHrs","regionCode":"us-east-1"}}},
			"terms":{"OnDemand":{"A":{"A.T":{"priceDimensions":{"A.T.1":{"beginRange":%q,"unit":"GB-Mo","pricePerUnit":%s}}}}}}}`, begin, usd)
	}
	for text, says := range map[string]string{
		`{`:                         "read AWS's price list",
		`{"offerCode":"AmazonECR"}`: "index.json",
		`{"offerCode":"AmazonEC2","publicationDate":"2026-11-20T00:00:00Z"}`: "nothing of use",
		price(`{"CNY":"1"}`, "0"):    "not in USD",
		price(`{"USD":"1"}`, "soon"): "begins at",
		price(`{"USD":"0"}`, "0"):    "nothing of use",
	} {
		if o, err := cost.ReadOffer(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %+v, %v", text, o, err)
		}
	}
	if _, _, err := cost.Refresh([]byte(`{}`), nil, checked); err == nil {
		t.Error("a file without prices is refreshed")
	}
}

func FuzzReadOffer(f *testing.F) {
	for _, file := range []string{"AmazonS3.json", "AmazonCloudFront.json"} {
		text, err := os.ReadFile("testdata/" + file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	prices, err := os.ReadFile("prices.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		o, err := cost.ReadOffer(strings.NewReader(text))
		if err != nil {
			return
		}
		// Whatever is read can be written, or is refused.
		refreshed, _, err := cost.Refresh(prices, []cost.Offer{o}, checked)
		if err != nil {
			return
		}
		if _, err := cost.ParsePrices(refreshed); err != nil {
			t.Error(err)
		}
	})
}
