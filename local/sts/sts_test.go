package sts_test

import (
	"crypto/rand"
	"errors"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"
	"github.com/aws/smithy-go"

	local "github.com/mayfly-dev/mayfly/local/sts"
)

const account = "000000000000"

type fixture struct {
	t        *testing.T
	url      string
	http     *http.Client
	now      time.Time
	sessions *local.Sessions
}

func start(t *testing.T) *fixture {
	t.Helper()
	t.Setenv("AWS_CA_BUNDLE", "")
	f := &fixture{t: t, now: time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC), http: &http.Client{Transport: &http.Transport{}}}
	var err error
	f.sessions, err = local.OpenSessions(filepath.Join(t.TempDir(), "sts.key"), account, rand.Reader, func() time.Time { return f.now })
	must(t, err)
	server := httptest.NewServer(local.Handler{Account: account, RequestID: rand.Text, Sessions: f.sessions})
	t.Cleanup(server.Close)
	f.url = server.URL
	return f
}

func (f *fixture) as(key, secret, token string) *sts.Client {
	return sts.New(sts.Options{
		Region: "us-east-1", BaseEndpoint: &f.url, RetryMaxAttempts: 1, HTTPClient: f.http,
		Credentials: credentials.NewStaticCredentialsProvider(key, secret, token),
	})
}

func (f *fixture) arn(client *sts.Client) (string, error) {
	out, err := client.GetCallerIdentity(f.t.Context(), &sts.GetCallerIdentityInput{})
	if err != nil {
		return "", err
	}
	return *out.Arn, nil
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func code(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}

func ptr[T any](v T) *T { return &v }

func TestAnyKeysAreTheRoots(t *testing.T) {
	f := start(t)
	for _, token := range []string{"", "a session token of AWS"} {
		arn, err := f.arn(f.as("test", "test", token))
		if arn != "arn:aws:iam::000000000000:root" || err != nil {
			t.Errorf("%q: %s, %v", token, arn, err)
		}
	}
}

func TestASessionIsOfItsRole(t *testing.T) {
	f := start(t)
	out, err := f.as("test", "test", "").AssumeRole(t.Context(), &sts.AssumeRoleInput{
		RoleArn: ptr("arn:aws:iam::000000000000:role/team/reader"), RoleSessionName: ptr("ci"), DurationSeconds: ptr(int32(900)),
		PolicyArns: []types.PolicyDescriptorType{{Arn: ptr("arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryReadOnly")}},
	})
	must(t, err)
	const want = "arn:aws:sts::000000000000:assumed-role/reader/ci"
	if *out.AssumedRoleUser.Arn != want || !out.Credentials.Expiration.Equal(f.now.Add(15*time.Minute)) || !strings.HasPrefix(*out.Credentials.AccessKeyId, "ASIA") || !strings.HasPrefix(*out.AssumedRoleUser.AssumedRoleId, "AROA") {
		t.Errorf("assumed %+v %+v", out.AssumedRoleUser, out.Credentials)
	}
	c := out.Credentials
	session := f.as(*c.AccessKeyId, *c.SecretAccessKey, *c.SessionToken)
	if arn, err := f.arn(session); arn != want || err != nil {
		t.Errorf("%s, %v", arn, err)
	}
	// It may not take more upon itself than it has.
	_, err = session.AssumeRole(t.Context(), &sts.AssumeRoleInput{RoleArn: ptr("arn:aws:iam::000000000000:role/admin"), RoleSessionName: ptr("ci")})
	if code(err) != "AccessDenied" {
		t.Errorf("a reader becomes somebody else: %v", err)
	}
	_, err = f.arn(f.as("x", "x", *c.SessionToken+"x"))
	if code(err) != "InvalidClientTokenId" {
		t.Errorf("a forged token: %v", err)
	}
	f.now = f.now.Add(15 * time.Minute)
	_, err = f.arn(session)
	if code(err) != "ExpiredToken" {
		t.Errorf("an expired session: %v", err)
	}
}

func TestWhatASessionMay(t *testing.T) {
	f := start(t)
	for _, row := range []struct {
		policies []types.PolicyDescriptorType
		policy   string
		may      map[string]bool
	}{
		{nil, "", map[string]bool{"ecr:PutImage": true, "s3:GetObject": true}},
		{nil, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ecr:Get*","Resource":"*"}]}`, map[string]bool{"ecr:GetAuthorizationToken": true, "ecr:PutImage": false}},
		{[]types.PolicyDescriptorType{{Arn: ptr("arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPullOnly")}}, "", map[string]bool{"ecr:BatchGetImage": true, "ecr:ListImages": false}},
		{[]types.PolicyDescriptorType{{Arn: ptr("arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPowerUser")}}, "", map[string]bool{"ecr:PutImage": true, "ecr:DeleteRepository": false}},
	} {
		in := &sts.AssumeRoleInput{RoleArn: ptr("arn:aws:iam::000000000000:role/r"), RoleSessionName: ptr("session"), PolicyArns: row.policies}
		if row.policy != "" {
			in.Policy = &row.policy
		}
		out, err := f.as("test", "test", "").AssumeRole(t.Context(), in)
		must(t, err)
		r := httptest.NewRequest(http.MethodPost, "/", nil)
		r.Header.Set("X-Amz-Security-Token", *out.Credentials.SessionToken)
		who, err := f.sessions.Caller(r)
		must(t, err)
		for action, want := range row.may {
			if got := who.May(action, "arn:aws:ecr:us-east-1:000000000000:repository/x", nil, nil); got.Allowed != want {
				t.Errorf("%v %s: %s: %+v", row.policies, row.policy, action, got)
			}
		}
	}
}

func TestRolesThatAreRefused(t *testing.T) {
	f := start(t)
	good := sts.AssumeRoleInput{RoleArn: ptr("arn:aws:iam::000000000000:role/r"), RoleSessionName: ptr("session")}
	for _, row := range []struct {
		why    string
		change func(*sts.AssumeRoleInput)
		want   string
	}{
		{"no role", func(in *sts.AssumeRoleInput) { in.RoleArn = ptr("arn:aws:iam::000000000000:user/somebody") }, "ValidationError"},
		{"another account's", func(in *sts.AssumeRoleInput) { in.RoleArn = ptr("arn:aws:iam::111111111111:role/r") }, "AccessDenied"},
		{"no name", func(in *sts.AssumeRoleInput) { in.RoleSessionName = ptr("a b") }, "ValidationError"},
		{"too short", func(in *sts.AssumeRoleInput) { in.DurationSeconds = ptr(int32(899)) }, "ValidationError"},
		{"too long", func(in *sts.AssumeRoleInput) { in.DurationSeconds = ptr(int32(43201)) }, "ValidationError"},
		{"no policy", func(in *sts.AssumeRoleInput) { in.Policy = ptr("{}") }, "MalformedPolicyDocument"},
		{"a policy that is not known", func(in *sts.AssumeRoleInput) {
			in.PolicyArns = []types.PolicyDescriptorType{{Arn: ptr("arn:aws:iam::aws:policy/PowerUserAccess")}}
		}, "MalformedPolicyDocument"},
	} {
		in := good
		row.change(&in)
		_, err := f.as("test", "test", "").AssumeRole(t.Context(), &in)
		if code(err) != row.want {
			t.Errorf("%s: %v, want %s", row.why, err, row.want)
		}
	}
	_, err := f.as("test", "test", "").GetSessionToken(t.Context(), &sts.GetSessionTokenInput{})
	if code(err) != "InvalidAction" {
		t.Errorf("another operation: %v", err)
	}
}
