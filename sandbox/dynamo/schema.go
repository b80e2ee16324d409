package dynamo

import (
	"fmt"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// schemaVersion is the form of the records that this store writes; each has it
// in the attribute schema. Version 1 is also that of records without one, which
// were written before there was any.
//
// A version that reads records of another form as well as its own writes the
// next number, and each record takes that form when it is next written: while
// a deployment is under way functions of both versions run, so nothing is
// rewritten at once, and an older function never changes what it does not know.
const schemaVersion = 1

// NewerSchemaError says that a newer Mayfly wrote a record. Nothing was done to
// it.
type NewerSchemaError struct {
	// Record is the record's partition key, and Version the form that it has.
	Record  string
	Version int64
}

func (e *NewerSchemaError) Error() string {
	return fmt.Sprintf("%s was written by a newer Mayfly: its form is version %d, this one knows up to %d; deploy that Mayfly again (make deploy), which keeps all sandboxes",
		e.Record, e.Version, schemaVersion)
}

// ErrorName is the name of the error in the state machines. None retries it.
func (e *NewerSchemaError) ErrorName() string { return "NewerSchema" }

// checkSchema returns a *NewerSchemaError for a record that this store can't
// read without losing what it does not know.
func checkSchema(i item) error {
	attribute, ok := i["schema"].(*types.AttributeValueMemberN)
	if !ok {
		return nil
	}
	version, err := strconv.ParseInt(attribute.Value, 10, 64)
	if err != nil {
		return fmt.Errorf("item %s: schema %q is no whole number", textOf(i, PartitionKey), attribute.Value)
	}
	if version > schemaVersion {
		return &NewerSchemaError{Record: textOf(i, PartitionKey), Version: version}
	}
	return nil
}
