package main

import (
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"

	"github.com/mayfly-dev/mayfly/cdk/settings"
)

// records says what a step does with the table, by way of package dynamo. A
// transaction needs the rights of what is in it: a change of a sandbox is an
// update of its record and a put of what happened; a release is put on condition
// that its sandbox is there.
func records(step string) []right {
	actions := []string{"dynamodb:GetItem"}
	switch step {
	case "protectimage":
	case "estimatecosts", "findorphans", "beginnight", "endnight": // which change no sandbox
		actions = append(actions, "dynamodb:PutItem")
	default:
		actions = append(actions, "dynamodb:PutItem", "dynamodb:UpdateItem")
	}
	for _, more := range []struct {
		actions []string
		steps   []string
	}{
		{[]string{"dynamodb:ConditionCheckItem"}, []string{
			"api", "begindeploy", "faildeploy", "finishrelease", "finishrollout", "reconciledeploys",
			"registertaskdefinition", "updateservice", "updatefunctioncode", "publishversion", "movealias", "patchdeployment", "awaitrollout"}},
		// How long things took, a sandbox's releases, and what happened to it.
		{[]string{"dynamodb:Query"}, []string{"api", "createdistribution", "updatedistribution", "awaitdistribution", "disabledistribution", "enabledistribution", "invalidate", "awaitinvalidation", "faildeploy", "forget", "estimatecosts", "findorphans", "decidenight", "settlenight", "endnight"}},
		{[]string{"dynamodb:BatchGetItem"}, []string{"api", "reconciledeploys", "estimatecosts", "findorphans", "decidenight"}},
		// The end of a sandbox; whoever claims its name ends what was left undone.
		{[]string{"dynamodb:DeleteItem", "dynamodb:BatchWriteItem"}, []string{"api", "forget"}},
		// An estimate of a sandbox that has another owner.
		{[]string{"dynamodb:DeleteItem"}, []string{"estimatecosts"}},
	} {
		if slices.Contains(more.steps, step) {
			actions = append(actions, more.actions...)
		}
	}
	all := []right{onTable(actions...)}
	if slices.Contains([]string{"api", "reconciledeploys", "estimatecosts", "findorphans", "decidenight"}, step) { // which list sandboxes
		all = append(all, onIndexes("dynamodb:Query"))
	}
	return all
}

