package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsbudgets"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssnssubscriptions"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/mayfly-dev/mayfly/cdk/settings"
)

// newNotifications makes the topic that tells people of what they must know,
// and the budget that tells it first.
func newNotifications(scope constructs.Construct, s settings.Settings) awssns.Topic {
	topic := awssns.NewTopic(scope, jsii.String("Notifications"), &awssns.TopicProps{
		TopicName: jsii.String(s.Name("notifications")), DisplayName: jsii.String("Mayfly " + s.Stage), EnforceSSL: jsii.Bool(true),
	})
	// A topic with a policy of its own lets nobody publish whom it does not name.
	publishers := map[string]map[string]any{
		"cloudwatch": {
			"StringEquals": map[string]any{"aws:SourceAccount": awscdk.Stack_Of(scope).Account()},
			"ArnLike": map[string]any{"aws:SourceArn": awscdk.Stack_Of(scope).FormatArn(&awscdk.ArnComponents{
				Service: jsii.String("cloudwatch"), Resource: jsii.String("alarm"), ResourceName: jsii.String(s.Name("*")), ArnFormat: awscdk.ArnFormat_COLON_RESOURCE_NAME,
			})},
		},
		"budgets": {"StringEquals": map[string]any{"aws:SourceAccount": awscdk.Stack_Of(scope).Account()}},
	}
	for _, service := range []string{"cloudwatch", "budgets"} {
		conditions := publishers[service]
		topic.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Sid: jsii.String(service), Actions: jsii.Strings("sns:Publish"), Resources: &[]*string{topic.TopicArn()}, Conditions: &conditions,
			Principals: &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String(service+".amazonaws.com"), nil)},
		}))
	}
	for _, address := range s.Notify {
		topic.AddSubscription(awssnssubscriptions.NewEmailSubscription(jsii.String(address), nil))
	}
	newBudget(scope, s, topic)
	return topic
}

// newBudget tells when the account has spent most of the month's budget, and
// when it will spend more. It is the whole account's: a budget by tag sees
// nothing until somebody activates the tag for cost allocation.
func newBudget(scope constructs.Construct, s settings.Settings, topic awssns.Topic) {
	if s.BudgetUSD == 0 {
		return
	}
	tell := func(kind string, percent int) any {
		return &awsbudgets.CfnBudget_NotificationWithSubscribersProperty{
			Notification: &awsbudgets.CfnBudget_NotificationProperty{
				NotificationType: jsii.String(kind), ComparisonOperator: jsii.String("GREATER_THAN"), Threshold: jsii.Number(percent), ThresholdType: jsii.String("PERCENTAGE"),
			},
			Subscribers: &[]any{&awsbudgets.CfnBudget_SubscriberProperty{SubscriptionType: jsii.String("SNS"), Address: topic.TopicArn()}},
		}
	}
	budget := awsbudgets.NewCfnBudget(scope, jsii.String("Budget"), &awsbudgets.CfnBudgetProps{
		Budget: &awsbudgets.CfnBudget_BudgetDataProperty{
			BudgetName: jsii.String(s.Name("monthly")), BudgetType: jsii.String("COST"), TimeUnit: jsii.String("MONTHLY"),
			BudgetLimit: &awsbudgets.CfnBudget_SpendProperty{Amount: jsii.Number(s.BudgetUSD), Unit: jsii.String("USD")},
		},
		NotificationsWithSubscribers: &[]any{tell("ACTUAL", 80), tell("ACTUAL", 100), tell("FORECASTED", 100)},
	})
	// The budget sends a message to see that it may, so the policy comes first.
	budget.Node().AddDependency(topic.Node().FindChild(jsii.String("Policy")).(constructs.IDependable))
}
