package scheduler

import (
	"encoding/json"

	"github.com/mayfly-dev/mayfly/local/awsjson"
)

// definition is a schedule as requests have it.
type definition struct {
	Name                       string        `json:"Name"`
	GroupName                  string        `json:"GroupName"`
	Description                string        `json:"Description,omitempty"`
	ScheduleExpression         string        `json:"ScheduleExpression"`
	ScheduleExpressionTimezone string        `json:"ScheduleExpressionTimezone"`
	StartDate                  *awsjson.Time `json:"StartDate,omitempty"`
	EndDate                    *awsjson.Time `json:"EndDate,omitempty"`
	State                      string        `json:"State"`
	ActionAfterCompletion      string        `json:"ActionAfterCompletion"`
	KmsKeyArn                  string        `json:"KmsKeyArn,omitempty"`
	FlexibleTimeWindow         *window       `json:"FlexibleTimeWindow"`
	Target                     *target       `json:"Target"`
}

type window struct {
	Mode                   string `json:"Mode"`
	MaximumWindowInMinutes *int   `json:"MaximumWindowInMinutes,omitempty"`
}

// target is what a schedule calls. The parameters of services that are not on
// this machine are read to be refused.
type target struct {
	Arn                   string                 `json:"Arn"`
	RoleArn               string                 `json:"RoleArn"`
	Input                 *string                `json:"Input,omitempty"`
	RetryPolicy           *retryPolicy           `json:"RetryPolicy,omitempty"`
	DeadLetterConfig      *deadLetterConfig      `json:"DeadLetterConfig,omitempty"`
	SqsParameters         *sqsParameters         `json:"SqsParameters,omitempty"`
	EventBridgeParameters *eventBridgeParameters `json:"EventBridgeParameters,omitempty"`

	EcsParameters               json.RawMessage `json:"EcsParameters,omitempty"`
	KinesisParameters           json.RawMessage `json:"KinesisParameters,omitempty"`
	SageMakerPipelineParameters json.RawMessage `json:"SageMakerPipelineParameters,omitempty"`
}

type retryPolicy struct {
	MaximumEventAgeInSeconds *int `json:"MaximumEventAgeInSeconds,omitempty"`
	MaximumRetryAttempts     *int `json:"MaximumRetryAttempts,omitempty"`
}

type deadLetterConfig struct {
	Arn string `json:"Arn,omitempty"`
}

type sqsParameters struct {
	MessageGroupID string `json:"MessageGroupId,omitempty"`
}

type eventBridgeParameters struct {
	DetailType string `json:"DetailType"`
	Source     string `json:"Source"`
}

// described is the answer to GetSchedule.
type described struct {
	definition
	Arn                  string        `json:"Arn"`
	CreationDate         *awsjson.Time `json:"CreationDate"`
	LastModificationDate *awsjson.Time `json:"LastModificationDate"`
}

// summary is an entry of ListSchedules.
type summary struct {
	Arn                  string        `json:"Arn"`
	Name                 string        `json:"Name"`
	GroupName            string        `json:"GroupName"`
	State                string        `json:"State"`
	CreationDate         *awsjson.Time `json:"CreationDate"`
	LastModificationDate *awsjson.Time `json:"LastModificationDate"`
	Target               summaryTarget `json:"Target"`
}

type summaryTarget struct {
	Arn string `json:"Arn"`
}

// group is a schedule group, in answers.
type group struct {
	Arn                  string        `json:"Arn"`
	Name                 string        `json:"Name"`
	State                string        `json:"State"`
	CreationDate         *awsjson.Time `json:"CreationDate"`
	LastModificationDate *awsjson.Time `json:"LastModificationDate"`
}

type tag struct {
	Key   string `json:"Key"`
	Value string `json:"Value"`
}
