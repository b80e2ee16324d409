package api

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"github.com/mayfly-dev/mayfly/awserr"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/api/internal/rest"
	"github.com/mayfly-dev/mayfly/inventory"
	"github.com/mayfly-dev/mayfly/pattern"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// runName is what Step Functions takes as an execution's name, as far as
// Mayfly gives such.
var runName = pattern.Of(`^[A-Za-z0-9_-]{1,80}$`)

// FindOrphans starts a comparison of the account with the records.
func (a server) FindOrphans(ctx context.Context, request rest.FindOrphansRequestObject) (rest.FindOrphansResponseObject, error) {
	id, err := sandbox.NewID(a.Random)
	if err != nil {
		return nil, err
	}
	now := a.now()
	report := events.OrphanReport{Run: "orphans-" + now.Format("20060102t150405") + "-" + id, Status: events.OrphanReportStatusRunning, StartedAt: now, Orphans: []events.Orphan{}}
	if request.Body != nil {
		report.Fix = request.Body.Fix
	}
	input := events.FindOrphans{Fix: report.Fix, By: callerOf(ctx).Principal}
	if err := a.run(ctx, sandbox.ExecutionARN(a.Machines.Orphans, report.Run), input); err != nil {
		return nil, err
	}
	return rest.FindOrphans202JSONResponse{Body: report, Headers: rest.FindOrphans202ResponseHeaders{Location: "/v1/orphans?run=" + report.Run}}, nil
}

// GetOrphans tells what a comparison found.
func (a server) GetOrphans(ctx context.Context, request rest.GetOrphansRequestObject) (rest.GetOrphansResponseObject, error) {
	run := request.Params.Run
	if run == "" {
		report, there, err := a.orphanReport(ctx, inventory.LastKey)
		if err == nil && !there {
			err = &refusal{status: http.StatusNotFound, kind: "not-found", title: "Nothing was compared yet", detail: "ask for it: POST /v1/orphans, mayfly orphans"}
		}
		return rest.GetOrphans200JSONResponse(report), err
	}
	if !runName().MatchString(run) {
		return nil, invalid(events.BrokenRule{Field: "run", Rule: parameterRule("run")})
	}
	report, there, err := a.orphanReport(ctx, inventory.ReportKey(run))
	if err != nil {
		return nil, err
	}
	status, err := a.status(ctx, sandbox.ExecutionARN(a.Machines.Orphans, run))
	if err != nil {
		return nil, err
	}
	switch {
	case status == absent && !there:
		return nil, &refusal{status: http.StatusNotFound, kind: "not-found", title: "There is no such comparison", detail: run}
	case status == absent, status == sfntypes.ExecutionStatusSucceeded:
	case status == sfntypes.ExecutionStatusRunning:
		report.Status = events.OrphanReportStatusRunning
	default:
		report.Status = events.OrphanReportStatusFailed
	}
	report.Run = run
	return rest.GetOrphans200JSONResponse(report), nil
}

// orphanReport reads a report; false when there is none.
func (a *API) orphanReport(ctx context.Context, key string) (events.OrphanReport, bool, error) {
	report := events.OrphanReport{Orphans: []events.Orphan{}}
	out, err := a.Objects.GetObject(ctx, &s3.GetObjectInput{Bucket: &a.UploadBucket, Key: &key})
	if awserr.Is(err, "NoSuchKey") {
		return report, false, nil
	}
	if err != nil {
		return report, false, fmt.Errorf("read the report %s: %w", key, err)
	}
	text, err := io.ReadAll(out.Body)
	_ = out.Body.Close() // it is read to its end
	if err == nil {
		err = json.Unmarshal(text, &report)
	}
	if err != nil {
		return report, false, fmt.Errorf("read the report %s: %w", key, err)
	}
	return report, true, nil
}
