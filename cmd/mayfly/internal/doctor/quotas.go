package doctor

import (
	"context"
	"fmt"

	"github.com/mayfly-dev/mayfly/awserr"
	"github.com/mayfly-dev/mayfly/quota"
)

// nearly is the part of a quota from which on a person is told.
const nearly = 0.8

// Limits compares what is in use with the account's quotas.
func Limits(here, global quota.Service, used quota.Usage) Check {
	return func(ctx context.Context) []Result {
		var all []Result
		for _, one := range quota.Known() {
			client := here
			if one.Global {
				client = global
			}
			all = append(all, limit(ctx, client, one, used[one.Code])...)
		}
		return all
	}
}

func limit(ctx context.Context, client quota.Service, of quota.Quota, count func(context.Context) (int, error)) []Result {
	check := "quota of " + of.Name
	value, err := quota.Value(ctx, client, of)
	if err != nil {
		return unreadable(check, "servicequotas:GetServiceQuota", err)
	}
	raise := "ask for more: " + of.Raise(value)
	if value < of.Least {
		return fail(check, fmt.Sprintf("%.0f, and Mayfly needs %.0f", value, of.Least), raise)
	}
	if count == nil {
		return ok(check, fmt.Sprintf("%.0f", value))
	}
	used, err := count(ctx)
	if err != nil {
		return unreadable(check, "the right to list them", err)
	}
	found := fmt.Sprintf("%d of %.0f in use", used, value)
	switch {
	case float64(used) >= value:
		return fail(check, found+": no sandbox more", raise)
	case float64(used) >= nearly*value:
		return warn(check, found, raise)
	}
	return ok(check, found)
}

// unreadable is for what could not be looked at; that alone keeps nothing from
// working.
func unreadable(check, needs string, err error) []Result {
	if name := awserr.Name(err); name == "AccessDenied" || name == "AccessDeniedException" || name == "UnauthorizedOperation" {
		return warn(check, "these credentials may not look ("+name+")", "allow "+needs+" to who runs the doctor, or look in the console")
	}
	return warn(check, "AWS did not tell: "+err.Error(), "try again")
}
