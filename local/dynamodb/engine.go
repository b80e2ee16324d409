package dynamodb

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// call asks the engine. What it panics over becomes an error: a request must
// never end the process.
func (s *Service) call(operation string, body []byte) (answer reply) {
	defer func() {
		if reason := recover(); reason != nil {
			answer = internal(fmt.Errorf("%s: %v", operation, reason))
		}
	}()
	request, err := http.NewRequest(http.MethodPost, "/", bytes.NewReader(body))
	if err != nil {
		return internal(err)
	}
	request.Header.Set("X-Amz-Target", targetPrefix+operation)
	rec := recorder{header: http.Header{}, status: http.StatusOK}
	s.engine.ServeHTTP(&rec, request)
	answer = reply{status: rec.status, body: bytes.TrimSpace(rec.body.Bytes())}
	if !answer.ok() {
		return inShape(answer)
	}
	return answer
}

// inShape gives the engine's error the form that AWS has.
func inShape(answer reply) reply {
	var e map[string]any
	if json.Unmarshal(answer.body, &e) != nil {
		return internal(fmt.Errorf("%s", answer.body))
	}
	code, _ := e["__type"].(string)
	if code == "InternalFailure" || code == "" {
		// The engine has no name for what it did not understand.
		code = "ValidationException"
	}
	e["__type"] = qualify(code)
	if code == "TransactionCanceledException" {
		// AWS spells this one's message with a capital.
		e["Message"] = e["message"]
	}
	body, err := json.Marshal(e)
	if err != nil {
		return internal(err)
	}
	return reply{status: answer.status, body: body}
}

// answer carries out one operation, at now. It is also how the log is
// replayed, so it depends on nothing but the request, the state and now.
func (s *Service) answer(operation string, body []byte, now time.Time) reply {
	if !json.Valid(body) {
		return failure(http.StatusBadRequest, "SerializationException", "The request is not JSON.")
	}
	switch operation {
	case "GetItem", "BatchGetItem", "TransactGetItems", "Scan", "Query":
		if refusal, refused := s.unknownIndex(body); refused {
			return refusal
		}
		return s.call(operation, body)
	case "PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem":
		return s.change(operation, body)
	case "TransactWriteItems":
		return s.transact(body, now)
	case "CreateTable":
		return s.createTable(body, now)
	case "UpdateTable":
		return s.updateTable(body)
	case "DeleteTable":
		return s.deleteTable(body)
	case "DescribeTable":
		return s.describeTable(body)
	case "ListTables":
		return s.listTables(body)
	case "UpdateTimeToLive":
		return s.updateTimeToLive(body)
	case "DescribeTimeToLive":
		return s.describeTimeToLive(body)
	}
	return unknownOperation(operation)
}

// change writes items one by one. A failed condition changes nothing; after
// any other error the engine may have done a part of it, which the log must
// hold too.
func (s *Service) change(operation string, body []byte) reply {
	answer := s.call(operation, body)
	answer.logged = answer.errorCode() != "ConditionalCheckFailedException" && answer.errorCode() != "ResourceNotFoundException"
	return answer
}
