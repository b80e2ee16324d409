package main

import (
	"fmt"
	"regexp"
	"strconv"
)

// Cost is a line of a month's bill. Prices are those of us-east-1.
type Cost struct {
	// What is paid for.
	What string
	// Quantity is how many of it, at USDEach; Free of them cost nothing in each
	// month, for good, as long as the account uses them for nothing else.
	Quantity, Free, USDEach float64
}

// USD is what it costs beyond what is free.
func (c Cost) USD() float64 { return max(0, c.Quantity-c.Free) * c.USDEach }

// Beyond is what it costs in an account that has used up what is free.
func (c Cost) Beyond() float64 { return c.Quantity * c.USDEach }

const (
	hoursAMonth = 730
	// transitions are what a run of a scheduled machine takes when there is
	// nothing to do: its start, a look, a Map over nothing, a Choice and the end.
	transitions = 5
)

var everyMinutes = regexp.MustCompile(`^rate\(([0-9]+) minutes?\)$`)

// idle is the bill of an installation that nobody uses. What AWS charges for
// use alone (functions, requests, logs, storage of next to nothing) is free or
// under a cent then; a machine that looks for missed pushes runs on.
func idle(resources map[string]int, schedules []string) ([]Cost, error) {
	runs := 0.0
	for _, schedule := range schedules {
		if match := everyMinutes.FindStringSubmatch(schedule); match != nil {
			minutes, err := strconv.Atoi(match[1])
			if err != nil || minutes == 0 {
				return nil, fmt.Errorf("schedule %s: not a rate", schedule)
			}
			runs += hoursAMonth * 60 / float64(minutes)
		} else {
			runs += hoursAMonth / 24.0 // once a day
		}
	}
	return []Cost{
		{What: fmt.Sprintf("%.0f state transitions of schedules", runs*transitions), Quantity: runs * transitions, Free: 4000, USDEach: 0.000025},
		{What: fmt.Sprintf("%.0f runs of functions, of 128 to 512 MB", runs), Quantity: runs, Free: 1e6, USDEach: 0.0000002 + 0.5*0.2*0.0000133334},
		{What: fmt.Sprintf("%d alarms", resources["AWS::CloudWatch::Alarm"]), Quantity: float64(resources["AWS::CloudWatch::Alarm"]), Free: 10, USDEach: 0.10},
		{What: fmt.Sprintf("%d dashboard", resources["AWS::CloudWatch::Dashboard"]), Quantity: float64(resources["AWS::CloudWatch::Dashboard"]), Free: 3, USDEach: 3},
		{What: fmt.Sprintf("%d KMS keys of its own", resources["AWS::KMS::Key"]), Quantity: float64(resources["AWS::KMS::Key"]), USDEach: 1},
		{What: "the functions' code in the CDK's bucket, 4 MB each", Quantity: float64(resources["AWS::Lambda::Function"]) * 0.004, USDEach: 0.023},
	}, nil
}
