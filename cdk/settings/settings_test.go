package settings_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/mayfly-dev/mayfly/cdk/settings"
	"github.com/mayfly-dev/mayfly/night"
)

// now is when the settings are read.
var now = time.Date(2026, 11, 27, 0, 0, 0, 0, time.UTC)

func hour(text string) night.Hour {
	h, err := night.ParseHour(text+" UTC", now)
	if err != nil {
		panic(err)
	}
	return h
}

func TestDefaults(t *testing.T) {
	got, err := settings.Parse(map[string]any{"aws:cdk:enable-path-metadata": true, "@aws-cdk/core:whatever": "x"}, now)
	want := settings.Settings{
		Stage: "dev", Region: "us-east-1", Build: "build", Nightly: hour("03:00"), Costs: hour("02:00"), NotifyOf: []string{"warnings", "budgets", "nights"},
		BudgetUSD: 20, LogDays: 30, Rate: 20, Burst: 50, CloudFrontConcurrency: 2, SweepsPerMinute: 120, PropagationSeconds: 170, NoncurrentDays: 30,
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v\nwant %+v", got, err, want)
	}
}

// TestTypedAndTextAreOne holds that cdk.json and the command line can say the
// same.
func TestTypedAndTextAreOne(t *testing.T) {
	typed, err := settings.Parse(map[string]any{
		"mayfly:stage": "prod", "mayfly:notify": []any{"a@example.com", "b@example.com"}, "mayfly:budgetUSD": 50.0, "mayfly:trail": true,
		"mayfly:pushAccounts": []any{"111111111111"}, "mayfly:nightly": "23:45", "mayfly:version": nil,
		"mayfly:jwtIssuer": "https://issuer.example.com/", "mayfly:jwtAudience": []any{"mayfly"}, "mayfly:cloudFrontConcurrency": 0.0,
	}, now)
	if err != nil {
		t.Fatal(err)
	}
	text, err := settings.Parse(map[string]any{
		"mayfly:stage": "prod", "mayfly:notify": "a@example.com, b@example.com", "mayfly:budgetUSD": "50", "mayfly:trail": "true",
		"mayfly:pushAccounts": "111111111111", "mayfly:nightly": "23:45", "mayfly:version": "",
		"mayfly:jwtIssuer": "https://issuer.example.com/", "mayfly:jwtAudience": "mayfly", "mayfly:cloudFrontConcurrency": "0",
	}, now)
	if err != nil || !reflect.DeepEqual(text, typed) {
		t.Errorf("text is %+v, %v\ntyped is %+v", text, err, typed)
	}
	if !typed.Prod() || typed.Name("api") != "mayfly-prod-api" || typed.Nightly.Cron() != "cron(45 23 * * ? *)" || typed.CloudFrontConcurrency != 0 {
		t.Errorf("settings are %+v", typed)
	}
}

