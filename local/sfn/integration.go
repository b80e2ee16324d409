package sfn

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mayfly-dev/mayfly/local/sfn/awssdk"
)

// integration is the ARN of an optimized or AWS SDK integration taken apart:
// "arn:aws:states:::SERVICE:ACTION.PATTERN".
type integration struct {
	service string // "lambda", "aws-sdk:dynamodb"
	action  string // "invoke"
	pattern string // "", "sync", "sync:2" or "waitForTaskToken"
}

const (
	integrationPrefix = "arn:aws:states:::"
	sdkPrefix         = "aws-sdk:"
	callback          = "waitForTaskToken"
)

func parseIntegration(resource string) (integration, bool) {
	rest, ok := strings.CutPrefix(resource, integrationPrefix)
	if !ok {
		return integration{}, false
	}
	rest, pattern, _ := strings.Cut(rest, ".")
	at := strings.LastIndexByte(rest, ':')
	if at < 0 {
		return integration{}, false
	}
	return integration{service: rest[:at], action: rest[at+1:], pattern: pattern}, true
}

// sdk returns the name of an AWS SDK integration's service.
func (i integration) sdk() (string, bool) { return strings.CutPrefix(i.service, sdkPrefix) }

// exists says whether AWS has the integration with its pattern.
func (i integration) exists() bool {
	name, sdk := i.sdk()
	if !sdk {
		patterns, ok := optimized[i.service+":"+i.action]
		return ok && (i.pattern == "" || slices.Contains(strings.Fields(patterns), i.pattern))
	}
	if i.pattern != "" && i.pattern != callback {
		return false
	}
	if awssdk.Linked(name) {
		_, ok := awssdk.Find(name, i.action)
		return ok
	}
	first, _ := utf8.DecodeRuneInString(i.action)
	return unicode.IsLower(first) && slices.Contains(strings.Fields(sdkServices), name)
}

// optimized are the integrations that AWS has made for single actions, and how
// each may be waited for beside its response.
var optimized = map[string]string{
	"apigateway:invoke":                                callback,
	"athena:getQueryExecution":                         "",
	"athena:getQueryResults":                           "",
	"athena:startQueryExecution":                       "sync",
	"athena:stopQueryExecution":                        "",
	"batch:submitJob":                                  "sync",
	"bedrock:createModelCustomizationJob":              "sync",
	"bedrock:invokeModel":                              "",
	"codebuild:batchDeleteBuilds":                      "",
	"codebuild:batchGetReports":                        "",
	"codebuild:startBuild":                             "sync",
	"codebuild:startBuildBatch":                        "sync",
	"codebuild:stopBuild":                              "",
	"codebuild:stopBuildBatch":                         "",
	"codebuild:retryBuildBatch":                        "sync",
	"codebuild:deleteBuildBatch":                       "",
	"databrew:startJobRun":                             "sync",
	"dynamodb:deleteItem":                              "",
	"dynamodb:getItem":                                 "",
	"dynamodb:putItem":                                 "",
	"dynamodb:updateItem":                              "",
	"ecs:runTask":                                      "sync " + callback,
	"eks:call":                                         "",
	"eks:createCluster":                                "sync",
	"eks:createFargateProfile":                         "sync",
	"eks:createNodegroup":                              "sync",
	"eks:deleteCluster":                                "sync",
	"eks:deleteFargateProfile":                         "sync",
	"eks:deleteNodegroup":                              "sync",
	"eks:runJob":                                       "sync",
	"elasticmapreduce:addStep":                         "sync",
	"elasticmapreduce:cancelStep":                      "",
	"elasticmapreduce:createCluster":                   "sync",
	"elasticmapreduce:modifyInstanceFleetByName":       "",
	"elasticmapreduce:modifyInstanceGroupByName":       "",
	"elasticmapreduce:setClusterTerminationProtection": "",
	"elasticmapreduce:terminateCluster":                "sync",
	"emr-containers:createVirtualCluster":              "",
	"emr-containers:deleteVirtualCluster":              "sync",
	"emr-containers:startJobRun":                       "sync",
	"emr-serverless:cancelJobRun":                      "sync",
	"emr-serverless:createApplication":                 "sync",
	"emr-serverless:deleteApplication":                 "sync",
	"emr-serverless:startApplication":                  "sync",
	"emr-serverless:startJobRun":                       "sync",
	"emr-serverless:stopApplication":                   "sync",
	"events:putEvents":                                 callback,
	"glue:startJobRun":                                 "sync",
	"http:invoke":                                      "",
	"lambda:invoke":                                    callback,
	"mediaconvert:createJob":                           "sync",
	"sagemaker:createEndpoint":                         "",
	"sagemaker:createEndpointConfig":                   "",
	"sagemaker:createHyperParameterTuningJob":          "sync",
	"sagemaker:createLabelingJob":                      "sync",
	"sagemaker:createModel":                            "",
	"sagemaker:createProcessingJob":                    "sync",
	"sagemaker:createTrainingJob":                      "sync",
	"sagemaker:createTransformJob":                     "sync",
	"sagemaker:updateEndpoint":                         "",
	"sns:publish":                                      callback,
	"sqs:sendMessage":                                  callback,
	"states:startExecution":                            "sync sync:2 " + callback,
}
