package distribution

import (
	"net/url"
	"reflect"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"github.com/mayfly-dev/mayfly/events"
)

// errorTTL is how many seconds CloudFront remembers that something is not
// there: long enough to shield the bucket, short enough that a release shows.
const errorTTL = 10

// Apply alters config to what spec asks for, and reports whether that changed
// anything. It touches what a spec says and nothing else, so that what others
// added to the distribution (a web ACL, an alias) stays.
//
// folderURLs is the ARN of the function for folders' URLs; when it is empty,
// the function associations stay as they are. The function is one for the
// whole installation and can't read a distribution's configuration: a folder's
// page is index.html whatever the spec's IndexDocument, which names the page
// of the root alone.
func Apply(config *types.DistributionConfig, spec events.Spec, folderURLs string) (changed bool) {
	before := view(config)
	config.DefaultRootObject = aws.String(spec.IndexDocument)
	config.PriceClass = types.PriceClass(spec.PriceClass)
	config.CustomErrorResponses = errorResponses(spec)
	if folderURLs != "" {
		config.DefaultCacheBehavior.FunctionAssociations = associate(config.DefaultCacheBehavior.FunctionAssociations, folderURLs, !spec.SinglePageApp)
	}
	return !reflect.DeepEqual(before, view(config))
}

// errorResponses maps 403 and 404 alike: without s3:ListBucket S3 answers 403
// for a key that is not there.
func errorResponses(spec events.Spec) *types.CustomErrorResponses {
	page, status := spec.ErrorDocument, "404"
	if spec.SinglePageApp {
		page, status = spec.IndexDocument, "200"
	}
	out := &types.CustomErrorResponses{}
	for _, code := range []int32{403, 404} {
		response := types.CustomErrorResponse{ErrorCode: aws.Int32(code), ErrorCachingMinTTL: aws.Int64(errorTTL)}
		if page != "" {
			path := url.URL{Path: "/" + page}
			response.ResponsePagePath, response.ResponseCode = aws.String(path.EscapedPath()), aws.String(status)
		}
		out.Items = append(out.Items, response)
	}
	out.Quantity = aws.Int32(int32(len(out.Items)))
	return out
}

func associate(there *types.FunctionAssociations, arn string, wanted bool) *types.FunctionAssociations {
	var items []types.FunctionAssociation
	if there != nil {
		items = slices.Clone(there.Items)
	}
	items = slices.DeleteFunc(items, func(a types.FunctionAssociation) bool { return aws.ToString(a.FunctionARN) == arn })
	if wanted {
		items = append(items, types.FunctionAssociation{EventType: types.EventTypeViewerRequest, FunctionARN: aws.String(arn)})
	}
	return &types.FunctionAssociations{Quantity: aws.Int32(int32(len(items))), Items: items}
}

// part is what of a configuration a spec decides, in comparable form: an empty
// list and a missing one are the same.
type part struct {
	root, priceClass string
	errors           []errorPage
	functions        map[string]types.EventType
}

type errorPage struct {
	code   int32
	ttl    int64
	page   string
	status string
}

func view(config *types.DistributionConfig) part {
	p := part{root: aws.ToString(config.DefaultRootObject), priceClass: string(config.PriceClass), functions: map[string]types.EventType{}}
	if config.CustomErrorResponses != nil {
		for _, r := range config.CustomErrorResponses.Items {
			p.errors = append(p.errors, errorPage{aws.ToInt32(r.ErrorCode), aws.ToInt64(r.ErrorCachingMinTTL), aws.ToString(r.ResponsePagePath), aws.ToString(r.ResponseCode)})
		}
		slices.SortFunc(p.errors, func(a, b errorPage) int { return int(a.code - b.code) })
	}
	if behavior := config.DefaultCacheBehavior; behavior != nil && behavior.FunctionAssociations != nil {
		for _, a := range behavior.FunctionAssociations.Items {
			p.functions[aws.ToString(a.FunctionARN)] = a.EventType
		}
	}
	return p
}
