// Command lambda runs the step estimatecosts on AWS.
package main

import (
	"log"
	"os"

	"github.com/mayfly-dev/mayfly/awsenv"
	"github.com/mayfly-dev/mayfly/functions/estimatecosts"
	"github.com/mayfly-dev/mayfly/invocation"
)

func main() {
	cfg, err := awsenv.Config(os.Getenv)
	if err != nil {
		log.Fatal(err)
	}
	all, err := options(cfg)
	if err != nil {
		log.Fatal(err)
	}
	invocation.Start(estimatecosts.New(all).Handle)
}
