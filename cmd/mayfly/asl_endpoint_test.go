package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// atEndpoint answers as AWS's services do: two functions, a table and a bucket.
func atEndpoint(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	signed := func(scope string) bool {
		return strings.Contains(r.Header.Get("Authorization"), "/us-east-1/"+scope+"/aws4_request")
	}
	switch {
	case strings.HasSuffix(r.URL.Path, "function:double/invocations") && signed("lambda"):
		_, _ = w.Write([]byte(`{"got":` + string(body) + `}`))
	case strings.HasSuffix(r.URL.Path, "function:fails/invocations"):
		w.Header().Set("X-Amz-Function-Error", "Unhandled")
		_, _ = w.Write([]byte(`{"errorType":"Declined","errorMessage":"no funds"}`))
	case strings.HasSuffix(r.URL.Path, "/invocations"):
		w.Header().Set("X-Amzn-Errortype", "ResourceNotFoundException")
		w.WriteHeader(http.StatusNotFound)
		_, _ = w.Write([]byte(`{"Message":"Function not found"}`))
	case r.Header.Get("X-Amz-Target") == "DynamoDB_20120810.GetItem" && signed("dynamodb"):
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		_, _ = w.Write([]byte(`{"Item":{"id":{"S":"a"}}}`))
	case r.URL.Path == "/bucket/items.json" && signed("s3"):
		_, _ = w.Write([]byte(`[1,2]`))
	default:
		http.Error(w, r.Method+" "+r.URL.Path, http.StatusTeapot)
	}
}

func TestASLRunsTasksAtAnEndpoint(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(atEndpoint))
	t.Cleanup(server.Close)
	function := func(name string) string {
		return `"Type":"Task","Resource":"arn:aws:lambda:us-east-1:000000000000:function:` + name + `"`
	}
	one := func(state string) string { return `{"StartAt":"T","States":{"T":{` + state + `,"End":true}}}` }
	for _, c := range []struct {
		name, definition, out, err string
		args                       []string
		code                       int
	}{
		{name: "a function", definition: one(function("double")), out: `"got"`},
		{name: "a function that fails", definition: one(function("fails")), code: 1, err: "failed with Declined"},
		{name: "no such function", definition: one(function("gone")), code: 1, err: "ResourceNotFoundException"},
		{name: "an AWS SDK integration", definition: one(`"Type":"Task","Resource":"arn:aws:states:::aws-sdk:dynamodb:getItem","Parameters":{"TableName":"t","Key":{"id":{"S":"a"}}}`), out: `"S": "a"`},
		{name: "what is mocked is not called", definition: one(function("fails")), args: []string{"--task", `T="mocked"`}, out: `"mocked"`},
		{name: "items in S3", definition: `{"StartAt":"M","States":{"M":{"Type":"Map","End":true,
			"ItemReader":{"Resource":"arn:aws:states:::s3:getObject","ReaderConfig":{"InputType":"JSON"},"Parameters":{"Bucket":"bucket","Key":"items.json"}},
			"ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"EXPRESS"},"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}}}}`, out: "[1] P"},
		{name: "a nested execution", definition: one(`"Type":"Task","Resource":"arn:aws:states:::states:startExecution","Parameters":{"StateMachineArn":"arn:aws:states:us-east-1:000000000000:stateMachine:m"}`),
			code: 1, err: "a nested execution is not started at an endpoint. Say what it answers to the state \"T\" with --task 'T=JSON'"},
		{name: "no address", definition: one(function("double")), args: []string{"--endpoint", "127.0.0.1"}, code: 2, err: "--endpoint \"127.0.0.1\": must be like http://127.0.0.1:4566"},
		{name: "virtual time", definition: one(function("double")), args: []string{"--now", "2026-01-01T00:00:00Z"}, code: 2, err: "--now is for virtual time"},
	} {
		t.Run(c.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "m.asl.json")
			if err := os.WriteFile(file, []byte(c.definition), 0o600); err != nil {
				t.Fatal(err)
			}
			var out, failed bytes.Buffer
			code := newApp(&out, &failed, os.Getenv).run(t.Context(), append([]string{"asl", "run", file, "--endpoint", server.URL}, c.args...))
			if code != c.code || !strings.Contains(out.String(), c.out) || !strings.Contains(failed.String(), c.err) {
				t.Errorf("%d\n%s%s", code, out.Bytes(), failed.Bytes())
			}
		})
	}
}
