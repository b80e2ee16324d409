package awsjson

import (
	"encoding/json"
	"time"
)

// Time is a time as the protocols have it: seconds since 1970, with fractions.
type Time time.Time

// At returns t, and nil for the zero time, which is left out of answers.
func At(t time.Time) *Time {
	if t.IsZero() {
		return nil
	}
	at := Time(t)
	return &at
}

// MarshalJSON writes seconds, with milliseconds.
func (t Time) MarshalJSON() ([]byte, error) {
	return json.Marshal(float64(time.Time(t).UnixMilli()) / 1000) //nolint:wrapcheck // a number
}

// UnmarshalJSON reads seconds, to the millisecond.
func (t *Time) UnmarshalJSON(text []byte) error {
	var seconds float64
	if err := json.Unmarshal(text, &seconds); err != nil {
		return err //nolint:wrapcheck // it says what it reads
	}
	*t = Time(time.UnixMilli(int64(seconds * 1000)))
	return nil
}
