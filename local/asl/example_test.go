package asl_test

import (
	"context"
	"fmt"
	"time"

	"github.com/mayfly-dev/mayfly/local/asl"
)

// A machine that waits a week ends at once, and its history says that a week
// has passed.
func ExampleVirtualClock() {
	clock := asl.NewVirtualClock(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	engine, err := asl.New(asl.Options{Clock: clock, Tasks: asl.TaskFunc(func(ctx context.Context, t asl.Task) ([]byte, error) {
		return []byte(`"done"`), clock.Sleep(ctx, 3*time.Second)
	})})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer engine.Close()
	machine, err := asl.Parse([]byte(`{"StartAt":"Wait","States":{
		"Wait":{"Type":"Wait","Seconds":604800,"Next":"Work"},
		"Work":{"Type":"Task","Resource":"arn:aws:lambda:us-east-1:000000000000:function:work","End":true}}}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	started, err := engine.Start(ctx, asl.StartInput{Machine: machine, MachineARN: "arn:aws:states:us-east-1:000000000000:stateMachine:weekly"})
	if err != nil {
		fmt.Println(err)
		return
	}
	result, err := engine.Wait(ctx, started.ExecutionARN)
	fmt.Println(string(result.Output), result.StopDate.Sub(started.StartDate), err)
	// Output: "done" 168h0m3s <nil>
}
