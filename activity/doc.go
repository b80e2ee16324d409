// Package activity is how sandboxes are used: when one was used last, which is
// what idleness is judged by, and what happened to it day by day. Package metered
// finds it out; whoever only decides by it does without the clients of AWS.
//
// That package asks CloudWatch for what CloudFront and ECR count themselves, ECR
// for its images, and the record for releases and changes. On one machine the
// same requests go to the same metrics of the local cloud.
//
// What can't be known is said: CloudWatch may refuse, answer in part, or tell
// late. A sandbox of which not everything is known is never idle, see
// [Activity.Idle].
//
// Requests that come as regularly as a clock are not use: health checks ask
// like that, and people do not. See docs/adr/0022.
package activity
