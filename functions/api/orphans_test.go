package api_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"github.com/mayfly-dev/mayfly/events"
)

func TestOrphansAreLookedForAndTold(t *testing.T) {
	w := newWorld(t)
	w.objects.contents = map[string]string{}
	w.want(http.StatusNotFound, http.MethodGet, "/v1/orphans", "")
	begun := into[events.OrphanReport](t, w.want(http.StatusAccepted, http.MethodPost, "/v1/orphans", `{"fix":true}`))
	if begun.Status != "running" || !begun.Fix || begun.Run == "" || begun.StartedAt.IsZero() {
		t.Fatalf("begun %+v", begun)
	}
	var input events.FindOrphans
	must(t, json.Unmarshal([]byte(w.machines.lastInput()), &input))
	if !input.Fix || input.By != "tester" {
		t.Errorf("started with %+v", input)
	}
	arn := w.machines.order[len(w.machines.order)-1]
	if !strings.HasSuffix(arn, "mayfly-orphans:"+begun.Run) {
		t.Errorf("started %s", arn)
	}
	// Nothing is written yet, then half of it, then all.
	look := func() events.OrphanReport {
		return into[events.OrphanReport](t, w.want(http.StatusOK, http.MethodGet, "/v1/orphans?run="+begun.Run, ""))
	}
	if got := look(); got.Status != "running" || got.Run != begun.Run || len(got.Orphans) != 0 {
		t.Errorf("at first %+v", got)
	}
	report := `{"run":"` + begun.Run + `","status":"STATUS","fix":true,"held":3,"recorded":2,"orphans":[{"kind":"bucket","id":"mayfly-a","in":"account","proven":false,"why":"w"}]}`
	w.objects.contents["orphans/run/"+begun.Run+".json"] = strings.Replace(report, "STATUS", "running", 1)
	if got := look(); got.Status != "running" || len(got.Orphans) != 1 {
		t.Errorf("half way %+v", got)
	}
	w.machines.status[arn] = sfntypes.ExecutionStatusSucceeded
	for _, key := range []string{"orphans/last.json", "orphans/run/" + begun.Run + ".json"} {
		w.objects.contents[key] = strings.Replace(report, "STATUS", "done", 1)
	}
	last := into[events.OrphanReport](t, w.want(http.StatusOK, http.MethodGet, "/v1/orphans", ""))
	if got := look(); got.Status != "done" || last.Run != begun.Run || last.Held != 3 {
		t.Errorf("at its end %+v, the last one %+v", got, last)
	}
	w.machines.status[arn] = sfntypes.ExecutionStatusTimedOut
	if got := look(); got.Status != "failed" {
		t.Errorf("after a timeout %+v", got)
	}
}

func TestOrphansAreAskedForRightly(t *testing.T) {
	w := newWorld(t)
	if begun := into[events.OrphanReport](t, w.want(http.StatusAccepted, http.MethodPost, "/v1/orphans", "")); begun.Fix {
		t.Error("without a body it tears down")
	}
	w.want(http.StatusBadRequest, http.MethodPost, "/v1/orphans", `{"fixes":true}`)
	w.want(http.StatusBadRequest, http.MethodPost, "/v1/orphans", `{"fix":"yes"}`)
	w.want(http.StatusBadRequest, http.MethodGet, "/v1/orphans?run=..%2Flast", "")
	w.want(http.StatusNotFound, http.MethodGet, "/v1/orphans?run=orphans-1", "")
	w.objects.contents = map[string]string{"orphans/last.json": "{"}
	w.want(http.StatusInternalServerError, http.MethodGet, "/v1/orphans", "")
}
