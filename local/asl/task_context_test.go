package asl_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mayfly-dev/mayfly/local/asl"
)

// TestATasksContextEndsWithIt looks at the contexts that tasks get in every way:
// before and after they end, by themselves and by contexts that are made of them.
func TestATasksContextEndsWithIt(t *testing.T) {
	const definition = `{"StartAt":"T","States":{"T":{"Type":"Task","Resource":"` + function + `x","TimeoutSeconds":5,"End":true}}}`
	type key struct{}
	for name, c := range map[string]struct {
		task   func(ctx context.Context) error
		status asl.Status
		took   time.Duration
	}{
		"it returns":        {task: func(context.Context) error { return nil }, status: asl.StatusSucceeded},
		"it waits for Done": {task: func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }, status: asl.StatusFailed, took: 5 * time.Second},
		"it waits for a derived context": {task: func(ctx context.Context) error {
			inner, stop := context.WithTimeout(context.WithValue(ctx, key{}, 1), time.Hour)
			defer stop()
			<-inner.Done()
			return inner.Err()
		}, status: asl.StatusFailed, took: 5 * time.Second},
		"a derived context ends by itself": {task: func(ctx context.Context) error {
			inner, stop := context.WithTimeout(ctx, time.Second)
			defer stop()
			<-inner.Done()
			return ctx.Err()
		}, status: asl.StatusSucceeded, took: time.Second},
		"it asks for the error": {task: func(ctx context.Context) error { time.Sleep(6 * time.Second); return ctx.Err() }, status: asl.StatusFailed, took: 5 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var got context.Context
				called := make(chan struct{}, 1)
				e := engine(t, asl.Options{Tasks: asl.TaskFunc(func(ctx context.Context, _ asl.Task) ([]byte, error) {
					got = ctx
					if _, ok := ctx.Deadline(); ok || ctx.Err() != nil || ctx.Value(key{}) != nil {
						t.Error("the context has ended before it began")
					}
					context.AfterFunc(ctx, func() { called <- struct{}{} })
					return []byte(`1`), c.task(ctx)
				})})
				began := time.Now()
				result, err := e.Wait(t.Context(), startOne(t, e, definition, `{}`))
				if err != nil || result.Status != c.status || time.Since(began) != c.took {
					t.Errorf("%s after %v, %v", result.Status, time.Since(began), err)
				}
				<-called
				time.Sleep(time.Minute)
				if <-got.Done(); !errors.Is(got.Err(), context.Canceled) || !errors.Is(context.Cause(got), context.Canceled) {
					t.Errorf("%v", got.Err())
				}
			})
		})
	}
}

func TestATasksContextEndsWithTheEngine(t *testing.T) {
	for _, looks := range []bool{true, false} {
		begun, ended := make(chan context.Context), make(chan struct{})
		e, err := asl.New(asl.Options{Tasks: asl.TaskFunc(func(ctx context.Context, _ asl.Task) ([]byte, error) {
			begun <- ctx
			if looks {
				<-ctx.Done()
			} else {
				<-ended
			}
			return nil, ctx.Err()
		})})
		if err != nil {
			t.Fatal(err)
		}
		startOne(t, e, chain(1, taskState), `{}`)
		ctx := <-begun
		closed := make(chan error)
		go func() { closed <- e.Close() }()
		<-ctx.Done()
		close(ended)
		if err := <-closed; err != nil || !errors.Is(ctx.Err(), context.Canceled) {
			t.Errorf("%v, %v", err, ctx.Err())
		}
	}
}
