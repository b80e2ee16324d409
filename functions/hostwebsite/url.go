package hostwebsite

import (
	"slices"
	"strings"
)

// dashed are the regions whose website endpoints have a hyphen between
// s3-website and the region. All later ones have a dot.
// https://docs.aws.amazon.com/general/latest/gr/s3.html#s3_website_region_endpoints
func dashed(region string) bool {
	return slices.Contains([]string{
		"us-east-1", "us-west-1", "us-west-2", "us-gov-west-1", "sa-east-1", "eu-west-1",
		"ap-southeast-1", "ap-southeast-2", "ap-northeast-1",
	}, region)
}

// URL returns the address of a bucket's website, by template, in which
// {bucket} and {region} stand for the two, or as AWS has it when template is
// empty.
func URL(template, bucket, region string) string {
	if template == "" {
		template = "http://{bucket}.s3-website.{region}.amazonaws.com"
		if dashed(region) {
			template = "http://{bucket}.s3-website-{region}.amazonaws.com"
		}
		if strings.HasPrefix(region, "cn-") {
			template += ".cn"
		}
	}
	return strings.NewReplacer("{bucket}", bucket, "{region}", region).Replace(template)
}
