// Package cloudfront is CloudFront's control plane on one machine: the REST
// and XML API of 2020-05-31 that unmodified AWS SDKs and the AWS CLI speak,
// over state that survives being killed.
//
// A change is in progress for [Options.Propagation] and deployed after it;
// both are computed from stored times, so a restart neither loses nor prolongs
// them and nothing runs in the background. The edge sees what is deployed: a
// new distribution is reachable at once (AWS shows it within seconds, too), a
// change of an existing one, such as disabling it, when it has spread.
//
// What is refused is refused with CloudFront's own codes: see the table in
// errors.go. A distribution whose disabling is still spreading answers
// DistributionNotDisabled to DeleteDistribution, as AWS does.
package cloudfront
