package asl

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
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

func (s taskStore) Open(ctx context.Context, at ObjectRef) (Object, error) {
	var answer struct{ Body string }
	parameters := map[string]any{"Bucket": at.Bucket, "Key": at.Key}
	if at.VersionID != "" {
		parameters["VersionId"] = at.VersionID
	}
	if err := s.call(ctx, "getObject", parameters, &answer); err != nil {
		return nil, err
	}
	return strings.NewReader(answer.Body), nil
}

func (s taskStore) List(ctx context.Context, at ObjectRef, each func(ListedObject) error) error {
	parameters := map[string]any{"Bucket": at.Bucket, "Prefix": at.Key}
	for {
		var page struct {
			Contents []struct {
				Key, ETag, StorageClass string
				LastModified            time.Time
				Size                    int64
			}
			NextContinuationToken string
		}
		if err := s.call(ctx, "listObjectsV2", parameters, &page); err != nil {
			return err
		}
		for _, o := range page.Contents {
			if err := each(ListedObject{Key: o.Key, ETag: o.ETag, LastModified: o.LastModified, Size: o.Size, StorageClass: o.StorageClass}); err != nil {
				return err
			}
		}
		if page.NextContinuationToken == "" {
			return nil
		}
		parameters["ContinuationToken"] = page.NextContinuationToken
	}
}

func (s taskStore) Put(ctx context.Context, at ObjectRef, content io.ReadSeeker) error {
	body, err := io.ReadAll(content)
	if err != nil {
		return fmt.Errorf("write s3://%s/%s: %w", at.Bucket, at.Key, err)
	}
	return s.call(ctx, "putObject", map[string]any{"Bucket": at.Bucket, "Key": at.Key, "Body": string(body)}, nil)
}
