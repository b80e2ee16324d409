package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/mayfly-dev/mayfly/cost"
	"github.com/mayfly-dev/mayfly/local/wholefile"
)

// largestOffer is how many bytes of a price list are read: S3's of one region has
// a few megabytes, Lambda's of all of them a hundred.
const largestOffer = 1 << 30

func (a *app) pricesRefreshCommand() *cobra.Command {
	into := "cost/prices.json"
	cmd := &cobra.Command{
		Use:   "refresh FILE|URL...",
		Short: "Put what AWS's price lists say into the file of prices",
		Long: `Put what AWS's price lists say into the file of prices, and show what changed. The lists are those of the Price List Bulk API, as
JSON, each of one service in one region or in all. They are read where they are named, and need no credentials. Mayfly has to be built
anew with the file.`,
		Example: `  u=https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws
  mayfly prices refresh $u/AmazonS3/current/eu-central-1/index.json $u/AmazonECR/current/eu-central-1/index.json
  mayfly prices refresh $u/{AmazonCloudFront,awswaf,AmazonStates,AWSLambda,AmazonDynamoDB}/current/index.json`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return &usageError{message: "name at least one price list", command: cmd}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			var offers []cost.Offer
			for _, name := range args {
				offer, err := readOffer(cmd.Context(), name)
				if err != nil {
					return fmt.Errorf("%s: %w", name, err)
				}
				offers = append(offers, offer)
			}
			text, err := os.ReadFile(into)
			if err != nil {
				return fmt.Errorf("the file of prices: %w; name another with --into", err)
			}
			refreshed, changes, err := cost.Refresh(text, offers, a.now())
			if err != nil {
				return err
			}
			if err := wholefile.Write(into, refreshed); err != nil {
				return fmt.Errorf("the file of prices: %w", err)
			}
			if a.json() {
				return a.printValue(map[string]any{"file": into, "changes": append([]string{}, changes...)})
			}
			for _, offer := range offers {
				a.printf("%s, published on %s\n", offer.Service, offer.Published.Format("2 January 2006"))
			}
			for _, change := range changes {
				a.printf("  %s\n", change)
			}
			a.printf("%d prices changed in %s\n", len(changes), into)
			return nil
		},
	}
	cmd.Flags().StringVar(&into, "into", into, "the file of prices")
	return cmd
}

// readOffer reads a price list from a file or from where an https URL says.
func readOffer(ctx context.Context, name string) (cost.Offer, error) {
	if !strings.HasPrefix(name, "https://") && !strings.HasPrefix(name, "http://") {
		f, err := os.Open(name)
		if err != nil {
			return cost.Offer{}, err
		}
		defer func() { _ = f.Close() }() // it was only read
		return cost.ReadOffer(io.LimitReader(f, largestOffer))
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, name, http.NoBody)
	if err != nil {
		return cost.Offer{}, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return cost.Offer{}, err
	}
	defer func() { _ = response.Body.Close() }() // what was wanted of it was read
	if response.StatusCode != http.StatusOK {
		return cost.Offer{}, fmt.Errorf("it answers %s", response.Status)
	}
	return cost.ReadOffer(io.LimitReader(response.Body, largestOffer))
}
