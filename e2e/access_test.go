package e2e_test

import (
	"context"
	"testing"
	"testing/fstest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/mayfly-dev/mayfly/events"
)

// as returns what a container client of a role needs, who by its own policies
// may do everything with ECR.
func (c *cloud) as(t *testing.T, role string) []remote.Option {
	t.Helper()
	out, err := sts.NewFromConfig(c.aws()).AssumeRole(t.Context(), &sts.AssumeRoleInput{
		RoleArn: aws.String("arn:aws:iam::000000000000:role/" + role), RoleSessionName: aws.String("test"),
		Policy: aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ecr:*","Resource":"*"}]}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	config := c.aws()
	config.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: *out.Credentials.AccessKeyId, SecretAccessKey: *out.Credentials.SecretAccessKey, SessionToken: *out.Credentials.SessionToken}, nil
	})
	options, err := login(t.Context(), ecr.NewFromConfig(config))
	if err != nil {
		t.Fatal(err)
	}
	return options
}

// TestWhoMayPushAndPull (B5): those who are named, whatever others' own
// policies allow; and Mayfly itself, which deploys what they push.
func TestWhoMayPushAndPull(t *testing.T) {
	c := start(t, nil)
	box := c.create(t, events.CreateSandbox{Name: "guarded", Repository: events.RepositorySpec{
		Pushers: []string{"arn:aws:iam::000000000000:role/ci"}, Pullers: []string{"arn:aws:iam::000000000000:role/reader"},
	}})
	image := imageOf(t, fstest.MapFS{"index.html": page("<h1>guarded</h1>")})
	ref := reference(t, box.RepositoryURI, "v1")
	for _, role := range []string{"reader", "stranger"} {
		if err := remote.Write(ref, image, c.as(t, role)...); err == nil {
			t.Errorf("the %s pushes", role)
		}
	}
	if err := remote.Write(ref, image, c.as(t, "ci")...); err != nil {
		t.Fatal(err)
	}
	c.becomes(t, box.URL, "<h1>guarded</h1>")
	for role, may := range map[string]bool{"ci": true, "reader": true, "stranger": false} {
		if _, err := remote.Image(ref, c.as(t, role)...); (err == nil) != may {
			t.Errorf("the %s pulls: %v", role, err)
		}
	}
	box = c.await(t, "guarded", events.PhaseReady)
	c.protects(t, "guarded", box.LiveImage.Digest)
}
