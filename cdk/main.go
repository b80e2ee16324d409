// Command cdk synthesizes the CloudFormation template of Mayfly on AWS. It
// takes its functions from build/ (make build) and its flows from package
// statemachine.
package main

import (
	"fmt"
	"os"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

func main() {
	defer jsii.Close()
	app := awscdk.NewApp(nil)
	settings, err := readSettings(app)
	if err == nil {
		err = newStack(app, settings)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "mayfly:", err)
		os.Exit(1)
	}
	app.Synth(nil)
}
