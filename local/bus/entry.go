package bus

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/mayfly-dev/mayfly/local/asl/rawjson"
)

// Entry is an event to put.
type Entry struct {
	// ID is the event's; "" makes a new one. An event put again with the ID of one
	// that is still being delivered is that event.
	ID string
	// Source and DetailType say what the event is: "aws.ecr", "ECR Image Action".
	Source, DetailType string
	// Detail is a JSON object.
	Detail json.RawMessage
	// Resources are ARNs of what the event is about.
	Resources []string
	// Time is when it happened; zero is now.
	Time time.Time
	// Bus is the name or ARN of the bus; "" is the default one.
	Bus string
}

// Result is what became of an [Entry]: an event, or why there is none.
type Result struct {
	EventID                 string
	ErrorCode, ErrorMessage string
}

// maxEntries and maxSize (bytes) bound a request to put events.
const (
	maxEntries = 10
	maxSize    = 256 << 10
)

// timeSize is what EventBridge counts for a time that is given.
const timeSize = 14

// size is how many bytes EventBridge counts for an entry.
func (e *Entry) size() int {
	n := len(e.Source) + len(e.DetailType) + len(e.Detail)
	for _, r := range e.Resources {
		n += len(r)
	}
	if !e.Time.IsZero() {
		n += timeSize
	}
	return n
}

// refusal is why the entry makes no event.
func (e *Entry) refusal() (code, message string) {
	for _, r := range []struct{ name, value string }{{"Source", e.Source}, {"DetailType", e.DetailType}, {"Detail", string(e.Detail)}} {
		if r.value == "" {
			return "InvalidArgument", fmt.Sprintf("Parameter %[1]s is not valid. Reason: %[1]s is a required argument.", r.name)
		}
	}
	at := rawjson.Space(e.Detail, 0)
	if rawjson.Valid(e.Detail) != nil || e.Detail[at] != '{' {
		return "MalformedDetail", "Detail is malformed."
	}
	return "", ""
}

// envelope makes the event of an entry, with the given ID, as a target gets it.
func (s *Service) envelope(e *Entry, id string, now time.Time) []byte {
	at := e.Time
	if at.IsZero() {
		at = now
	}
	out := make([]byte, 0, 256+e.size())
	add := func(name, value string) {
		out = append(out, `"`+name+`":`...)
		out = append(rawjson.AppendString(out, value), ',')
	}
	out = append(out, '{')
	add("version", "0")
	add("id", id)
	add("detail-type", e.DetailType)
	add("source", e.Source)
	add("account", s.o.Account)
	add("time", at.UTC().Format("2006-01-02T15:04:05Z"))
	add("region", s.o.Region)
	out = append(out, `"resources":[`...)
	for i, r := range e.Resources {
		if i > 0 {
			out = append(out, ',')
		}
		out = rawjson.AppendString(out, r)
	}
	out = append(out, `],"detail":`...)
	return append(rawjson.Compact(out, e.Detail), '}')
}
