package iam_test

import (
	"testing"

	"github.com/mayfly-dev/mayfly/local/iam"
)

const root = "arn:aws:iam::000000000000:root"

func policy(t testing.TB, statements string) *iam.Policy {
	t.Helper()
	p, err := iam.Parse(`{"Version":"2012-10-17","Statement":` + statements + `}`)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestStatementsDecide(t *testing.T) {
	alice := iam.Principal{AWS: []string{"arn:aws:iam::000000000000:user/alice", root}}
	const get, object = "s3:GetObject", "arn:aws:s3:::b/k"
	for _, test := range []struct {
		name, statements string
		who              iam.Principal
		action, resource string
		want             iam.Decision
	}{
		{"nothing matches", `[{"Effect":"Allow","Action":"s3:PutObject","Resource":"*"}]`, alice, get, object, iam.ImplicitDeny},
		{"an allow", `[{"Effect":"Allow","Action":"s3:Get*","Resource":"arn:aws:s3:::b/*"}]`, alice, get, object, iam.Allow},
		{"a deny after an allow", `[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"s3:*","Resource":"*"}]`, alice, get, object, iam.Deny},
		{"a deny before an allow", `[{"Effect":"Deny","Action":"s3:*","Resource":"*"},{"Effect":"Allow","Action":"*","Resource":"*"}]`, alice, get, object, iam.Deny},
		{"actions in any case", `{"Effect":"Allow","Action":"S3:GETOBJECT","Resource":"*"}`, alice, get, object, iam.Allow},
		{"resources in their case", `{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::B/*"}`, alice, get, object, iam.ImplicitDeny},
		{"one character", `{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::?/k"}`, alice, get, object, iam.Allow},
		{"NotAction excepts", `{"Effect":"Allow","NotAction":"s3:Get*","Resource":"*"}`, alice, get, object, iam.ImplicitDeny},
		{"NotAction takes the rest", `{"Effect":"Allow","NotAction":["ec2:*"],"Resource":"*"}`, alice, get, object, iam.Allow},
		{"NotResource excepts", `{"Effect":"Deny","Action":"*","NotResource":"arn:aws:s3:::b/*"}`, alice, get, object, iam.ImplicitDeny},
		{"NotResource takes the rest", `{"Effect":"Deny","Action":"*","NotResource":"arn:aws:s3:::c/*"}`, alice, get, object, iam.Deny},
		{"a principal by ARN", `{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::000000000000:user/alice"},"Action":"*","Resource":"*"}`, alice, get, object, iam.Allow},
		{"a principal by account", `{"Effect":"Allow","Principal":{"AWS":"000000000000"},"Action":"*","Resource":"*"}`, alice, get, object, iam.Allow},
		{"another account", `{"Effect":"Allow","Principal":{"AWS":"111111111111"},"Action":"*","Resource":"*"}`, alice, get, object, iam.ImplicitDeny},
		{"everybody, anonymous", `{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}`, iam.Principal{}, get, object, iam.Allow},
		{"AWS *, anonymous", `{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"*","Resource":"*"}`, iam.Principal{}, get, object, iam.Allow},
		{"a name, anonymous", `{"Effect":"Allow","Principal":{"AWS":"000000000000"},"Action":"*","Resource":"*"}`, iam.Principal{}, get, object, iam.ImplicitDeny},
		{"a service", `{"Effect":"Allow","Principal":{"Service":["a.amazonaws.com","cloudfront.amazonaws.com"]},"Action":"*","Resource":"*"}`, iam.Principal{Service: "cloudfront.amazonaws.com"}, get, object, iam.Allow},
		{"a canonical user", `{"Effect":"Allow","Principal":{"CanonicalUser":"c1"},"Action":"*","Resource":"*"}`, iam.Principal{CanonicalUser: "c1"}, get, object, iam.Allow},
		{"an empty canonical user is nobody", `{"Effect":"Allow","Principal":{"CanonicalUser":""},"Action":"*","Resource":"*"}`, iam.Principal{}, get, object, iam.ImplicitDeny},
		{"NotPrincipal excepts the named", `{"Effect":"Deny","NotPrincipal":{"AWS":"arn:aws:iam::000000000000:user/alice"},"Action":"*","Resource":"*"}`, alice, get, object, iam.ImplicitDeny},
		{"NotPrincipal of an account does not except its users", `{"Effect":"Deny","NotPrincipal":{"AWS":"000000000000"},"Action":"*","Resource":"*"}`, alice, get, object, iam.Deny},
		{"NotPrincipal takes the rest", `{"Effect":"Deny","NotPrincipal":{"AWS":"arn:aws:iam::000000000000:user/bob"},"Action":"*","Resource":"*"}`, alice, get, object, iam.Deny},
		{"a trust policy has no resource", `{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}`, iam.Principal{Service: "lambda.amazonaws.com"}, "sts:AssumeRole", "", iam.Allow},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := iam.Evaluate([]*iam.Policy{policy(t, test.statements)}, iam.Request{Principal: test.who, Action: test.action, Resource: test.resource})
			if got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestConditionsHold(t *testing.T) {
	context := iam.NewContext(map[string][]string{
		"aws:SourceArn":   {"arn:aws:cloudfront::000000000000:distribution/E1"},
		"aws:username":    {"alice"},
		"aws:SourceIp":    {"10.1.2.3"},
		"aws:CurrentTime": {"2026-03-01T12:00:00Z"},
		"s3:max-keys":     {"10"},
		"aws:MultiFactor": {"true"},
		"aws:TagKeys":     {"team", "env"},
		"odd:star":        {"*"},
		"odd:binary":      {"aGVsbG8="},
	})
	for condition, want := range map[string]bool{
		`{"StringEquals":{"AWS:SourceARN":"arn:aws:cloudfront::000000000000:distribution/E1"}}`: true,
		`{"StringEquals":{"aws:username":["bob","alice"]}}`:                                     true,
		`{"StringEquals":{"aws:username":"ALICE"}}`:                                             false,
		`{"StringEqualsIgnoreCase":{"aws:username":"ALICE"}}`:                                   true,
		`{"StringEquals":{"aws:username":"al*"}}`:                                               false,
		`{"StringLike":{"aws:username":"al*"}}`:                                                 true,
		`{"StringNotLike":{"aws:username":"al*"}}`:                                              false,
		`{"StringNotEquals":{"aws:username":["bob","alice"]}}`:                                  false,
		`{"StringNotEquals":{"aws:username":["bob","carol"]}}`:                                  true,
		`{"StringEquals":{"aws:missing":"x"}}`:                                                  false,
		`{"StringNotEquals":{"aws:missing":"x"}}`:                                               true,
		`{"StringEqualsIfExists":{"aws:missing":"x"}}`:                                          true,
		`{"StringEqualsIfExists":{"aws:username":"x"}}`:                                         false,
		`{"Null":{"aws:missing":"true"}}`:                                                       true,
		`{"Null":{"aws:username":true}}`:                                                        false,
		`{"Null":{"aws:username":"false"}}`:                                                     true,
		`{"Bool":{"aws:MultiFactor":"true"}}`:                                                   true,
		`{"Bool":{"aws:MultiFactor":false}}`:                                                    false,
		`{"Bool":{"aws:missing":"false"}}`:                                                      false,
		`{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}`:                                           true,
		`{"IpAddress":{"aws:SourceIp":["192.168.0.0/16","10.1.2.3"]}}`:                          true,
		`{"NotIpAddress":{"aws:SourceIp":"10.0.0.0/8"}}`:                                        false,
		`{"ArnLike":{"aws:SourceArn":"arn:aws:cloudfront::*:distribution/*"}}`:                  true,
		`{"ArnLike":{"aws:SourceArn":"arn:aws:*:distribution/*"}}`:                              false,
		`{"ArnEquals":{"aws:SourceArn":"arn:aws:cloudfront::000000000000:distribution/E?"}}`:    true,
		`{"ArnNotLike":{"aws:SourceArn":"arn:aws:cloudfront::*:distribution/*"}}`:               false,
		`{"NumericLessThan":{"s3:max-keys":"11"}}`:                                              true,
		`{"NumericLessThanEquals":{"s3:max-keys":10}}`:                                          true,
		`{"NumericGreaterThan":{"s3:max-keys":"10"}}`:                                           false,
		`{"NumericEquals":{"s3:max-keys":"10.0"}}`:                                              true,
		`{"NumericNotEquals":{"s3:max-keys":"9"}}`:                                              true,
		`{"DateGreaterThan":{"aws:CurrentTime":"2026-02-28T00:00:00Z"}}`:                        true,
		`{"DateLessThan":{"aws:CurrentTime":"2026-02-28"}}`:                                     false,
		`{"DateLessThan":{"aws:CurrentTime":"1893456000"}}`:                                     true,
		`{"BinaryEquals":{"odd:binary":"aGVsbG8="}}`:                                            true,
		`{"ForAllValues:StringEquals":{"aws:TagKeys":["team","env","cost"]}}`:                   true,
		`{"ForAllValues:StringEquals":{"aws:TagKeys":["team"]}}`:                                false,
		`{"ForAllValues:StringEquals":{"aws:missing":["team"]}}`:                                true,
		`{"ForAnyValue:StringEquals":{"aws:TagKeys":["team"]}}`:                                 true,
		`{"ForAnyValue:StringEquals":{"aws:missing":["team"]}}`:                                 false,
		`{"ForAnyValue:StringNotEquals":{"aws:TagKeys":["team"]}}`:                              true,
		`{"ForAllValues:StringNotEquals":{"aws:TagKeys":["team"]}}`:                             false,
		`{"ForAllValues:StringNotEquals":{"aws:TagKeys":["cost"]}}`:                             true,
		`{"StringEquals":{"aws:username":"${aws:username}"}}`:                                   true,
		`{"StringLike":{"aws:SourceArn":"*${aws:missing, 'E1'}"}}`:                              true,
		`{"StringLike":{"aws:username":"${aws:missing}*"}}`:                                     false,
		`{"StringLike":{"aws:username":"${odd:star}"}}`:                                         false,
		`{"StringLike":{"odd:star":"${*}"}}`:                                                    true,
		`{"StringEquals":{"aws:username":"alice"},"Bool":{"aws:MultiFactor":"false"}}`:          false,
		`{"StringEquals":{"aws:username":"alice","aws:missing":"x"}}`:                           false,
	} {
		t.Run(condition, func(t *testing.T) {
			p := policy(t, `{"Effect":"Allow","Action":"*","Resource":"*","Condition":`+condition+`}`)
			got := iam.Evaluate([]*iam.Policy{p}, iam.Request{Action: "a:b", Resource: "r", Context: context})
			if (got == iam.Allow) != want {
				t.Errorf("got %s", got)
			}
		})
	}
}

func TestVariablesStandInResourcesOfTheNewVersionOnly(t *testing.T) {
	const statement = `{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::b/${aws:username}/*"}`
	request := iam.Request{Action: "s3:GetObject", Resource: "arn:aws:s3:::b/alice/k", Context: iam.NewContext(map[string][]string{"aws:username": {"alice"}})}
	if got := iam.Evaluate([]*iam.Policy{policy(t, statement)}, request); got != iam.Allow {
		t.Errorf("2012: %s", got)
	}
	old, err := iam.Parse(`{"Version":"2008-10-17","Statement":` + statement + `}`)
	if err != nil {
		t.Fatal(err)
	}
	if got := iam.Evaluate([]*iam.Policy{old}, request); got != iam.ImplicitDeny {
		t.Errorf("2008: %s", got)
	}
	request.Context = iam.NewContext(map[string][]string{"aws:username": {"*"}})
	if got := iam.Evaluate([]*iam.Policy{policy(t, statement)}, request); got != iam.ImplicitDeny {
		t.Errorf("a user who is named *: %s", got)
	}
}

func TestDocumentsThatAreNone(t *testing.T) {
	for name, document := range map[string]string{
		"empty":                       ``,
		"a list":                      `[]`,
		"text after it":               `{"Statement":[]} x`,
		"no statement":                `{"Version":"2012-10-17"}`,
		"an empty statement list":     `{"Version":"2012-10-17","Statement":[]}`,
		"an unknown version":          `{"Version":"2012-10-18","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`,
		"an unknown field":            `{"Versions":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`,
		"names in another case":       `{"version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`,
		"a name twice":                `{"Statement":[{"Effect":"Allow","Effect":"Deny","Action":"*","Resource":"*"}]}`,
		"no effect":                   `{"Statement":[{"Action":"*","Resource":"*"}]}`,
		"another effect":              `{"Statement":[{"Effect":"Maybe","Action":"*","Resource":"*"}]}`,
		"no action":                   `{"Statement":[{"Effect":"Allow","Resource":"*"}]}`,
		"both kinds of action":        `{"Statement":[{"Effect":"Allow","Action":"*","NotAction":"*","Resource":"*"}]}`,
		"both kinds of resource":      `{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*","NotResource":"*"}]}`,
		"an allow to all but some":    `{"Statement":[{"Effect":"Allow","NotPrincipal":{"AWS":"000000000000"},"Action":"*","Resource":"*"}]}`,
		"an action that is a number":  `{"Statement":[{"Effect":"Allow","Action":1,"Resource":"*"}]}`,
		"a null action":               `{"Statement":[{"Effect":"Allow","Action":null,"Resource":"*"}]}`,
		"a bare principal":            `{"Statement":[{"Effect":"Allow","Principal":"alice","Action":"*","Resource":"*"}]}`,
		"an unknown operator":         `{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringIs":{"a":"b"}}}]}`,
		"NullIfExists":                `{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"NullIfExists":{"a":"true"}}}]}`,
		"a network that is none":      `{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/99"}}}]}`,
		"a condition that is a text":  `{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":"yes"}]}`,
		"an object as a value":        `{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"a":{}}}}]}`,
		"the same statement id twice": `{"Statement":[{"Sid":"a","Effect":"Allow","Action":"*","Resource":"*"},{"Sid":"a","Effect":"Allow","Action":"*","Resource":"*"}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			if p, err := iam.Parse(document); err == nil {
				t.Errorf("parsed: %+v", p)
			}
		})
	}
}

// A document that is parsed can be evaluated, and a deny of everything added
// to it always wins.
func FuzzParse(f *testing.F) {
	f.Add(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::${aws:username}/*","Condition":{"ForAnyValue:StringLikeIfExists":{"k":["a*?b"]}}}}`)
	f.Add(`{"Statement":[{"Effect":"Deny","NotPrincipal":{"AWS":["000000000000"]},"NotAction":[],"NotResource":"x","Condition":{"NumericLessThan":{"k":1e9},"Null":{"z":true}}}]}`)
	f.Add(`{"Statement":[{"Effect":"Allow","Action":"*","Condition":{"DateEquals":{"k":"2026-01-01"},"IpAddress":{"k":"::1"}}}]}`)
	deny := policy(f, `{"Effect":"Deny","Action":"*","Resource":"*"}`)
	request := iam.Request{
		Principal: iam.Principal{AWS: []string{root}}, Action: "s3:GetObject", Resource: "arn:aws:s3:::b/k",
		Context: iam.NewContext(map[string][]string{"k": {"a", "1", "2026-01-01", "::1"}, "aws:username": {"*"}}),
	}
	f.Fuzz(func(t *testing.T, document string) {
		p, err := iam.Parse(document)
		if err != nil {
			return
		}
		iam.Evaluate([]*iam.Policy{p}, request)
		if got := iam.Evaluate([]*iam.Policy{p, deny}, request); got != iam.Deny {
			t.Errorf("with a deny of everything: %s", got)
		}
	})
}

func TestACallerMay(t *testing.T) {
	resource := policy(t, `[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::000000000000:role/guest"},"Action":"ecr:BatchGetImage"},
		{"Effect":"Allow","Principal":{"AWS":"000000000000"},"Action":"ecr:PutImage"},
		{"Effect":"Deny","Principal":{"AWS":"arn:aws:iam::000000000000:root"},"Action":"ecr:DeleteRepository"}]`)
	session := func(role string, policies ...string) iam.Caller {
		return iam.Caller{ARN: "arn:aws:sts::000000000000:assumed-role/" + role + "/x", Policies: policies}
	}
	puts := `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["ecr:PutImage","ecr:DeleteRepository"],"Resource":"*"}}`
	for _, row := range []struct {
		who     iam.Caller
		action  string
		allowed bool
		because string
	}{
		{iam.RootCaller("000000000000"), "ecr:PutImage", true, ""},
		{iam.RootCaller("000000000000"), "ecr:DeleteRepository", false, "with an explicit deny in a resource-based policy"},
		{session("guest"), "ecr:BatchGetImage", true, ""},
		{session("other"), "ecr:BatchGetImage", false, "because no identity-based policy allows the ecr:BatchGetImage action"},
		{session("other"), "ecr:PutImage", false, "because no identity-based policy allows the ecr:PutImage action"},
		{session("other", puts), "ecr:PutImage", true, ""},
		{session("other", puts), "ecr:DeleteRepository", false, "with an explicit deny in a resource-based policy"},
		{session("guest", `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}`), "ecr:BatchGetImage", false, "with an explicit deny in an identity-based policy"},
		{iam.Caller{}, "ecr:BatchGetImage", false, "because no resource-based policy allows the ecr:BatchGetImage action"},
	} {
		if got := row.who.May(row.action, "*", nil, resource); got.Allowed != row.allowed || got.Because != row.because {
			t.Errorf("%s %s: %+v", row.who.ARN, row.action, got)
		}
	}
}
