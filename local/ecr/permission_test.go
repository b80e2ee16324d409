package ecr_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"

	local "github.com/mayfly-dev/mayfly/local/ecr"
	"github.com/mayfly-dev/mayfly/local/iam"
)

// principals are callers by the access keys that they sign with.
type principals map[string]iam.Caller

func (p principals) Caller(r *http.Request) (iam.Caller, error) {
	_, credential, _ := strings.Cut(r.Header.Get("Authorization"), "Credential=")
	key, _, _ := strings.Cut(credential, "/")
	if key == "expired" {
		return iam.Caller{}, errors.New("The security token included in the request is expired")
	}
	if who, ok := p[key]; ok {
		return who, nil
	}
	return iam.RootCaller(account), nil
}

const sessions = "arn:aws:sts::000000000000:assumed-role/"

func managed(t testing.TB, names ...string) (documents []string) {
	t.Helper()
	for _, name := range names {
		document, ok := iam.Managed("arn:aws:iam::aws:policy/" + name)
		if !ok {
			t.Fatal(name)
		}
		documents = append(documents, document)
	}
	return documents
}

const loginOnly = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ecr:GetAuthorizationToken","Resource":"*"}]}`

func TestWhoMayPushAndWhoMayPull(t *testing.T) {
	who := principals{
		"reader": {ARN: sessions + "reader/ci", Policies: managed(t, "AmazonEC2ContainerRegistryReadOnly")},
		"puller": {ARN: sessions + "puller/node", Policies: managed(t, "AmazonEC2ContainerRegistryPullOnly")},
		"writer": {ARN: sessions + "writer/ci", Policies: managed(t, "AmazonEC2ContainerRegistryPowerUser")},
		"guest":  {ARN: sessions + "guest/x", Policies: []string{loginOnly}},
		"banned": {ARN: sessions + "banned/x", Policies: managed(t, "AmazonEC2ContainerRegistryFullAccess")},
		"nobody": {ARN: sessions + "nobody/x", Policies: []string{`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}`}},
	}
	f := start(t, local.Options{Principals: who})
	f.create("site")
	f.create("open")
	image := f.push("site:v1", 1)
	must(t, remote.Write(f.ref("open:v1"), image, f.remote()...))
	_, err := f.SetRepositoryPolicy(t.Context(), &ecr.SetRepositoryPolicyInput{RepositoryName: ptr("open"), PolicyText: ptr(`{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::000000000000:role/guest"]},"Action":["ecr:BatchGetImage","ecr:GetDownloadUrlForLayer"]},
		{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::000000000000:root"},"Action":"ecr:PutImage"},
		{"Effect":"Deny","Principal":{"AWS":"arn:aws:iam::000000000000:role/banned"},"Action":"ecr:*"}]}`)})
	must(t, err)
	for _, row := range []struct {
		key, repository string
		pulls, pushes   bool
	}{
		{"test", "site", true, true}, {"test", "open", true, true},
		{"reader", "site", true, false}, {"reader", "open", true, false},
		{"puller", "site", true, false},
		{"writer", "site", true, true}, {"writer", "open", true, true},
		// The repository's policy lets a role in that has nothing of its own, to
		// what it says; to allow the account leaves it to the account whom.
		{"guest", "site", false, false}, {"guest", "open", true, false},
		{"banned", "site", true, true}, {"banned", "open", false, false},
	} {
		auth := f.login(f.as(row.key))
		pulled, err := remote.Image(f.ref(row.repository+":v1"), f.with(auth)...)
		if err == nil {
			_, err = pulled.RawConfigFile()
		}
		if (err == nil) != row.pulls {
			t.Errorf("%s pulls from %s: %v", row.key, row.repository, err)
		}
		if err != nil {
			wantProblem(t, err, http.StatusForbidden, "DENIED", "User: "+sessions+row.key)
		}
		err = remote.Write(f.ref(row.repository+":"+row.key), newImage(t, 9, 1), f.with(auth)...)
		if (err == nil) != row.pushes {
			t.Errorf("%s pushes to %s: %v", row.key, row.repository, err)
		}
		var refused *transport.Error
		if err != nil && (!errors.As(err, &refused) || refused.StatusCode != http.StatusForbidden) {
			t.Errorf("%s pushes to %s: %v", row.key, row.repository, err)
		}
	}
	err = remote.Write(f.ref("site:x"), newImage(t, 10, 1), f.with(f.login(f.as("reader")))...)
	wantProblem(t, err, http.StatusForbidden, "DENIED", "is not authorized to perform: ecr:InitiateLayerUpload on resource: arn:aws:ecr:us-east-1:000000000000:repository/site because no identity-based policy allows the ecr:InitiateLayerUpload action")
	_, err = f.as("nobody").GetAuthorizationToken(t.Context(), &ecr.GetAuthorizationTokenInput{})
	wantCode(t, err, "AccessDeniedException")
	_, err = f.as("expired").DescribeRepositories(t.Context(), &ecr.DescribeRepositoriesInput{})
	wantCode(t, err, "ExpiredTokenException")
	_, err = f.as("reader").DeleteRepository(t.Context(), &ecr.DeleteRepositoryInput{RepositoryName: ptr("site"), Force: true})
	wantCode(t, err, "AccessDeniedException")
	_, err = f.as("reader").TagResource(t.Context(), &ecr.TagResourceInput{ResourceArn: ptr("arn:aws:ecr:us-east-1:000000000000:repository/site"), Tags: []types.Tag{}})
	wantCode(t, err, "AccessDeniedException")
	_, err = f.as("reader").DescribeRepositories(t.Context(), &ecr.DescribeRepositoriesInput{})
	must(t, err)
}

