package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"

	"github.com/mayfly-dev/mayfly/cdk/settings"
)

// rightOnTargets is a list of actions on what images are deployed to.
type rightOnTargets struct {
	actions   []string
	resources []string
	// conditions, when there are any, must hold besides.
	conditions map[string]any
}

// targetRights says what each step may do with what the settings name; nothing
// when they name nothing. AWS gives no resource to name for what reads task
// definitions, and none but the release's tag for what registers them.
func targetRights(t settings.Targets) map[string][]rightOnTargets {
	all := map[string][]rightOnTargets{}
	if services := t.ECSServices; len(services) > 0 {
		all["registertaskdefinition"] = []rightOnTargets{
			{[]string{"ecs:DescribeServices"}, services, nil},
			{[]string{"ecs:DescribeTaskDefinition", "ecs:ListTaskDefinitions"}, []string{"*"}, nil},
			{[]string{"ecs:RegisterTaskDefinition"}, []string{"*"}, map[string]any{"Null": map[string]any{"aws:RequestTag/mayfly:release": "false"}}},
			{[]string{"ecs:TagResource"}, []string{"*"}, map[string]any{"StringEquals": map[string]any{"ecs:CreateAction": "RegisterTaskDefinition"}}},
		}
		if len(t.ECSRoles) > 0 {
			all["registertaskdefinition"] = append(all["registertaskdefinition"], rightOnTargets{
				[]string{"iam:PassRole"}, t.ECSRoles, map[string]any{"StringEquals": map[string]any{"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
			})
		}
		all["updateservice"] = []rightOnTargets{{[]string{"ecs:DescribeServices", "ecs:UpdateService"}, services, nil}}
		all["awaitservice"] = []rightOnTargets{{[]string{"ecs:DescribeServices", "ecs:UpdateService"}, services, nil}}
		all["undorollout"] = []rightOnTargets{{[]string{"ecs:DescribeServices", "ecs:UpdateService"}, services, nil}}
	}
	if functions := t.LambdaFunctions; len(functions) > 0 {
		versions := make([]string, 0, 2*len(functions))
		for _, arn := range functions { // a version's ARN has its number behind it
			versions = append(versions, arn, arn+":*")
		}
		all["updatefunctioncode"] = []rightOnTargets{{[]string{"lambda:GetFunction", "lambda:UpdateFunctionCode"}, functions, nil}}
		all["awaitfunction"] = []rightOnTargets{{[]string{"lambda:GetFunctionConfiguration"}, versions, nil}}
		all["publishversion"] = []rightOnTargets{{[]string{"lambda:PublishVersion"}, functions, nil}}
		all["movealias"] = []rightOnTargets{{[]string{"lambda:GetAlias", "lambda:CreateAlias", "lambda:UpdateAlias"}, versions, nil}}
	}
	if clusters := t.EKSClusters; len(clusters) > 0 { // what they may do inside, the cluster's own rules say
		for _, step := range []string{"patchdeployment", "awaitrollout", "undorollout"} {
			all[step] = append(all[step], rightOnTargets{[]string{"eks:DescribeCluster"}, clusters, nil})
		}
	}
	return all
}

// grantTargets gives the steps their rights on targets, and tells the API what
// it may let sandboxes name.
func grantTargets(s settings.Settings, functions map[string]step) {
	for name, rights := range targetRights(s.Targets) {
		for _, r := range rights {
			statement := &awsiam.PolicyStatementProps{Actions: jsii.Strings(r.actions...), Resources: jsii.Strings(r.resources...)}
			if r.conditions != nil {
				statement.Conditions = &r.conditions
			}
			functions[name].AddToRolePolicy(awsiam.NewPolicyStatement(statement))
		}
	}
	if text := s.Targets.Text(); text != "" {
		functions["api"].AddEnvironment(jsii.String("MAYFLY_TARGETS"), jsii.String(text), nil)
	}
}
