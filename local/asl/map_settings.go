package asl

import (
	"encoding/json"
	"fmt"
)

// maxChildren is how many child executions of a map run run at once at most.
const maxChildren = 10_000

// mapSettings are what a map run goes by, and what UpdateMapRun changes. They
// are on record, in the log of the execution that the map is part of.
type mapSettings struct {
	MaxConcurrency             int      `json:",omitempty"` // 0 for no limit but AWS's
	ToleratedFailureCount      *int64   `json:",omitempty"` // nil when none is set
	ToleratedFailurePercentage *float64 `json:",omitempty"`
}

// limit is how many child executions may run at once.
func (s mapSettings) limit() int {
	if s.MaxConcurrency <= 0 || s.MaxConcurrency > maxChildren {
		return maxChildren
	}
	return s.MaxConcurrency
}

// exceeded says whether so many failed items are more than is tolerated: than
// the one threshold that is set, or than either of both. Without any, one is.
func (s mapSettings) exceeded(failed, total int) bool {
	if s.ToleratedFailureCount == nil && s.ToleratedFailurePercentage == nil {
		return failed > 0
	}
	return s.ToleratedFailureCount != nil && int64(failed) > *s.ToleratedFailureCount ||
		s.ToleratedFailurePercentage != nil && float64(failed)*100 > *s.ToleratedFailurePercentage*float64(total)
}

// mapSettings works out what a Map state says.
func (x *execution) mapSettings(f *frame) (mapSettings, error) {
	m := f.state.mapping
	var s mapSettings
	document, err := x.mapInput(f)
	if err != nil {
		return s, err
	}
	limit, err := x.number(f, &m.concurrency, document, "MaxConcurrency")
	if err != nil {
		return s, err
	}
	s.MaxConcurrency = int(limit)
	if m.tolerated.set {
		count, err := x.number(f, &m.tolerated, document, "ToleratedFailureCount")
		if err != nil {
			return s, err
		}
		whole := int64(count)
		s.ToleratedFailureCount = &whole
	}
	if m.toleratedPc.set {
		percentage, err := x.number(f, &m.toleratedPc, document, "ToleratedFailurePercentage")
		if err != nil {
			return s, err
		}
		if percentage > 100 {
			return s, f.wrongValue("ToleratedFailurePercentage", "The value for the field 'ToleratedFailurePercentage' must be between 0 and 100, and is %v", percentage)
		}
		s.ToleratedFailurePercentage = &percentage
	}
	return s, nil
}

// record makes the log's record of the settings.
func (s mapSettings) record(f *frame) *record {
	text, err := json.Marshal(s)
	if err != nil {
		panic("asl: settings of numbers do not encode: " + err.Error())
	}
	return &record{kind: hidMapSettings, frame: f.id, previous: f.last, data: value{raw: text}}
}

func readMapSettings(r *record) (s mapSettings, err error) {
	if err := json.Unmarshal(r.data.raw, &s); err != nil {
		return s, fmt.Errorf("%w: settings of a map run: %w", errBadLog, err)
	}
	return s, nil
}
