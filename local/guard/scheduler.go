package guard

import "cmp"

// scheduler is EventBridge Scheduler. Who makes a schedule needs the right to
// pass its role on AWS, too; here roles of schedules are not asked for.
var scheduler = table{
	"CreateSchedule":      schedule("scheduler:CreateSchedule"),
	"GetSchedule":         schedule("scheduler:GetSchedule"),
	"UpdateSchedule":      schedule("scheduler:UpdateSchedule"),
	"DeleteSchedule":      schedule("scheduler:DeleteSchedule"),
	"ListSchedules":       everywhere("scheduler:ListSchedules"),
	"CreateScheduleGroup": scheduleGroup("scheduler:CreateScheduleGroup"),
	"GetScheduleGroup":    scheduleGroup("scheduler:GetScheduleGroup"),
	"DeleteScheduleGroup": scheduleGroup("scheduler:DeleteScheduleGroup"),
	"ListScheduleGroups":  everywhere("scheduler:ListScheduleGroups"),
}

// schedule is for an action on the schedule in the path, /schedules/NAME, whose
// group is in the query or the body.
func schedule(action string) row {
	return func(q *request) ([]Need, error) {
		var in struct{ GroupName string }
		if len(q.body) > 0 {
			if err := q.decode(&in); err != nil {
				return nil, err
			}
		}
		group := cmp.Or(in.GroupName, q.URL.Query().Get("groupName"), "default")
		return one(action, q.arn("scheduler", "schedule/"+group+"/"+q.segment(1)))
	}
}

func scheduleGroup(action string) row {
	return func(q *request) ([]Need, error) {
		return one(action, q.arn("scheduler", "schedule-group/"+q.segment(1)))
	}
}
