package sfn

// awsService is how the requests of a service with one of AWS's JSON protocols
// look.
type awsService struct {
	prefix  string // of its errors' names
	target  string // of X-Amz-Target
	version string // of the protocol
	scope   string // for which requests are signed
	camel   bool   // members' names start in lower case
}

func (t *awsService) request(operation string, body []byte) wireRequest {
	return wireRequest{scope: t.scope, contentType: "application/x-amz-json-" + t.version, target: t.target + "." + operation, body: body}
}

// jsonService returns the service of "arn:aws:states:::aws-sdk:NAME:action" whose
// client is not linked.
func jsonService(name string) *awsService {
	switch name {
	case "ecs":
		return &awsService{"Ecs", "AmazonEC2ContainerServiceV20141113", "1.1", "ecs", true}
	case "wafv2":
		return &awsService{"Wafv2", "AWSWAF_20190729", "1.1", "wafv2", false}
	case "costexplorer":
		return &awsService{"CostExplorer", "AWSInsightsIndexService", "1.1", "ce", false}
	case "budgets":
		return &awsService{"Budgets", "AWSBudgetServiceGateway", "1.1", "budgets", false}
	case "secretsmanager":
		return &awsService{"SecretsManager", "secretsmanager", "1.1", "secretsmanager", false}
	case "ssm":
		return &awsService{"Ssm", "AmazonSSM", "1.1", "ssm", false}
	case "kms":
		return &awsService{"Kms", "TrentService", "1.1", "kms", false}
	case "cloudwatchlogs":
		return &awsService{"CloudWatchLogs", "Logs_20140328", "1.1", "logs", true}
	case "cloudtrail":
		return &awsService{"CloudTrail", "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101", "1.1", "cloudtrail", false}
	}
	return nil
}
