package cost

import (
	_ "embed" // the prices
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// oldAfter is how old prices may be before who reads an estimate is warned.
const oldAfter = 90 * 24 * time.Hour

//go:embed prices.json
var embedded []byte

// Prices are AWS's list prices in US dollars, of the first tier of each item.
// A volume so large that the next tier begins is cheaper.
type Prices struct {
	// Checked is the day on which they were last compared with their sources.
	Checked time.Time
	// Sources are the pages or files that they are from, by service.
	Sources map[string]string

	prices map[string]map[Item]price // by region, price class, or "" for all
	free   map[Item]Allowance
	flows  map[string]Counted
}

// price is in millionths of a millionth of a US dollar (1e-12), for a unit: AWS
// asks for as little as 0.0000133334.
type price uint64

// pico is how many of a price's unit are one of an amount's.
const pico = 1000

// Allowance is what an account gets for free each month, for good, as long as
// it lasts.
type Allowance struct {
	// Quantity is in what the item is metered in.
	Quantity uint64 `json:"quantity"`
	// Text says it to a person: "the first 4,000 transitions".
	Text string `json:"text"`
}

// file is prices as a file keeps them.
type file struct {
	Checked      string                     `json:"checked"`
	Sources      map[string]string          `json:"sources"`
	Everywhere   map[Item]string            `json:"everywhere"`
	PriceClasses map[string]map[Item]string `json:"priceClasses"`
	Regions      map[string]map[Item]string `json:"regions"`
	Free         map[Item]Allowance         `json:"free"`
}

// Listed returns the prices that Mayfly comes with.
func Listed() (Prices, error) { return ParsePrices(embedded) }

// ParsePrices reads prices from a file such as the one that Mayfly comes with.
func ParsePrices(text []byte) (Prices, error) {
	var f file
	if err := json.Unmarshal(text, &f); err != nil {
		return Prices{}, fmt.Errorf("prices: %w", err)
	}
	checked, err := time.Parse(time.DateOnly, f.Checked)
	if err != nil {
		return Prices{}, fmt.Errorf("prices: the day on which they were checked is %q: must be like 2026-11-27", f.Checked)
	}
	flows, err := Flows()
	if err != nil {
		return Prices{}, err
	}
	p := Prices{Checked: checked, Sources: f.Sources, prices: make(map[string]map[Item]price), free: f.Free, flows: flows}
	var wrong []error
	add := func(place string, all map[Item]string) {
		p.prices[place] = make(map[Item]price, len(all))
		for item, text := range all {
			n, ok := scaled(text, 12)
			if !ok || n < 0 || !slices.Contains(Items(), item) {
				wrong = append(wrong, fmt.Errorf("prices: %s of %s is %q: must be a known item and a number of US dollars", item, place, text))
				continue
			}
			p.prices[place][item] = price(n)
		}
	}
	add("", f.Everywhere)
	for _, places := range []map[string]map[Item]string{f.PriceClasses, f.Regions} {
		for place, all := range places {
			add(place, all)
		}
	}
	return p, errors.Join(wrong...)
}

// Regions returns the regions that have prices of their own, sorted.
func (p Prices) Regions() []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(p.prices)), func(place string) bool {
		return place == "" || strings.HasPrefix(place, "PriceClass_")
	})
}

// Old says so when the prices were checked too long ago; "" when they were not.
func (p Prices) Old(now time.Time) string {
	age := now.Sub(p.Checked)
	if age <= oldAfter {
		return ""
	}
	return fmt.Sprintf("the prices are %d days old, of %s: mayfly prices refresh reads newer ones", int(age/(24*time.Hour)), p.Checked.Format(time.DateOnly))
}

// Rates are the prices of one region, and of the places at which a price class
// serves.
type Rates struct {
	Region, PriceClass string
	// Assumed says that the region has no prices here, so that the dearest of
	// all regions' are taken; "" when it has.
	Assumed string

	prices map[Item]price
	free   map[Item]Allowance
	flows  map[string]Counted
	// checked is when the prices were, old why that is too long ago.
	checked, old string
}

// Rates returns the prices for a region and a price class ("" for
// PriceClass_100). Of a region without prices it takes the dearest of each item,
// so that an estimate is not too low, and says so.
func (p Prices) Rates(region, class string, now time.Time) Rates {
	if p.prices[class] == nil || class == "" {
		class = "PriceClass_100"
	}
	r := Rates{Region: region, PriceClass: class, prices: maps.Clone(p.prices[""]), free: p.free, flows: p.flows, checked: p.Checked.Format(time.DateOnly), old: p.Old(now)}
	maps.Copy(r.prices, p.prices[class])
	regions := []string{region}
	if p.prices[region] == nil {
		regions = p.Regions()
		r.Assumed = fmt.Sprintf("there are no prices of %s: each is the dearest of %s", region, strings.Join(regions, ", "))
	}
	for _, one := range regions {
		for item, price := range p.prices[one] {
			r.prices[item] = max(r.prices[item], price)
		}
	}
	return r
}

// Each returns the price of an item's unit.
func (r Rates) Each(item Item) string {
	text := fmt.Sprintf("%d.%012d", uint64(r.prices[item])/1e12, uint64(r.prices[item])%1e12)
	whole, part, _ := strings.Cut(text, ".")
	if part = strings.TrimRight(part, "0"); len(part) < 2 {
		part = (part + "00")[:2]
	}
	return whole + "." + part
}

// Of returns what a quantity of an item costs in a month.
func (r Rates) Of(item Item, quantity uint64, m Month) USD {
	return USD(min(mulDiv(quantity, uint64(r.prices[item]), item.Unit().per(m)*pico), 1<<63-1))
}

// Free returns what an account gets of an item for free in each month.
func (r Rates) Free(item Item) (Allowance, bool) {
	free, ok := r.free[item]
	return free, ok
}
