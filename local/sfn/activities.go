package sfn

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/mayfly-dev/mayfly/local/asl"
	"github.com/mayfly-dev/mayfly/local/awsjson"
)

type activityInput struct {
	Name        string          `json:"name"`
	Tags        []tag           `json:"tags"`
	Encryption  json.RawMessage `json:"encryptionConfiguration"`
	ActivityARN string          `json:"activityArn"`
	WorkerName  string          `json:"workerName"`
}

type activityOutput struct {
	ActivityARN  string        `json:"activityArn"`
	Name         string        `json:"name,omitempty"`
	CreationDate *awsjson.Time `json:"creationDate"`
	// Encryption is told by DescribeActivity.
	Encryption json.RawMessage `json:"encryptionConfiguration,omitempty"`
}

// createActivity makes an activity; one that is there already is the answer.
func (s *Service) createActivity(_ context.Context, in activityInput) (out activityOutput, err error) {
	if err := required("name", in.Name); err != nil {
		return out, err
	}
	if err := checkName(in.Name); err != nil {
		return out, err
	}
	tags, err := merged(nil, in.Tags)
	if err != nil {
		return out, err
	}
	arn := s.arn("activity", in.Name)
	if there, ok := s.registry.activity(arn); ok {
		if !sameJSON(there.Encryption, in.Encryption) {
			return out, failf("ActivityAlreadyExists", "Activity Already Exists: '%s'", arn)
		}
		return activityOutput{ActivityARN: arn, CreationDate: awsjson.At(there.Created)}, nil
	}
	now := s.o.Now()
	err = s.registry.changeActivity(arn, func(a *activity, exists bool) error {
		if exists {
			now = a.Created
			return nil
		}
		*a = activity{ARN: arn, Name: in.Name, Created: now, Tags: tags, Encryption: in.Encryption}
		return nil
	})
	return activityOutput{ActivityARN: arn, CreationDate: awsjson.At(now)}, err
}

// activityOf finds the activity of a request.
func (s *Service) activityOf(in activityInput) (*activity, error) {
	if err := required("activityArn", in.ActivityARN); err != nil {
		return nil, err
	}
	if _, err := resource(in.ActivityARN, "activity", 7, 7); err != nil {
		return nil, err
	}
	a, ok := s.registry.activity(in.ActivityARN)
	if !ok {
		return nil, failf("ActivityDoesNotExist", "Activity Does Not Exist: '%s'", in.ActivityARN)
	}
	return a, nil
}

func (s *Service) describeActivity(_ context.Context, in activityInput) (activityOutput, error) {
	a, err := s.activityOf(in)
	if err != nil {
		return activityOutput{}, err
	}
	return activityOutput{a.ARN, a.Name, awsjson.At(a.Created), orDefault(a.Encryption, standardEncryption)}, nil
}

// deleteActivity removes an activity; deleting what is not there succeeds.
func (s *Service) deleteActivity(_ context.Context, in activityInput) (nothing, error) {
	if err := required("activityArn", in.ActivityARN); err != nil {
		return nothing{}, err
	}
	if _, err := resource(in.ActivityARN, "activity", 7, 7); err != nil {
		return nothing{}, err
	}
	return nothing{}, s.registry.removeActivity(in.ActivityARN)
}

type listActivitiesOutput struct {
	Activities []activityOutput `json:"activities"`
	NextToken  string           `json:"nextToken,omitempty"`
}

func (s *Service) listActivities(_ context.Context, in pageInput) (out listActivitiesOutput, err error) {
	page, next, err := paged(s.registry.allActivities(), in, func(a *activity) string { return a.Name })
	out = listActivitiesOutput{Activities: []activityOutput{}, NextToken: next}
	for _, a := range page {
		out.Activities = append(out.Activities, activityOutput{ActivityARN: a.ARN, Name: a.Name, CreationDate: awsjson.At(a.Created)})
	}
	return out, err
}

type getActivityTaskOutput struct {
	TaskToken string `json:"taskToken,omitempty"`
	Input     string `json:"input,omitempty"`
}

// activityPoll is how long AWS holds GetActivityTask open. The answer is empty
// when nothing came.
const activityPoll = 60 * time.Second

func (s *Service) getActivityTask(ctx context.Context, in activityInput) (out getActivityTaskOutput, err error) {
	if _, err := s.activityOf(in); err != nil {
		return out, err
	}
	ctx, cancel := context.WithTimeout(ctx, activityPoll)
	defer cancel()
	given, err := s.engine.NextActivityTask(ctx, in.ActivityARN, in.WorkerName)
	switch {
	case ctx.Err() != nil:
		return out, nil
	case errors.Is(err, asl.ErrClosed):
		return out, nil
	case err != nil:
		return out, err //nolint:wrapcheck // an internal failure, said by the engine
	}
	return getActivityTaskOutput{TaskToken: given.Token, Input: string(given.Input)}, nil
}

func (r *registry) removeActivity(arn string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, ok := r.activities[arn]; !ok {
		return nil
	}
	if err := r.remove(activitiesDir, arn); err != nil {
		return err
	}
	delete(r.activities, arn)
	return nil
}

func (r *registry) allActivities() []*activity {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return slices.SortedFunc(maps.Values(r.activities), func(a, b *activity) int { return strings.Compare(a.Name, b.Name) })
}
