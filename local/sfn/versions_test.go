package sfn_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
)

func result(n string) string {
	return `{"StartAt":"P","States":{"P":{"Type":"Pass","Result":` + n + `,"End":true}}}`
}

func routes(weighted ...any) []types.RoutingConfigurationListItem {
	var list []types.RoutingConfigurationListItem
	for i := 0; i < len(weighted); i += 2 {
		arn, _ := weighted[i].(string)
		weight, _ := weighted[i+1].(int)
		list = append(list, types.RoutingConfigurationListItem{StateMachineVersionArn: &arn, Weight: int32(weight)}) //nolint:gosec // up to 100
	}
	return list
}

func TestVersionsStayAsTheyWerePublished(t *testing.T) {
	dir := t.TempDir()
	c := start(t, dir, nil)
	ctx := t.Context()
	arn := c.create(t, "flow", result("1"), func(in *api.CreateStateMachineInput) { in.Publish = true })
	first := arn + ":1"
	again, err := c.PublishStateMachineVersion(ctx, &api.PublishStateMachineVersionInput{StateMachineArn: &arn})
	if err != nil || *again.StateMachineVersionArn != first {
		t.Fatalf("published again: %+v, %v", again, err)
	}
	updated, err := c.UpdateStateMachine(ctx, &api.UpdateStateMachineInput{StateMachineArn: &arn, Definition: aws.String(result("2")), Publish: true, VersionDescription: aws.String("two")})
	if err != nil || *updated.StateMachineVersionArn != arn+":2" {
		t.Fatalf("updated: %+v, %v", updated, err)
	}
	_, err = c.PublishStateMachineVersion(ctx, &api.PublishStateMachineVersionInput{StateMachineArn: &arn, RevisionId: aws.String("stale")})
	refused(t, "publish of a stale revision", err, "ConflictException")
	c.close()
	c = start(t, dir, nil)
	for of, want := range map[string]string{first: "1", arn + ":2": "2", arn: "2"} {
		done := c.finish(t, c.run(t, of, "", `{}`))
		if str(done.Output) != want || (of != arn) != (str(done.StateMachineVersionArn) == of) {
			t.Errorf("%s gives %s, as %s", of, str(done.Output), str(done.StateMachineVersionArn))
		}
	}
	described, err := c.DescribeStateMachine(ctx, &api.DescribeStateMachineInput{StateMachineArn: aws.String(arn + ":2")})
	if err != nil || *described.Definition != result("2") || *described.Description != "two" || *described.StateMachineArn != arn+":2" {
		t.Errorf("described: %+v, %v", described, err)
	}
	listed, err := c.ListStateMachineVersions(ctx, &api.ListStateMachineVersionsInput{StateMachineArn: &arn, MaxResults: 1})
	if err != nil || len(listed.StateMachineVersions) != 1 || *listed.StateMachineVersions[0].StateMachineVersionArn != arn+":2" {
		t.Fatalf("first page: %+v, %v", listed, err)
	}
	listed, err = c.ListStateMachineVersions(ctx, &api.ListStateMachineVersionsInput{StateMachineArn: &arn, MaxResults: 1, NextToken: listed.NextToken})
	if err != nil || len(listed.StateMachineVersions) != 1 || *listed.StateMachineVersions[0].StateMachineVersionArn != first || listed.NextToken != nil {
		t.Errorf("second page: %+v, %v", listed, err)
	}
	only, err := c.ListExecutions(ctx, &api.ListExecutionsInput{StateMachineArn: &first})
	if err != nil || len(only.Executions) != 1 {
		t.Errorf("executions of the version: %+v, %v", only, err)
	}
	for range 2 {
		if _, err := c.DeleteStateMachineVersion(ctx, &api.DeleteStateMachineVersionInput{StateMachineVersionArn: &first}); err != nil {
			t.Error(err)
		}
	}
	_, err = c.StartExecution(ctx, &api.StartExecutionInput{StateMachineArn: &first})
	refused(t, "start of a deleted version", err, "StateMachineDoesNotExist")
}

