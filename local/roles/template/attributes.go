package template

import (
	"errors"
	"fmt"
	"strings"
)

// ref is what Ref comes to: a pseudo parameter, a parameter's default, or a
// resource's physical id, which for some types is its ARN.
func (t *template) ref(id string) (any, error) {
	switch id {
	case "AWS::AccountId":
		return t.deployment.Account, nil
	case "AWS::Region":
		return t.deployment.Region, nil
	case "AWS::Partition":
		return "aws", nil
	case "AWS::URLSuffix":
		return "amazonaws.com", nil
	case "AWS::StackName":
		return t.deployment.Stack, nil
	case "AWS::NoValue":
		return nil, nil
	}
	if parameter, ok := t.Parameters[id]; ok {
		return parameter.Default, nil
	}
	r, ok := t.Resources[id]
	if !ok {
		return nil, fmt.Errorf("nothing in the template is called %s", id)
	}
	switch r.Type {
	case typeMachine, "AWS::StepFunctions::StateMachineVersion", "AWS::StepFunctions::StateMachineAlias",
		"AWS::Lambda::Version", "AWS::Lambda::Alias", "AWS::SNS::Topic":
		return t.arn(id)
	}
	return t.name(id)
}

func (t *template) getAtt(argument any) (any, error) {
	parts, _ := argument.([]any)
	if len(parts) != 2 {
		return nil, errors.New("Fn::GetAtt wants a resource and an attribute")
	}
	id, _ := parts[0].(string)
	attribute, _ := parts[1].(string)
	if _, ok := t.Resources[id]; !ok {
		return nil, fmt.Errorf("nothing in the template is called %s", id)
	}
	switch attribute {
	case "Arn", "TopicArn", "FunctionArn", "FunctionARN":
		return t.arn(id)
	case "Name", "QueueName", "TopicName":
		return t.name(id)
	}
	return nil, fmt.Errorf("the attribute %s of %s is not known here", attribute, id)
}

// naming are the properties that name a resource, by its type.
var naming = map[string]string{
	typeFunction: "FunctionName", typeMachine: "StateMachineName", typeRole: "RoleName",
	"AWS::S3::Bucket": "BucketName", "AWS::DynamoDB::Table": "TableName", "AWS::SQS::Queue": "QueueName", "AWS::SNS::Topic": "TopicName",
	"AWS::Logs::LogGroup": "LogGroupName", "AWS::Events::EventBus": "Name", "AWS::Events::Rule": "Name",
	"AWS::Lambda::Alias": "Name", "AWS::StepFunctions::StateMachineAlias": "Name", "AWS::CloudFront::Function": "Name",
}

// name is a resource's own name: the one that it is given, or else one that
// begins as CloudFormation's do, STACK-LOGICALID.
func (t *template) name(id string) (string, error) {
	r := t.Resources[id]
	if given, ok := r.Properties[naming[r.Type]]; ok {
		return t.text(given)
	}
	return t.deployment.Stack + "-" + id, nil
}

// arns are the ARNs of resources by type, with {region}, {account} and {name}.
var arns = map[string]string{
	typeFunction:                "arn:aws:lambda:{region}:{account}:function:{name}",
	typeMachine:                 "arn:aws:states:{region}:{account}:stateMachine:{name}",
	typeRole:                    "arn:aws:iam::{account}:role/{name}",
	"AWS::S3::Bucket":           "arn:aws:s3:::{name}",
	"AWS::DynamoDB::Table":      "arn:aws:dynamodb:{region}:{account}:table/{name}",
	"AWS::SQS::Queue":           "arn:aws:sqs:{region}:{account}:{name}",
	"AWS::SNS::Topic":           "arn:aws:sns:{region}:{account}:{name}",
	"AWS::KMS::Key":             "arn:aws:kms:{region}:{account}:key/{name}",
	"AWS::Logs::LogGroup":       "arn:aws:logs:{region}:{account}:log-group:{name}:*",
	"AWS::Events::EventBus":     "arn:aws:events:{region}:{account}:event-bus/{name}",
	"AWS::Events::Rule":         "arn:aws:events:{region}:{account}:rule/{name}",
	"AWS::CloudFront::Function": "arn:aws:cloudfront::{account}:function/{name}",
}

// qualified are the types that are a version or an alias of another resource,
// with the property that refers to that.
var qualified = map[string]string{
	"AWS::Lambda::Version": "FunctionName", "AWS::Lambda::Alias": "FunctionName",
	"AWS::StepFunctions::StateMachineVersion": "StateMachineArn",
	"AWS::StepFunctions::StateMachineAlias":   "RoutingConfiguration",
}

func (t *template) arn(id string) (string, error) {
	r := t.Resources[id]
	if property, ok := qualified[r.Type]; ok {
		return t.qualifiedARN(id, r, property)
	}
	pattern, ok := arns[r.Type]
	if !ok {
		return "", fmt.Errorf("the ARN of %s, which is an %s, is not known here", id, r.Type)
	}
	name, err := t.name(id)
	if err != nil {
		return "", err
	}
	return strings.NewReplacer("{region}", t.deployment.Region, "{account}", t.deployment.Account, "{name}", name).Replace(pattern), nil
}

// qualifiedARN is the ARN of a version, which CloudFormation numbers, or of an
// alias: that of what it is of, and its own name.
func (t *template) qualifiedARN(id string, r resource, property string) (string, error) {
	of := t.of(r.Properties[property])
	if of == "" {
		return "", fmt.Errorf("what %s is a version or an alias of is not in the template", id)
	}
	base, err := t.arn(of)
	if err != nil {
		return "", err
	}
	if strings.HasSuffix(r.Type, "Version") {
		return base + ":1", nil
	}
	name, err := t.name(id)
	return base + ":" + name, err
}

// of follows a reference, by way of an alias's routes and versions, to the
// function or the machine.
func (t *template) of(value any) string {
	if routes, ok := value.([]any); ok && len(routes) > 0 {
		route, _ := routes[0].(map[string]any)
		value = route["StateMachineVersionArn"]
	}
	id := referred(value)
	if property, ok := qualified[t.Resources[id].Type]; ok {
		return t.of(t.Resources[id].Properties[property])
	}
	return id
}
