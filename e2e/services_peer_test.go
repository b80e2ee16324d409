//go:build peers

package e2e_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/local"
)

// moto is a server of moto, which answers as ECS and Lambda do: it keeps
// services, task definitions, functions, versions and aliases, and runs nothing.
// What it has none of (rollout states, the circuit breaker, updates that take
// their time or fail, revision ids that are checked) the steps' own tests and
// statemachine's have.
func moto(t *testing.T) (endpoint string, config aws.Config) {
	t.Helper()
	endpoint = os.Getenv("MOTO_URL")
	if endpoint == "" {
		t.Fatal("MOTO_URL is not set: run make peers-services")
	}
	return endpoint, aws.Config{
		Region: local.Region, BaseEndpoint: &endpoint, Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	}
}

// deployed pushes two images, one after the other, and rolls back, while
// runs says what the service runs, which is as of the image.
func deployed(t *testing.T, c *cloud, deploy events.DeploySpec, runs func() (string, error), as func(image string) string) {
	t.Helper()
	box := c.create(t, events.CreateSandbox{Name: "shop", Deploy: deploy})
	var first string
	for _, tag := range []string{"v1", "v2"} {
		image := box.RepositoryURI + "@" + c.push(t, box.RepositoryURI, tag, imageOf(t, exampleSite(t, tag)))
		if first == "" {
			first = image
		}
		wantRuns(t, runs, as(image))
		if tag == "v1" {
			c.releasesBecome(t, "shop", "image v1 live")
		}
	}
	c.releasesBecome(t, "shop", "image v1 live, image v2 live")
	var back events.ReleaseState
	if err := c.api(t.Context(), "POST", "/v1/sandboxes/shop/rollback", nil, &back); err != nil {
		t.Fatal(err)
	}
	if back = c.released(t, "shop", back.ID); back.Status != "live" {
		t.Errorf("rollback: %+v", back)
	}
	wantRuns(t, runs, as(first))
}

func wantRuns(t *testing.T, runs func() (string, error), image string) {
	t.Helper()
	eventually(t, "the service runs "+image, func() (bool, error) {
		got, err := runs()
		return got == image, errors.Join(err, errors.New("it runs "+got))
	})
}

func TestPushAnImageAndItRunsOnMotosECS(t *testing.T) {
	endpoint, config := moto(t)
	client := ecs.NewFromConfig(config)
	if _, err := client.CreateCluster(t.Context(), &ecs.CreateClusterInput{ClusterName: aws.String("staging")}); err != nil {
		t.Fatal(err)
	}
	definition, err := client.RegisterTaskDefinition(t.Context(), &ecs.RegisterTaskDefinitionInput{
		Family: aws.String("shop"), Tags: []ecstypes.Tag{{Key: aws.String("team"), Value: aws.String("web")}},
		ContainerDefinitions: []ecstypes.ContainerDefinition{
			{Name: aws.String("proxy"), Image: aws.String("proxy:1"), Memory: aws.Int32(64)}, {Name: aws.String("web"), Image: aws.String("web:1"), Memory: aws.Int32(128)},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.CreateService(t.Context(), &ecs.CreateServiceInput{
		Cluster: aws.String("staging"), ServiceName: aws.String("shop"), TaskDefinition: definition.TaskDefinition.TaskDefinitionArn, DesiredCount: aws.Int32(0),
	}); err != nil {
		t.Fatal(err)
	}
	runs := func() (string, error) {
		services, err := client.DescribeServices(t.Context(), &ecs.DescribeServicesInput{Cluster: aws.String("staging"), Services: []string{"shop"}})
		if err != nil || len(services.Services) == 0 {
			return "", err
		}
		described, err := client.DescribeTaskDefinition(t.Context(), &ecs.DescribeTaskDefinitionInput{
			TaskDefinition: services.Services[0].TaskDefinition, Include: []ecstypes.TaskDefinitionField{ecstypes.TaskDefinitionFieldTags},
		})
		if err != nil {
			return "", err
		}
		containers := described.TaskDefinition.ContainerDefinitions
		if len(containers) != 2 || aws.ToString(containers[0].Image) != "proxy:1" || len(described.Tags) == 0 {
			t.Errorf("containers %+v, tags %v", containers, described.Tags)
		}
		return aws.ToString(containers[1].Image), nil
	}
	c := start(t, func(config *local.Config) { config.Foreign.ECS = endpoint })
	deployed(t, c, events.DeploySpec{Target: events.TargetECS, ECS: &events.ECSTarget{Cluster: "staging", Service: "shop", Container: "web"}}, runs, func(image string) string { return image })
	listed, err := client.ListTaskDefinitions(t.Context(), &ecs.ListTaskDefinitionsInput{FamilyPrefix: aws.String("shop")})
	if err != nil || len(listed.TaskDefinitionArns) != 3 {
		t.Errorf("%v: the revisions are %v, want the first and one for each push", err, listed.TaskDefinitionArns)
	}
}

// makeRole makes the role that moto's Lambda asks for, by IAM's query protocol.
func makeRole(t *testing.T, endpoint, name string) {
	t.Helper()
	form := url.Values{
		"Action": {"CreateRole"}, "Version": {"2010-05-08"}, "RoleName": {name},
		"AssumeRolePolicyDocument": {`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}`},
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, endpoint, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=0")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		t.Fatalf("make role %s: %s", name, answer.Status)
	}
}

// digestOfURI is what moto takes for the digest of an image's code. That alone
// tells its versions apart: they all name the image that was given last.
func digestOfURI(image string) string {
	sum := sha256.Sum256([]byte(image))
	return hex.EncodeToString(sum[:])
}

func TestPushAnImageAndItRunsOnMotosLambda(t *testing.T) {
	endpoint, config := moto(t)
	makeRole(t, endpoint, "shop")
	client := lambda.NewFromConfig(config)
	if _, err := client.CreateFunction(t.Context(), &lambda.CreateFunctionInput{
		FunctionName: aws.String("shop"), PackageType: lambdatypes.PackageTypeImage, Role: aws.String("arn:aws:iam::123456789012:role/shop"),
		Code: &lambdatypes.FunctionCode{ImageUri: aws.String("123456789012.dkr.ecr.us-east-1.amazonaws.com/shop:0")},
	}); err != nil {
		t.Fatal(err)
	}
	runs := func() (string, error) {
		alias, err := client.GetAlias(t.Context(), &lambda.GetAliasInput{FunctionName: aws.String("shop"), Name: aws.String("live")})
		var missing *lambdatypes.ResourceNotFoundException
		if errors.As(err, &missing) {
			return "nothing", nil
		}
		if err != nil {
			return "", err
		}
		found, err := client.GetFunction(t.Context(), &lambda.GetFunctionInput{FunctionName: aws.String("shop"), Qualifier: alias.FunctionVersion})
		if err != nil {
			return "", err
		}
		return aws.ToString(found.Configuration.CodeSha256), nil
	}
	c := start(t, func(config *local.Config) { config.Foreign.Lambda = endpoint })
	deployed(t, c, events.DeploySpec{Target: events.TargetLambda, Lambda: &events.LambdaTarget{Function: "shop"}}, runs, digestOfURI)
	versions, err := client.ListVersionsByFunction(t.Context(), &lambda.ListVersionsByFunctionInput{FunctionName: aws.String("shop")})
	if err != nil {
		t.Fatal(err)
	}
	published := 0
	for _, version := range versions.Versions {
		if !strings.HasPrefix(aws.ToString(version.Version), "$") {
			published++
		}
	}
	if published != 2 {
		t.Errorf("%d versions are published, want one for each push", published)
	}
}
