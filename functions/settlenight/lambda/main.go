// Command lambda runs the step settlenight on AWS.
package main

import (
	"cmp"
	"errors"
	"log"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/mayfly-dev/mayfly/awsenv"
	"github.com/mayfly-dev/mayfly/functions/settlenight"
	"github.com/mayfly-dev/mayfly/invocation"
	"github.com/mayfly-dev/mayfly/sandbox/dynamo"
)

func main() {
	cfg, err := awsenv.Config(os.Getenv)
	every, wrong := time.ParseDuration(cmp.Or(os.Getenv("MAYFLY_SETTLE_NIGHT_SECONDS"), "60") + "s")
	if err := errors.Join(err, wrong); err != nil {
		log.Fatal(err)
	}
	store := dynamo.New(dynamodb.NewFromConfig(cfg), os.Getenv("MAYFLY_TABLE"), time.Now)
	options := settlenight.Options{Every: every, GiveUp: 3 * time.Hour, Margin: time.Minute, Now: time.Now}
	invocation.Start(settlenight.New(store, store, options).Handle)
}