func TestWhatCantWorkIsRefusedWithWhatToDo(t *testing.T) {
	for name, test := range map[string]struct {
		context map[string]any
		says    []string
	}{
		"unknown key":             {map[string]any{"mayfly:stgae": "x"}, []string{"mayfly:stgae", "no such setting", "stage"}},
		"key in another case":     {map[string]any{"Mayfly:stage": "x"}, []string{"Mayfly:stage", "no such setting"}},
		"stage too long":          {map[string]any{"mayfly:stage": "thirteenchars"}, []string{"mayfly:stage", "1 to 12", "63 characters"}},
		"stage with a hyphen":     {map[string]any{"mayfly:stage": "my-dev"}, []string{"a-z and 0-9"}},
		"stage is a number":       {map[string]any{"mayfly:stage": 5.0}, []string{"must be text"}},
		"region of no partition":  {map[string]any{"mayfly:region": "mars-1"}, []string{"mars-1", "us-east-1"}},
		"region without OAI":      {map[string]any{"mayfly:region": "il-central-1"}, []string{"December 2022", "eu-west-1"}},
		"region in China":         {map[string]any{"mayfly:region": "cn-north-1"}, []string{"China", "choose one of"}},
		"region of a government":  {map[string]any{"mayfly:region": "us-gov-west-1"}, []string{"not a service of that partition"}},
		"time zone":               {map[string]any{"mayfly:timeZone": "Berlin"}, []string{"Europe/Berlin"}},
		"time zone of this place": {map[string]any{"mayfly:timeZone": "Local"}, []string{"mayfly:timeZone"}},
		"time of day":             {map[string]any{"mayfly:nightly": "25:00"}, []string{"mayfly:nightly", "such as 03:00"}},
		"no such time one day":    {map[string]any{"mayfly:nightly": "02:30", "mayfly:timeZone": "Europe/Berlin"}, []string{"mayfly:nightly", "no 02:30 in Europe/Berlin on 2027-03-28", "03:30"}},
		"no such kind of notice":  {map[string]any{"mayfly:notifyOf": "warnings,everything"}, []string{"mayfly:notifyOf", "everything", "warnings, budgets, nights"}},
		"short time of day":       {map[string]any{"mayfly:nightly": "2:00"}, []string{"mayfly:nightly"}},
		"no address":              {map[string]any{"mayfly:notify": "nobody"}, []string{"mayfly:notify", "e-mail"}},
		"address with a name":     {map[string]any{"mayfly:notify": "Ana <ana@example.com>"}, []string{"e-mail"}},
		"address twice":           {map[string]any{"mayfly:notify": "a@example.com,a@example.com"}, []string{"each once"}},
		"many addresses":          {map[string]any{"mayfly:notify": "a@b.c,b@b.c,c@b.c,d@b.c,e@b.c,f@b.c,g@b.c,h@b.c,i@b.c,j@b.c,k@b.c"}, []string{"mailing list"}},
		"budget below nothing":    {map[string]any{"mayfly:budgetUSD": -1.0}, []string{"mayfly:budgetUSD", "0 to 1000000"}},
		"budget with cents":       {map[string]any{"mayfly:budgetUSD": 1.5}, []string{"whole number"}},
		"log days":                {map[string]any{"mayfly:logDays": "31"}, []string{"30 60"}},
		"flag":                    {map[string]any{"mayfly:trail": "yes"}, []string{"true or false"}},
		"account":                 {map[string]any{"mayfly:pushAccounts": "1234"}, []string{"12 digits"}},
		"account as a number":     {map[string]any{"mayfly:pushAccounts": []any{111111111111.0}}, []string{"list of texts"}},
		"accounts as an object":   {map[string]any{"mayfly:pushAccounts": map[string]any{}}, []string{"list of texts"}},
		"issuer alone":            {map[string]any{"mayfly:jwtIssuer": "https://i.example.com"}, []string{"mayfly:jwtAudience"}},
		"audience alone":          {map[string]any{"mayfly:jwtAudience": "mayfly"}, []string{"mayfly:jwtIssuer", "IAM"}},
		"issuer without TLS":      {map[string]any{"mayfly:jwtIssuer": "http://i.example.com", "mayfly:jwtAudience": "m"}, []string{"https URL"}},
		"console without TLS":     {map[string]any{"mayfly:console": "http://d1.cloudfront.net"}, []string{"mayfly:console", "https"}},
		"console anywhere":        {map[string]any{"mayfly:console": []any{"https://d1.cloudfront.net", "*"}}, []string{"mayfly:console", `"*"`, "like https://"}},
		"console with a path":     {map[string]any{"mayfly:console": "https://d1.cloudfront.net/"}, []string{"mayfly:console", "slash"}},
		"limits":                  {map[string]any{"mayfly:limits": "size=5"}, []string{"mayfly:limits", "entries"}},
		"version":                 {map[string]any{"mayfly:version": "a b"}, []string{"mayfly:version"}},
		"throttle of nothing":     {map[string]any{"mayfly:rate": "0"}, []string{"mayfly:rate", "1 to 10000"}},
		"everything at once":      {map[string]any{"mayfly:stage": "A", "mayfly:region": "x", "mayfly:rate": "0", "mayfly:y": 1.0}, []string{"mayfly:stage", "mayfly:region", "mayfly:rate", "mayfly:y"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := settings.Parse(test.context, now)
			if err == nil {
				t.Fatal("accepted")
			}
			for _, part := range test.says {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%q does not say %q", err, part)
				}
			}
		})
	}
}

func TestEveryRegionIsAccepted(t *testing.T) {
	for _, region := range settings.Regions() {
		if _, err := settings.Parse(map[string]any{"mayfly:region": region}, now); err != nil {
			t.Error(err)
		}
	}
}

// FuzzParse holds that no value ends the program, and that what is accepted
// keeps to the rules that names are made by.
func FuzzParse(f *testing.F) {
	for _, seed := range [][2]string{{"stage", "dev"}, {"notify", "a@b.c,"}, {"nightly", "24:00"}, {"budgetUSD", "1e3"}, {"jwtIssuer", "https://[::1"}, {"limits", "entries=-1"}} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, key, value string) {
		s, err := settings.Parse(map[string]any{settings.Prefix + key: value}, now)
		if err != nil {
			return
		}
		if len(s.Stage) < 1 || len(s.Stage) > 12 || s.Rate < 1 || s.BudgetUSD < 0 || len(s.Notify) > 10 {
			t.Errorf("%q = %q is accepted as %+v", key, value, s)
		}
	})
}