// rights says what each step may do beside its records. A step that asks for
// an object that may not be there needs s3:ListBucket too: S3 answers 403
// rather than 404 to whoever may not list.
func rights() map[string][]right {
	return map[string][]right{
		"createbucket":     {onSites("s3:CreateBucket", "s3:GetBucketTagging", "s3:PutBucketTagging", "s3:PutBucketPublicAccessBlock", "s3:PutEncryptionConfiguration", "s3:PutBucketOwnershipControls")},
		"enableversioning": {onSites("s3:PutBucketVersioning", "s3:PutLifecycleConfiguration")},
		"createoai": {
			onCloudFront(identities, "cloudfront:CreateCloudFrontOriginAccessIdentity"), onCloudFront(controls, "cloudfront:CreateOriginAccessControl"),
			onAll("cloudfront:ListCloudFrontOriginAccessIdentities", "cloudfront:ListOriginAccessControls")},
		// CloudFront asks for the web ACL in the name of who gives it to a distribution.
		"createdistribution": {onCloudFront(distributions, "cloudfront:CreateDistribution", "cloudfront:TagResource", "cloudfront:GetDistribution"), onAll("cloudfront:ListDistributions"), onWebACL("wafv2:GetWebACL")},
		"ensurewebacl": {
			onAll("wafv2:ListWebACLs"), onWebACL("wafv2:ListTagsForResource", "wafv2:CreateWebACL", "wafv2:TagResource", "wafv2:UpdateWebACL"),
			onManagedRules("wafv2:CreateWebACL", "wafv2:UpdateWebACL")},
		"createrepository": {
			onRepositories("ecr:CreateRepository", "ecr:TagResource", "ecr:DescribeRepositories", "ecr:ListTagsForResource", "ecr:PutLifecyclePolicy", "ecr:SetRepositoryPolicy"),
			onPublicRepositories("ecr-public:CreateRepository", "ecr-public:TagResource", "ecr-public:DescribeRepositories", "ecr-public:ListTagsForResource", "ecr-public:SetRepositoryPolicy"),
			onKeys("kms:CreateGrant", "kms:DescribeKey", "kms:RetireGrant")},
		"applypolicy":        {onSites("s3:PutBucketPolicy")},
		"hostwebsite":        {onSites("s3:PutBucketPublicAccessBlock", "s3:PutBucketWebsite", "s3:PutBucketPolicy")},
		"awaitdistribution":  {onCloudFront(distributions, "cloudfront:GetDistribution")},
		"updatedistribution": {onCloudFront(distributions, "cloudfront:GetDistribution", "cloudfront:UpdateDistribution"), onWebACL("wafv2:GetWebACL")},
		"updaterepository": {
			onRepositories("ecr:DescribeRepositories", "ecr:ListTagsForResource", "ecr:PutImageTagMutability", "ecr:PutImageScanningConfiguration", "ecr:PutLifecyclePolicy", "ecr:GetRepositoryPolicy", "ecr:SetRepositoryPolicy", "ecr:DeleteRepositoryPolicy"),
			onPublicRepositories("ecr-public:DescribeRepositories", "ecr-public:ListTagsForResource", "ecr-public:SetRepositoryPolicy", "ecr-public:DeleteRepositoryPolicy")},
		"record": nil,

		"enabledistribution": {onCloudFront(distributions, "cloudfront:GetDistribution", "cloudfront:UpdateDistribution")},
		"closewebsite":       {onSites("s3:PutBucketPublicAccessBlock")},

		"beginteardown": {
			onSites("s3:GetBucketTagging", "s3:ListBucket"), // HeadBucket needs ListBucket
			onCloudFront(distributions, "cloudfront:GetDistribution"),
			onAll("cloudfront:ListDistributions", "cloudfront:ListCloudFrontOriginAccessIdentities", "cloudfront:ListOriginAccessControls"),
			onRepositories("ecr:DescribeRepositories", "ecr:ListTagsForResource"),
			onPublicRepositories("ecr-public:DescribeRepositories", "ecr-public:ListTagsForResource")},
		"disabledistribution": {onCloudFront(distributions, "cloudfront:GetDistribution", "cloudfront:UpdateDistribution")},
		"deletedistribution":  {onCloudFront(distributions, "cloudfront:GetDistribution", "cloudfront:DeleteDistribution")},
		"emptybucket": {
			onSites("s3:GetBucketTagging", "s3:PutBucketPolicy", "s3:ListBucketVersions", "s3:ListBucketMultipartUploads"),
			onSitesObjects("s3:DeleteObject", "s3:DeleteObjectVersion", "s3:AbortMultipartUpload"),
			onUploads("s3:ListBucketVersions", "s3:ListBucketMultipartUploads"),
			onUploadsObjects("s3:DeleteObject", "s3:DeleteObjectVersion", "s3:AbortMultipartUpload")},
		"deletebucket": {onSites("s3:GetBucketTagging", "s3:DeleteBucket")},
		"deleteoai": {
			onCloudFront(identities, "cloudfront:GetCloudFrontOriginAccessIdentity", "cloudfront:DeleteCloudFrontOriginAccessIdentity"),
			onCloudFront(controls, "cloudfront:GetOriginAccessControl", "cloudfront:DeleteOriginAccessControl")},
		"deleterepository": {
			onRepositories("ecr:DescribeRepositories", "ecr:ListTagsForResource", "ecr:DeleteRepository"),
			onPublicRepositories("ecr-public:DescribeRepositories", "ecr-public:ListTagsForResource", "ecr-public:DeleteRepository")},
		"deletewebacl": {onAll("wafv2:ListWebACLs", "cloudfront:ListDistributionsByWebACLId"), onWebACL("wafv2:ListTagsForResource", "wafv2:DeleteWebACL")},
		"forget":       nil,

		"inspectcontent": {
			onSites("s3:ListBucket", "s3:ListBucketVersions"), onSitesObjects("s3:GetObjectVersion"),
			onUploads("s3:ListBucket"), onUploadsObjects("s3:GetObject", "s3:PutObject"),
			onRepositories("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")},
		"writeobjects": {
			onSites("s3:ListBucket"), onSitesObjects("s3:GetObjectVersion", "s3:PutObject", "s3:AbortMultipartUpload"),
			onUploads("s3:ListBucket"), onUploadsObjects("s3:GetObject", "s3:PutObject"),
			onRepositories("ecr:GetDownloadUrlForLayer")},
		"removeobjects":     {onSitesObjects("s3:DeleteObject"), onUploads("s3:ListBucket"), onUploadsObjects("s3:GetObject")},
		"invalidate":        {onCloudFront(distributions, "cloudfront:CreateInvalidation"), onUploads("s3:ListBucket"), onUploadsObjects("s3:GetObject")},
		"awaitinvalidation": {onCloudFront(distributions, "cloudfront:GetInvalidation")},
		"finishrelease":     {onSites("s3:ListBucketVersions"), onUploads("s3:ListBucket"), onUploadsObjects("s3:GetObject", "s3:PutObject", "s3:DeleteObject")},

		"finishrollout": nil,
		// What they may do to services is said in targets.go: it depends on which
		// are named.
		"registertaskdefinition": nil,
		"updateservice":          nil,
		"awaitservice":           nil,
		// Lambda sees to it that it may read the repository, in the name of whom
		// gives it the image.
		"updatefunctioncode": {onRepositories("ecr:BatchGetImage", "ecr:GetRepositoryPolicy", "ecr:SetRepositoryPolicy")},
		"awaitfunction":      nil,
		"publishversion":     nil,
		"movealias":          nil,
		"patchdeployment":    nil,
		"awaitrollout":       nil,
		"undorollout":        nil,

		"protectimage": {onRepositories("ecr:BatchGetImage", "ecr:PutImage")},

		"resolvedeploy": nil,
		"verifyimage":   {onRepositories("ecr:DescribeImages")},
		"begindeploy":   nil,
		"faildeploy":    nil,
		// Cost Explorer knows no resources, and CloudWatch none of metrics.
		"estimatecosts": {onRepositories("ecr:DescribeImages"), onAll("cloudwatch:GetMetricData", "ce:GetCostAndUsage"), onBus("events:PutEvents")},
		"findorphans": {
			onAll("s3:ListAllMyBuckets", "cloudfront:ListDistributions", "cloudfront:ListCloudFrontOriginAccessIdentities", "cloudfront:ListOriginAccessControls",
				"ecr:DescribeRepositories", "ecr-public:DescribeRepositories"),
			onSites("s3:GetBucketTagging"), onCloudFront(distributions, "cloudfront:GetDistribution"),
			onCloudFront(identities, "cloudfront:GetCloudFrontOriginAccessIdentity"), onCloudFront(controls, "cloudfront:GetOriginAccessControl"),
			onRepositories("ecr:ListTagsForResource"), onPublicRepositories("ecr-public:ListTagsForResource"),
			onUploads("s3:ListBucket"), onUploadsObjects("s3:GetObject", "s3:PutObject")},
		"beginnight":       {onExecutions("states:DescribeExecution")},
		"decidenight":      {onRepositories("ecr:DescribeImages"), onAll("cloudwatch:GetMetricData"), onBus("events:PutEvents")},
		"settlenight":      nil,
		"endnight":         {onBus("events:PutEvents")},
		"reconciledeploys": {onRepositories("ecr:DescribeImages"), onExecutions("states:DescribeExecution")},

		// What the API signs for its clients, it must be allowed itself.
		"api": {
			onSites("s3:ListBucketVersions"), onUploads("s3:ListBucket"), onUploadsObjects("s3:GetObject", "s3:PutObject"), onRepositories("ecr:DescribeImages"),
			onMachines("states:DescribeStateMachine", "states:ListExecutions"),
			onExecutions("states:DescribeExecution", "states:DescribeStateMachineForExecution", "states:GetExecutionHistory"),
			onAll("cloudwatch:GetMetricData", "states:ListStateMachines"),
			// What the quotas are, and how much of the account's is in use: none of these names a resource.
			onAll("servicequotas:GetServiceQuota", "servicequotas:GetAWSDefaultServiceQuota", "cloudfront:ListDistributions", "cloudfront:ListCloudFrontOriginAccessIdentities", "s3:ListAllMyBuckets", "ecr:DescribeRepositories")},
	}
}

