package settings

import (
	"fmt"
	"time"
)

// Clock is a time of day.
type Clock struct{ Hour, Minute int }

// Cron returns the schedule of every day at c, as EventBridge Scheduler has it.
func (c Clock) Cron() string { return fmt.Sprintf("cron(%d %d * * ? *)", c.Minute, c.Hour) }

func (r *reader) clock(name, otherwise string) Clock {
	text := r.text(name, otherwise)
	at, err := time.Parse("15:04", text)
	if err != nil || len(text) != len("15:04") {
		r.refuse(name, text, `a time of day such as "03:00"`)
	}
	return Clock{Hour: at.Hour(), Minute: at.Minute()}
}
