// Command remaining looks at what an installation on AWS still has, before its
// stack is destroyed. While there are sandboxes it refuses: without the stack
// nothing would take them away. When there are none, it empties the bucket of
// uploads, which CloudFormation can't delete otherwise.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/mayfly-dev/mayfly/awserr"
	"github.com/mayfly-dev/mayfly/cdk/settings"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// sandboxes is what is asked of the records.
type sandboxes interface {
	List(context.Context, sandbox.Filter, sandbox.Page) ([]sandbox.Sandbox, sandbox.Cursor, error)
}

// objects is what is asked of S3.
type objects interface {
	s3.ListObjectVersionsAPIClient
	DeleteObjects(context.Context, *s3.DeleteObjectsInput, ...func(*s3.Options)) (*s3.DeleteObjectsOutput, error)
}

// account is what is asked of STS.
type account interface {
	GetCallerIdentity(context.Context, *sts.GetCallerIdentityInput, ...func(*sts.Options)) (*sts.GetCallerIdentityOutput, error)
}

// installation is one stage in one region of an account.
type installation struct {
	settings  settings.Settings
	sandboxes sandboxes
	objects   objects
	account   account
}

// clear makes sure that the stack can be destroyed with nothing left behind,
// and says on out what it did. It returns an error that names the sandboxes
// there are. Run again, it goes on where it was.
func (i installation) clear(ctx context.Context, out io.Writer) error {
	if i.settings.Prod() {
		return errors.New("stage prod keeps its records: take back the stack's termination protection and the table's deletion protection in AWS first; its table and bucket stay even then")
	}
	names, err := i.names(ctx)
	if err != nil {
		return err
	}
	if len(names) > 0 {
		shown := names[:min(len(names), 20)]
		return fmt.Errorf("%d sandboxes exist, which nothing would take away then: %s%s. Take them away first, each by mayfly delete NAME --wait",
			len(names), strings.Join(shown, ", "), map[bool]string{true: ", …"}[len(shown) < len(names)])
	}
	if _, err := fmt.Fprintf(out, "No sandboxes are left in stage %s.\n", i.settings.Stage); err != nil {
		return err
	}
	return i.empty(ctx, out)
}

// names returns what all sandboxes are called, whatever state they are in. A
// table that is gone has none.
func (i installation) names(ctx context.Context) ([]string, error) {
	var names []string
	for page := (sandbox.Page{Limit: sandbox.MaxPage}); ; {
		found, next, err := i.sandboxes.List(ctx, sandbox.Filter{}, page)
		if awserr.Is(err, "ResourceNotFoundException") {
			return nil, nil
		}
		if err != nil {
			return nil, fmt.Errorf("ask for the sandboxes of stage %s in %s: %w", i.settings.Stage, i.settings.Region, err)
		}
		for _, s := range found {
			names = append(names, s.Name)
		}
		if next == "" {
			return names, nil
		}
		page.After = next
	}
}

// empty deletes every version of every object of the bucket of uploads.
func (i installation) empty(ctx context.Context, out io.Writer) error {
	who, err := i.account.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return fmt.Errorf("ask which account this is: %w", err)
	}
	bucket := i.settings.UploadBucket(aws.ToString(who.Account))
	pages, deleted := s3.NewListObjectVersionsPaginator(i.objects, &s3.ListObjectVersionsInput{Bucket: &bucket, ExpectedBucketOwner: who.Account}), 0
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if awserr.Is(err, "NoSuchBucket") {
			return nil
		}
		if err != nil {
			return fmt.Errorf("list bucket %s: %w", bucket, err)
		}
		var keys []s3types.ObjectIdentifier
		for _, v := range page.Versions {
			keys = append(keys, s3types.ObjectIdentifier{Key: v.Key, VersionId: v.VersionId})
		}
		for _, m := range page.DeleteMarkers {
			keys = append(keys, s3types.ObjectIdentifier{Key: m.Key, VersionId: m.VersionId})
		}
		if len(keys) == 0 {
			continue
		}
		answer, err := i.objects.DeleteObjects(ctx, &s3.DeleteObjectsInput{Bucket: &bucket, ExpectedBucketOwner: who.Account, Delete: &s3types.Delete{Objects: keys, Quiet: aws.Bool(true)}})
		if err != nil {
			return fmt.Errorf("empty bucket %s: %w", bucket, err)
		}
		if len(answer.Errors) > 0 {
			first := answer.Errors[0]
			return fmt.Errorf("empty bucket %s: %d objects stay, %s for one: %s: %s", bucket, len(answer.Errors), aws.ToString(first.Key), aws.ToString(first.Code), aws.ToString(first.Message))
		}
		deleted += len(keys)
	}
	_, err = fmt.Fprintf(out, "Bucket %s is empty; %d objects were deleted.\n", bucket, deleted)
	return err
}
