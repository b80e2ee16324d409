package cost

import (
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Offer is what of one of AWS's price lists is of use: an offer file of the Price
// List Bulk API, of one service in one region or in all.
type Offer struct {
	// Service is AWS's code of the service, Published when the list was.
	Service   string
	Published time.Time
	// Prices are what was found, by region and item; by the code of where viewers
	// are ("US", "EU") for what CloudFront serves, and by "" for what costs the
	// same everywhere.
	Prices map[string]map[Item]string
}

// usageType says which item a product is: by its service and its usage type,
// which has the region's code in front everywhere but in us-east-1.
type usageType struct {
	service string
	name    *regexp.Regexp
	item    Item
	// everywhere says that the region does not matter.
	everywhere bool
}

// usageTypes are AWS's names of the items. What a unit of AWS's price lists is
// (a request, a GB-month) is scaled to the item's unit.
func usageTypes() []usageType {
	regional := func(service, name string, item Item) usageType {
		return usageType{service, regexp.MustCompile(`^(?:[A-Z]{2,4}\d?-)?` + name + `$`), item, false}
	}
	edge := func(name string, item Item) usageType {
		return usageType{"AmazonCloudFront", regexp.MustCompile(`^([A-Z]{2})-` + name + `$`), item, false}
	}
	everywhere := func(service, name string, item Item) usageType {
		return usageType{service, regexp.MustCompile(`^(?:[A-Z]{2,4}\d?-)?` + name + `$`), item, true}
	}
	return []usageType{
		edge("Requests-Tier2-HTTPS", CloudFrontRequests), edge("DataTransfer-Out-Bytes", CloudFrontTransfer), edge("DataTransfer-Out-OBytes", CloudFrontOrigin),
		everywhere("AmazonCloudFront", "Executions-CloudFrontFunctions", CloudFrontFunctions), everywhere("AmazonCloudFront", "Invalidations", CloudFrontInvalidations),
		regional("AmazonS3", "TimedStorage-ByteHrs", S3Storage), regional("AmazonS3", "Requests-Tier1", S3Writes), regional("AmazonS3", "Requests-Tier2", S3Reads),
		regional("AmazonECR", "TimedStorage-ByteHrs", ECRStorage),
		regional("AmazonStates", "StateTransition", StepFunctions),
		regional("AWSLambda", "Request(?:-ARM)?", LambdaRequests), regional("AWSLambda", "Lambda-GB-Second-ARM", LambdaDuration),
		regional("AmazonDynamoDB", "WriteRequestUnits", DynamoWrites), regional("AmazonDynamoDB", "ReadRequestUnits", DynamoReads),
		everywhere("awswaf", "WebACLV2", WAFACL), everywhere("awswaf", "RuleV2", WAFRules), everywhere("awswaf", "RequestV2-Tier1", WAFRequests),
	}
}

// offerFile is the part of AWS's format that is read.
type offerFile struct {
	OfferCode       string    `json:"offerCode"`
	PublicationDate time.Time `json:"publicationDate"`
	Products        map[string]struct {
		Attributes struct {
			UsageType  string `json:"usagetype"`
			RegionCode string `json:"regionCode"`
		} `json:"attributes"`
	} `json:"products"`
	Terms struct {
		OnDemand map[string]map[string]struct {
			PriceDimensions map[string]dimension `json:"priceDimensions"`
		} `json:"OnDemand"`
	} `json:"terms"`
}

// dimension is a tier of a product's price.
type dimension struct {
	BeginRange   string            `json:"beginRange"`
	Unit         string            `json:"unit"`
	PricePerUnit map[string]string `json:"pricePerUnit"`
}

// ReadOffer reads an offer file in JSON. Of each product it takes the first tier
// that costs something: what is free before that is the account's.
func ReadOffer(r io.Reader) (Offer, error) {
	var f offerFile
	if err := json.NewDecoder(r).Decode(&f); err != nil {
		return Offer{}, fmt.Errorf("read AWS's price list: %w", err)
	}
	if f.OfferCode == "" || f.PublicationDate.IsZero() {
		return Offer{}, fmt.Errorf("read AWS's price list: it names no offerCode and publicationDate: it must be an index.json of the Price List Bulk API")
	}
	o := Offer{Service: f.OfferCode, Published: f.PublicationDate.UTC(), Prices: make(map[string]map[Item]string)}
	types := slices.DeleteFunc(usageTypes(), func(u usageType) bool { return u.service != f.OfferCode })
	for sku, product := range f.Products {
		for _, is := range types {
			match := is.name.FindStringSubmatch(product.Attributes.UsageType)
			if match == nil {
				continue
			}
			place := product.Attributes.RegionCode
			switch {
			case is.everywhere:
				place = ""
			case len(match) > 1:
				place = match[1]
			}
			for _, term := range f.Terms.OnDemand[sku] {
				if err := o.add(place, is.item, term.PriceDimensions); err != nil {
					return Offer{}, fmt.Errorf("read AWS's price list: %s: %w", product.Attributes.UsageType, err)
				}
			}
		}
	}
	if len(o.Prices) == 0 {
		return Offer{}, fmt.Errorf("read AWS's price list: there is nothing of use in the one of %s", f.OfferCode)
	}
	return o, nil
}

// add takes the first tier that costs something; of two products of an item in a
// place the dearer stays.
func (o *Offer) add(place string, item Item, tiers map[string]dimension) error {
	var first *big.Rat
	begins := -1.0
	for _, tier := range tiers {
		usd, ok := new(big.Rat).SetString(tier.PricePerUnit["USD"])
		if !ok {
			return fmt.Errorf("its price %q is not in USD", tier.PricePerUnit)
		}
		begin, err := strconv.ParseFloat(tier.BeginRange, 64)
		if err != nil {
			return fmt.Errorf("its tier begins at %q", tier.BeginRange)
		}
		if usd.Sign() > 0 && (begins < 0 || begin < begins) {
			first, begins = usd, begin
		}
	}
	if first == nil {
		return nil // free
	}
	first.Mul(first, new(big.Rat).SetUint64(item.perListed()))
	text := strings.TrimSuffix(strings.TrimRight(first.FloatString(12), "0"), ".")
	if o.Prices[place] == nil {
		o.Prices[place] = make(map[Item]string)
	}
	before, ok := new(big.Rat).SetString(o.Prices[place][item])
	if !ok || first.Cmp(before) > 0 {
		o.Prices[place][item] = text
	}
	return nil
}

// perListed returns how many of AWS's units are one of the item's: AWS lists the
// price of one request, and people speak of a thousand.
func (i Item) perListed() uint64 {
	switch i {
	case CloudFrontRequests, CloudFrontFunctions, S3Writes, S3Reads, StepFunctions, LambdaRequests, DynamoWrites, DynamoReads, WAFRequests:
		return i.Unit().Per
	}
	return 1
}
