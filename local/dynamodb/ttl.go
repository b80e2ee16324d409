package dynamodb

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"
)

func (s *Service) updateTimeToLive(body []byte) reply {
	var request struct {
		TableName               string
		TimeToLiveSpecification struct {
			AttributeName string
			Enabled       bool
		}
	}
	found, refusal := s.named(body, &request, &request.TableName)
	if found == nil {
		return refusal
	}
	wanted := request.TimeToLiveSpecification
	switch {
	case wanted.AttributeName == "":
		return invalid("TimeToLiveSpecification.AttributeName must not be empty")
	case wanted.Enabled && found.ttl == wanted.AttributeName:
		return invalid("TimeToLive is already enabled")
	case wanted.Enabled && found.ttl != "":
		return invalid("TimeToLive is active on a different AttributeName: current AttributeName is %s", found.ttl)
	case !wanted.Enabled && found.ttl == "":
		return invalid("TimeToLive is already disabled")
	}
	found.ttl = ""
	if wanted.Enabled {
		found.ttl = wanted.AttributeName
	}
	answer := success(map[string]any{"TimeToLiveSpecification": wanted})
	answer.logged = true
	return answer
}

func (s *Service) describeTimeToLive(body []byte) reply {
	var request struct{ TableName string }
	found, refusal := s.named(body, &request, &request.TableName)
	if found == nil {
		return refusal
	}
	description := map[string]string{"TimeToLiveStatus": "DISABLED"}
	if found.ttl != "" {
		description = map[string]string{"TimeToLiveStatus": "ENABLED", "AttributeName": found.ttl}
	}
	return success(map[string]any{"TimeToLiveDescription": description})
}

// expire deletes what has expired, once a while. AWS takes up to two days.
func (s *Service) expire(now time.Time) error {
	if now.Before(s.sweepAt) {
		return nil
	}
	s.sweepAt = now.Add(sweepEvery)
	s.forgetTokens(now)
	for _, name := range s.tableNames() {
		if s.tables[name].ttl == "" {
			continue
		}
		if err := s.expireIn(name, now); err != nil {
			return fmt.Errorf("delete what expired in table %s: %w", name, err)
		}
	}
	return nil
}

func (s *Service) expireIn(name string, now time.Time) error {
	ttl := s.tables[name].ttl
	keys, err := s.keyNames(name)
	if err != nil {
		return err
	}
	items, err := s.scan(map[string]any{
		"TableName": name, "FilterExpression": "#ttl <= :now",
		"ExpressionAttributeNames":  map[string]string{"#ttl": ttl},
		"ExpressionAttributeValues": map[string]any{":now": map[string]string{"N": strconv.FormatInt(now.Unix(), 10)}},
	})
	if err != nil {
		return err
	}
	for _, item := range items {
		key := make(map[string]json.RawMessage, len(keys))
		for _, attribute := range keys {
			key[attribute] = item[attribute]
		}
		body, err := json.Marshal(map[string]any{"TableName": name, "Key": key})
		if err != nil {
			return err
		}
		if answer := s.call("DeleteItem", body); !answer.ok() {
			return fmt.Errorf("delete item: %s", answer.body)
		}
		if err := s.log(record{At: now.UnixNano(), Operation: "DeleteItem", Body: body}); err != nil {
			return err
		}
	}
	return nil
}

// keyNames returns the attributes of a table's primary key.
func (s *Service) keyNames(name string) ([]string, error) {
	var request struct {
		KeySchema []struct{ AttributeName string }
	}
	if err := json.Unmarshal(s.tables[name].requests[0].Body, &request); err != nil {
		return nil, err
	}
	var names []string
	for _, key := range request.KeySchema {
		names = append(names, key.AttributeName)
	}
	return names, nil
}

// scan returns every item that a scan finds, each attribute in its wire form.
func (s *Service) scan(request map[string]any) ([]map[string]json.RawMessage, error) {
	var all []map[string]json.RawMessage
	for {
		body, err := json.Marshal(request)
		if err != nil {
			return nil, err
		}
		answer := s.call("Scan", body)
		if !answer.ok() {
			return nil, fmt.Errorf("scan: %s", answer.body)
		}
		var page struct {
			Items            []map[string]json.RawMessage
			LastEvaluatedKey map[string]json.RawMessage
		}
		if err := json.Unmarshal(answer.body, &page); err != nil {
			return nil, fmt.Errorf("scan: %w", err)
		}
		all = append(all, page.Items...)
		if len(page.LastEvaluatedKey) == 0 {
			return all, nil
		}
		request["ExclusiveStartKey"] = page.LastEvaluatedKey
	}
}
