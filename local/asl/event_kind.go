package asl

// eventKind is the type of a record of an execution's log: AWS's event types,
// and a few of the engine's own, from hidden on, that histories do not show.
type eventKind uint8

const (
	evExecutionStarted eventKind = iota + 1
	evExecutionSucceeded
	evExecutionFailed
	evExecutionAborted
	evExecutionTimedOut
	evExecutionRedriven

	evPassStateEntered
	evPassStateExited
	evTaskStateEntered
	evTaskStateExited
	evTaskStateAborted
	evChoiceStateEntered
	evChoiceStateExited
	evWaitStateEntered
	evWaitStateExited
	evWaitStateAborted
	evSucceedStateEntered
	evSucceedStateExited
	evFailStateEntered
	evParallelStateEntered
	evParallelStateStarted
	evParallelStateSucceeded
	evParallelStateFailed
	evParallelStateAborted
	evParallelStateExited
	evMapStateEntered
	evMapStateStarted
	evMapStateSucceeded
	evMapStateFailed
	evMapStateAborted
	evMapStateExited
	evMapIterationStarted
	evMapIterationSucceeded
	evMapIterationFailed
	evMapIterationAborted
	evMapRunStarted
	evMapRunSucceeded
	evMapRunFailed
	evMapRunAborted
	evMapRunRedriven

	evLambdaFunctionScheduled
	evLambdaFunctionScheduleFailed
	evLambdaFunctionStarted
	evLambdaFunctionStartFailed
	evLambdaFunctionSucceeded
	evLambdaFunctionFailed
	evLambdaFunctionTimedOut
	evActivityScheduled
	evActivityScheduleFailed
	evActivityStarted
	evActivitySucceeded
	evActivityFailed
	evActivityTimedOut
	evTaskScheduled
	evTaskStarted
	evTaskStartFailed
	evTaskSubmitted
	evTaskSubmitFailed
	evTaskSucceeded
	evTaskFailed
	evTaskTimedOut
	evEvaluationFailed

	// hidden and what follows have no event id.
	hidden
	// hidRetry: the state waits until n1 (milliseconds after the record's time)
	// before it is tried again by retrier n2.
	hidRetry
	// hidWaiting: a Wait state waits until n1 milliseconds after the record's time.
	hidWaiting
	// hidBranch: a flow within a Parallel or Map state has ended: data is its result.
	hidBranch
	// hidTolerated: an iteration failed within what an inline Map state tolerated,
	// which none does any more.
	hidTolerated
	// hidMapSettings: data is what a map run goes by from now on.
	hidMapSettings
	// hidMapRead: a map run has n1 items, for n2 child executions; name identifies
	// what these get.
	hidMapRead
	// hidMapWritten: data is the files of what succeeded in a map run's attempts
	// before the one with the number n1.
	hidMapWritten
)

var eventNames = [...]string{
	evExecutionStarted: "ExecutionStarted", evExecutionSucceeded: "ExecutionSucceeded", evExecutionFailed: "ExecutionFailed",
	evExecutionAborted: "ExecutionAborted", evExecutionTimedOut: "ExecutionTimedOut", evExecutionRedriven: "ExecutionRedriven",
	evPassStateEntered: "PassStateEntered", evPassStateExited: "PassStateExited",
	evTaskStateEntered: "TaskStateEntered", evTaskStateExited: "TaskStateExited", evTaskStateAborted: "TaskStateAborted",
	evChoiceStateEntered: "ChoiceStateEntered", evChoiceStateExited: "ChoiceStateExited",
	evWaitStateEntered: "WaitStateEntered", evWaitStateExited: "WaitStateExited", evWaitStateAborted: "WaitStateAborted",
	evSucceedStateEntered: "SucceedStateEntered", evSucceedStateExited: "SucceedStateExited", evFailStateEntered: "FailStateEntered",
	evParallelStateEntered: "ParallelStateEntered", evParallelStateStarted: "ParallelStateStarted",
	evParallelStateSucceeded: "ParallelStateSucceeded", evParallelStateFailed: "ParallelStateFailed",
	evParallelStateAborted: "ParallelStateAborted", evParallelStateExited: "ParallelStateExited",
	evMapStateEntered: "MapStateEntered", evMapStateStarted: "MapStateStarted", evMapStateSucceeded: "MapStateSucceeded",
	evMapStateFailed: "MapStateFailed", evMapStateAborted: "MapStateAborted", evMapStateExited: "MapStateExited",
	evMapIterationStarted: "MapIterationStarted", evMapIterationSucceeded: "MapIterationSucceeded",
	evMapIterationFailed: "MapIterationFailed", evMapIterationAborted: "MapIterationAborted",
	evMapRunStarted: "MapRunStarted", evMapRunSucceeded: "MapRunSucceeded", evMapRunFailed: "MapRunFailed",
	evMapRunAborted: "MapRunAborted", evMapRunRedriven: "MapRunRedriven",
	evLambdaFunctionScheduled: "LambdaFunctionScheduled", evLambdaFunctionScheduleFailed: "LambdaFunctionScheduleFailed",
	evLambdaFunctionStarted: "LambdaFunctionStarted", evLambdaFunctionStartFailed: "LambdaFunctionStartFailed",
	evLambdaFunctionSucceeded: "LambdaFunctionSucceeded", evLambdaFunctionFailed: "LambdaFunctionFailed",
	evLambdaFunctionTimedOut: "LambdaFunctionTimedOut",
	evActivityScheduled:      "ActivityScheduled", evActivityScheduleFailed: "ActivityScheduleFailed", evActivityStarted: "ActivityStarted",
	evActivitySucceeded: "ActivitySucceeded", evActivityFailed: "ActivityFailed", evActivityTimedOut: "ActivityTimedOut",
	evTaskScheduled: "TaskScheduled", evTaskStarted: "TaskStarted", evTaskStartFailed: "TaskStartFailed",
	evTaskSubmitted: "TaskSubmitted", evTaskSubmitFailed: "TaskSubmitFailed", evTaskSucceeded: "TaskSucceeded",
	evTaskFailed: "TaskFailed", evTaskTimedOut: "TaskTimedOut", evEvaluationFailed: "EvaluationFailed",
}

var enteredKind = [...]eventKind{
	KindPass: evPassStateEntered, KindTask: evTaskStateEntered, KindChoice: evChoiceStateEntered, KindWait: evWaitStateEntered,
	KindSucceed: evSucceedStateEntered, KindFail: evFailStateEntered, KindParallel: evParallelStateEntered, KindMap: evMapStateEntered,
}

var exitedKind = [...]eventKind{
	KindPass: evPassStateExited, KindTask: evTaskStateExited, KindChoice: evChoiceStateExited, KindWait: evWaitStateExited,
	KindSucceed: evSucceedStateExited, KindParallel: evParallelStateExited, KindMap: evMapStateExited,
}

func (k eventKind) isEntered() bool {
	switch k {
	case evPassStateEntered, evTaskStateEntered, evChoiceStateEntered, evWaitStateEntered, evSucceedStateEntered,
		evFailStateEntered, evParallelStateEntered, evMapStateEntered:
		return true
	default:
		return false
	}
}

func (k eventKind) isExited() bool {
	switch k {
	case evPassStateExited, evTaskStateExited, evChoiceStateExited, evWaitStateExited, evSucceedStateExited,
		evParallelStateExited, evMapStateExited:
		return true
	default:
		return false
	}
}
