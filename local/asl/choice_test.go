package asl_test

import (
	"strings"
	"testing"

	"github.com/mayfly-dev/mayfly/local/asl"
)

func TestChoiceOperators(t *testing.T) {
	const input = `{"s":"b","s2":"b","n":2,"n2":2.0,"t":"2026-01-02T00:00:00Z","t2":"2026-01-02T01:00:00+01:00","y":true,"no":false,"null":null,"star":"a*c","file":"log-2026.txt"}`
	for rule, want := range map[string]bool{
		`"Variable":"$.s","StringEquals":"b"`:                                                true,
		`"Variable":"$.s","StringEquals":"c"`:                                                false,
		`"Variable":"$.n","StringEquals":"2"`:                                                false,
		`"Variable":"$.s","StringEqualsPath":"$.s2"`:                                         true,
		`"Variable":"$.s","StringLessThan":"c"`:                                              true,
		`"Variable":"$.s","StringLessThanPath":"$.s2"`:                                       false,
		`"Variable":"$.s","StringGreaterThan":"a"`:                                           true,
		`"Variable":"$.s","StringGreaterThanPath":"$.s2"`:                                    false,
		`"Variable":"$.s","StringLessThanEquals":"b"`:                                        true,
		`"Variable":"$.s","StringLessThanEqualsPath":"$.s2"`:                                 true,
		`"Variable":"$.s","StringGreaterThanEquals":"c"`:                                     false,
		`"Variable":"$.s","StringGreaterThanEqualsPath":"$.s2"`:                              true,
		`"Variable":"$.file","StringMatches":"log-*.txt"`:                                    true,
		`"Variable":"$.file","StringMatches":"*.csv"`:                                        false,
		`"Variable":"$.star","StringMatches":"a\\*c"`:                                        true,
		`"Variable":"$.file","StringMatches":"log-\\*.txt"`:                                  false,
		`"Variable":"$.n","NumericEquals":2`:                                                 true,
		`"Variable":"$.n","NumericEqualsPath":"$.n2"`:                                        true,
		`"Variable":"$.s","NumericEquals":2`:                                                 false,
		`"Variable":"$.n","NumericLessThan":3`:                                               true,
		`"Variable":"$.n","NumericLessThanPath":"$.n2"`:                                      false,
		`"Variable":"$.n","NumericGreaterThan":1.5`:                                          true,
		`"Variable":"$.n","NumericGreaterThanPath":"$.n2"`:                                   false,
		`"Variable":"$.n","NumericLessThanEquals":2`:                                         true,
		`"Variable":"$.n","NumericLessThanEqualsPath":"$.n2"`:                                true,
		`"Variable":"$.n","NumericGreaterThanEquals":2`:                                      true,
		`"Variable":"$.n","NumericGreaterThanEqualsPath":"$.s"`:                              false,
		`"Variable":"$.y","BooleanEquals":true`:                                              true,
		`"Variable":"$.y","BooleanEqualsPath":"$.no"`:                                        false,
		`"Variable":"$.s","BooleanEquals":false`:                                             false,
		`"Variable":"$.t","TimestampEquals":"2026-01-02T00:00:00Z"`:                          true,
		`"Variable":"$.t","TimestampEqualsPath":"$.t2"`:                                      true,
		`"Variable":"$.t","TimestampLessThan":"2026-01-02T00:00:00.001Z"`:                    true,
		`"Variable":"$.t","TimestampLessThanPath":"$.t2"`:                                    false,
		`"Variable":"$.t","TimestampGreaterThan":"2025-01-02T00:00:00Z"`:                     true,
		`"Variable":"$.t","TimestampGreaterThanPath":"$.t2"`:                                 false,
		`"Variable":"$.t","TimestampLessThanEquals":"2026-01-02T00:00:00Z"`:                  true,
		`"Variable":"$.t","TimestampLessThanEqualsPath":"$.t2"`:                              true,
		`"Variable":"$.t","TimestampGreaterThanEquals":"2027-01-02T00:00:00Z"`:               false,
		`"Variable":"$.t","TimestampGreaterThanEqualsPath":"$.t2"`:                           true,
		`"Variable":"$.s","TimestampEquals":"2026-01-02T00:00:00Z"`:                          false,
		`"Variable":"$.null","IsNull":true`:                                                  true,
		`"Variable":"$.s","IsNull":true`:                                                     false,
		`"Variable":"$.none","IsPresent":false`:                                              true,
		`"Variable":"$.s","IsPresent":true`:                                                  true,
		`"Variable":"$.n","IsNumeric":true`:                                                  true,
		`"Variable":"$.s","IsNumeric":true`:                                                  false,
		`"Variable":"$.s","IsString":true`:                                                   true,
		`"Variable":"$.n","IsString":false`:                                                  true,
		`"Variable":"$.y","IsBoolean":true`:                                                  true,
		`"Variable":"$.t","IsTimestamp":true`:                                                true,
		`"Variable":"$.s","IsTimestamp":true`:                                                false,
		`"Not":{"Variable":"$.y","BooleanEquals":true}`:                                      false,
		`"And":[{"Variable":"$.n","NumericEquals":2},{"Variable":"$.s","StringEquals":"b"}]`: true,
		`"And":[{"Variable":"$.n","NumericEquals":2},{"Variable":"$.s","StringEquals":"c"}]`: false,
		`"Or":[{"Variable":"$.n","NumericEquals":3},{"Variable":"$.s","StringEquals":"b"}]`:  true,
		`"Or":[{"Variable":"$.n","NumericEquals":3},{"Variable":"$.s","StringEquals":"c"}]`:  false,
	} {
		got := run(t, `{"StartAt":"C","States":{"C":{"Type":"Choice","Choices":[{`+rule+`,"Next":"Yes"}],"Default":"No"},
			"Yes":{"Type":"Succeed"},"No":{"Type":"Succeed"}}}`, input)
		if yes := strings.Join(got.Path, " ") == "C Yes"; yes != want {
			t.Errorf("%s: path %v, %s", rule, got.Path, got.Cause)
		}
	}
	got := run(t, `{"StartAt":"C","States":{"C":{"Type":"Choice","Choices":[{"Variable":"$.none","IsNull":true,"Next":"Y"}],"Default":"Y"},"Y":{"Type":"Succeed"}}}`, `{}`)
	if got.Error != "States.Runtime" {
		t.Errorf("a path that names nothing: %+v", got)
	}
}

