package sfn

import "github.com/mayfly-dev/mayfly/local/asl"

// inspectionData is AWS's InspectionData.
func inspectionData(i *asl.Inspection) map[string]any {
	out := map[string]any{}
	for stage, text := range i.Stages {
		out[string(stage)] = string(text)
	}
	put(out, "maxConcurrency", i.MaxConcurrency)
	put(out, "toleratedFailureCount", i.ToleratedFailureCount)
	put(out, "toleratedFailurePercentage", i.ToleratedFailurePercentage)
	if i.Error != nil {
		details := map[string]any{}
		put(details, "catchIndex", i.Error.CatchIndex)
		put(details, "retryIndex", i.Error.RetryIndex)
		put(details, "retryBackoffIntervalSeconds", i.Error.RetryBackoffSeconds)
		out["errorDetails"] = details
	}
	if r := i.Request; r != nil {
		out["request"] = map[string]string{"protocol": r.Protocol, "method": r.Method, "url": r.URL, "headers": r.Headers, "body": r.Body}
	}
	if r := i.Response; r != nil {
		out["response"] = map[string]string{
			"protocol": r.Protocol, "statusCode": r.StatusCode, "statusMessage": r.StatusMessage, "headers": r.Headers, "body": r.Body,
		}
	}
	return out
}

// put sets a member, unless there is nothing to say.
func put[T any](out map[string]any, member string, v *T) {
	if v != nil {
		out[member] = *v
	}
}
