package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/findorphans"
	"github.com/mayfly-dev/mayfly/inventory"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// held is the account of an installation: what was planted there.
type held struct{ things []inventory.Thing }

func (h *held) List(context.Context) inventory.Inventory {
	return inventory.Inventory{Things: h.things}
}

func (h *held) Inspect(_ context.Context, thing inventory.Thing) (inventory.Thing, bool, error) {
	return thing, true, nil
}

// plant leaves a bucket behind: of the sandbox that was made last under a name,
// if the installation made one, or of another installation's.
func (in *installation) plant(name, doubt string) error {
	mark := inventory.Mark{Name: name, ID: "otherotheo"}
	entries, _, err := in.store.ListAudit(context.Background(), sandbox.AuditFilter{Sandbox: name}, sandbox.Page{})
	if len(entries) > 0 {
		mark.ID = entries[0].SandboxID
	}
	bucket := sandbox.BucketName(mark.Name, mark.ID, 0)
	in.account.things = append(in.account.things, inventory.Thing{
		Kind: sandbox.KindBucket, ID: bucket, Marked: true, Mark: mark, Doubt: doubt, At: time.Now(), Made: events.Made{Bucket: &events.Bucket{Name: bucket}},
	})
	return err
}

// compare does what the machine orphans does.
func (in *installation) compare(ctx context.Context, run string, input []byte) error {
	var ask events.FindOrphans
	if err := json.Unmarshal(input, &ask); err != nil {
		return err
	}
	ask.Run = run
	step := findorphans.New(&in.account, in, in.store, findorphans.Options{UploadBucket: "uploads", Batch: 10, Most: 100, Lag: time.Hour, Now: time.Now})
	for {
		found, err := step.Handle(ctx, ask)
		if err != nil || len(found.Teardowns) == 0 {
			return err
		}
		for _, flow := range found.Teardowns {
			kept := in.account.things[:0]
			for _, thing := range in.account.things {
				if thing.Mark.ID != flow.Sandbox.ID || flow.Sandbox.Name == "stuck" {
					kept = append(kept, thing)
				}
			}
			in.account.things = kept
		}
		ask.Tried = found.Tried
	}
}

func (in *installation) GetObject(_ context.Context, i *s3.GetObjectInput, _ ...func(*s3.Options)) (*s3.GetObjectOutput, error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	content, ok := in.objects[*i.Key]
	if !ok {
		return nil, &s3types.NoSuchKey{}
	}
	return &s3.GetObjectOutput{Body: io.NopCloser(bytes.NewReader(content))}, nil
}

func (in *installation) PutObject(_ context.Context, i *s3.PutObjectInput, _ ...func(*s3.Options)) (*s3.PutObjectOutput, error) {
	content, err := io.ReadAll(i.Body)
	in.mu.Lock()
	defer in.mu.Unlock()
	in.objects[*i.Key] = content
	return &s3.PutObjectOutput{}, err
}