// A layer is mounted only from where the caller may pull.
func TestMountingIsPulling(t *testing.T) {
	who := principals{"writer": {ARN: sessions + "writer/x", Policies: []string{loginOnly, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ecr:*","Resource":"arn:aws:ecr:us-east-1:000000000000:repository/mine"}]}`}}}
	f := start(t, local.Options{Principals: who})
	f.create("mine")
	f.create("secret")
	digest := f.upload("secret", []byte("a secret layer"))
	g := *f
	g.auth = f.login(f.as("writer"))
	g.wantRaw(http.MethodPost, "/v2/mine/blobs/uploads/?mount="+digest+"&from=secret", nil, "", http.StatusAccepted, "")
	f.wantRaw(http.MethodPost, "/v2/mine/blobs/uploads/?mount="+digest+"&from=secret", nil, "", http.StatusCreated, "")
}

func TestRepositoryPolicies(t *testing.T) {
	f := start(t, local.Options{})
	f.create("site")
	repository := ptr("site")
	_, err := f.GetRepositoryPolicy(t.Context(), &ecr.GetRepositoryPolicyInput{RepositoryName: repository})
	wantCode(t, err, "RepositoryPolicyNotFoundException")
	_, err = f.DeleteRepositoryPolicy(t.Context(), &ecr.DeleteRepositoryPolicyInput{RepositoryName: repository})
	wantCode(t, err, "RepositoryPolicyNotFoundException")
	statement := func(text string) string { return `{"Version":"2012-10-17","Statement":[` + text + `]}` }
	set := func(text string, force bool) error {
		_, err := f.SetRepositoryPolicy(t.Context(), &ecr.SetRepositoryPolicyInput{RepositoryName: repository, PolicyText: &text, Force: force})
		return err
	}
	good := statement(`{"Sid":"pull","Effect":"Allow","Principal":"*","Action":["ecr:BatchGetImage"]}`)
	must(t, set(good, false))
	got, err := f.GetRepositoryPolicy(t.Context(), &ecr.GetRepositoryPolicyInput{RepositoryName: repository})
	must(t, err)
	if *got.PolicyText != good {
		t.Errorf("policy %s", *got.PolicyText)
	}
	for why, text := range map[string]string{
		"not JSON":     "policy",
		"nobody":       statement(`{"Effect":"Allow","Action":"ecr:*"}`),
		"a resource":   statement(`{"Effect":"Allow","Principal":"*","Action":"ecr:*","Resource":"*"}`),
		"no effect":    statement(`{"Principal":"*","Action":"ecr:*"}`),
		"locks itself": statement(`{"Effect":"Deny","Principal":"*","Action":"ecr:SetRepositoryPolicy"}`),
		"too long":     statement(`{"Effect":"Allow","Principal":"*","Action":"ecr:*","Sid":"` + strings.Repeat("x", 11000) + `"}`),
	} {
		if err := set(text, false); code(err) != "InvalidParameterException" {
			t.Errorf("%s: %v", why, err)
		}
	}
	must(t, set(statement(`{"Effect":"Deny","Principal":"*","Action":"ecr:SetRepositoryPolicy"}`), true))
	wantCode(t, set(good, false), "AccessDeniedException")
	_, err = f.DeleteRepositoryPolicy(t.Context(), &ecr.DeleteRepositoryPolicyInput{RepositoryName: repository})
	must(t, err)
	must(t, set(good, false))
}

// What a policy says of where a request comes from is asked.
func TestPoliciesHaveConditions(t *testing.T) {
	f := start(t, local.Options{})
	f.create("site")
	f.push("site:v1", 1)
	for address, allowed := range map[string]bool{"127.0.0.0/8": false, "10.0.0.0/8": true} {
		_, err := f.SetRepositoryPolicy(t.Context(), &ecr.SetRepositoryPolicyInput{RepositoryName: ptr("site"), PolicyText: ptr(fmt.Sprintf(
			`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"ecr:BatchGetImage","Condition":{"IpAddress":{"aws:SourceIp":%q}}}]}`, address))})
		must(t, err)
		if _, err := remote.Get(f.ref("site:v1"), f.remote()...); (err == nil) != allowed {
			t.Errorf("from %s: %v", address, err)
		}
	}
}
