package cost

// Item is something that AWS asks money for.
type Item string

// The items.
const (
	// What a distribution serves: requests by HTTPS, and bytes to viewers. AWS
	// asks for both by where the viewer is.
	CloudFrontRequests Item = "cloudfront.requests"
	CloudFrontTransfer Item = "cloudfront.transfer"
	// CloudFrontOrigin is what viewers upload through a distribution.
	CloudFrontOrigin Item = "cloudfront.origin"
	// CloudFrontFunctions are runs of a function at the edge, which folder URLs
	// and single-page apps take.
	CloudFrontFunctions Item = "cloudfront.functions"
	// CloudFrontInvalidations are the paths that releases invalidate.
	CloudFrontInvalidations Item = "cloudfront.invalidations"

	// S3Storage is all versions of all objects, S3Writes are PUT, COPY, POST and
	// LIST requests, and S3Reads are GET and all others; DELETE is free.
	S3Storage Item = "s3.storage"
	S3Writes  Item = "s3.writes"
	S3Reads   Item = "s3.reads"

	// ECRStorage is the images of a repository.
	ECRStorage Item = "ecr.storage"

	// The web ACL that sandboxes with a firewall share, its rules, and what it
	// looked at.
	WAFACL      Item = "waf.acl"
	WAFRules    Item = "waf.rules"
	WAFRequests Item = "waf.requests"

	// What the flows of a sandbox take.
	StepFunctions  Item = "stepfunctions.transitions"
	LambdaRequests Item = "lambda.requests"
	LambdaDuration Item = "lambda.duration"
	DynamoWrites   Item = "dynamodb.writes"
	DynamoReads    Item = "dynamodb.reads"

	// What asking costs: metrics of CloudWatch, and Cost Explorer.
	CloudWatchMetrics Item = "cloudwatch.metrics"
	CostExplorer      Item = "costexplorer.requests"
)

// Items returns all items, in the order of a bill.
func Items() []Item {
	return []Item{
		CloudFrontRequests, CloudFrontTransfer, CloudFrontOrigin, CloudFrontFunctions, CloudFrontInvalidations,
		S3Storage, S3Writes, S3Reads, ECRStorage, WAFACL, WAFRules, WAFRequests,
		StepFunctions, LambdaRequests, LambdaDuration, DynamoWrites, DynamoReads, CloudWatchMetrics, CostExplorer,
	}
}

// Unit is what an item's price is for.
type Unit struct {
	// Name is the unit as AWS's price lists say it.
	Name string
	// Per is how many of what is metered (bytes, requests, MB-milliseconds) are
	// one; of an item that is priced by the month, how many of them for one hour.
	Per uint64
	// Monthly says that the price is for a month: the metered is by the hour.
	Monthly bool
}

// GB is AWS's: S3 bills byte-hours by 2^30.
const GB = 1 << 30

// Unit returns what the item's price is for, which AWS's price pages say.
func (i Item) Unit() Unit {
	switch i {
	case CloudFrontRequests:
		return Unit{Name: "10,000 requests", Per: 10_000}
	case CloudFrontTransfer, CloudFrontOrigin:
		return Unit{Name: "GB", Per: GB}
	case CloudFrontInvalidations, CostExplorer:
		return Unit{Name: "1", Per: 1}
	case S3Storage, ECRStorage:
		return Unit{Name: "GB-month", Per: GB, Monthly: true}
	case S3Writes, S3Reads, StepFunctions, CloudWatchMetrics:
		return Unit{Name: "1,000", Per: 1000}
	case WAFACL, WAFRules: // a share of them, in thousandths of an hour
		return Unit{Name: "month", Per: 1000, Monthly: true}
	case LambdaDuration:
		return Unit{Name: "GB-second", Per: 1024 * 1000}
	}
	return Unit{Name: "1,000,000", Per: 1_000_000}
}

// per returns how many of the metered are one unit in a month.
func (u Unit) per(m Month) uint64 {
	if u.Monthly {
		return u.Per * m.Hours()
	}
	return u.Per
}

// Label says what the item is to a person.
func (i Item) Label() string {
	return map[Item]string{
		CloudFrontRequests: "CloudFront requests", CloudFrontTransfer: "CloudFront to viewers", CloudFrontOrigin: "CloudFront uploads",
		CloudFrontFunctions: "CloudFront functions", CloudFrontInvalidations: "CloudFront invalidated paths",
		S3Storage: "S3 storage, all versions", S3Writes: "S3 PUT, LIST", S3Reads: "S3 GET", ECRStorage: "ECR storage",
		WAFACL: "WAF web ACL", WAFRules: "WAF rules", WAFRequests: "WAF requests",
		StepFunctions: "Step Functions transitions", LambdaRequests: "Lambda requests", LambdaDuration: "Lambda duration",
		DynamoWrites: "DynamoDB writes", DynamoReads: "DynamoDB reads",
		CloudWatchMetrics: "CloudWatch metrics asked for", CostExplorer: "Cost Explorer requests",
	}[i]
}
