package statemachine_test

import (
	"bufio"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/mayfly-dev/mayfly/local/asl"
	"github.com/mayfly-dev/mayfly/statemachine"
)

// stepFolders are the folders of functions/ that state machines run: all but
// the API, which starts the machines.
func stepFolders(t *testing.T) []string {
	t.Helper()
	entries, err := os.ReadDir("../functions")
	if err != nil {
		t.Fatal(err)
	}
	var folders []string
	for _, entry := range entries {
		if entry.IsDir() && entry.Name() != "api" {
			folders = append(folders, entry.Name())
		}
	}
	return folders
}

func definitions(t *testing.T) []statemachine.Definition {
	t.Helper()
	all, err := statemachine.All()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestEveryDefinitionIsValidWithoutWarnings(t *testing.T) {
	for _, definition := range definitions(t) {
		machine := bind(t, definition.Name)
		for _, warning := range machine.Warnings() {
			t.Errorf("%s: %s", definition.Name, warning)
		}
	}
}

func TestTheTasksAreTheFoldersOfFunctions(t *testing.T) {
	var used, machines []string
	for _, definition := range definitions(t) {
		used = append(used, definition.Placeholders()...)
		machines = append(machines, definition.Name)
	}
	used = slices.DeleteFunc(used, func(name string) bool { return slices.Contains(machines, name) })
	slices.Sort(used)
	if used, folders := slices.Compact(used), stepFolders(t); !slices.Equal(used, folders) {
		t.Errorf("the machines use %v; the folders are %v", used, folders)
	}
}

func TestABindingNamesWhatItLacks(t *testing.T) {
	definition, err := statemachine.Get("update")
	if err != nil {
		t.Fatal(err)
	}
	_, err = definition.Bind(func(name string) string {
		if name == "record" {
			return ""
		}
		return "arn"
	})
	if err == nil || !strings.Contains(err.Error(), "record") {
		t.Fatalf("error %v", err)
	}
	if _, err := statemachine.Get("nosuch"); err == nil {
		t.Fatal("there is a machine nosuch")
	}
}

// TestEveryStepStartsInAShortMain counts the lines of code of each main, which
// are configuration, clients and start: what is not blank, comment or import.
func TestEveryStepStartsInAShortMain(t *testing.T) {
	const most = 20
	for _, folder := range stepFolders(t) {
		file, err := os.Open(filepath.Join("../functions", folder, "lambda/main.go"))
		if err != nil {
			t.Error(err)
			continue
		}
		lines, importing := 0, false
		for scan := bufio.NewScanner(file); scan.Scan(); {
			line := strings.TrimSpace(scan.Text())
			switch {
			case line == "import (":
				importing = true
			case importing:
				importing = line != ")"
			case line != "" && !strings.HasPrefix(line, "//"):
				lines++
			}
		}
		file.Close()
		if lines > most {
			t.Errorf("functions/%s/lambda/main.go has %d lines of code, at most %d are allowed", folder, lines, most)
		}
	}
}

// raised says who raises each error name by which a machine retries or
// catches. A name that nobody raises is a mistake that no execution shows.
var raised = map[string]string{
	"Throttling":                             "CloudFront, on too many calls",
	"ThrottlingException":                    "DynamoDB and ECR, on too many calls",
	"TooManyRequestsException":               "AWS services in general, on too many calls",
	"SlowDown":                               "S3, on too many calls",
	"RequestTimeout":                         "S3, when a body came too slowly",
	"InternalError":                          "S3 and CloudFront, 500",
	"ServiceUnavailable":                     "S3, CloudFront and clusters of EKS, 5xx",
	"ProvisionedThroughputExceededException": "DynamoDB, on a hot partition",
	"RequestLimitExceeded":                   "DynamoDB, on the account's limit",
	"InternalServerError":                    "DynamoDB, 500",
	"ServerException":                        "ECR, ECS and EKS, 500",
	"ServiceUnavailableException":            "EKS, 503",
	"Conflict":                               "package kubernetes: a Deployment changed at each of several tries",
	"NetworkError":                           "awserr: a request whose reply never came",
	"StepTimeout":                            "awserr: a step that ran out of its own time",
	"States.Timeout":                         "Step Functions: TimeoutSeconds has passed",
	"Lambda.ServiceException":                "Lambda, 500",
	"Lambda.AWSLambdaException":              "Lambda, 500",
	"Lambda.SdkClientException":              "Step Functions: Lambda was not reached",
	"Lambda.TooManyRequestsException":        "Lambda, on the limit of concurrency",
	"Lambda.Unknown":                         "Lambda: the function died without an error",
	"Sandbox.Timedout":                       "Lambda: the function's own time limit",
	"Runtime.ExitError":                      "Lambda: the function's process ended",
	"ServiceException":                       "Lambda, 500",
	"ResourceConflictException":              "Lambda: an update of the function is under way, or the alias was made meanwhile",
	"PreconditionFailedException":            "Lambda: the alias was moved meanwhile",
	"OperationAborted":                       "S3: another call on the same bucket is under way",
	"NoSuchBucket":                           "S3: a new bucket is not known everywhere yet",
	"AccessDenied":                           "S3: that a public policy is allowed is not known everywhere yet",
	"MalformedPolicy":                        "S3: a new identity is no principal yet",
	"BucketNotEmpty":                         "S3: a late write",
	"InvalidOrigin":                          "CloudFront: the new bucket is no origin yet",
	"NoSuchOrigin":                           "CloudFront: the new bucket is no origin yet",
	"InvalidOriginAccessIdentity":            "CloudFront: the new identity is not known yet",
	"InvalidOriginAccessControl":             "CloudFront: the new control is not known yet",
	"NoSuchOriginAccessControl":              "CloudFront: the new control is not known yet",
	"InvalidWebACLId":                        "CloudFront: the web ACL was deleted meanwhile, or is not known yet",
	"WAFAssociatedItemException":             "WAF: a distribution that let go of the web ACL still counts",
	"WAFDuplicateItemException":              "WAF: another sandbox made the web ACL meanwhile",
	"WAFInternalErrorException":              "WAF, 500",
	"WAFNonexistentItemException":            "WAF: another sandbox deleted the web ACL meanwhile",
	"WAFOptimisticLockException":             "WAF: the web ACL was changed meanwhile",
	"WAFTagOperationException":               "WAF: the tags could not be written",
	"WAFTagOperationInternalErrorException":  "WAF: the tags could not be written, 500",
	"WAFUnavailableEntityException":          "WAF: a new web ACL is not known everywhere yet",
	"EndNotWritten":                          "state EndNotWritten of the rollout machine",
	"PreconditionFailed":                     "CloudFront: somebody else changed it",
	"InvalidIfMatchVersion":                  "CloudFront: somebody else changed it",
	"DistributionNotDisabled":                "CloudFront, and step deletedistribution: it is enabled or in progress",
	"CloudFrontOriginAccessIdentityInUse":    "CloudFront: a distribution still names it",
	"OriginAccessControlInUse":               "CloudFront: a distribution still names it",
	"TooManyInvalidationsInProgress":         "CloudFront: 3,000 files are under way",
	"ReleaseUnderway":                        "step begindeploy: another release has the sandbox's lock",
	"WrongPhase":                             "step begindeploy: the sandbox takes no release yet",
	"NotSettled":                             "step beginteardown: something intended may still come",
	"States.ALL":                             "anything",

	"StepFunctions.SdkClientException":              "Step Functions: itself was not reached",
	"StepFunctions.ThrottlingException":             "Step Functions, on too many calls",
	"StepFunctions.ExecutionLimitExceededException": "Step Functions: a million executions are open",
	"StepFunctions.ExecutionAlreadyExistsException": "Step Functions: the name was used with other input, or has ended",
}

func TestEveryErrorNameIsOneThatSomebodyRaises(t *testing.T) {
	used := map[string]bool{}
	for _, definition := range definitions(t) {
		for _, state := range flatten(t, definition) {
			for _, rule := range append(slices.Clone(state.Retry), state.Catch...) {
				for _, name := range rule.ErrorEquals {
					used[name] = true
					if raised[name] == "" {
						t.Errorf("%s, state %s: who raises %s?", definition.Name, state.name, name)
					}
				}
			}
		}
	}
	for name := range raised {
		if !used[name] {
			t.Errorf("no machine mentions %s", name)
		}
	}
}

func TestTransientErrorsAreRetriedByEveryTask(t *testing.T) {
	for _, definition := range definitions(t) {
		for _, state := range flatten(t, definition) {
			if state.Type != "Task" || strings.HasPrefix(state.Resource, "arn:") {
				continue
			}
			last := state.Retry[len(state.Retry)-1]
			if slices.Equal(last.ErrorEquals, []string{"States.ALL"}) { // what must not end for anything
				last = state.Retry[len(state.Retry)-2]
			}
			for _, name := range []string{"NetworkError", "Throttling", "SlowDown", "States.Timeout", "Lambda.TooManyRequestsException", "Sandbox.Timedout"} {
				if !slices.Contains(last.ErrorEquals, name) {
					t.Errorf("%s, state %s does not retry %s", definition.Name, state.name, name)
				}
			}
			if last.MaxAttempts == nil || *last.MaxAttempts != 6 || last.JitterStrategy != "FULL" {
				t.Errorf("%s, state %s retries %+v", definition.Name, state.name, last)
			}
			if state.TimeoutSeconds == 0 {
				t.Errorf("%s, state %s has no time limit", definition.Name, state.name)
			}
		}
	}
}

// bind parses a definition with every placeholder bound.
func bind(t testing.TB, name string) *asl.Machine {
	t.Helper()
	definition, err := statemachine.Get(name)
	if err != nil {
		t.Fatal(err)
	}
	text, err := definition.Bind(arnOf)
	if err != nil {
		t.Fatal(err)
	}
	machine, err := asl.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return machine
}

// arnOf returns the ARN of a machine or of a function.
func arnOf(name string) string {
	if slices.Contains([]string{"provision", "update", "release", "teardown", "rollout", "deploy", "reconcile", "sleep", "wake", "costs", "orphans", "nightly"}, name) {
		return "arn:aws:states:us-east-1:000000000000:stateMachine:mayfly-" + name
	}
	return functionPrefix + name
}

const functionPrefix = "arn:aws:lambda:us-east-1:000000000000:function:mayfly-"