// grant gives each function its records and its rights, and the machines the
// right to start one another.
func grant(s settings.Settings, kept storage, steps map[string]step, machines map[string]machine) {
	all := rights()
	for name, function := range steps {
		for _, r := range slices.Concat(records(name), all[name]) {
			statement := &awsiam.PolicyStatementProps{Actions: jsii.Strings(r.actions...), Resources: &[]*string{r.resource(function, kept)}}
			if r.conditions != nil {
				statement.Conditions = &r.conditions
			}
			function.AddToRolePolicy(awsiam.NewPolicyStatement(statement))
		}
	}
	// The provision machine undoes what failed by the teardown machine, and
	// the orphans machine removes by it what has no record; the
	// deploy machine wakes what sleeps, and releases by the release and rollout
	// machines, and both wait for it.
	runAndWait(machines["provision"], machines["teardown"])
	runAndWait(machines["deploy"], machines["release"])
	runAndWait(machines["deploy"], machines["rollout"])
	runAndWait(machines["deploy"], machines["wake"])
	runAndWait(machines["orphans"], machines["teardown"])
	runAndWait(machines["nightly"], machines["orphans"])
	machines["deploy"].GrantStartExecution(machines["reconcile"].StateMachine)
	// The nightly machine starts both, and waits for neither.
	for _, name := range []string{"sleep", "teardown"} {
		machines[name].GrantStartExecution(machines["nightly"].StateMachine)
	}
	runsMaps(machines["nightly"], s, "nightly")
}