func TestAFailingBranchIsInTheHistory(t *testing.T) {
	got := run(t, `{"StartAt":"P","States":{"P":{"Type":"Parallel","End":true,"Branches":[
		{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":500,"End":true}}},
		{"StartAt":"F","States":{"F":{"Type":"Fail","Error":"X","Cause":"why"}}}]}}}`, `{}`)
	want := "1<0 ExecutionStarted\n2<0 ParallelStateEntered\n3<2 ParallelStateStarted\n4<3 WaitStateEntered\n5<3 FailStateEntered\n" +
		"6<5 WaitStateAborted\n7<5 ParallelStateFailed\n8<7 ExecutionFailed"
	if events(got.Events) != want || got.Error != "X" || got.Cause != "why" {
		t.Errorf("got\n%s\n%s %s", events(got.Events), got.Error, got.Cause)
	}
}

func TestHistoriesArePaged(t *testing.T) {
	e := engine(t, asl.Options{})
	m := machine(t, chain(10, passState))
	started, err := e.Start(t.Context(), asl.StartInput{Machine: m, MachineARN: machineARN})
	if err != nil {
		t.Fatal(err)
	}
	for _, reverse := range []bool{false, true} {
		var ids []int64
		for token := ""; ; {
			page, next, err := e.History(started.ExecutionARN, asl.Query{Limit: 5, Reverse: reverse, Token: token})
			if err != nil {
				t.Fatal(err)
			}
			for _, event := range page {
				ids = append(ids, event.ID)
			}
			if token = next; token == "" {
				break
			}
		}
		if len(ids) != 22 || (ids[0] == 22) != reverse {
			t.Errorf("reverse %v: %v", reverse, ids)
		}
	}
}
