// Command cdk synthesizes the CloudFormation template of Mayfly on AWS. It
// takes its functions from build/ (make build), its flows from package
// statemachine, and its settings from the context in cdk.json, over which
// -c KEY=VALUE goes.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/mayfly-dev/mayfly/cdk/settings"
)

func main() {
	if err := synthesize(os.Args[1:]); err != nil {
		fmt.Fprintf(os.Stderr, "mayfly: nothing is synthesized:\n%v\n", err)
		os.Exit(1)
	}
}

// synthesize writes the template to where the CDK's CLI, or CDK_OUTDIR, wants
// it. What can't work is refused before the CDK starts.
func synthesize(args []string) error {
	var assignments []string
	flags := flag.NewFlagSet("cdk", flag.ExitOnError)
	flags.Func("c", "KEY=VALUE of the context, over cdk.json's; may be repeated", func(text string) error {
		assignments = append(assignments, text)
		return nil
	})
	if err := flags.Parse(args); err != nil {
		return err
	}
	context, err := settings.Context("cdk.json", os.Getenv("CDK_CONTEXT_JSON"), assignments)
	if err != nil {
		return err
	}
	s, err := settings.Parse(context, time.Now())
	if err != nil {
		return err
	}
	steps, err := builtSteps("functions", s.Build)
	if err != nil {
		return err
	}
	if err := checkNode(exec.LookPath, nodeVersion); err != nil {
		return err
	}
	defer jsii.Close()
	app := awscdk.NewApp(&awscdk.AppProps{Context: &context})
	if _, err := newStack(app, s, steps); err != nil {
		return err
	}
	app.Synth(nil)
	return nil
}
