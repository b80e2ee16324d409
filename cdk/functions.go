package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudfront"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// step is one function of functions/.
type step = awslambda.Function

// slow are the steps whose work grows with the content; the others make a few
// calls.
var slow = map[string]bool{"emptybucket": true, "inspectcontent": true, "writeobjects": true, "removeobjects": true, "reconciledeploys": true}

// newFunctions makes a function of each folder of build/ that has a bootstrap.
func newFunctions(scope constructs.Construct, s settings, kept storage, urls awscloudfront.Function) map[string]step {
	steps := make(map[string]step)
	bootstraps, err := filepath.Glob(filepath.Join(s.Build, "*", "bootstrap"))
	if err != nil { // the pattern is ours
		panic(err)
	}
	for _, bootstrap := range bootstraps {
		name := filepath.Base(filepath.Dir(bootstrap))
		timeout, memory := 60, 128
		if slow[name] {
			timeout, memory = 900, 512
		}
		steps[name] = awslambda.NewFunction(scope, jsii.String("Step-"+name), &awslambda.FunctionProps{
			FunctionName: jsii.String("mayfly-" + s.Stage + "-" + name),
			Runtime:      awslambda.Runtime_PROVIDED_AL2023(),
			Architecture: awslambda.Architecture_ARM_64(),
			Handler:      jsii.String("bootstrap"),
			Code:         awslambda.Code_FromAsset(jsii.String(filepath.Dir(bootstrap)), nil),
			Timeout:      awscdk.Duration_Seconds(jsii.Number(timeout)),
			MemorySize:   jsii.Number(memory),
			Tracing:      awslambda.Tracing_ACTIVE,
			LogGroup: awslogs.NewLogGroup(scope, jsii.String("Log-"+name), &awslogs.LogGroupProps{
				Retention: awslogs.RetentionDays_ONE_MONTH, RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
			}),
			Environment: &map[string]*string{
				"MAYFLY_TABLE":               kept.table.TableName(),
				"MAYFLY_UPLOAD_BUCKET":       kept.uploads.BucketName(),
				"MAYFLY_FOLDER_URLS_ARN":     urls.FunctionArn(),
				"MAYFLY_PROPAGATION_SECONDS": jsii.String("170"),
				"MAYFLY_REPOSITORY_PREFIX":   jsii.String(repositoryPrefix(s)),
				"MAYFLY_OWN_PRINCIPALS":      ownPrincipals(scope, s),
				"MAYFLY_RELEASE_ARN":         machineARN(scope, s, "release"),
			},
		})
	}
	return steps
}

// repositoryPrefix is what the installation's repositories are under: rights
// and the rule for pushes go by it.
func repositoryPrefix(s settings) string { return "mayfly-" + s.Stage + "/" }

// ownPrincipals are the roles of the installation, whose names CloudFormation
// begins with the stack's: no repository policy keeps them out.
func ownPrincipals(scope constructs.Construct, s settings) *string {
	return awscdk.Stack_Of(scope).FormatArn(&awscdk.ArnComponents{
		Service: jsii.String("iam"), Region: jsii.String(""), Resource: jsii.String("role"), ResourceName: jsii.String("mayfly-" + s.Stage + "-*"),
	})
}

// newFolderURLs makes the installation's one CloudFront Function, from the
// source that the local edge runs too.
func newFolderURLs(scope constructs.Construct, s settings) awscloudfront.Function {
	const source = "functions/createdistribution/folderurls.js"
	if _, err := os.Stat(source); err != nil {
		panic(fmt.Sprintf("run this from the repository's top: %v", err))
	}
	return awscloudfront.NewFunction(scope, jsii.String("FolderURLs"), &awscloudfront.FunctionProps{
		FunctionName: jsii.String("mayfly-" + s.Stage + "-folder-urls"),
		Runtime:      awscloudfront.FunctionRuntime_JS_2_0(),
		Code:         awscloudfront.FunctionCode_FromFile(&awscloudfront.FileCodeOptions{FilePath: jsii.String(source)}),
	})
}
