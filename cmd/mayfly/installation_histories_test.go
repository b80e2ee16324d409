package main

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"
)

func (in *installation) ListStateMachines(context.Context, *sfn.ListStateMachinesInput, ...func(*sfn.Options)) (*sfn.ListStateMachinesOutput, error) {
	out := &sfn.ListStateMachinesOutput{}
	for _, name := range []string{"provision", "teardown"} {
		out.StateMachines = append(out.StateMachines, sfntypes.StateMachineListItem{StateMachineArn: aws.String(machinePrefix + name)})
	}
	return out, nil
}

func (in *installation) DescribeStateMachine(context.Context, *sfn.DescribeStateMachineInput, ...func(*sfn.Options)) (*sfn.DescribeStateMachineOutput, error) {
	return &sfn.DescribeStateMachineOutput{Definition: aws.String(`{}`)}, nil
}

func (in *installation) DescribeStateMachineForExecution(context.Context, *sfn.DescribeStateMachineForExecutionInput, ...func(*sfn.Options)) (*sfn.DescribeStateMachineForExecutionOutput, error) {
	return &sfn.DescribeStateMachineForExecutionOutput{Definition: aws.String(`{"StartAt":"Provision"}`)}, nil
}

func (in *installation) ListExecutions(_ context.Context, i *sfn.ListExecutionsInput, _ ...func(*sfn.Options)) (*sfn.ListExecutionsOutput, error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	out := &sfn.ListExecutionsOutput{}
	for arn, status := range in.status {
		if strings.HasPrefix(arn, strings.Replace(*i.StateMachineArn, ":stateMachine:", ":execution:", 1)+":") && (i.StatusFilter == "" || i.StatusFilter == status) {
			start := time.Now().Add(-time.Minute)
			out.Executions = append(out.Executions, sfntypes.ExecutionListItem{
				ExecutionArn: &arn, Name: aws.String(arn[strings.LastIndex(arn, ":")+1:]), Status: status, StartDate: &start, StopDate: aws.Time(start.Add(3200 * time.Millisecond)),
			})
		}
	}
	slices.SortFunc(out.Executions, func(a, b sfntypes.ExecutionListItem) int { return strings.Compare(*a.Name, *b.Name) })
	return out, nil
}

func (in *installation) GetExecutionHistory(_ context.Context, i *sfn.GetExecutionHistoryInput, _ ...func(*sfn.Options)) (*sfn.GetExecutionHistoryOutput, error) {
	now := aws.Time(time.Now())
	if i.NextToken == nil {
		return &sfn.GetExecutionHistoryOutput{NextToken: aws.String("more"), Events: []sfntypes.HistoryEvent{{Id: 1, Type: sfntypes.HistoryEventTypeExecutionStarted, Timestamp: now}}}, nil
	}
	return &sfn.GetExecutionHistoryOutput{Events: []sfntypes.HistoryEvent{
		{Id: 2, Type: sfntypes.HistoryEventTypeTaskStateEntered, Timestamp: now, StateEnteredEventDetails: &sfntypes.StateEnteredEventDetails{Name: aws.String("CreateBucket")}},
		{Id: 3, Type: sfntypes.HistoryEventTypeLambdaFunctionFailed, Timestamp: now, LambdaFunctionFailedEventDetails: &sfntypes.LambdaFunctionFailedEventDetails{Error: aws.String("SlowDown"), Cause: aws.String("too fast")}},
	}}, nil
}
