package dynamo_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	minidyn "github.com/truora/minidyn/server"

	"github.com/mayfly-dev/mayfly/sandbox"
	"github.com/mayfly-dev/mayfly/sandbox/dynamo"
)

// faulty is DynamoDB with faults. An operation's error is taken from faults,
// one for each call; nil lets the call pass.
type faulty struct {
	dynamo.API
	mu     sync.Mutex
	faults map[string][]error
	calls  map[string]int
	// partial makes batches leave all but their first entry undone.
	partial bool
}

func newFaulty(t *testing.T) (*faulty, *dynamo.Store) {
	t.Helper()
	db := serve(t, minidyn.NewServer())
	newStore(t, db, "mayfly")
	f := &faulty{API: db, faults: map[string][]error{}, calls: map[string]int{}}
	return f, dynamo.New(f, "mayfly", time.Now)
}

func (f *faulty) fault(operation string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls[operation]++
	if len(f.faults[operation]) == 0 {
		return nil
	}
	err := f.faults[operation][0]
	f.faults[operation] = f.faults[operation][1:]
	return err
}

func (f *faulty) DeleteItem(ctx context.Context, in *dynamodb.DeleteItemInput, o ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error) {
	if err := f.fault("DeleteItem"); err != nil {
		return nil, err
	}
	return f.API.DeleteItem(ctx, in, o...)
}

func (f *faulty) TransactWriteItems(ctx context.Context, in *dynamodb.TransactWriteItemsInput, o ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error) {
	if err := f.fault("TransactWriteItems"); err != nil {
		return nil, err
	}
	return f.API.TransactWriteItems(ctx, in, o...)
}

func (f *faulty) BatchWriteItem(ctx context.Context, in *dynamodb.BatchWriteItemInput, o ...func(*dynamodb.Options)) (*dynamodb.BatchWriteItemOutput, error) {
	if err := f.fault("BatchWriteItem"); err != nil {
		return nil, err
	}
	all := in.RequestItems["mayfly"]
	if !f.partial || len(all) < 2 {
		return f.API.BatchWriteItem(ctx, in, o...)
	}
	out, err := f.API.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{"mayfly": all[:1]}}, o...)
	if err == nil {
		out.UnprocessedItems = map[string][]types.WriteRequest{"mayfly": all[1:]}
	}
	return out, err
}

func (f *faulty) BatchGetItem(ctx context.Context, in *dynamodb.BatchGetItemInput, o ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error) {
	all := in.RequestItems["mayfly"]
	if !f.partial || len(all.Keys) < 2 {
		return f.API.BatchGetItem(ctx, in, o...)
	}
	first, rest := all, all
	first.Keys, rest.Keys = all.Keys[:1], all.Keys[1:]
	out, err := f.API.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{"mayfly": first}}, o...)
	if err == nil {
		out.UnprocessedKeys = map[string]types.KeysAndAttributes{"mayfly": rest}
	}
	return out, err
}

func cancelledFor(codes ...string) error {
	err := &types.TransactionCanceledException{Message: aws.String("cancelled")}
	for _, code := range codes {
		err.CancellationReasons = append(err.CancellationReasons, types.CancellationReason{Code: aws.String(code)})
	}
	return err
}

func throttled() error { return &types.ProvisionedThroughputExceededException{} }

func site(id string) sandbox.Sandbox {
	return sandbox.Sandbox{ID: id, Name: "site", Owner: "ann", Phase: sandbox.PhaseFailed}
}

var claimed = sandbox.Event{Type: sandbox.EventClaimed}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// itemsIn counts what the table holds, but for the audit, which stays.
func itemsIn(t *testing.T, f *faulty) int {
	t.Helper()
	out, err := f.API.(*dynamodb.Client).Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String("mayfly")})
	must(t, err)
	n := 0
	for _, item := range out.Items {
		if key := item["pk"].(*types.AttributeValueMemberS).Value; !strings.HasPrefix(key, "audit") {
			n++
		}
	}
	return n
}

func TestPassingErrorsAreRetried(t *testing.T) {
	f, store := newFaulty(t)
	f.faults["TransactWriteItems"] = []error{
		throttled(), cancelledFor("None", "TransactionConflict"), cancelledFor("ThrottlingError", "None"),
		&types.TransactionInProgressException{}, &smithy.GenericAPIError{Code: "ThrottlingException"}, &types.InternalServerError{},
	}
	must(t, store.Claim(t.Context(), site("a"), claimed))
	if f.calls["TransactWriteItems"] != 7 {
		t.Errorf("%d calls, want 7", f.calls["TransactWriteItems"])
	}
}

func TestLastingErrorsAreNotRetried(t *testing.T) {
	denied := &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "no"}
	for name, fault := range map[string]error{"denied": denied, "cancelled for its content": cancelledFor("ValidationError", "None")} {
		f, store := newFaulty(t)
		f.faults["TransactWriteItems"] = []error{fault}
		if err := store.Claim(t.Context(), site("a"), claimed); !errors.Is(err, fault) {
			t.Errorf("%s: got %v", name, err)
		}
		if f.calls["TransactWriteItems"] != 1 || itemsIn(t, f) != 0 {
			t.Errorf("%s: %d calls, %d items", name, f.calls["TransactWriteItems"], itemsIn(t, f))
		}
	}
}

// throttling answers everything with throttling, for ever.
type throttling struct{ dynamo.API }

func (throttling) GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	return nil, throttled()
}

func TestThrottlingWithoutEndIsReportedInTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		_, err := dynamo.New(throttling{}, "mayfly", time.Now).Get(t.Context(), "site")
		var exceeded *types.ProvisionedThroughputExceededException
		if !errors.As(err, &exceeded) {
			t.Errorf("got %v, want what DynamoDB said", err)
		}
		if took := time.Since(begin); took < time.Second || took > 20*time.Second {
			t.Errorf("it gave up after %v", took)
		}
	})
}

func TestACancelledCallerDoesNotWaitOn(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := dynamo.New(throttling{}, "mayfly", time.Now).Get(ctx, "site"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestWhatBatchesLeaveUndoneIsDoneInTheEnd(t *testing.T) {
	f, store := newFaulty(t)
	f.partial = true
	s := site("a")
	must(t, store.Claim(t.Context(), s, claimed))
	for _, id := range []string{"r-1", "r-2", "r-3"} {
		must(t, store.PutRelease(t.Context(), s.Ref(), sandbox.Release{ID: id}))
	}
	other := site("b")
	other.Name = "site2"
	must(t, store.Claim(t.Context(), other, claimed))
	found, _, err := store.List(t.Context(), sandbox.Filter{}, sandbox.Page{})
	must(t, err)
	if len(found) != 2 {
		t.Errorf("%d sandboxes listed, want 2", len(found))
	}
	must(t, store.Remove(t.Context(), s.Ref()))
	if n := itemsIn(t, f); n != 2 {
		t.Errorf("%d items left, want the other sandbox and its event", n)
	}
}

// The removal dies after the first step, or after the second; then somebody
// removes again, or claims the name.
func TestAnInterruptedRemovalIsFinishedByTheNext(t *testing.T) {
	died := errors.New("died")
	for _, operation := range []string{"BatchWriteItem", "DeleteItem"} {
		for _, next := range []string{"remove", "claim"} {
			t.Run(operation+" then "+next, func(t *testing.T) {
				f, store := newFaulty(t)
				s := site("a")
				must(t, store.Claim(t.Context(), s, claimed))
				must(t, store.PutRelease(t.Context(), s.Ref(), sandbox.Release{ID: "r-1"}))
				f.faults[operation] = []error{died}
				if err := store.Remove(t.Context(), s.Ref()); !errors.Is(err, died) {
					t.Fatalf("got %v", err)
				}
				if _, err := store.Get(t.Context(), "site"); !errors.Is(err, sandbox.ErrNotFound) {
					t.Errorf("get: %v", err)
				}
				if err := store.PutRelease(t.Context(), s.Ref(), sandbox.Release{ID: "r-2"}); !errors.Is(err, sandbox.ErrNotFound) {
					t.Errorf("put release: %v", err)
				}
				found, _, err := store.List(t.Context(), sandbox.Filter{}, sandbox.Page{})
				must(t, err)
				if len(found) != 0 {
					t.Errorf("listed: %v", found)
				}
				want := 0
				if next == "remove" {
					must(t, store.Remove(t.Context(), s.Ref()))
				} else {
					want = 2 // the new record and its event
					successor := site("b")
					successor.Owner = "bob"
					must(t, store.Claim(t.Context(), successor, claimed))
				}
				if n := itemsIn(t, f); n != want {
					t.Errorf("%d items left, want %d", n, want)
				}
				entries, _, err := store.ListAudit(t.Context(), sandbox.AuditFilter{Sandbox: "site"}, sandbox.Page{})
				must(t, err)
				if removals := slices.DeleteFunc(entries, func(e sandbox.Audit) bool { return e.Action != sandbox.ActionRemove }); len(removals) != 1 {
					t.Errorf("the audit tells of %d removals", len(removals))
				}
			})
		}
	}
}

// The claim dies when it has replaced the failed sandbox, before it deleted
// the failed one's history.
func TestAnInterruptedReplacementLeavesNothingInTheEnd(t *testing.T) {
	for _, next := range []string{"remove", "replace"} {
		t.Run(next, func(t *testing.T) {
			f, store := newFaulty(t)
			must(t, store.Claim(t.Context(), site("a"), claimed))
			died := errors.New("died")
			f.faults["BatchWriteItem"] = []error{died}
			if err := store.Claim(t.Context(), site("b"), claimed); !errors.Is(err, died) {
				t.Fatalf("got %v", err)
			}
			if n := itemsIn(t, f); n != 3 {
				t.Errorf("%d items, want the record, its event and the old event", n)
			}
			// An update in between must not forget what is still to be deleted.
			_, err := store.Update(t.Context(), sandbox.Ref{ID: "b", Name: "site"}, func(s *sandbox.Sandbox) ([]sandbox.Event, error) {
				s.Attempt++
				return nil, nil
			})
			must(t, err)
			want := 0
			if next == "remove" {
				must(t, store.Remove(t.Context(), sandbox.Ref{ID: "b", Name: "site"}))
			} else {
				want = 2
				must(t, store.Claim(t.Context(), site("c"), claimed))
			}
			if n := itemsIn(t, f); n != want {
				t.Errorf("%d items left, want %d", n, want)
			}
		})
	}
}

func TestMoreEventsThanFitAreRefused(t *testing.T) {
	f, store := newFaulty(t)
	must(t, store.Claim(t.Context(), site("a"), claimed))
	_, err := store.Update(t.Context(), sandbox.Ref{ID: "a", Name: "site"}, func(*sandbox.Sandbox) ([]sandbox.Event, error) {
		return make([]sandbox.Event, 100), nil
	})
	if err == nil {
		t.Error("100 events were taken")
	}
	if n := itemsIn(t, f); n != 2 {
		t.Errorf("%d items, want 2", n)
	}
}
