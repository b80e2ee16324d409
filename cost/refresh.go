package cost

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

// edges are the codes of where viewers are, by the first price class that serves
// there: each class serves where the ones before do, too.
func edges() []struct {
	class  string
	places []string
} {
	return []struct {
		class  string
		places []string
	}{
		{"PriceClass_100", []string{"US", "CA", "MX", "EU", "IL", "TR"}},
		{"PriceClass_200", []string{"JP", "AP", "IN", "ZA", "ME", "KE", "NG"}},
		{"PriceClass_All", []string{"SA", "AU"}},
	}
}

// Refresh returns a file of prices, such as the one that Mayfly comes with, with
// what AWS's price lists tell put in its place, and what changed, each as a line.
// Regions that are not in it yet are added, once all their prices are known.
// What is in no list stays; the day on which the prices were checked becomes
// today once each service was in a list, for what is not checked is as old as it
// was.
func Refresh(text []byte, offers []Offer, today time.Time) (refreshed []byte, changes []string, err error) {
	var f file
	if err := json.Unmarshal(text, &f); err != nil {
		return nil, nil, fmt.Errorf("prices: %w", err)
	}
	if f.Everywhere == nil || f.Regions == nil || f.PriceClasses == nil {
		return nil, nil, errors.New("prices: the file has no prices")
	}
	set := func(where string, in map[Item]string, item Item, price string) {
		if old := in[item]; !same(old, price) {
			changes = append(changes, fmt.Sprintf("%s, %s: %s, was %s", item, where, price, or(old, "not there")))
			in[item] = price
		}
	}
	found := make(map[string]map[Item]string)
	checked := make(map[string]bool)
	for _, offer := range offers {
		checked[offer.Service] = true
		for place, prices := range offer.Prices {
			if found[place] == nil {
				found[place] = make(map[Item]string)
			}
			maps.Copy(found[place], prices)
		}
	}
	for _, item := range slices.Sorted(maps.Keys(found[""])) {
		set("everywhere", f.Everywhere, item, found[""][item])
	}
	f.edges(found, set)
	for _, region := range slices.Sorted(maps.Keys(found)) {
		in, known := f.Regions[region]
		if !known {
			if len(found[region]) < len(regional()) || region == "" {
				continue // an edge, or a region of which not all is known
			}
			in = make(map[Item]string)
			f.Regions[region] = in
		}
		for _, item := range slices.Sorted(maps.Keys(found[region])) {
			set(region, in, item, found[region][item])
		}
	}
	all := true
	for _, of := range usageTypes() {
		all = all && checked[of.service]
	}
	if all {
		f.Checked = today.UTC().Format(time.DateOnly)
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(f); err != nil {
		return nil, nil, err
	}
	if _, err := ParsePrices(out.Bytes()); err != nil {
		return nil, nil, err
	}
	return out.Bytes(), changes, nil
}

// edges sets what CloudFront asks by where viewers are: for each price class the
// dearest of where it serves.
func (f *file) edges(found map[string]map[Item]string, set func(where string, in map[Item]string, item Item, price string)) {
	dearest := make(map[Item]string)
	for _, step := range edges() {
		for _, place := range step.places {
			for item, price := range found[place] {
				if less(dearest[item], price) {
					dearest[item] = price
				}
			}
		}
		in := f.PriceClasses[step.class]
		if in == nil {
			continue
		}
		for _, item := range slices.Sorted(maps.Keys(dearest)) {
			set(step.class, in, item, dearest[item])
		}
	}
}

// regional are the items that have a price in each region.
func regional() []Item {
	return []Item{S3Storage, S3Writes, S3Reads, ECRStorage, StepFunctions, LambdaRequests, LambdaDuration, DynamoWrites, DynamoReads}
}

func same(a, b string) bool { return !less(a, b) && !less(b, a) && a != "" }

// less reports whether a is a lower price than b; none is the lowest.
func less(a, b string) bool {
	x, ok := scaled(a, 12)
	y, _ := scaled(b, 12)
	return !ok || x < y
}

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}
