package doctor

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/mayfly-dev/mayfly/awserr"
	"github.com/mayfly-dev/mayfly/cdk/settings"
)

// Identity is what asking who one is needs of STS.
type Identity interface {
	GetCallerIdentity(context.Context, *sts.GetCallerIdentityInput, ...func(*sts.Options)) (*sts.GetCallerIdentityOutput, error)
}

// How far the clocks may be apart: AWS refuses a signature that is five
// minutes old.
const (
	skewRefused = 5 * time.Minute
	skewNoticed = time.Minute
)

// Caller says whose credentials these are, and whether this machine's clock is
// AWS's. It needs no right.
func Caller(client Identity, now func() time.Time) Check {
	return func(ctx context.Context) []Result {
		out, err := client.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
		if awserr.Is(err, "RequestExpired", "RequestTimeTooSkewed", "SignatureDoesNotMatch") {
			return slices.Concat(
				fail("credentials", "AWS refuses the signature: "+awserr.Name(err), "check the secret key, and the clock: a signature is good for five minutes"),
				skip("clock", "AWS did not tell the time"))
		}
		if err != nil {
			return slices.Concat(refused(err), skip("clock", "AWS did not tell the time"))
		}
		results := ok("credentials", fmt.Sprintf("account %s as %s", aws.ToString(out.Account), aws.ToString(out.Arn)))
		theirs, told := awsmiddleware.GetServerTime(out.ResultMetadata)
		if !told {
			return append(results, skip("clock", "AWS did not tell the time")...)
		}
		return append(results, clock(now().Sub(theirs))...)
	}
}

// refused says why there are no credentials that AWS takes.
func refused(err error) []Result {
	switch name := awserr.Name(err); name {
	case "ExpiredToken", "ExpiredTokenException":
		return fail("credentials", "they have expired ("+name+")", "log in again, with aws sso login for example")
	case "InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId":
		return fail("credentials", "AWS does not know the access key ("+name+")", "check AWS_ACCESS_KEY_ID, or name another profile with AWS_PROFILE")
	case awserr.NetworkError, awserr.Timeout:
		return fail("credentials", "AWS can't be reached: "+err.Error(), "check the network, and HTTPS_PROXY where there is a proxy")
	}
	return fail("credentials", "there are none that work: "+err.Error(), "set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; aws configure makes a profile")
}

func clock(ahead time.Duration) []Result {
	off := fmt.Sprintf("this machine's is %s off AWS's", ahead.Abs().Round(time.Second))
	switch {
	case ahead.Abs() >= skewRefused:
		return fail("clock", off, "set the clock (timedatectl set-ntp true): AWS refuses what is signed five minutes off")
	case ahead.Abs() >= skewNoticed:
		return warn("clock", off, "set the clock (timedatectl set-ntp true): from five minutes on AWS refuses every request")
	}
	return ok("clock", off)
}

// Region says whether Mayfly can be in a region.
func Region(region string) Check {
	return func(context.Context) []Result {
		switch {
		case region == "":
			return fail("region", "none is set", "set AWS_REGION, us-east-1 for example")
		case !slices.Contains(settings.Regions(), region):
			return fail("region", region+" can't hold a stack: CloudFront's origin access identities do not reach its buckets", "choose a region that AWS opened before 2023, such as us-east-1 or eu-west-1")
		}
		return ok("region", region)
	}
}