func TestAliasesRouteToVersions(t *testing.T) {
	c := start(t, t.TempDir(), nil)
	ctx := t.Context()
	arn := c.create(t, "flow", result("1"), func(in *api.CreateStateMachineInput) { in.Publish = true })
	if _, err := c.UpdateStateMachine(ctx, &api.UpdateStateMachineInput{StateMachineArn: &arn, Definition: aws.String(result("2")), Publish: true}); err != nil {
		t.Fatal(err)
	}
	create := func(name string, to []types.RoutingConfigurationListItem) (*api.CreateStateMachineAliasOutput, error) {
		return c.CreateStateMachineAlias(ctx, &api.CreateStateMachineAliasInput{Name: &name, RoutingConfiguration: to}) //nolint:wrapcheck // a test
	}
	prod, err := create("PROD", routes(arn+":1", 100))
	if err != nil || *prod.StateMachineAliasArn != arn+":PROD" {
		t.Fatalf("%+v, %v", prod, err)
	}
	if _, err := create("PROD", routes(arn+":1", 100)); err != nil {
		t.Errorf("created again: %v", err)
	}
	for what, try := range map[string]struct {
		name, code string
		to         []types.RoutingConfigurationListItem
	}{
		"another routing":   {"PROD", "ConflictException", routes(arn+":2", 100)},
		"weights":           {"x", "ValidationException", routes(arn+":1", 50, arn+":2", 60)},
		"the same twice":    {"x", "ValidationException", routes(arn+":1", 50, arn+":1", 50)},
		"no version":        {"x", "InvalidArn", routes(arn, 100)},
		"a missing version": {"x", "ResourceNotFound", routes(arn+":9", 100)},
		"a number as name":  {"12", "ValidationException", routes(arn+":1", 100)},
		"a missing machine": {"x", "ResourceNotFound", routes(arn+"x:1", 100)},
	} {
		_, err := create(try.name, try.to)
		refused(t, what, err, try.code)
	}
	alias := *prod.StateMachineAliasArn
	if done := c.finish(t, c.run(t, alias, "", `{}`)); str(done.Output) != "1" || str(done.StateMachineAliasArn) != alias || str(done.StateMachineVersionArn) != arn+":1" {
		t.Errorf("through the alias: %+v", done)
	}
	if _, err := c.UpdateStateMachineAlias(ctx, &api.UpdateStateMachineAliasInput{StateMachineAliasArn: &alias, RoutingConfiguration: routes(arn+":1", 0, arn+":2", 100)}); err != nil {
		t.Fatal(err)
	}
	if done := c.finish(t, c.run(t, alias, "", `{}`)); str(done.Output) != "2" {
		t.Errorf("after the update: %s", str(done.Output))
	}
	_, err = c.DeleteStateMachineVersion(ctx, &api.DeleteStateMachineVersionInput{StateMachineVersionArn: aws.String(arn + ":2")})
	refused(t, "delete of a version in use", err, "ConflictException")
	described, err := c.DescribeStateMachineAlias(ctx, &api.DescribeStateMachineAliasInput{StateMachineAliasArn: &alias})
	if err != nil || *described.Name != "PROD" || len(described.RoutingConfiguration) != 2 || !described.UpdateDate.After(*described.CreationDate) && !described.UpdateDate.Equal(*described.CreationDate) {
		t.Errorf("described: %+v, %v", described, err)
	}
	listed, err := c.ListStateMachineAliases(ctx, &api.ListStateMachineAliasesInput{StateMachineArn: &arn})
	if err != nil || len(listed.StateMachineAliases) != 1 || *listed.StateMachineAliases[0].StateMachineAliasArn != alias {
		t.Errorf("listed: %+v, %v", listed, err)
	}
	if _, err := c.DeleteStateMachineAlias(ctx, &api.DeleteStateMachineAliasInput{StateMachineAliasArn: &alias}); err != nil {
		t.Error(err)
	}
	_, err = c.DescribeStateMachineAlias(ctx, &api.DescribeStateMachineAliasInput{StateMachineAliasArn: &alias})
	refused(t, "a deleted alias", err, "ResourceNotFound")
}
