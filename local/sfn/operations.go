package sfn

// allOperations is the API by the names that X-Amz-Target has.
func (s *Service) allOperations() map[string]operation {
	return map[string]operation{
		"CreateStateMachine":               typed(s.createStateMachine),
		"UpdateStateMachine":               typed(s.updateStateMachine),
		"DescribeStateMachine":             typed(s.describeStateMachine),
		"DescribeStateMachineForExecution": typed(s.describeStateMachineForExecution),
		"ListStateMachines":                typed(s.listStateMachines),
		"DeleteStateMachine":               typed(s.deleteStateMachine),
		"StartExecution":                   typed(s.startExecution),
		"StartSyncExecution":               typed(s.startSyncExecution),
		"DescribeExecution":                typed(s.describeExecution),
		"ListExecutions":                   typed(s.listExecutions),
		"StopExecution":                    typed(s.stopExecution),
		"GetExecutionHistory":              typed(s.getExecutionHistory),
		"PublishStateMachineVersion":       typed(s.publishStateMachineVersion),
		"DeleteStateMachineVersion":        typed(s.deleteStateMachineVersion),
		"ListStateMachineVersions":         typed(s.listStateMachineVersions),
		"CreateStateMachineAlias":          typed(s.createStateMachineAlias),
		"UpdateStateMachineAlias":          typed(s.updateStateMachineAlias),
		"DescribeStateMachineAlias":        typed(s.describeStateMachineAlias),
		"DeleteStateMachineAlias":          typed(s.deleteStateMachineAlias),
		"ListStateMachineAliases":          typed(s.listStateMachineAliases),
		"CreateActivity":                   typed(s.createActivity),
		"DescribeActivity":                 typed(s.describeActivity),
		"DeleteActivity":                   typed(s.deleteActivity),
		"ListActivities":                   typed(s.listActivities),
		"GetActivityTask":                  typed(s.getActivityTask),
		"SendTaskSuccess":                  typed(s.sendTaskSuccess),
		"SendTaskFailure":                  typed(s.sendTaskFailure),
		"SendTaskHeartbeat":                typed(s.sendTaskHeartbeat),
		"ValidateStateMachineDefinition":   typed(s.validateStateMachineDefinition),
		"DescribeMapRun":                   typed(s.describeMapRun),
		"UpdateMapRun":                     typed(s.updateMapRun),
		"ListMapRuns":                      typed(s.listMapRuns),
		"RedriveExecution":                 typed(s.redriveExecution),
		"TestState":                        typed(s.testState),
		"TagResource":                      typed(s.tagResource),
		"UntagResource":                    typed(s.untagResource),
		"ListTagsForResource":              typed(s.listTagsForResource),
	}
}

// nothing is the answer of operations that only do something.
type nothing struct{}
