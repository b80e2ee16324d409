package sfn

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/mayfly-dev/mayfly/local/asl"
)

type getExecutionHistoryInput struct {
	ExecutionARN         string `json:"executionArn"`
	MaxResults           int    `json:"maxResults"`
	NextToken            string `json:"nextToken"`
	ReverseOrder         bool   `json:"reverseOrder"`
	IncludeExecutionData *bool  `json:"includeExecutionData"`
}

type getExecutionHistoryOutput struct {
	Events    []json.RawMessage `json:"events"`
	NextToken string            `json:"nextToken,omitempty"`
}

func (s *Service) getExecutionHistory(_ context.Context, in getExecutionHistoryInput) (out getExecutionHistoryOutput, err error) {
	if _, err := s.execution(in.ExecutionARN); err != nil {
		return out, err
	}
	limit, err := limited(in.MaxResults, 100)
	if err != nil {
		return out, err
	}
	page, next, err := s.engine.History(in.ExecutionARN, asl.Query{Reverse: in.ReverseOrder, Limit: limit, Token: in.NextToken})
	if errors.Is(err, asl.ErrInvalidToken) {
		return out, invalidToken()
	}
	if err != nil {
		return out, err //nolint:wrapcheck // an internal failure, said by the engine
	}
	out = getExecutionHistoryOutput{Events: []json.RawMessage{}, NextToken: next}
	withData := in.IncludeExecutionData == nil || *in.IncludeExecutionData
	for i := range page {
		out.Events = append(out.Events, page[i].AppendJSON(nil, withData))
	}
	return out, nil
}
