package class_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/mayfly-dev/mayfly/class"
	"github.com/mayfly-dev/mayfly/sandbox"
)

var now = time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC) // a Friday

func cs101(seats int) *class.Class {
	return &class.Class{Name: "cs101", Owner: "ada", Size: seats, CreatedAt: now, ExpiresAt: now.Add(48 * time.Hour)}
}

func TestRulesOfAClass(t *testing.T) {
	for field, change := range map[string]func(*class.Class){
		"":          func(*class.Class) {},
		"name":      func(c *class.Class) { c.Name = "CS 101" },
		"seats":     func(c *class.Class) { c.Size = 0 },
		"expiresAt": func(c *class.Class) { c.ExpiresAt = now.Add(-time.Hour) },
		"budget":    func(c *class.Class) { c.Budget = "-5" },
		"name seats expiresAt budget": func(c *class.Class) {
			c.Name, c.Size, c.ExpiresAt, c.Budget = strings.Repeat("a", 29), class.MaxSeats+1, now.Add(class.MaxLife+1), "1e9"
		},
	} {
		c := cs101(30)
		c.Budget = "7.50"
		change(c)
		var broken sandbox.FieldErrors
		var names []string
		if err := c.Check(); errors.As(err, &broken) {
			for _, one := range broken {
				names = append(names, one.Field)
			}
		}
		if got := strings.Join(names, " "); got != field {
			t.Errorf("%+v: breaks %q, want %q", c, got, field)
		}
	}
}

func TestNamesOfSandboxesAndOwnersAreThose(t *testing.T) {
	c := &class.Class{Name: strings.Repeat("a", 28), Size: class.MaxSeats, ExpiresAt: now.Add(time.Hour)}
	names, owners := map[string]bool{}, map[string]bool{}
	for range class.MaxSeats {
		id, err := sandbox.NewID(zeros)
		if err != nil {
			t.Fatal(err)
		}
		seat, err := c.Join(class.Student{TokenDigest: strings.Repeat("d", len(names)+1)}, id, now)
		if err != nil || sandbox.CheckName(seat.Sandbox+"-abcd") != nil || sandbox.CheckOwner(seat.Owner) != nil {
			t.Fatalf("%+v, %v", seat, err)
		}
		names[seat.Sandbox], owners[seat.Owner] = true, true
	}
	if len(names) != class.MaxSeats || len(owners) != class.MaxSeats {
		t.Errorf("%d names, %d owners", len(names), len(owners))
	}
}

func TestASeatIsItsStudents(t *testing.T) {
	c := cs101(3)
	ada, err := c.Join(class.Student{Name: "Ada", Owner: "ada"}, "idaaaaaaaa", now)
	if err != nil || ada.Number != 1 || ada.Sandbox != "cs101-01" || ada.Owner != "ada" || ada.SandboxID != "idaaaaaaaa" {
		t.Fatalf("%+v, %v", ada, err)
	}
	guest, err := c.Join(class.Student{TokenDigest: "x"}, "idbbbbbbbb", now)
	if err != nil || guest.Number != 2 || guest.Owner != "seat.cs101.02" || guest.TokenDigest != "x" {
		t.Fatalf("%+v, %v", guest, err)
	}
	for _, again := range []class.Student{{Owner: "ada"}, {Owner: "ada", TokenDigest: "z"}} {
		if seat, err := c.Join(again, "idcccccccc", now); err != nil || seat != ada {
			t.Errorf("%+v again: %+v, %v", again, seat, err)
		}
	}
	if seat, err := c.Join(class.Student{TokenDigest: "x"}, "idcccccccc", now); err != nil || seat != guest {
		t.Errorf("the guest again: %+v, %v", seat, err)
	}
	if _, err := c.Join(class.Student{Owner: "bea"}, "idcccccccc", now); err != nil {
		t.Error(err)
	}
	var full *class.FullError
	if _, err := c.Join(class.Student{Owner: "eve"}, "iddddddddd", now); !errors.As(err, &full) || len(c.Seats) != 3 {
		t.Errorf("%v, %d seats", err, len(c.Seats))
	}
	if _, ok := c.SeatOf(class.Student{}); ok {
		t.Error("nobody has a seat")
	}
	var closed *class.ClosedError
	if _, err := c.Join(class.Student{Owner: "ada"}, "", c.ExpiresAt); !errors.As(err, &closed) {
		t.Errorf("after its end: %v", err)
	}
	c.EndedAt = now
	if _, err := c.Join(class.Student{Owner: "ada"}, "", now); !errors.As(err, &closed) || c.Open(now) {
		t.Errorf("ended: %v", err)
	}
}

func TestASeatGetsAnotherSandboxOnce(t *testing.T) {
	c := cs101(1)
	seat, err := c.Join(class.Student{Owner: "ada"}, "first", now)
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Give(1, "first", "cs101-01", "second"); got.SandboxID != "second" {
		t.Errorf("%+v", got)
	}
	if got := c.Give(1, seat.SandboxID, "cs101-01", "third"); got.SandboxID != "second" {
		t.Errorf("who came late changed it: %+v", got)
	}
	if got := c.Give(2, "", "x", "y"); got != (class.Seat{}) {
		t.Errorf("a seat that is not there: %+v", got)
	}
}

func TestWhenAClassEnds(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	friday := time.Date(2026, 11, 27, 12, 0, 0, 0, berlin)
	for text, want := range map[string]string{
		"fri": "2026-11-27 23:59 CET", "Friday": "2026-11-27 23:59 CET", "sat": "2026-11-28 23:59 CET", "thu": "2026-12-03 23:59 CET",
		"fri 18:00": "2026-11-27 18:00 CET", "fri 11:59": "2026-12-04 11:59 CET", "fri 12:00": "2026-12-04 12:00 CET", "fri 12:09": "2026-12-04 12:09 CET", "fri 12:10": "2026-11-27 12:10 CET",
		"2026-12-04": "2026-12-04 23:59 CET", "2026-12-04 18:30": "2026-12-04 18:30 CET", "2026-12-04T18:30": "2026-12-04 18:30 CET",
		"2026-12-04T18:30:00Z": "2026-12-04 18:30 UTC", "36h": "2026-11-29 00:00 CET", "14d": "2026-12-11 12:00 CET",
		// The night in which summer begins has 23 hours.
		"2027-03-28": "2027-03-28 23:59 CEST",
	} {
		if end, err := class.ParseEnd(text, friday); err != nil || end.Format("2006-01-02 15:04 MST") != want {
			t.Errorf("%s: %v, %v; want %s", text, end, err, want)
		}
	}
	for _, text := range []string{"", "never", "fr", "friday13", "2026-13-01", "2026-11-26", "fri 25:00", "-3h", "1s", "2026-11-27T11:00:00Z0", "2026-11-27 11:00", "t"} {
		if end, err := class.ParseEnd(text, friday); err == nil {
			t.Errorf("%q: %v", text, end)
		}
	}
}

func FuzzParseEnd(f *testing.F) {
	for _, text := range []string{"fri 18:00", "2026-12-04T18:30", "14d"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if end, err := class.ParseEnd(text, now); err == nil && !end.After(now) {
			t.Errorf("%q: %v", text, end)
		}
	})
}
