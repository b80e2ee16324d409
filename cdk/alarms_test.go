package main

import (
	"slices"
	"strings"
	"testing"
)

// TestAlarmsAreFreeAndTellSomebody: an account has ten alarms that cost nothing.
func TestAlarmsAreFreeAndTellSomebody(t *testing.T) {
	alarms := of(t).all("AWS::CloudWatch::Alarm")
	for _, alarm := range alarms {
		if actions, _ := alarm.at("AlarmActions").([]any); len(actions) != 1 {
			t.Errorf("%v tells nobody", alarm.at("AlarmName"))
		}
		if alarm.at("Metrics") != nil || alarm.at("TreatMissingData") != "notBreaching" {
			t.Errorf("%v: %s", alarm.at("AlarmName"), text(alarm.Properties))
		}
	}
	if len(alarms) < 9 || len(alarms) > 10 {
		t.Errorf("%d alarms", len(alarms))
	}
}

func TestPeopleAreToldOfAlarmsAndMoney(t *testing.T) {
	made := of(t, everything()...)
	var addresses []string
	for _, subscription := range made.all("AWS::SNS::Subscription") {
		addresses = append(addresses, subscription.at("Endpoint").(string))
	}
	slices.Sort(addresses)
	if !slices.Equal(addresses, []string{"ana@example.com", "ops@example.com"}) {
		t.Errorf("told are %v", addresses)
	}
	budget := made.one(t, "AWS::Budgets::Budget")
	if budget.at("Budget", "BudgetLimit", "Amount") != 50.0 || len(budget.at("NotificationsWithSubscribers").([]any)) != 3 || !slices.ContainsFunc(budget.DependsOn, func(id string) bool { return strings.HasPrefix(id, "NotificationsPolicy") }) {
		t.Errorf("the budget is %s after %v", text(budget.Properties), budget.DependsOn)
	}
	publishers := text(made.one(t, "AWS::SNS::TopicPolicy").at("PolicyDocument"))
	for _, service := range []string{"cloudwatch.amazonaws.com", "budgets.amazonaws.com"} {
		if !strings.Contains(publishers, service) {
			t.Errorf("%s may not publish: %s", service, publishers)
		}
	}
	if n := len(of(t, "budgetUSD", "0").all("AWS::Budgets::Budget")); n != 0 {
		t.Errorf("%d budgets of nothing", n)
	}
}