// runsMaps lets a machine run its distributed maps, whose items are executions
// of its own. It is named, for its role can't refer to it.
func runsMaps(machine machine, s settings.Settings, name string) {
	scope := machine.StateMachine
	executions := awscdk.Stack_Of(scope).FormatArn(&awscdk.ArnComponents{
		Service: jsii.String("states"), Resource: jsii.String("execution"), ResourceName: jsii.String(s.Name(name) + "/*"), ArnFormat: awscdk.ArnFormat_COLON_RESOURCE_NAME,
	})
	machine.AddToRolePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions: jsii.Strings("states:StartExecution"), Resources: &[]*string{machineARN(scope, s, name)},
	}))
	machine.AddToRolePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions: jsii.Strings("states:DescribeExecution", "states:StopExecution"), Resources: &[]*string{executions},
	}))
}

// runAndWait lets one machine run another: .sync needs to follow the execution
// and its rule.
func runAndWait(machine, other machine) {
	other.GrantStartExecution(machine.StateMachine)
	other.GrantExecution(machine.StateMachine, jsii.String("states:DescribeExecution"), jsii.String("states:StopExecution"))
	machine.AddToRolePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions: jsii.Strings("events:PutTargets", "events:PutRule", "events:DescribeRule"),
		Resources: &[]*string{awscdk.Stack_Of(machine.StateMachine).FormatArn(&awscdk.ArnComponents{
			Service: jsii.String("events"), Resource: jsii.String("rule"), ResourceName: jsii.String("StepFunctionsGetEventsForStepFunctionsExecutionRule")})},
	}))
}
