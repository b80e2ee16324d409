package bus

import (
	"regexp"
	"strconv"
	"strings"
)

var (
	rates = regexp.MustCompile(`^rate\((\d+) (minute|hour|day)(s?)\)$`)
	crons = regexp.MustCompile(`^cron\(([^()]*)\)$`)
)

// validSchedule reports whether AWS takes a schedule expression: a rate whose
// unit is in the singular for one, or a cron of six fields with one day field
// left open.
func validSchedule(expression string) bool {
	if m := rates.FindStringSubmatch(expression); m != nil {
		n, err := strconv.Atoi(m[1])
		return err == nil && n > 0 && (n == 1) == (m[3] == "")
	}
	m := crons.FindStringSubmatch(expression)
	if m == nil {
		return false
	}
	fields := strings.Fields(m[1])
	if len(fields) != 6 {
		return false
	}
	for i, field := range fields {
		if !cronFields[i].MatchString(field) {
			return false
		}
	}
	return (fields[2] == "?") != (fields[4] == "?")
}

// cronFields are minutes, hours, day of month, month, day of week and year.
var cronFields = [6]*regexp.Regexp{
	cronField(`[0-5]?\d`, ``),
	cronField(`[01]?\d|2[0-3]`, ``),
	cronField(`0?[1-9]|[12]\d|3[01]`, `|\?|L|LW|(?:[12]?\d|3[01])W`),
	cronField(`0?[1-9]|1[0-2]|(?i:JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)`, ``),
	cronField(`[1-7]|(?i:SUN|MON|TUE|WED|THU|FRI|SAT)`, `|\?|[1-7]?L|(?:[1-7]|(?i:SUN|MON|TUE|WED|THU|FRI|SAT))#[1-5]`),
	cronField(`19[7-9]\d|20\d\d|21\d\d`, ``),
}

// cronField matches a list of values, ranges and steps, or one of more forms.
func cronField(value, more string) *regexp.Regexp {
	item := `(?:\*|(?:` + value + `)(?:-(?:` + value + `))?)(?:/\d+)?`
	return regexp.MustCompile(`^(?:` + item + `(?:,` + item + `)*` + more + `)$`)
}
