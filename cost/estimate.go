package cost

import (
	"math/big"
	"strings"
	"time"
)

// Estimate is what a sandbox costs in a month, as far as it was metered. It is
// kept when the sandbox is gone: the month's bill has it.
type Estimate struct {
	Month     Month  `json:"month"`
	SandboxID string `json:"sandboxId"`
	Sandbox   string `json:"sandbox"`
	Owner     string `json:"owner"`
	// From and Until are the part of the month in which the sandbox was there and
	// was metered.
	From  time.Time `json:"from"`
	Until time.Time `json:"until"`
	// Ended is when it was found to be gone or asleep, which ended what it costs;
	// zero while it is there.
	Ended time.Time `json:"ended,omitzero"`

	// Seen is what the next metering goes on from.
	Seen Seen `json:"seen,omitzero"`

	Usage Usage  `json:"usage"`
	Lines []Line `json:"lines"`
	// USD is the sum of the lines, Forecast what they will be at the month's end.
	USD      USD `json:"usd"`
	Forecast USD `json:"forecast"`
	// Saved is what it will not cost in this month since it ended.
	Saved USD `json:"saved,omitempty"`

	// Unknown says what could not be metered, each as a phrase that stands alone.
	Unknown []string `json:"unknown,omitempty"`
	// Prices says of which day the prices are, and Warnings what is wrong with
	// them.
	Prices   string   `json:"prices"`
	Warnings []string `json:"warnings,omitempty"`

	// Billed is what Cost Explorer told of it, and BilledAt when; nil and zero when
	// it never did.
	Billed   *USD      `json:"billed,omitempty"`
	BilledAt time.Time `json:"billedAt,omitzero"`

	// Version is the store's: it grows by one with every write.
	Version int64 `json:"version"`
}

// Seen is what was metered of a sandbox: what its resources are called, by which
// CloudWatch tells of them when it is gone, and how far its flows were counted.
type Seen struct {
	DistributionID string `json:"distributionId,omitempty"`
	Bucket         string `json:"bucket,omitempty"`
	Repository     string `json:"repository,omitempty"`
	PriceClass     string `json:"priceClass,omitempty"`
	// SiteBytes is the largest of the month's releases.
	SiteBytes uint64 `json:"siteBytes,omitempty"`
	// Attempt is how many updates, sleeps, wakes and teardowns it had, Sleeps and
	// Wakes how many of them, and Changed when its record was last written.
	Attempt int       `json:"attempt,omitempty"`
	Sleeps  int       `json:"sleeps,omitempty"`
	Wakes   int       `json:"wakes,omitempty"`
	Changed time.Time `json:"changed,omitzero"`
}

// Line is a line of an estimate.
type Line struct {
	Item Item `json:"item"`
	// Quantity is the metered one, in bytes, byte-hours, requests or
	// MB-milliseconds; Each is the price, in USD, of a Unit.
	Quantity uint64 `json:"quantity"`
	Unit     string `json:"unit"`
	Each     string `json:"each"`
	USD      USD    `json:"usd"`
	// Forecast is what it will be at the month's end, as things go.
	Forecast USD `json:"forecast"`
	// Note says what was taken for the dearer; Free what an account gets of it
	// for nothing each month, which is not taken off.
	Note string `json:"note,omitempty"`
	Free string `json:"free,omitempty"`
}

// Units returns the quantity in the units that it is priced by, as a decimal
// number of at most six places.
func (l *Line) Units(m Month) string {
	text := new(big.Rat).SetFrac(new(big.Int).SetUint64(l.Quantity), new(big.Int).SetUint64(max(l.Item.Unit().per(m), 1))).FloatString(6)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}

// least is how long a sandbox must have been metered before its use is taken to
// go on like that: one busy first hour is no month.
const least = 24 * time.Hour

// Price fills in the lines and the amounts of an estimate, from its usage.
func (e *Estimate) Price(rates Rates) {
	e.Lines, e.USD, e.Forecast, e.Saved, e.Warnings = nil, 0, 0, 0, nil
	e.Prices = rates.checked
	for _, warning := range []string{rates.Assumed, rates.old} {
		if warning != "" {
			e.Warnings = append(e.Warnings, warning)
		}
	}
	for _, q := range e.Usage.quantities(rates.flows) {
		more := e.more(q)
		if q.Quantity == 0 && more == 0 {
			continue
		}
		usd := rates.Of(q.Item, q.Quantity, e.Month)
		coming := rates.Of(q.Item, more, e.Month)
		line := Line{
			Item: q.Item, Quantity: q.Quantity, Unit: q.Item.Unit().Name, Each: rates.Each(q.Item),
			USD: usd, Forecast: usd, Note: q.Note,
		}
		if free, ok := rates.Free(q.Item); ok {
			line.Free = free.Text
		}
		if e.Ended.IsZero() {
			line.Forecast = usd.Plus(coming)
		} else {
			e.Saved = e.Saved.Plus(coming)
		}
		e.USD, e.Forecast = e.USD.Plus(line.USD), e.Forecast.Plus(line.Forecast)
		e.Lines = append(e.Lines, line)
	}
}

// more returns how much of a quantity the rest of the month would bring: what is
// held goes on being held, what is used goes on as it did, and flows, which
// somebody starts, come no more.
func (e *Estimate) more(q Quantity) uint64 { return e.like(q, e.Month.End().Sub(e.Until)) }

// like returns how much of a quantity a time brings that is like what was metered.
func (e *Estimate) like(q Quantity, left time.Duration) uint64 {
	if left <= 0 {
		return 0
	}
	switch q.Item {
	case S3Storage:
		return ByteHours(e.Usage.StorageBytes, left)
	case ECRStorage:
		return ByteHours(e.Usage.ImageBytes, left)
	case StepFunctions, LambdaRequests, LambdaDuration, DynamoWrites, DynamoReads, S3Writes, CloudFrontInvalidations:
		return 0
	}
	return mulDiv(q.Quantity, uint64(left), uint64(max(least, e.Until.Sub(e.From))))
}

// Live reports whether the sandbox is there, as far as the estimate knows.
func (e *Estimate) Live() bool { return e.Ended.IsZero() }
