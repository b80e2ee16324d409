package bus

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"

	"github.com/mayfly-dev/mayfly/local/asl/rawjson"
)

// The variables that every template has.
const (
	varRuleARN   = "aws.events.rule-arn"
	varRuleName  = "aws.events.rule-name"
	varIngestion = "aws.events.event.ingestion-time"
	varEvent     = "aws.events.event"
	varEventJSON = "aws.events.event.json"
)

func predefined(variable string) bool {
	switch variable {
	case varRuleARN, varRuleName, varIngestion, varEvent, varEventJSON:
		return true
	}
	return false
}

var placeholders = regexp.MustCompile(`<([A-Za-z0-9_\-.]+)>`)

// checkInput refuses what can make no input.
func (t *Target) checkInput() error {
	if t.Input != "" {
		if err := rawjson.Valid([]byte(t.Input)); err != nil {
			return invalid("JSON syntax error in input for target %s: %v", t.ID, err)
		}
	}
	if _, ok := parsePath(t.InputPath); t.InputPath != "" && !ok {
		return invalid("Invalid JsonPath for target %s.", t.ID)
	}
	if t.InputTransformer == nil {
		return nil
	}
	for variable, text := range t.InputTransformer.InputPathsMap {
		if strings.HasPrefix(strings.ToUpper(variable), "AWS.") || predefined(variable) {
			return invalid("InputPathsMap for target %s contains the reserved key %s.", t.ID, variable)
		}
		if _, ok := parsePath(text); !ok {
			return invalid("Invalid JsonPath in InputPathsMap for target %s: %s.", t.ID, text)
		}
	}
	for _, m := range placeholders.FindAllStringSubmatch(t.InputTransformer.InputTemplate, -1) {
		if _, ok := t.InputTransformer.InputPathsMap[m[1]]; !ok && !predefined(m[1]) {
			return invalid("InputTemplate for target %s contains invalid placeholder %s.", t.ID, m[1])
		}
	}
	filled := t.InputTransformer.fill(func(string) []byte { return []byte(`""`) })
	if err := validTemplate(filled); err != nil {
		return invalid("Invalid InputTemplate for target %s : %v", t.ID, err)
	}
	return nil
}

// validTemplate wants one JSON value or several, each on lines of its own.
func validTemplate(text []byte) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	for n := 0; ; n++ {
		var value json.RawMessage
		err := decoder.Decode(&value)
		if errors.Is(err, io.EOF) && n > 0 {
			return nil
		}
		if err != nil {
			return fmt.Errorf("at byte %d: %w", decoder.InputOffset(), err)
		}
	}
}

// input makes what a target gets of an event.
func (t *Target) input(event []byte, ruleARN, ruleName string, ingested time.Time) ([]byte, error) {
	switch {
	case t.Input != "":
		return []byte(t.Input), nil
	case t.InputPath != "":
		p, _ := parsePath(t.InputPath)
		if value, ok := p.get(event); ok {
			return value, nil
		}
		return nil, fmt.Errorf("nothing is at %s in the event", t.InputPath)
	case t.InputTransformer == nil:
		return event, nil
	}
	filled := t.InputTransformer.fill(func(variable string) []byte {
		switch variable {
		case varRuleARN:
			return rawjson.AppendString(nil, ruleARN)
		case varRuleName:
			return rawjson.AppendString(nil, ruleName)
		case varIngestion:
			return rawjson.AppendString(nil, ingested.UTC().Format(time.RFC3339))
		case varEvent:
			return withoutDetail(event)
		case varEventJSON:
			return event
		}
		p, _ := parsePath(t.InputTransformer.InputPathsMap[variable])
		if value, ok := p.get(event); ok {
			return value
		}
		return []byte(`""`)
	})
	if err := validTemplate(filled); err != nil {
		return nil, fmt.Errorf("the input template gives no JSON: %w", err)
	}
	return filled, nil
}

// withoutDetail is the event as <aws.events.event> has it.
func withoutDetail(event []byte) []byte {
	out := []byte{'{'}
	for key, at := range rawjson.Members(event) {
		switch key {
		case "detail":
			continue
		case "detail-type":
			key = "detailType" // as AWS writes it here
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = append(rawjson.AppendString(out, key), ':')
		out = append(out, event[at[0]:at[1]]...)
	}
	return append(out, '}')
}

// fill replaces the template's placeholders by JSON values. Within a string a
// value is part of the text: a string without its quotes, anything else as JSON.
func (t *InputTransformer) fill(value func(variable string) []byte) []byte {
	template := t.InputTemplate
	var out []byte
	quoted := false
	for i := 0; i < len(template); {
		switch c := template[i]; {
		case c == '\\' && quoted && i+1 < len(template):
			out = append(out, c, template[i+1])
			i += 2
			continue
		case c == '"':
			quoted = !quoted
		case c == '<':
			if m := placeholders.FindStringSubmatchIndex(template[i:]); m != nil && m[0] == 0 {
				out = appendValue(out, value(template[i+m[2]:i+m[3]]), quoted)
				i += m[1]
				continue
			}
		}
		out = append(out, template[i])
		i++
	}
	return out
}

func appendValue(out, value []byte, quoted bool) []byte {
	if !quoted {
		return append(out, value...)
	}
	if value[0] == '"' {
		return append(out, value[1:len(value)-1]...)
	}
	text := rawjson.AppendString(nil, string(value))
	return append(out, text[1:len(text)-1]...)
}
