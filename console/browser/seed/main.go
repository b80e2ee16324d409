// Command seed writes sandboxes into a new data folder of `mayfly local`, for
// the console's figures: records alone, as of sandboxes that are ready or
// failed.
//
//	seed FOLDER COUNT
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/sandbox"
	"github.com/mayfly-dev/mayfly/sandbox/sqlite"
)

func main() {
	if len(os.Args) != 3 {
		log.Fatal("seed FOLDER COUNT")
	}
	count, err := strconv.Atoi(os.Args[2])
	if err == nil {
		err = seed(context.Background(), filepath.Join(os.Args[1], "mayfly.db"), count)
	}
	if err != nil {
		log.Fatal(err)
	}
}

func seed(ctx context.Context, file string, count int) error {
	store, err := sqlite.Open(ctx, file, time.Now)
	if err != nil {
		return fmt.Errorf("open %s: %w", file, err)
	}
	now := time.Now().UTC()
	for i := range count {
		if err := store.Claim(ctx, one(i, now), sandbox.Event{Type: sandbox.EventClaimed, Phase: sandbox.PhaseReady, Message: "seeded"}); err != nil {
			return fmt.Errorf("sandbox %d: %w", i, err)
		}
	}
	if err := store.Close(); err != nil {
		return fmt.Errorf("close %s: %w", file, err)
	}
	return nil
}

// one is a sandbox whose fields are as long as real ones.
func one(i int, now time.Time) sandbox.Sandbox {
	name := fmt.Sprintf("preview-%05d", i)
	s := sandbox.Sandbox{
		ID: fmt.Sprintf("aaaa%s", letters(i)), Name: name, Owner: fmt.Sprintf("owner%02d", i%40), Phase: sandbox.PhaseReady,
		Spec:      events.Spec{Delivery: events.DeliveryCloudFront, OriginAccess: events.OriginAccessIdentity, IndexDocument: "index.html", PriceClass: "PriceClass_100"},
		CreatedAt: now.Add(-time.Duration(i) * time.Minute), ReadyAt: now.Add(-time.Duration(i) * time.Minute), ExpiresAt: now.Add(time.Duration(i+60) * time.Minute),
		Execution: "arn:aws:states:us-east-1:000000000000:execution:mayfly-provision:provision-aaaa" + letters(i),
		Resources: map[sandbox.Kind]sandbox.Resource{
			sandbox.KindBucket:       {Kind: sandbox.KindBucket, ID: "mayfly-" + name, Status: sandbox.StatusMade},
			sandbox.KindDistribution: {Kind: sandbox.KindDistribution, ID: fmt.Sprintf("E%013d", i), DomainName: fmt.Sprintf("d%013d.cloudfront.localhost", i), Status: sandbox.StatusMade},
		},
	}
	if i%50 == 0 {
		s.Phase, s.Failure, s.FailedStep = sandbox.PhaseFailed, &events.Failure{Error: "TooManyDistributions", Cause: "the quota of distributions is used up"}, "createdistribution"
	}
	return s
}

// letters writes a number with six of a-z.
func letters(i int) string {
	text := make([]byte, 6)
	for at := range text {
		text[len(text)-1-at] = byte('a' + i%26)
		i /= 26
	}
	return string(text)
}
