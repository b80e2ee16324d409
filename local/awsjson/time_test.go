package awsjson_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/mayfly-dev/mayfly/local/awsjson"
)

func TestTimesAreSeconds(t *testing.T) {
	for text, want := range map[string]time.Time{
		"1767225600":     time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
		"1767225600.001": time.Date(2026, 1, 1, 0, 0, 0, 1e6, time.UTC),
		"1767225600.25":  time.Date(2026, 1, 1, 0, 0, 0, 25e7, time.UTC),
		"0":              time.Unix(0, 0),
		"-1.5":           time.UnixMilli(-1500),
	} {
		var read awsjson.Time
		if err := json.Unmarshal([]byte(text), &read); err != nil || !time.Time(read).Equal(want) {
			t.Errorf("%s: read %v, %v; want %v", text, time.Time(read), err, want)
		}
		if written, err := json.Marshal(awsjson.Time(want)); err != nil || string(written) != text {
			t.Errorf("%v: written as %s, %v; want %s", want, written, err, text)
		}
	}
	var none struct {
		At *awsjson.Time `json:"at,omitempty"`
	}
	none.At = awsjson.At(time.Time{})
	if text, err := json.Marshal(none); err != nil || string(text) != "{}" {
		t.Errorf("no time: %s, %v", text, err)
	}
	if err := json.Unmarshal([]byte(`"2026-01-01"`), new(awsjson.Time)); err == nil {
		t.Error("a text was read as seconds")
	}
}
