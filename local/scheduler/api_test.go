package scheduler_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/scheduler/types"
	"github.com/aws/smithy-go"
)

func TestScheduleIsKeptAsItWasMade(t *testing.T) {
	w := newWorld(t)
	start := time.Now().Add(time.Hour).Truncate(time.Second)
	w.create(func(in *scheduler.CreateScheduleInput) {
		in.Description, in.StartDate = aws.String("each night"), &start
		in.Target.Input = aws.String(`{"a":1}`)
	})
	if _, err := w.CreateSchedule(t.Context(), nightly()); !isCode(err, "ConflictException") {
		t.Errorf("made again: %v", err)
	}
	w.close()
	w.open()
	got, err := w.GetSchedule(t.Context(), &scheduler.GetScheduleInput{Name: aws.String("nightly")})
	if err != nil {
		t.Fatal(err)
	}
	if *got.ScheduleExpression != "cron(0 3 * * ? *)" || *got.ScheduleExpressionTimezone != "Europe/Berlin" || *got.Description != "each night" || !got.StartDate.Equal(start) ||
		got.State != types.ScheduleStateEnabled || *got.GroupName != "default" || got.ActionAfterCompletion != types.ActionAfterCompletionNone ||
		*got.Target.RetryPolicy.MaximumEventAgeInSeconds != 86400 || *got.Target.RetryPolicy.MaximumRetryAttempts != 185 || *got.Target.Input != `{"a":1}` || got.CreationDate.IsZero() {
		t.Errorf("got %+v", got)
	}
	// An update replaces all of it.
	if _, err := w.UpdateSchedule(t.Context(), &scheduler.UpdateScheduleInput{
		Name: aws.String("nightly"), ScheduleExpression: aws.String("rate(1 hour)"), FlexibleTimeWindow: nightly().FlexibleTimeWindow, Target: nightly().Target,
	}); err != nil {
		t.Fatal(err)
	}
	got, err = w.GetSchedule(t.Context(), &scheduler.GetScheduleInput{Name: aws.String("nightly")})
	if err != nil {
		t.Fatal(err)
	}
	if *got.ScheduleExpression != "rate(1 hour)" || *got.ScheduleExpressionTimezone != "UTC" || got.Description != nil || got.StartDate != nil || got.Target.Input != nil {
		t.Errorf("updated: %+v", got)
	}
	if _, err := w.DeleteSchedule(t.Context(), &scheduler.DeleteScheduleInput{Name: aws.String("nightly")}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.DeleteSchedule(t.Context(), &scheduler.DeleteScheduleInput{Name: aws.String("nightly")}); !isCode(err, "ResourceNotFoundException") {
		t.Errorf("deleted twice: %v", err)
	}
}

func isCode(err error, code string) bool {
	var api smithy.APIError
	return errors.As(err, &api) && api.ErrorCode() == code
}

// TestALostReply: the SDK asks again with the same token.
func TestALostReply(t *testing.T) {
	w := newWorld(t)
	lossy := &once{handed: handed{w.service}}
	in := nightly()
	in.ClientToken = aws.String("one")
	if _, err := client(lossy).CreateSchedule(t.Context(), in); err == nil {
		t.Error("the reply was not lost")
	}
	if _, err := client(lossy).CreateSchedule(t.Context(), in); err != nil {
		t.Errorf("asked again: %v", err)
	}
	group := &scheduler.CreateScheduleGroupInput{Name: aws.String("g"), ClientToken: aws.String("one")}
	for range 2 {
		if _, err := w.CreateScheduleGroup(t.Context(), group); err != nil {
			t.Error(err)
		}
	}
	group.ClientToken = aws.String("two")
	if _, err := w.CreateScheduleGroup(t.Context(), group); !isCode(err, "ConflictException") {
		t.Errorf("made by another: %v", err)
	}
}

func TestGroupsAndLists(t *testing.T) {
	w := newWorld(t)
	made, err := w.CreateScheduleGroup(t.Context(), &scheduler.CreateScheduleGroupInput{Name: aws.String("team"), Tags: []types.Tag{{Key: aws.String("b"), Value: aws.String("1")}, {Key: aws.String("a"), Value: aws.String("2")}}})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 7 {
		w.create(func(in *scheduler.CreateScheduleInput) {
			in.Name = aws.String(fmt.Sprintf("s-%d", i))
			if i%2 == 1 {
				in.GroupName, in.State = aws.String("team"), types.ScheduleStateDisabled
			}
		})
	}
	list := func(in scheduler.ListSchedulesInput) string {
		t.Helper()
		in.MaxResults = aws.Int32(2)
		var all []string
		pages := scheduler.NewListSchedulesPaginator(w.Client, &in)
		for pages.HasMorePages() {
			page, err := pages.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range page.Schedules {
				all = append(all, *s.GroupName+"/"+*s.Name)
			}
		}
		return strings.Join(all, " ")
	}
	for _, tc := range []struct {
		in   scheduler.ListSchedulesInput
		want string
	}{
		{scheduler.ListSchedulesInput{}, "default/s-0 default/s-2 default/s-4 default/s-6 team/s-1 team/s-3 team/s-5"},
		{scheduler.ListSchedulesInput{GroupName: aws.String("team")}, "team/s-1 team/s-3 team/s-5"},
		{scheduler.ListSchedulesInput{NamePrefix: aws.String("s-4")}, "default/s-4"},
		{scheduler.ListSchedulesInput{State: types.ScheduleStateDisabled}, "team/s-1 team/s-3 team/s-5"},
	} {
		if got := list(tc.in); got != tc.want {
			t.Errorf("listed %s, want %s", got, tc.want)
		}
	}
	arn := made.ScheduleGroupArn
	if _, err := w.TagResource(t.Context(), &scheduler.TagResourceInput{ResourceArn: arn, Tags: []types.Tag{{Key: aws.String("b"), Value: aws.String("3")}}}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.UntagResource(t.Context(), &scheduler.UntagResourceInput{ResourceArn: arn, TagKeys: []string{"a"}}); err != nil {
		t.Fatal(err)
	}
	tags, err := w.ListTagsForResource(t.Context(), &scheduler.ListTagsForResourceInput{ResourceArn: arn})
	if err != nil || len(tags.Tags) != 1 || *tags.Tags[0].Key != "b" || *tags.Tags[0].Value != "3" {
		t.Errorf("tags %+v, %v", tags, err)
	}
	groups, err := w.ListScheduleGroups(t.Context(), &scheduler.ListScheduleGroupsInput{MaxResults: aws.Int32(1)})
	if err != nil || len(groups.ScheduleGroups) != 1 || *groups.ScheduleGroups[0].Name != "default" || groups.NextToken == nil {
		t.Errorf("groups %+v, %v", groups, err)
	}
	if _, err := w.DeleteScheduleGroup(t.Context(), &scheduler.DeleteScheduleGroupInput{Name: aws.String("team")}); err != nil {
		t.Fatal(err)
	}
	if got := list(scheduler.ListSchedulesInput{GroupName: aws.String("team")}); got != "" {
		t.Errorf("left: %s", got)
	}
	if _, err := w.GetScheduleGroup(t.Context(), &scheduler.GetScheduleGroupInput{Name: aws.String("team")}); !isCode(err, "ResourceNotFoundException") {
		t.Errorf("the group: %v", err)
	}
	if _, err := w.DeleteScheduleGroup(t.Context(), &scheduler.DeleteScheduleGroupInput{Name: aws.String("default")}); !isCode(err, "ValidationException") {
		t.Errorf("the default group: %v", err)
	}
}

func TestRefusals(t *testing.T) {
	w := newWorld(t)
	for name, tc := range map[string]struct {
		change        func(*scheduler.CreateScheduleInput)
		code, message string
	}{
		"an expression": {rate("rate(10 minutess)"), "ValidationException", "Invalid Schedule Expression rate(10 minutess)."},
		"a zone":        {func(in *scheduler.CreateScheduleInput) { in.ScheduleExpressionTimezone = aws.String("Berlin") }, "ValidationException", "Berlin"},
		"a name":        {func(in *scheduler.CreateScheduleInput) { in.Name = aws.String("a b") }, "ValidationException", "at 'name' failed to satisfy constraint"},
		"a group":       {func(in *scheduler.CreateScheduleInput) { in.GroupName = aws.String("none") }, "ResourceNotFoundException", "Schedule group none does not exist."},
		"a role":        {func(in *scheduler.CreateScheduleInput) { in.Target.RoleArn = aws.String("admin") }, "ValidationException", "target.roleArn"},
		"a target": {func(in *scheduler.CreateScheduleInput) {
			in.Target.Arn = aws.String("arn:aws:ecs:us-east-1:1:cluster/a")
		}, "ValidationException", "on this machine"},
		"an input": {func(in *scheduler.CreateScheduleInput) { in.Target.Input = aws.String("{") }, "ValidationException", "not well-formed JSON"},
		"a window without its length": {func(in *scheduler.CreateScheduleInput) {
			in.FlexibleTimeWindow = &types.FlexibleTimeWindow{Mode: types.FlexibleTimeWindowModeFlexible}
		}, "ValidationException", "MaximumWindowInMinutes must be provided"},
		"a window that is too long": {func(in *scheduler.CreateScheduleInput) {
			in.FlexibleTimeWindow = &types.FlexibleTimeWindow{Mode: types.FlexibleTimeWindowModeFlexible, MaximumWindowInMinutes: aws.Int32(1441)}
		}, "ValidationException", "less than or equal to 1440"},
		"a retry policy": {func(in *scheduler.CreateScheduleInput) {
			in.Target.RetryPolicy = &types.RetryPolicy{MaximumEventAgeInSeconds: aws.Int32(59), MaximumRetryAttempts: aws.Int32(186)}
		}, "ValidationException", "2 validation errors detected"},
		"a start": {func(in *scheduler.CreateScheduleInput) { in.StartDate = aws.Time(time.Now().Add(-time.Hour)) }, "ValidationException", "The StartDate you specify cannot be earlier than 5 minutes ago."},
		"an end":  {func(in *scheduler.CreateScheduleInput) { in.EndDate = aws.Time(time.Now().Add(-time.Hour)) }, "ValidationException", "EndDate"},
		"an end before its start": {func(in *scheduler.CreateScheduleInput) {
			in.StartDate, in.EndDate = aws.Time(time.Now().Add(2*time.Hour)), aws.Time(time.Now().Add(time.Hour))
		}, "ValidationException", "must come before"},
		"a bus without a source": {func(in *scheduler.CreateScheduleInput) {
			in.Target.Arn = aws.String("arn:aws:events:us-east-1:000000000000:event-bus/default")
		}, "ValidationException", "EventBridgeParameters"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := w.CreateSchedule(t.Context(), nightly(tc.change))
			if !isCode(err, tc.code) || !strings.Contains(err.Error(), tc.message) {
				t.Errorf("got %v", err)
			}
		})
	}
	if _, err := w.ListSchedules(t.Context(), &scheduler.ListSchedulesInput{NextToken: aws.String("%")}); !isCode(err, "ValidationException") {
		t.Errorf("a token: %v", err)
	}
	if _, err := w.TagResource(t.Context(), &scheduler.TagResourceInput{ResourceArn: aws.String("arn:aws:scheduler:us-east-1:000000000000:schedule/default/a"), Tags: []types.Tag{{Key: aws.String("a"), Value: aws.String("b")}}}); !isCode(err, "ValidationException") {
		t.Errorf("tags of a schedule: %v", err)
	}
}
