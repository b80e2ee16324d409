package account

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/mayfly-dev/mayfly/inventory"
	"github.com/mayfly-dev/mayfly/release"
)

// listUploads lists whose content the installation's upload bucket holds.
func (a *Account) listUploads(ctx context.Context) ([]inventory.Thing, map[string][]string, error) {
	var all []inventory.Thing
	if a.options.UploadBucket == "" {
		return nil, nil, nil
	}
	// What the two functions put before a sandbox's id.
	for _, folder := range []string{strings.TrimSuffix(release.UploadKey("", ""), "/"), strings.TrimSuffix(release.ManifestPrefix(""), "/")} {
		in := &s3.ListObjectsV2Input{Bucket: &a.options.UploadBucket, Prefix: &folder, Delimiter: aws.String("/")}
		for {
			page, err := a.buckets.ListObjectsV2(ctx, in)
			if err != nil {
				return all, nil, fmt.Errorf("list %s in bucket %s: %w", folder, a.options.UploadBucket, err)
			}
			for _, common := range page.CommonPrefixes {
				prefix := aws.ToString(common.Prefix)
				id := strings.TrimSuffix(strings.TrimPrefix(prefix, folder), "/")
				if !inventory.IsID(id) {
					continue
				}
				all = append(all, inventory.Thing{Kind: inventory.KindUploads, ID: prefix, Own: true, Marked: true, Mark: inventory.Mark{ID: id}})
			}
			if !aws.ToBool(page.IsTruncated) {
				break
			}
			in.ContinuationToken = page.NextContinuationToken
		}
	}
	return all, nil, nil
}

// inspectUploads tells when something was last written there.
func (a *Account) inspectUploads(ctx context.Context, thing inventory.Thing) (inventory.Thing, bool, error) {
	in := &s3.ListObjectsV2Input{Bucket: &a.options.UploadBucket, Prefix: &thing.ID}
	there := false
	for {
		page, err := a.buckets.ListObjectsV2(ctx, in)
		if err != nil {
			return thing, false, fmt.Errorf("list it: %w", err)
		}
		for _, object := range page.Contents {
			there = true
			if at := aws.ToTime(object.LastModified); at.After(thing.At) {
				thing.At = at
			}
		}
		if !aws.ToBool(page.IsTruncated) {
			return thing, there, nil
		}
		in.ContinuationToken = page.NextContinuationToken
	}
}
