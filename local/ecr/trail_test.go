package ecr_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	local "github.com/mayfly-dev/mayfly/local/ecr"
)

// trail keeps records, or fails.
type trail struct {
	mu   sync.Mutex
	all  []local.Record
	fail bool
}

func (l *trail) Record(_ context.Context, r local.Record) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.all = append(l.all, r); l.fail {
		return errors.New("the disk is full")
	}
	return nil
}

// lines are the records as "ACTION REPOSITORY IMAGE ERROR", and are forgotten.
func (l *trail) lines() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var lines []string
	for _, r := range l.all {
		lines = append(lines, strings.TrimRight(r.Action+" "+r.Repository+" "+r.Image+" "+r.Error, " "))
	}
	l.all = nil
	return lines
}

func TestTheTrailTellsWhoDidWhatWithWhichResult(t *testing.T) {
	log := &trail{}
	f := start(t, local.Options{Trail: log, Principals: principals{
		"reader": {ARN: sessions + "reader/ci", Policies: managed(t, "AmazonEC2ContainerRegistryReadOnly")},
	}})
	f.create("site")
	_, err := f.CreateRepository(t.Context(), &ecr.CreateRepositoryInput{RepositoryName: ptr("site")})
	wantCode(t, err, "RepositoryAlreadyExistsException")
	image := f.push("site:v1", 1)
	_, err = remote.Get(f.ref("site:v1"), f.remote()...)
	must(t, err)
	_, err = remote.Get(f.ref("site:v9"), f.remote()...)
	if err == nil {
		t.Error("there is no v9")
	}
	_, err = f.DescribeImages(t.Context(), &ecr.DescribeImagesInput{RepositoryName: ptr("site")}) // a read
	must(t, err)
	_, err = f.BatchDeleteImage(t.Context(), &ecr.BatchDeleteImageInput{RepositoryName: ptr("site"), ImageIds: []types.ImageIdentifier{{ImageTag: ptr("v1")}}})
	must(t, err)
	_, err = f.TagResource(t.Context(), &ecr.TagResourceInput{ResourceArn: ptr("arn:aws:ecr:us-east-1:000000000000:repository/site"), Tags: []types.Tag{{Key: ptr("a"), Value: ptr("b")}}})
	must(t, err)
	for _, r := range log.all {
		if r.Principal != "arn:aws:iam::000000000000:root" || r.Address != "127.0.0.1" || r.UserAgent == "" || r.At.IsZero() ||
			r.Repository != "" && r.ARN != "arn:aws:ecr:us-east-1:000000000000:repository/"+r.Repository {
			t.Errorf("%+v", r)
		}
	}
	got, want := strings.Join(log.lines(), "\n"), strings.Join([]string{
		"ecr:CreateRepository site", "ecr:CreateRepository site  RepositoryAlreadyExistsException", "ecr:GetAuthorizationToken",
		"ecr:PutImage site v1", "ecr:BatchGetImage site v1", "ecr:BatchGetImage site v9 ImageNotFoundException",
		"ecr:BatchDeleteImage site v1", "ecr:TagResource site",
	}, "\n")
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}

	// Whoever is refused is in it, for reads too.
	reader := f.as("reader")
	_, err = reader.DeleteRepository(t.Context(), &ecr.DeleteRepositoryInput{RepositoryName: ptr("site"), Force: true})
	wantCode(t, err, "AccessDeniedException")
	if err := remote.Write(f.ref("site:x"), newImage(t, 2, 1), f.with(f.login(reader))...); err == nil {
		t.Error("a reader pushed")
	}
	refused := log.lines()
	if len(refused) < 2 || refused[0] != "ecr:DeleteRepository site  AccessDeniedException" {
		t.Errorf("refused: %q", refused)
	}

	// A trail that can't be written stops nobody.
	log.fail = true
	f.push("site:v2", 3)
	if f.tags("site")["v2"] == "" || digestOf(t, image) == "" {
		t.Error("the push was stopped")
	}
}
