package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudfront"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/mayfly-dev/mayfly/cdk/settings"
)

// folderURLsSource is the function that the local edge runs too.
const folderURLsSource = "functions/createdistribution/folderurls.js"

// newFolderURLs makes the installation's one CloudFront Function.
func newFolderURLs(scope constructs.Construct, s settings.Settings) awscloudfront.Function {
	return awscloudfront.NewFunction(scope, jsii.String("FolderURLs"), &awscloudfront.FunctionProps{
		FunctionName: jsii.String(s.Name("folder-urls")),
		Runtime:      awscloudfront.FunctionRuntime_JS_2_0(),
		Code:         awscloudfront.FunctionCode_FromFile(&awscloudfront.FileCodeOptions{FilePath: jsii.String(folderURLsSource)}),
	})
}
