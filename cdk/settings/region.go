package settings

import (
	"fmt"
	"slices"
	"strings"
)

// Regions returns the regions that Mayfly can be installed in: those of
// partition aws that were opened before December 2022, since an origin access
// identity serves buckets of no later one. The list is complete for that
// reason; it does not grow.
func Regions() []string {
	return []string{
		"af-south-1",
		"ap-east-1", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-south-2", "ap-southeast-1", "ap-southeast-2", "ap-southeast-3",
		"ca-central-1",
		"eu-central-1", "eu-central-2", "eu-north-1", "eu-south-1", "eu-south-2", "eu-west-1", "eu-west-2", "eu-west-3",
		"me-central-1", "me-south-1",
		"sa-east-1",
		"us-east-1", "us-east-2", "us-west-1", "us-west-2",
	}
}

// checkRegion says why a region can't have an installation.
func checkRegion(region string) error {
	if slices.Contains(Regions(), region) {
		return nil
	}
	why := "an origin access identity serves buckets of regions opened before December 2022 alone, and this is none of them"
	switch {
	case strings.HasPrefix(region, "cn-"):
		why = "CloudFront in China is a service of its own, without what Mayfly needs (ECR Public, CloudFront Functions)"
	case strings.HasPrefix(region, "us-gov-"), strings.Contains(region, "-iso"), strings.HasPrefix(region, "eusc-"):
		why = "CloudFront is not a service of that partition"
	}
	return fmt.Errorf("context mayfly:region %q: %s; choose one of %s", region, why, strings.Join(Regions(), ", "))
}
