package s3store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/mayfly-dev/mayfly/release"
)

// PutPlan writes a release's plan to the upload bucket.
func PutPlan(ctx context.Context, client Putter, bucket string, p release.Plan) error {
	return put(ctx, client, bucket, release.PlanKey(p.SandboxID, p.Release), func(w io.Writer) error { return release.WritePlan(w, p) })
}

// GetPlan reads a release's plan.
func GetPlan(ctx context.Context, client Getter, bucket, key string) (release.Plan, error) {
	return get(ctx, client, bucket, key, release.ReadPlan)
}

// GetPlanHeader reads what a release's plan says of it as a whole.
func GetPlanHeader(ctx context.Context, client Getter, bucket, key string) (release.PlanHeader, error) {
	return get(ctx, client, bucket, key, release.ReadPlanHeader)
}

// PutPart writes what one run of the writing step wrote.
func PutPart(ctx context.Context, client Putter, bucket, sandboxID, releaseID string, p release.Part) error {
	return put(ctx, client, bucket, release.PartKey(sandboxID, releaseID, p.Pass, p.From), func(w io.Writer) error { return release.WritePart(w, p) })
}

// GetPart reads what one run of the writing step wrote.
func GetPart(ctx context.Context, client Getter, bucket, key string) (release.Part, error) {
	return get(ctx, client, bucket, key, release.ReadPart)
}

// PutManifest writes a release's manifest.
func PutManifest(ctx context.Context, client Putter, bucket string, m release.Manifest) error {
	return put(ctx, client, bucket, release.ManifestKey(m.SandboxID, m.Release), func(w io.Writer) error { return release.WriteManifest(w, m) })
}

// GetManifest reads a whole manifest; bucket and key are in the release's
// record.
func GetManifest(ctx context.Context, client Getter, bucket, key string) (release.Manifest, error) {
	return get(ctx, client, bucket, key, func(r io.Reader) (release.Manifest, error) {
		header, objects, err := release.ReadManifest(r)
		if err != nil {
			return release.Manifest{}, err
		}
		m := release.Manifest{ManifestHeader: header}
		for o, err := range objects {
			if err != nil {
				return release.Manifest{}, err
			}
			m.Objects = append(m.Objects, o)
		}
		return m, nil
	})
}

// StreamManifest reads a manifest without keeping it: the header is returned
// at once, the objects come as they are asked for. done closes the connection
// and is to be called once no more objects are wanted.
func StreamManifest(ctx context.Context, client Getter, bucket, key string) (header release.ManifestHeader, objects iter.Seq2[release.Object, error], done func() error, err error) {
	out, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: &bucket, Key: &key})
	if err != nil {
		return header, nil, nil, fmt.Errorf("read s3://%s/%s: %w", bucket, key, err)
	}
	header, objects, err = release.ReadManifest(out.Body)
	if err != nil {
		return header, nil, nil, errors.Join(fmt.Errorf("s3://%s/%s: %w", bucket, key, err), out.Body.Close())
	}
	return header, objects, out.Body.Close, nil
}

func put(ctx context.Context, client Putter, bucket, key string, write func(io.Writer) error) error {
	var packed bytes.Buffer
	if err := write(&packed); err != nil {
		return fmt.Errorf("write s3://%s/%s: %w", bucket, key, err)
	}
	return putBytes(ctx, client, bucket, key, packed.Bytes())
}

func putBytes(ctx context.Context, client Putter, bucket, key string, packed []byte) error {
	_, err := client.PutObject(ctx, &s3.PutObjectInput{
		Bucket: &bucket, Key: &key, Body: bytes.NewReader(packed),
		ContentType: aws.String("application/gzip"), ContentLength: aws.Int64(int64(len(packed))),
	})
	if err != nil {
		return fmt.Errorf("write s3://%s/%s: %w", bucket, key, err)
	}
	return nil
}

func get[T any](ctx context.Context, client Getter, bucket, key string, read func(io.Reader) (T, error)) (T, error) {
	var zero T
	out, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: &bucket, Key: &key})
	if err != nil {
		return zero, fmt.Errorf("read s3://%s/%s: %w", bucket, key, err)
	}
	document, err := read(out.Body)
	if closed := out.Body.Close(); err == nil && closed != nil {
		err = closed
	}
	if err != nil {
		return zero, fmt.Errorf("read s3://%s/%s: %w", bucket, key, err)
	}
	return document, nil
}
