package guard

import "strings"

var events = table{
	"PutEvents":    putEvents,
	"PutRule":      member("events:PutRule", "Name", ruleARN),
	"PutTargets":   member("events:PutTargets", "Rule", ruleARN),
	"DescribeRule": member("events:DescribeRule", "Name", ruleARN),
	"ListRules":    everywhere("events:ListRules"),
}

func ruleARN(q *request, name string) string { return q.arn("events", "rule/"+name) }

// putEvents needs the right to each bus that an entry is for.
func putEvents(q *request) ([]Need, error) {
	var in struct {
		Entries []struct{ EventBusName string }
	}
	if err := q.decode(&in); err != nil {
		return nil, err
	}
	var needs []Need
	for _, entry := range in.Entries {
		bus := entry.EventBusName
		switch {
		case bus == "":
			bus = q.arn("events", "event-bus/default")
		case !strings.HasPrefix(bus, "arn:"):
			bus = q.arn("events", "event-bus/"+bus)
		}
		needs = append(needs, Need{Action: "events:PutEvents", Resource: bus})
	}
	return needs, nil
}

var lambda = table{
	"Invoke": func(q *request) ([]Need, error) { // /2015-03-31/functions/NAME/invocations
		name := q.segment(2)
		if !strings.HasPrefix(name, "arn:") {
			name = q.arn("lambda", "function:"+name)
		}
		if qualifier := q.URL.Query().Get("Qualifier"); qualifier != "" {
			name += ":" + qualifier
		}
		return one("lambda:InvokeFunction", name)
	},
	"ListFunctions": everywhere("lambda:ListFunctions"),
}

// servicequotas are Service Quotas, which Mayfly only reads.
var servicequotas = table{
	"GetServiceQuota":           everywhere("servicequotas:GetServiceQuota"),
	"GetAWSDefaultServiceQuota": everywhere("servicequotas:GetAWSDefaultServiceQuota"),
	"ListServiceQuotas":         everywhere("servicequotas:ListServiceQuotas"),
}

// monitoring is CloudWatch, whose metrics are no resources.
var monitoring = table{
	"GetMetricData":       everywhere("cloudwatch:GetMetricData"),
	"GetMetricStatistics": everywhere("cloudwatch:GetMetricStatistics"),
	"ListMetrics":         everywhere("cloudwatch:ListMetrics"),
	"PutMetricData":       everywhere("cloudwatch:PutMetricData"),
}

var sqs = table{
	"SendMessage":        member("sqs:SendMessage", "QueueUrl", queueARN),
	"ReceiveMessage":     member("sqs:ReceiveMessage", "QueueUrl", queueARN),
	"DeleteMessage":      member("sqs:DeleteMessage", "QueueUrl", queueARN),
	"GetQueueAttributes": member("sqs:GetQueueAttributes", "QueueUrl", queueARN),
	"GetQueueUrl":        member("sqs:GetQueueUrl", "QueueName", queueARN),
	"ListQueues":         everywhere("sqs:ListQueues"),
}

// queueARN is that of a queue by its name or by its URL, of which the name is
// the end.
func queueARN(q *request, url string) string {
	return q.arn("sqs", url[strings.LastIndexByte(url, '/')+1:])
}

// sts: everybody may ask who they are. AssumeRole is decided where it is done.
var sts = table{
	"GetCallerIdentity": nothing,
	"AssumeRole":        nothing,
}
