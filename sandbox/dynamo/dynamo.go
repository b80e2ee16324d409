// Package dynamo is the store on AWS: one DynamoDB table.
//
// The table's keys are the strings pk and sk:
//
//	pk                    sk                what                  attributes
//	sandbox#NAME          record            a sandbox             id, owner, phase, all, name, version, clean, body, schema, removing?, sweep?
//	history#ID            event#SEQ         an event              body
//	history#ID            release#RELEASE   a release             body
//	duration#WHAT         at#NANOSECONDS#…  how long WHAT took    took, expires
//	audit#NAME            at#ID             an entry of the audit body, expires
//	auditday#YYYY-MM-DD   at#ID             the same, by day      body, expires
//	key#KEY               key               an idempotency key    until, body, expires
//	estimate#YYYY-MM      OWNER!NAME!ID     a sandbox's estimate  version, body, expires
//	budget                OWNER             an owner's budget     version, body
//	class                 name#NAME         a class               owner, version, body
//	night                 current           who has the night     execution, night?
//	night                 at#NIGHT          a night               version, body, expires
//	night#NIGHT           sandbox#NAME      what it decided       body, expires
//	line#LINE             line              when its end is       turn
//
// SEQ and NANOSECONDS are 19 digits, so that they sort as text. body is the
// JSON of the domain's type; the attributes beside it are what conditions and
// indexes need. expires is the table's TTL attribute, in seconds since 1970.
//
// Three global secondary indexes project keys only; each has name as its sort
// key, so that lists come in the order of names: byname (all, always
// "sandbox"), byowner (owner) and byphase (phase). Lists are read from an
// index and then from the table, so what they show is current; a sandbox that
// was claimed or changed within the last moments may be missing from a list.
//
// Events and releases are under the sandbox's id, not its name: a successor
// never sees them. A sandbox is removed in three steps, each safe to repeat:
// its record is marked, which hides it and refuses every write; its history is
// deleted; the record is deleted. A claim that finds a marked record finishes
// the removal. A claim that replaces a failed sandbox notes in sweep whose
// history remains to be deleted.
package dynamo

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/mayfly-dev/mayfly/sandbox"
)

// API is what the store needs of DynamoDB; *dynamodb.Client has it.
type API interface {
	GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
	PutItem(context.Context, *dynamodb.PutItemInput, ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error)
	UpdateItem(context.Context, *dynamodb.UpdateItemInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error)
	DeleteItem(context.Context, *dynamodb.DeleteItemInput, ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error)
	Query(context.Context, *dynamodb.QueryInput, ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error)
	BatchGetItem(context.Context, *dynamodb.BatchGetItemInput, ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error)
	BatchWriteItem(context.Context, *dynamodb.BatchWriteItemInput, ...func(*dynamodb.Options)) (*dynamodb.BatchWriteItemOutput, error)
	TransactWriteItems(context.Context, *dynamodb.TransactWriteItemsInput, ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error)
}

// Store keeps sandboxes in a DynamoDB table. It is safe for concurrent use.
type Store struct {
	client API
	table  string
	now    func() time.Time
}

var _ sandbox.Store = (*Store)(nil)

// New returns the store in a table, which exists already.
func New(client API, table string, now func() time.Time) *Store {
	return &Store{client: client, table: table, now: now}
}
