package asl

import (
	"context"
	"encoding/json"
	"fmt"
)

// taskStore is an ItemStore that has S3's SDK integrations do the work.
type taskStore struct{ tasks TaskRunner }

func (s taskStore) call(ctx context.Context, action string, parameters map[string]any, result any) error {
	input, err := json.Marshal(parameters)
	if err != nil {
		return fmt.Errorf("parameters of %s: %w", action, err)
	}
	none := func([]byte) {}
	output, err := s.tasks.RunTask(ctx, Task{Resource: "arn:aws:states:::aws-sdk:s3:" + action, Input: input, Submit: none, Heartbeat: func() {}})
	if err != nil {
		return fmt.Errorf("%s: %w", action, taskFailure(err))
	}
	if result == nil {
		return nil
	}
	if err := json.Unmarshal(output, result); err != nil {
		return fmt.Errorf("answer to %s: %w", action, err)
	}
	return nil
}

func (s taskStore) GetObject(ctx context.Context, bucket, key string) ([]byte, error) {
	var answer struct{ Body string }
	err := s.call(ctx, "getObject", map[string]any{"Bucket": bucket, "Key": key}, &answer)
	return []byte(answer.Body), err
}

func (s taskStore) ListObjects(ctx context.Context, bucket, prefix string) ([][]byte, error) {
	var all [][]byte
	parameters := map[string]any{"Bucket": bucket, "Prefix": prefix}
	for {
		var page struct {
			Contents              []json.RawMessage
			NextContinuationToken string
		}
		if err := s.call(ctx, "listObjectsV2", parameters, &page); err != nil {
			return nil, err
		}
		for _, object := range page.Contents {
			all = append(all, object)
		}
		if page.NextContinuationToken == "" {
			return all, nil
		}
		parameters["ContinuationToken"] = page.NextContinuationToken
	}
}

func (s taskStore) PutObject(ctx context.Context, bucket, key string, content []byte) error {
	return s.call(ctx, "putObject", map[string]any{"Bucket": bucket, "Key": key, "Body": string(content)}, nil)
}
