package e2e_test

import (
	"flag"
	"fmt"
	"testing"

	"github.com/mayfly-dev/mayfly/local"
)

// The suite runs in several ways, the same tests each time:
//
//	go test ./e2e -functions process   the bootstraps that go to AWS, built for this machine
//	go test ./e2e -enforce-iam         functions and machines have their roles, and no more
//	go test ./e2e -store dynamodb      records in DynamoDB
//
// With -enforce-iam -store dynamodb -prove, it holds the roles to what it asked
// of them.
var (
	functionsFlag    = flag.String("functions", string(local.InProcess), "how functions run: inprocess or process")
	functionsDirFlag = flag.String("functions-dir", "", "where the bootstraps are; built when it is not said")
	storeFlag        = flag.String("store", "", "where records are: sqlite or dynamodb")
	proveFlag        = flag.Bool("prove", false, "with -enforce-iam, on all tests: fail for actions that are allowed and not needed")
	recordFlag       = flag.String("record", "", "write every AWS request to this file, for models/validate.py")
	enforceFlag      = flag.Bool("enforce-iam", false, "enforce the roles of functions and machines")
)

// tell prints what a test has counted: with -prove when it passes, too, as the
// other counts.
func tell(t *testing.T, format string, values ...any) {
	t.Helper()
	if *proveFlag {
		fmt.Printf(format+"\n", values...)
		return
	}
	t.Logf(format, values...)
}

// asAsked makes a cloud run in the way that the flags say. A test that is about
// one way itself changes it after.
func asAsked(config *local.Config) error {
	config.Functions, config.Store, config.EnforceIAM = local.Functions(*functionsFlag), local.Store(*storeFlag), *enforceFlag
	config.Asked = asked.add
	if requests != nil {
		config.Record = requests.add
	}
	if config.Functions != local.Process {
		return nil
	}
	var err error
	config.FunctionsDir, err = bootstraps()
	return err
}
