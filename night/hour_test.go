package night_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mayfly-dev/mayfly/night"
)

var now = time.Date(2026, 11, 27, 0, 0, 0, 0, time.UTC)

func TestHours(t *testing.T) {
	for text, want := range map[string]string{
		"03:00":               "cron(0 3 * * ? *) UTC",
		"03:00 Europe/Berlin": "cron(0 3 * * ? *) Europe/Berlin",
		"23:45 Asia/Kolkata":  "cron(45 23 * * ? *) Asia/Kolkata",
		"02:30 UTC":           "cron(30 2 * * ? *) UTC",
	} {
		h, err := night.ParseHour(text, now)
		if err != nil || h.Cron()+" "+h.ZoneName() != want {
			t.Errorf("%s: %s %v", text, h.Cron(), err)
		}
	}
	for text, want := range map[string]string{
		"": "no time of the day", "3:00": "no time of the day", "24:00": "no time of the day", "03:00:00": "no time of the day", "off": "no time of the day",
		"03:00 Berlin": "no time zone", "03:00 Local": "no time zone", "03:00  UTC": "no time zone",
		"03:00 Europe/Athens":    "no 03:00 in Europe/Athens on 2027-03-28: the clocks jump over it, and that night would be left out; choose another time, such as 04:00",
		"02:30 Europe/Berlin":    "no 02:30 in Europe/Berlin on 2027-03-28",
		"02:00 America/New_York": "on 2027-03-14",
		"00:15 Africa/Cairo":     "on 2027-04-30",
	} {
		if h, err := night.ParseHour(text, now); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, %v; want %q", text, h, err, want)
		}
	}
}

// TestTheHourBefore is there every day, too.
func TestTheHourBefore(t *testing.T) {
	for text, want := range map[string]string{
		"03:00":               "02:00 UTC",
		"00:15":               "23:15 UTC",
		"03:30 Europe/Berlin": "01:30 Europe/Berlin", // the clocks jump from 02:00 to 03:00
		"04:00 Europe/Athens": "02:00 Europe/Athens",
	} {
		h, err := night.ParseHour(text, now)
		if got := h.Before(now).String(); err != nil || got != want {
			t.Errorf("before %s is %s, not %s: %v", text, got, want, err)
		}
	}
}

// TestEveryZoneHasItsHour: the default, or the one that is named instead, which
// leaves out no night.
func TestEveryZoneHasItsHour(t *testing.T) {
	root := "/usr/share/zoneinfo"
	if _, err := os.Stat(root); err != nil {
		t.Skip("no time zone database to go through: ", err)
	}
	zones, other := 0, 0
	err := filepath.WalkDir(root, func(path string, entry os.DirEntry, err error) error {
		name, _ := filepath.Rel(root, path)
		if err != nil || entry.IsDir() || strings.HasPrefix(name, "posix") || strings.HasPrefix(name, "right") {
			return err
		}
		if _, err := time.LoadLocation(name); err != nil {
			return nil // another file
		}
		zones++
		_, refused := night.ParseHour(night.DefaultHour+" "+name, now)
		if refused == nil {
			return nil
		}
		other++
		_, instead, _ := strings.Cut(refused.Error(), "such as ")
		if _, err := night.ParseHour(instead+" "+name, now); err != nil {
			t.Errorf("%v; that instead is refused: %v", refused, err)
		}
		return nil
	})
	if err != nil || zones < 100 || other == 0 {
		t.Errorf("went through %d zones, %d of them without %s: %v", zones, other, night.DefaultHour, err)
	}
}
