package dynamodb

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	minidyn "github.com/truora/minidyn/server"
)

// slack is how many lines a log may have beyond what it would be compacted to,
// before it is.
const slack = 1000

// replay makes the state from the log's records, from nothing.
func (s *Service) replay(records []record) error {
	s.engine, s.tables, s.tokens = minidyn.NewServer(), map[string]*table{}, map[string]token{}
	for i, r := range records {
		if r.Operation == opToken {
			var known token
			if err := json.Unmarshal(r.Body, &known); err != nil {
				return fmt.Errorf("line %d: %w", i+1, err)
			}
			s.tokens[known.Token] = known
			continue
		}
		// A write that failed then, in part, fails now in the same way.
		if answer := s.answer(r.Operation, r.Body, time.Unix(0, r.At).UTC()); !answer.logged {
			return fmt.Errorf("line %d: %s: %s", i+1, r.Operation, answer.body)
		}
	}
	return nil
}

// compact replaces the log by the shortest one that gives the same state, when
// it is much longer than that. The new log is tried before it takes the old
// one's place; where it does not give the same state, the old one stays.
func (s *Service) compact(path string, lines int) error {
	shortest, err := s.dump()
	if errors.Is(err, errUntyped) {
		return nil // the long log has what the engine can't give back
	}
	if err != nil {
		return fmt.Errorf("compact the log: %w", err)
	}
	if lines < len(shortest)+slack {
		return nil
	}
	again := &Service{options: s.options}
	if failed := again.replay(shortest) != nil; failed {
		return nil // as above
	}
	if same, err := s.equal(again); err != nil || !same {
		return err
	}
	if err := replaceJournal(path, shortest); err != nil {
		return fmt.Errorf("compact the log: %w", err)
	}
	return nil
}

// errUntyped says that the engine gave an attribute without its type, as it
// does for empty lists, maps and binaries.
var errUntyped = errors.New("an attribute has no type")

// typed reports whether every attribute of an item, at any depth, has a type.
func typed(attributes map[string]json.RawMessage) bool {
	for _, attribute := range attributes {
		if !typedValue(attribute) {
			return false
		}
	}
	return true
}

func typedValue(attribute json.RawMessage) bool {
	var value map[string]json.RawMessage
	if json.Unmarshal(attribute, &value) != nil || len(value) != 1 {
		return false
	}
	var fields map[string]json.RawMessage
	if m, ok := value["M"]; ok {
		return json.Unmarshal(m, &fields) == nil && typed(fields)
	}
	var elements []json.RawMessage
	if l, ok := value["L"]; ok {
		return json.Unmarshal(l, &elements) == nil && !slices.ContainsFunc(elements, func(e json.RawMessage) bool { return !typedValue(e) })
	}
	return true
}

// dump returns the records that make the present state from nothing.
func (s *Service) dump() ([]record, error) {
	var records []record
	add := func(at int64, operation string, body any) error {
		text, err := json.Marshal(body)
		records = append(records, record{At: at, Operation: operation, Body: text})
		return err
	}
	for _, name := range s.tableNames() {
		known := s.tables[name]
		at := known.created.UnixNano()
		records = append(records, known.requests...)
		if known.ttl != "" {
			if err := add(at, "UpdateTimeToLive", map[string]any{"TableName": name, "TimeToLiveSpecification": map[string]any{
				"AttributeName": known.ttl, "Enabled": true,
			}}); err != nil {
				return nil, err
			}
		}
		items, err := s.scan(map[string]any{"TableName": name})
		if err != nil {
			return nil, err
		}
		for _, item := range items {
			if !typed(item) {
				return nil, fmt.Errorf("an item of table %s: %w", name, errUntyped)
			}
			if err := add(at, "PutItem", map[string]any{"TableName": name, "Item": item}); err != nil {
				return nil, err
			}
		}
	}
	for _, known := range s.tokens {
		if err := add(known.At, opToken, known); err != nil {
			return nil, err
		}
	}
	return records, nil
}

// equal reports whether two services hold the same items.
func (s *Service) equal(other *Service) (bool, error) {
	if !reflect.DeepEqual(s.tableNames(), other.tableNames()) {
		return false, nil
	}
	for _, name := range s.tableNames() {
		mine, err := s.scan(map[string]any{"TableName": name})
		if err != nil {
			return false, err
		}
		theirs, err := other.scan(map[string]any{"TableName": name})
		if err != nil {
			return false, err
		}
		if !reflect.DeepEqual(mine, theirs) {
			return false, nil
		}
	}
	return true, nil
}
