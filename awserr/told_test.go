package awserr_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/aws/smithy-go"

	"github.com/mayfly-dev/mayfly/awserr"
)

// TestTold: nobody is told which role of which account was refused what.
func TestTold(t *testing.T) {
	denied := &smithy.GenericAPIError{Code: "AccessDenied", Message: "User: arn:aws:sts::123456789012:assumed-role/mayfly-api/x is not authorized"}
	for _, test := range []struct {
		err  error
		want string
	}{
		{denied, "AccessDenied"},
		{fmt.Errorf("ask CloudWatch: %w", &smithy.OperationError{ServiceID: "CloudWatch", OperationName: "GetMetricData", Err: denied}), "AccessDenied"},
		{&smithy.GenericAPIError{}, awserr.Unclassified},
		{errors.New("the file of metrics is gone"), "the file of metrics is gone"},
	} {
		if got := awserr.Told(test.err); got != test.want {
			t.Errorf("told %q of %v, want %q", got, test.err, test.want)
		}
	}
}
