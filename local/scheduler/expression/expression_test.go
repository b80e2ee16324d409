package expression_test

import (
	"errors"
	"testing"
	"time"

	"github.com/mayfly-dev/mayfly/local/scheduler/expression"
)

func parse(t *testing.T, text, zoneName string, anchor time.Time) expression.Expression {
	t.Helper()
	zone, err := expression.LoadZone(zoneName)
	if err != nil {
		t.Fatal(err)
	}
	e, err := expression.Parse(text, zone, anchor)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func at(t *testing.T, text string) time.Time {
	t.Helper()
	made, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// TestNextTimes has the examples of AWS's user guides, and the corners of each
// wildcard. 2026-01-01 is a Thursday.
func TestNextTimes(t *testing.T) {
	for _, tc := range []struct {
		text string
		want []string // after 2026-01-01T00:00:00Z
	}{
		{"cron(0 10 * * ? *)", []string{"2026-01-01T10:00:00Z", "2026-01-02T10:00:00Z"}},
		{"cron(15 12 * * ? *)", []string{"2026-01-01T12:15:00Z", "2026-01-02T12:15:00Z"}},
		{"cron(0 18 ? * MON-FRI *)", []string{"2026-01-01T18:00:00Z", "2026-01-02T18:00:00Z", "2026-01-05T18:00:00Z"}},
		{"cron(0 8 1 * ? *)", []string{"2026-01-01T08:00:00Z", "2026-02-01T08:00:00Z"}},
		{"cron(0/15 * * * ? *)", []string{"2026-01-01T00:15:00Z", "2026-01-01T00:30:00Z", "2026-01-01T00:45:00Z", "2026-01-01T01:00:00Z"}},
		{"cron(0/10 * ? * MON-FRI *)", []string{"2026-01-01T00:10:00Z"}},
		{"cron(0/5 8-17 ? * MON-FRI *)", []string{"2026-01-01T08:00:00Z", "2026-01-01T08:05:00Z"}},
		{"cron(0/30 20-2/1 ? * MON-FRI *)", nil},
		{"cron(15 10 ? * 6L 2026-2028)", []string{"2026-01-30T10:15:00Z", "2026-02-27T10:15:00Z"}},
		{"cron(0 9 L * ? *)", []string{"2026-01-31T09:00:00Z", "2026-02-28T09:00:00Z"}},
		{"cron(0 9 29 2 ? *)", []string{"2028-02-29T09:00:00Z", "2032-02-29T09:00:00Z"}},
		{"cron(0 9 LW * ? *)", []string{"2026-01-30T09:00:00Z", "2026-02-27T09:00:00Z"}},
		{"cron(0 9 3W * ? *)", []string{"2026-01-02T09:00:00Z", "2026-02-03T09:00:00Z"}},
		{"cron(0 9 1W 2,8 ? *)", []string{"2026-02-02T09:00:00Z", "2026-08-03T09:00:00Z"}},
		{"cron(0 9 31W * ? *)", []string{"2026-01-30T09:00:00Z", "2026-03-31T09:00:00Z", "2026-05-29T09:00:00Z"}},
		{"cron(0 9 ? * 3#2 *)", []string{"2026-01-13T09:00:00Z", "2026-02-10T09:00:00Z"}},
		{"cron(0 9 ? * FRI#5 *)", []string{"2026-01-30T09:00:00Z", "2026-05-29T09:00:00Z"}},
		{"cron(0 9 ? * L *)", []string{"2026-01-03T09:00:00Z", "2026-01-10T09:00:00Z"}},
		{"cron(1/10 0 ? jan,MAR sun,2 *)", []string{"2026-01-04T00:01:00Z", "2026-01-04T00:11:00Z"}},
		{"cron(0 0 1 1 ? 2027/2)", []string{"2027-01-01T00:00:00Z", "2029-01-01T00:00:00Z"}},
		{"cron(0 0 1 1 ? 1999)", []string{""}},
		{"cron(0 0 31 2 ? *)", []string{""}},
		{"cron(0 0 1 1 ? 2199)", []string{"2199-01-01T00:00:00Z", ""}},
		{"rate(5 minutes)", []string{"2026-01-01T00:05:00Z", "2026-01-01T00:10:00Z"}},
		{"rate(1 hour)", []string{"2026-01-01T01:00:00Z"}},
		{"rate(1 hours)", []string{"2026-01-01T01:00:00Z"}},
		{"rate(7 days)", []string{"2026-01-08T00:00:00Z"}},
		{"at(2026-11-20T13:00:00)", []string{"2026-11-20T13:00:00Z", ""}},
		{"at(2025-11-20T13:00:00)", []string{""}},
	} {
		t.Run(tc.text, func(t *testing.T) {
			if tc.want == nil { // the range 20-2 runs backwards
				if e, err := expression.Parse(tc.text, time.UTC, time.Time{}); err == nil {
					t.Fatalf("taken as %v", e)
				}
				return
			}
			now := at(t, "2026-01-01T00:00:00Z")
			e := parse(t, tc.text, "", now)
			for _, want := range tc.want {
				got, there := e.Next(now)
				if want == "" {
					if there {
						t.Errorf("after %v there is %v", now, got)
					}
					break
				}
				if !there || !got.Equal(at(t, want)) {
					t.Fatalf("after %v: got %v, %v; want %s", now, got, there, want)
				}
				now = got
			}
		})
	}
}

// TestRefusedExpressions has what AWS refuses. The first ones were asked of it.
func TestRefusedExpressions(t *testing.T) {
	for _, text := range []string{
		"cron(0 1 * * * *)", "cron(7 20 * * NOT *)", "cron(INVALID)", "cron(0 dummy ? * MON-FRI *)", "cron(71 8 1 * ? *)", "cron()",
		"rate(10 seconds)", "rate(10 years)", "rate()", "rate(10)", "rate(10 minutess)", "rate(foo minutes)", "rate(-10 minutes)", "rate( 10 minutes )", " rate(10 minutes)",
		"at(2021-12-31T23:59:59Z)", "at(2021-12-31)",
		"", "cron", "cron(", "0 10 * * ? *", "CRON(0 10 * * ? *)", "cron(0 10 * * ? *) ", "cron(0 10 * * ?)", "cron(0 0 10 * * ? *)",
		"cron(0 10 ? * ? *)", "cron(60 10 * * ? *)", "cron(0 24 * * ? *)", "cron(0 10 0 * ? *)", "cron(0 10 32 * ? *)", "cron(0 10 * 13 ? *)", "cron(0 10 ? * 0 *)", "cron(0 10 ? * 8 *)",
		"cron(0 10 * * ? 1969)", "cron(0 10 * * ? 2200)", "cron(30-10 10 * * ? *)", "cron(0/0 10 * * ? *)", "cron(0/60 10 * * ? *)", "cron(, 10 * * ? *)", "cron(1, 10 * * ? *)",
		"cron(0 10 0W * ? *)", "cron(0 10 W * ? *)", "cron(0 10 L-3 * ? *)", "cron(0 10 1,L * ? *)", "cron(0 10 ? * 3#6 *)", "cron(0 10 ? * 3#1,6#3 *)", "cron(0 10 ? * #2 *)", "cron(0 10 ? * 2/2 *)", "cron(0 10 ? * XL *)",
		"cron(-1 10 * * ? *)", "cron(+1 10 * * ? *)", "cron(00000 10 * * ? *)", "cron(0 10 * * ? *)(", "rate(0 minutes)", "rate(+1 minutes)", "rate(1 MINUTES)", "rate(99999999999999 days)", "rate(99999999999999999999 days)",
		"at(2021-02-30T00:00:00)", "at(2021-12-31T24:00:00)", "at(2021-12-31T1:00:00)", "every(5 minutes)",
	} {
		e, err := expression.Parse(text, time.UTC, time.Time{})
		var refused *expression.Error
		if !errors.As(err, &refused) || refused.Because == "" || refused.Text != text {
			t.Errorf("%q: got %v, %v", text, e, err)
		}
	}
}

// TestNightsOnWhichTheClocksChange: in Berlin 02:00 becomes 03:00 on 29 March
// 2026, and 03:00 becomes 02:00 on 25 October.
func TestNightsOnWhichTheClocksChange(t *testing.T) {
	for _, tc := range []struct {
		name, text, zone, after string
		want                    []string
	}{
		{
			"three o'clock is every night, once", "cron(0 3 * * ? *)", "Europe/Berlin", "2026-03-28T12:00:00Z",
			[]string{"2026-03-29T01:00:00Z", "2026-03-30T01:00:00Z"},
		},
		{
			"and in autumn", "cron(0 3 * * ? *)", "Europe/Berlin", "2026-10-24T12:00:00Z",
			[]string{"2026-10-25T02:00:00Z", "2026-10-26T02:00:00Z"},
		},
		{
			"what the clocks leave out does not happen", "cron(30 2 * * ? *)", "Europe/Berlin", "2026-03-28T00:00:00Z",
			[]string{"2026-03-28T01:30:00Z", "2026-03-30T00:30:00Z"},
		},
		{
			"what comes twice happens the first time", "cron(30 2 * * ? *)", "Europe/Berlin", "2026-10-24T12:00:00Z",
			[]string{"2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"},
		},
		{
			"also when asked in the second hour", "cron(30 2 * * ? *)", "Europe/Berlin", "2026-10-25T01:10:00Z",
			[]string{"2026-10-26T01:30:00Z"},
		},
		{
			"each quarter once", "cron(0/15 * * * ? *)", "Europe/Berlin", "2026-10-25T00:30:00Z",
			[]string{"2026-10-25T00:45:00Z", "2026-10-25T02:00:00Z"},
		},
		{
			"midnight that is left out", "cron(0 0 * * ? *)", "Africa/Cairo", "2026-04-23T12:00:00Z",
			[]string{"2026-04-24T21:00:00Z"},
		},
		{
			"half an hour", "cron(15 2 * * ? *)", "Australia/Lord_Howe", "2026-10-02T16:00:00Z",
			[]string{"2026-10-04T15:15:00Z"},
		},
		{
			"a rate of days is of 24 hours", "rate(1 day)", "Europe/Berlin", "2026-03-28T12:00:00Z",
			[]string{"2026-03-29T12:00:00Z", "2026-03-30T12:00:00Z"},
		},
		{
			"one time that is left out is when the clocks jump", "at(2026-03-29T02:30:00)", "Europe/Berlin", "2026-03-28T12:00:00Z",
			[]string{"2026-03-29T01:00:00Z"},
		},
		{
			"one time that comes twice is the first", "at(2026-10-25T02:30:00)", "Europe/Berlin", "2026-10-24T12:00:00Z",
			[]string{"2026-10-25T00:30:00Z"},
		},
		{
			"the same west of Greenwich", "cron(30 1 * * ? *)", "America/New_York", "2026-11-01T00:00:00Z",
			[]string{"2026-11-01T05:30:00Z", "2026-11-02T06:30:00Z"},
		},
		{
			"and what is left out there", "at(2026-03-08T02:30:00)", "America/New_York", "2026-03-01T00:00:00Z",
			[]string{"2026-03-08T07:00:00Z"},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			now := at(t, tc.after)
			e := parse(t, tc.text, tc.zone, now)
			for _, want := range tc.want {
				got, there := e.Next(now)
				if !there || !got.Equal(at(t, want)) {
					t.Fatalf("after %v: got %v, %v; want %s", now, got.UTC(), there, want)
				}
				now = got
			}
		})
	}
}

func TestUnknownZones(t *testing.T) {
	for _, name := range []string{"Local", "Berlin", "Europe/Berlin ", "../etc/passwd", "UTC+1"} {
		if zone, err := expression.LoadZone(name); err == nil {
			t.Errorf("%q is %v", name, zone)
		}
	}
}

// FuzzParse: whatever is taken is due after the moment that it is asked about,
// and later again after that.
func FuzzParse(f *testing.F) {
	for _, text := range []string{"cron(0/15 8-17 ? * MON-FRI 2026-2028)", "cron(0 0 LW * ? *)", "cron(0 0 ? 2 1#5 *)", "rate(5 minutes)", "at(2026-03-29T02:30:00)"} {
		f.Add(text, int64(1774746000))
	}
	zone, err := expression.LoadZone("Europe/Berlin")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string, seconds int64) {
		now := time.Unix(seconds%(4<<30), 0)
		e, err := expression.Parse(text, zone, now)
		if err != nil {
			return
		}
		for range 3 {
			next, there := e.Next(now)
			if !there {
				return
			}
			if !next.After(now) {
				t.Fatalf("%s: after %v comes %v", text, now, next)
			}
			now = next
		}
	})
}
