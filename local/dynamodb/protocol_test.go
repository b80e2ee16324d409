package dynamodb_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"github.com/mayfly-dev/mayfly/local/dynamodb"
	"github.com/mayfly-dev/mayfly/sandbox/dynamo"
)

func TestErrorsHaveTheShapeOfAWS(t *testing.T) {
	service, err := dynamodb.New(dynamodb.Options{Dir: t.TempDir(), Now: time.Now, Region: "us-east-1", Account: "000000000000"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := service.Close(); err != nil {
			t.Error(err)
		}
	}()
	const ours = "com.amazonaws.dynamodb.v20120810#"
	post := func(target, body string) (int, map[string]any) {
		request := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
		request.Header.Set("X-Amz-Target", target)
		answer := httptest.NewRecorder()
		service.ServeHTTP(answer, request)
		var fields map[string]any
		if err := json.Unmarshal(answer.Body.Bytes(), &fields); err != nil {
			t.Fatalf("%s: %q: %v", target, answer.Body, err)
		}
		return answer.Code, fields
	}
	if status, answer := post("DynamoDB_20120810.CreateTable", `{"TableName":"here","BillingMode":"PAY_PER_REQUEST",
		"AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"}],"KeySchema":[{"AttributeName":"pk","KeyType":"HASH"}]}`); status != 200 {
		t.Fatalf("create table: %v", answer)
	}
	for _, c := range []struct{ name, operation, body, code, says string }{
		{"an operation that is not there", "CreateBackup", `{}`, "com.amazon.coral.service#UnknownOperationException", "CreateBackup"},
		{"a body that is not JSON", "PutItem", `{"TableName":`, "com.amazon.coral.service#SerializationException", "JSON"},
		{"a table that is not there", "PutItem", `{"TableName":"gone","Item":{"pk":{"S":"a"}}}`, ours + "ResourceNotFoundException", ""},
		{"a description of no table", "DescribeTable", `{"TableName":"gone"}`, ours + "ResourceNotFoundException", "gone"},
		{"TTL of no table", "DescribeTimeToLive", `{"TableName":"gone"}`, ours + "ResourceNotFoundException", "gone"},
		{"a table that is there", "CreateTable", `{"TableName":"here"}`, ours + "ResourceInUseException", "here"},
		{"a short name", "CreateTable", `{"TableName":"x"}`, "com.amazon.coral.validate#ValidationException", "TableName"},
		{"an item without its key", "PutItem", `{"TableName":"here","Item":{"a":{"S":"a"}}}`, "com.amazon.coral.validate#ValidationException", ""},
		{"an index that is not there", "Query", `{"TableName":"here","IndexName":"x","KeyConditionExpression":"a = :a","ExpressionAttributeValues":{":a":{"S":"a"}}}`,
			"com.amazon.coral.validate#ValidationException", "x"},
		{"a condition that does not hold", "DeleteItem", `{"TableName":"here","Key":{"pk":{"S":"a"}},"ConditionExpression":"attribute_exists(pk)"}`,
			ours + "ConditionalCheckFailedException", "conditional request failed"},
		{"TTL that is off already", "UpdateTimeToLive", `{"TableName":"here","TimeToLiveSpecification":{"AttributeName":"e","Enabled":false}}`,
			"com.amazon.coral.validate#ValidationException", "already disabled"},
	} {
		status, answer := post("DynamoDB_20120810."+c.operation, c.body)
		message, _ := answer["message"].(string)
		if status != http.StatusBadRequest || answer["__type"] != c.code || !strings.Contains(message, c.says) {
			t.Errorf("%s: got %d %v; want 400 %s that says %q", c.name, status, answer, c.code, c.says)
		}
	}
	if _, answer := post("Kinesis_20131202.PutRecord", `{}`); answer["__type"] != "com.amazon.coral.service#UnknownOperationException" {
		t.Errorf("another service's operation: %v", answer)
	}
}

func TestOperationIsReadFromTheTarget(t *testing.T) {
	for target, want := range map[string]string{"DynamoDB_20120810.PutItem": "PutItem", "AWSStepFunctions.StartExecution": "", "": ""} {
		request := httptest.NewRequest(http.MethodPost, "/", nil)
		request.Header.Set("X-Amz-Target", target)
		if got := dynamodb.Operation(request); got != want {
			t.Errorf("target %q: got %q, want %q", target, got, want)
		}
	}
}

func TestTablesAreListedDescribedAndDeleted(t *testing.T) {
	client, _ := start(t, t.TempDir(), time.Now)
	for i := range 5 {
		if err := dynamo.CreateTable(t.Context(), client, fmt.Sprint("table", i)); err != nil {
			t.Fatal(err)
		}
	}
	var names []string
	for pages := sdk.NewListTablesPaginator(client, &sdk.ListTablesInput{Limit: aws.Int32(2)}); pages.HasMorePages(); {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, page.TableNames...)
	}
	if diff := cmp.Diff([]string{"table0", "table1", "table2", "table3", "table4"}, names); diff != "" {
		t.Errorf("tables: -want +got\n%s", diff)
	}
	// The SDK's own waiter needs the table's status.
	input := &sdk.DescribeTableInput{TableName: aws.String("table0")}
	out, err := sdk.NewTableExistsWaiter(client).WaitForOutput(t.Context(), input, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := aws.ToString(out.Table.TableArn), "arn:aws:dynamodb:us-east-1:000000000000:table/table0"; got != want {
		t.Errorf("ARN %q, want %q", got, want)
	}
	if len(out.Table.GlobalSecondaryIndexes) != 3 || out.Table.CreationDateTime == nil {
		t.Errorf("description: %+v", out.Table)
	}
	if _, err := client.DeleteTable(t.Context(), &sdk.DeleteTableInput{TableName: aws.String("table0")}); err != nil {
		t.Fatal(err)
	}
	var gone *types.ResourceNotFoundException
	if _, err := client.DescribeTable(t.Context(), input); !errors.As(err, &gone) {
		t.Errorf("after its deletion: %v", err)
	}
}

func TestExpiredItemsAreDeletedAndStayDeleted(t *testing.T) {
	dir := t.TempDir()
	var clock atomic.Int64 // seconds since 1970
	clock.Store(1_800_000_000)
	now := func() time.Time { return time.Unix(clock.Load(), 0) }
	client, closeIt := start(t, dir, now)
	storeIn(t, client)
	for range 2 { // that it is on already is no error
		if err := dynamo.EnableExpiry(t.Context(), client, "mayfly"); err != nil {
			t.Fatal(err)
		}
	}
	for pk, expires := range map[string]int64{"soon": 1_800_000_100, "later": 1_800_009_000} {
		if _, err := client.PutItem(t.Context(), &sdk.PutItemInput{TableName: aws.String("mayfly"), Item: map[string]types.AttributeValue{
			"pk": text(pk), "sk": text("s"), "value": text(pk), "expires": &types.AttributeValueMemberN{Value: fmt.Sprint(expires)},
		}}); err != nil {
			t.Fatal(err)
		}
	}
	put(t, client, "never", "never")
	clock.Store(1_800_000_200)
	for range 2 {
		if got := valueOf(t, client, "soon") + valueOf(t, client, "later") + valueOf(t, client, "never"); got != "laternever" {
			t.Errorf("what is left: %q, want later and never", got)
		}
		if err := closeIt(); err != nil {
			t.Fatal(err)
		}
		clock.Store(1_800_000_000) // so that only the log can tell
		client, closeIt = start(t, dir, now)
	}
	out, err := client.DescribeTimeToLive(t.Context(), &sdk.DescribeTimeToLiveInput{TableName: aws.String("mayfly")})
	if err != nil {
		t.Fatal(err)
	}
	if got := aws.ToString(out.TimeToLiveDescription.AttributeName); got != "expires" {
		t.Errorf("TTL attribute after the restart: %q", got)
	}
}

// Each transaction takes one from an account and gives it to another; a reader
// that sees a part of one, or a lost one, shows in the sum.
func TestTransactionsAreAllOrNothingUnderConcurrency(t *testing.T) {
	client, _ := start(t, t.TempDir(), time.Now)
	storeIn(t, client)
	account := func(name string) map[string]types.AttributeValue {
		return map[string]types.AttributeValue{"pk": text(name), "sk": text("s")}
	}
	n := func(n int) types.AttributeValue { return &types.AttributeValueMemberN{Value: fmt.Sprint(n)} }
	for name, amount := range map[string]int{"from": 30, "to": 0} {
		item := account(name)
		item["amount"] = n(amount)
		if _, err := client.PutItem(t.Context(), &sdk.PutItemInput{TableName: aws.String("mayfly"), Item: item}); err != nil {
			t.Fatal(err)
		}
	}
	var moved, refused atomic.Int64
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 5 {
				_, err := client.TransactWriteItems(t.Context(), &sdk.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{
					{Update: &types.Update{
						TableName: aws.String("mayfly"), Key: account("to"), UpdateExpression: aws.String("SET amount = amount + :one"),
						ExpressionAttributeValues: map[string]types.AttributeValue{":one": n(1)},
					}},
					{Update: &types.Update{
						TableName: aws.String("mayfly"), Key: account("from"), UpdateExpression: aws.String("SET amount = amount - :one"),
						ConditionExpression:       aws.String("amount >= :one"),
						ExpressionAttributeValues: map[string]types.AttributeValue{":one": n(1)},
					}},
				}})
				var cancelled *types.TransactionCanceledException
				switch {
				case err == nil:
					moved.Add(1)
				case errors.As(err, &cancelled) && aws.ToString(cancelled.CancellationReasons[1].Code) == "ConditionalCheckFailed":
					refused.Add(1)
				default:
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if moved.Load() != 30 || refused.Load() != 10 {
		t.Errorf("%d moved, %d refused; want 30 and 10", moved.Load(), refused.Load())
	}
	for name, want := range map[string]string{"from": "0", "to": "30"} {
		out, err := client.GetItem(t.Context(), &sdk.GetItemInput{TableName: aws.String("mayfly"), Key: account(name)})
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := out.Item["amount"].(*types.AttributeValueMemberN); got == nil || got.Value != want {
			t.Errorf("%s has %v, want %s", name, got, want)
		}
	}
}

// A transaction whose reply was lost is sent again, maybe after a restart.
func TestATransactionWithAKnownTokenIsNotCarriedOutTwice(t *testing.T) {
	dir := t.TempDir()
	client, closeIt := start(t, dir, time.Now)
	storeIn(t, client)
	insert := func(token, pk string) error {
		_, err := client.TransactWriteItems(t.Context(), &sdk.TransactWriteItemsInput{
			ClientRequestToken: aws.String(token),
			TransactItems: []types.TransactWriteItem{{Put: &types.Put{
				TableName: aws.String("mayfly"), Item: map[string]types.AttributeValue{"pk": text(pk), "sk": text("s")},
				ConditionExpression: aws.String("attribute_not_exists(pk)"),
			}}},
		})
		return err
	}
	for range 2 {
		for range 2 {
			if err := insert("one", "a"); err != nil {
				t.Errorf("the same again: %v", err)
			}
		}
		var mismatch *types.IdempotentParameterMismatchException
		if err := insert("one", "b"); !errors.As(err, &mismatch) {
			t.Errorf("another one with the token: %v", err)
		}
		var cancelled *types.TransactionCanceledException
		if err := insert("two", "a"); !errors.As(err, &cancelled) {
			t.Errorf("the same with another token: %v", err)
		}
		if err := closeIt(); err != nil {
			t.Fatal(err)
		}
		client, closeIt = start(t, dir, time.Now)
	}
}
