// Command plain is a function without the AWS SDK: what the start of Mayfly's
// functions is compared with.
package main

import (
	"context"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/mayfly-dev/mayfly/events"
)

func main() {
	lambda.Start(func(_ context.Context, in events.Flow) (events.Recorded, error) {
		return events.Recorded{Phase: in.Sandbox.Name}, nil
	})
}
