package expression

import (
	"strings"
	"time"
)

// days tells whether a day is one of a cron expression's.
type days = func(year int, month time.Month, day int) bool

// parseDaysOfMonth reads days, "L" for the last one, "15W" for the weekday
// nearest to the 15th, and "LW" for the last weekday.
func parseDaysOfMonth(text string) (days, string) {
	switch near, weekday := strings.CutSuffix(text, "W"); {
	case text == "L":
		return func(y int, m time.Month, d int) bool { return d == lastDay(y, m) }, ""
	case text == "LW":
		return func(y int, m time.Month, d int) bool { return d == nearestWeekday(y, m, lastDay(y, m)) }, ""
	case weekday:
		n, ok := dayField.value(near)
		if !ok {
			return nil, dayField.refuse(text)
		}
		return func(y int, m time.Month, d int) bool { return n <= lastDay(y, m) && d == nearestWeekday(y, m, n) }, ""
	}
	all, because := dayField.values(text)
	return func(_ int, _ time.Month, d int) bool { return all[d] }, because
}

// parseDaysOfWeek reads days, 1 for Sunday, "L" for Saturday, "5L" for the last
// Thursday of a month, and "3#2" for its second Tuesday.
func parseDaysOfWeek(text string) (days, string) {
	if text == "L" {
		text = "7"
	}
	if name, last := strings.CutSuffix(text, "L"); last {
		n, ok := weekField.value(name)
		if !ok {
			return nil, weekField.refuse(text)
		}
		return func(y int, m time.Month, d int) bool { return weekday(y, m, d) == n && d+7 > lastDay(y, m) }, ""
	}
	if name, count, counted := strings.Cut(text, "#"); counted {
		n, ok := weekField.value(name)
		nth, isNumber := number(count)
		if !ok || !isNumber || nth < 1 || nth > 5 {
			return nil, weekField.refuse(text)
		}
		return func(y int, m time.Month, d int) bool { return weekday(y, m, d) == n && (d-1)/7 == nth-1 }, ""
	}
	all, because := weekField.values(text)
	return func(y int, m time.Month, d int) bool { return all[weekday(y, m, d)] }, because
}

// weekday counts from 1, for Sunday.
func weekday(y int, m time.Month, d int) int {
	return int(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Weekday()) + 1
}

func lastDay(y int, m time.Month) int { return time.Date(y, m+1, 0, 0, 0, 0, 0, time.UTC).Day() }

// nearestWeekday is the day from Monday to Friday that is nearest to a day, in
// the same month.
func nearestWeekday(y int, m time.Month, d int) int {
	switch weekday(y, m, d) {
	case 7: // Saturday
		if d == 1 {
			return 3
		}
		return d - 1
	case 1: // Sunday
		if d == lastDay(y, m) {
			return d - 2
		}
		return d + 1
	}
	return d
}
