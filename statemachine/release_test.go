package statemachine_test

import "testing"

const releaseInput = `{"sandbox":{"id":"abcdefgh23","name":"docs","spec":{"delivery":"cloudfront"}},"release":{"id":"r-1","source":{"kind":"upload","bucket":"u","key":"k"}}}`

func TestAReleaseGoes(t *testing.T) {
	const (
		written = "Release InspectContent Changed? WriteAssets AssetsWritten? WritePages PagesWritten? RemoveObjects ObjectsRemoved? "
		failed  = " RecordFailure ReleaseFailed"
	)
	unfinished := `{"done":false,"next":1,"objects":1,"bytes":5}`
	tests := []struct {
		name    string
		script  script
		path    string
		failure string
	}{
		{"live", nil, written + "Invalidate Invalidated? WaitForInvalidation AwaitInvalidation Invalidated? Finish ProtectImage Live", ""},
		{"live at once when nothing changed", script{"InspectContent": {`{"changed":false}`}}, "Release InspectContent Changed? Finish ProtectImage Live", ""},
		{"live when there is nothing to invalidate", script{"Invalidate": {`{"settled":true,"seconds":0}`}}, written + "Invalidate Invalidated? Finish ProtectImage Live", ""},
		{"live in several runs", script{
			"WriteAssets": {unfinished, usual["writeobjects"]}, "WritePages": {unfinished, usual["writeobjects"]}, "RemoveObjects": {unfinished, usual["removeobjects"]},
			"AwaitInvalidation": {usual["invalidate"], usual["awaitinvalidation"]},
		}, "Release InspectContent Changed? WriteAssets AssetsWritten? WriteAssets AssetsWritten? WritePages PagesWritten? WritePages PagesWritten? " +
			"RemoveObjects ObjectsRemoved? RemoveObjects ObjectsRemoved? Invalidate Invalidated? WaitForInvalidation AwaitInvalidation Invalidated? WaitForInvalidation AwaitInvalidation Invalidated? Finish ProtectImage Live", ""},
		{"nowhere with a bad archive", script{"InspectContent": {"!BadArchive"}}, "Release InspectContent" + failed, "BadArchive"},
		{"nowhere when an asset can't be written", script{"WriteAssets": {"!AccessDenied"}}, "Release InspectContent Changed? WriteAssets" + failed, "AccessDenied"},
		{"nowhere when a page can't be written", script{"WritePages": {"!ReleaseLost"}}, "Release InspectContent Changed? WriteAssets AssetsWritten? WritePages" + failed, "ReleaseLost"},
		{"nowhere when nothing can be removed", script{"RemoveObjects": {"!SandboxDeleting"}}, "Release InspectContent Changed? WriteAssets AssetsWritten? WritePages PagesWritten? RemoveObjects" + failed, "SandboxDeleting"},
		{"nowhere when it can't be invalidated", script{"Invalidate": {"!AccessDenied"}}, written + "Invalidate" + failed, "AccessDenied"},
		{"nowhere when the invalidation is lost", script{"AwaitInvalidation": {"!NoSuchInvalidation"}}, written + "Invalidate Invalidated? WaitForInvalidation AwaitInvalidation" + failed, "NoSuchInvalidation"},
		{"nowhere when its end can't be written", script{"InspectContent": {`{"changed":false}`}, "Finish": {"!AccessDenied"}}, "Release InspectContent Changed? Finish" + failed, "AccessDenied"},
		{"live, but its image is not protected", script{"InspectContent": {`{"changed":false}`}, "ProtectImage": {"!AccessDenied"}},
			"Release InspectContent Changed? Finish ProtectImage" + failed, "AccessDenied"},
		{"nowhere, and can't say so", script{"InspectContent": {"!BadArchive"}, "RecordFailure": {"!AccessDenied"}}, "Release InspectContent RecordFailure", "AccessDenied"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { run(t, "release", releaseInput, tt.script).wantPath(t, tt.path, tt.failure) })
	}
}

func TestTheTwoPassesOfAReleaseAreTold(t *testing.T) {
	o := run(t, "release", releaseInput, nil)
	for state, pass := range map[string]string{"WriteAssets": "assets", "WritePages": "pages"} {
		if got := o.input(t, state, 0)["pass"]; got != pass {
			t.Errorf("%s writes %v", state, got)
		}
	}
	if o.input(t, "Finish", 0)["live"] != true {
		t.Error("it is not live")
	}
	if o := run(t, "release", releaseInput, script{"InspectContent": {"!BadArchive"}}); o.input(t, "RecordFailure", 0)["live"] != false {
		t.Error("a failed release is live")
	}
}
