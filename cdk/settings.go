package main

import (
	"fmt"
	"os"
	"regexp"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

// settings are what cdk.json's context may say, checked.
type settings struct {
	// Stage names one installation; several may live in one account.
	Stage string
	// Region is the stack's region; empty leaves it to the CLI's profile.
	Region string
	// Build is the folder with a folder for each function.
	Build string
	// Version is what the API says that it is; empty for an unnamed build.
	Version string
}

var stagePattern = regexp.MustCompile(`^[a-z][a-z0-9]{0,11}$`)

func readSettings(app awscdk.App) (settings, error) {
	s := settings{
		Stage: contextText(app, "mayfly:stage", "dev"), Region: contextText(app, "mayfly:region", ""),
		Build: contextText(app, "mayfly:build", "build"), Version: contextText(app, "mayfly:version", ""),
	}
	if !stagePattern.MatchString(s.Stage) {
		return settings{}, fmt.Errorf("context mayfly:stage %q: must be 1 to 12 of a-z and 0-9, beginning with a letter", s.Stage)
	}
	if _, err := os.Stat(s.Build); err != nil {
		return settings{}, fmt.Errorf("the functions are not built (%w): run make build", err)
	}
	return s, nil
}

func contextText(app awscdk.App, key, otherwise string) string {
	if text, ok := app.Node().TryGetContext(jsii.String(key)).(string); ok && text != "" {
		return text
	}
	return otherwise
}
