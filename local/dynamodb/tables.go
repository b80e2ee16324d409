package dynamodb

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"
)

// table is what the front knows of a table beside what the engine does.
type table struct {
	created time.Time
	// requests made the table what it is: CreateTable, then each UpdateTable.
	requests []record
	// indexes are the names of its secondary indexes.
	indexes map[string]bool
	// ttl is the attribute that says when an item expires; "" for none.
	ttl string
}

type indexName struct{ IndexName string }

func (s *Service) createTable(body []byte, now time.Time) reply {
	var request struct {
		TableName                                     string
		GlobalSecondaryIndexes, LocalSecondaryIndexes []indexName
	}
	if err := json.Unmarshal(body, &request); err != nil {
		return failure(http.StatusBadRequest, "SerializationException", err.Error())
	}
	if n := len(request.TableName); n < 3 || n > 255 {
		return invalid("TableName must be at least 3 characters long and at most 255 characters long")
	}
	if s.tables[request.TableName] != nil {
		return failure(http.StatusBadRequest, "ResourceInUseException", "Table already exists: "+request.TableName)
	}
	answer := s.call("CreateTable", body)
	if !answer.ok() {
		return answer
	}
	made := &table{created: now, indexes: map[string]bool{}}
	made.requests = []record{{At: now.UnixNano(), Operation: "CreateTable", Body: body}}
	for _, index := range slices.Concat(request.GlobalSecondaryIndexes, request.LocalSecondaryIndexes) {
		made.indexes[index.IndexName] = true
	}
	s.tables[request.TableName] = made
	answer = s.described(request.TableName, "TableDescription", answer)
	answer.logged = true
	return answer
}

func (s *Service) updateTable(body []byte) reply {
	var request struct {
		TableName                   string
		GlobalSecondaryIndexUpdates []struct{ Create, Delete *indexName }
	}
	changed, refusal := s.named(body, &request, &request.TableName)
	if changed == nil {
		return refusal
	}
	answer := s.call("UpdateTable", body)
	// A part of what fails may have been done: it is kept to be replayed too.
	changed.requests = append(changed.requests, record{At: changed.created.UnixNano(), Operation: "UpdateTable", Body: body})
	if !answer.ok() {
		answer.logged = true
		return answer
	}
	for _, change := range request.GlobalSecondaryIndexUpdates {
		if change.Create != nil {
			changed.indexes[change.Create.IndexName] = true
		}
		if change.Delete != nil {
			delete(changed.indexes, change.Delete.IndexName)
		}
	}
	answer = s.described(request.TableName, "TableDescription", answer)
	answer.logged = true
	return answer
}

func (s *Service) deleteTable(body []byte) reply {
	var request struct{ TableName string }
	if found, refusal := s.named(body, &request, &request.TableName); found == nil {
		return refusal
	}
	answer := s.call("DeleteTable", body)
	if !answer.ok() {
		return answer
	}
	answer = s.described(request.TableName, "TableDescription", answer)
	delete(s.tables, request.TableName)
	answer.logged = true
	return answer
}

func (s *Service) describeTable(body []byte) reply {
	var request struct{ TableName string }
	if found, refusal := s.named(body, &request, &request.TableName); found == nil {
		return refusal
	}
	answer := s.call("DescribeTable", body)
	if !answer.ok() {
		return answer
	}
	return s.described(request.TableName, "Table", answer)
}

// named reads a request and returns the table that it names, or the refusal.
func (s *Service) named(body []byte, request any, name *string) (*table, reply) {
	if err := json.Unmarshal(body, request); err != nil {
		return nil, failure(http.StatusBadRequest, "SerializationException", err.Error())
	}
	found := s.tables[*name]
	if found == nil {
		return nil, noTable(*name)
	}
	return found, reply{}
}

// described adds to the engine's description what AWS has in it.
func (s *Service) described(name, field string, answer reply) reply {
	var all map[string]map[string]any
	if err := json.Unmarshal(answer.body, &all); err != nil || all[field] == nil {
		return internal(fmt.Errorf("the engine's description of table %s: %s", name, answer.body))
	}
	description := all[field]
	known := s.tables[name]
	arn := fmt.Sprintf("arn:aws:dynamodb:%s:%s:table/%s", s.options.Region, s.options.Account, name)
	description["TableStatus"] = "ACTIVE"
	description["TableArn"] = arn
	description["CreationDateTime"] = float64(known.created.UnixMilli()) / 1000
	var request struct {
		AttributeDefinitions json.RawMessage
		BillingMode          string
	}
	if err := json.Unmarshal(known.requests[0].Body, &request); err != nil {
		return internal(err)
	}
	description["AttributeDefinitions"] = request.AttributeDefinitions
	if request.BillingMode == "PAY_PER_REQUEST" {
		description["BillingModeSummary"] = map[string]any{"BillingMode": request.BillingMode}
	}
	for _, kind := range []string{"GlobalSecondaryIndexes", "LocalSecondaryIndexes"} {
		indexes, _ := description[kind].([]any)
		for _, index := range indexes {
			if fields, ok := index.(map[string]any); ok {
				fields["IndexArn"] = fmt.Sprintf("%s/index/%v", arn, fields["IndexName"])
			}
		}
	}
	return success(all)
}

func (s *Service) listTables(body []byte) reply {
	request := struct {
		Limit                   int
		ExclusiveStartTableName string
	}{Limit: 100}
	if err := json.Unmarshal(body, &request); err != nil {
		return failure(http.StatusBadRequest, "SerializationException", err.Error())
	}
	if request.Limit < 1 || request.Limit > 100 {
		return invalid("Value '%d' at 'limit' failed to satisfy constraint: Member must be between 1 and 100", request.Limit)
	}
	answer := struct {
		TableNames             []string
		LastEvaluatedTableName string `json:",omitempty"`
	}{TableNames: []string{}}
	for _, name := range s.tableNames() {
		if name <= request.ExclusiveStartTableName {
			continue
		}
		if len(answer.TableNames) == request.Limit {
			answer.LastEvaluatedTableName = answer.TableNames[request.Limit-1]
			break
		}
		answer.TableNames = append(answer.TableNames, name)
	}
	return success(answer)
}

func (s *Service) tableNames() []string {
	names := make([]string, 0, len(s.tables))
	for name := range s.tables {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// unknownIndex refuses a read of an index that is not there, which the engine
// does not survive.
func (s *Service) unknownIndex(body []byte) (reply, bool) {
	var request struct{ TableName, IndexName string }
	if err := json.Unmarshal(body, &request); err != nil {
		return failure(http.StatusBadRequest, "SerializationException", err.Error()), true
	}
	known := s.tables[request.TableName]
	if known == nil || request.IndexName == "" || known.indexes[request.IndexName] {
		return reply{}, false
	}
	return invalid("The table does not have the specified index: %s", request.IndexName), true
}
