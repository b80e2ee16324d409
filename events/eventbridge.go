package events

import "time"

// EventBridge is an event as EventBridge hands it to a target: the envelope
// that every service's events have, around the detail of one kind of them.
type EventBridge[Detail any] struct {
	// Version is "0".
	Version string `json:"version"`
	// ID is a UUID, new for each event; an event delivered twice has the same.
	ID string `json:"id"`
	// DetailType and Source say together what the detail is: "ECR Image Action"
	// of "aws.ecr".
	DetailType string `json:"detail-type"`
	Source     string `json:"source"`
	// Account is the 12 digits of the account that put the event.
	Account string `json:"account"`
	// Time is when it happened, as its source says, in whole seconds.
	Time   time.Time `json:"time"`
	Region string    `json:"region"`
	// Resources are ARNs of what the event is about; often there are none.
	Resources []string `json:"resources"`
	Detail    Detail   `json:"detail"`
}
