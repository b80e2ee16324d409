package access_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/mayfly-dev/mayfly/access"
	"github.com/mayfly-dev/mayfly/docs"
	"github.com/mayfly-dev/mayfly/sandbox"
)

func TestEveryRouteHasARuleAndNoOther(t *testing.T) {
	document, err := openapi3.NewLoader().LoadFromData(docs.OpenAPI)
	if err != nil {
		t.Fatal(err)
	}
	rules := access.Routes()
	for path, item := range document.Paths.Map() {
		for method := range item.Operations() {
			route := method + " " + path
			rule, ok := rules[route]
			if !ok {
				t.Errorf("%s has no rule: say in access/routes.go how far each role goes", route)
			}
			if method != "GET" && (rule.Public || rule.Reader != access.Nothing) {
				t.Errorf("%s changes something, and is open to %+v", route, rule)
			}
			delete(rules, route)
		}
	}
	for route := range rules {
		t.Errorf("%s has a rule and is not in docs/openapi.yaml", route)
	}
}

func TestHowFarARoleGoes(t *testing.T) {
	const change, read = "DELETE /v1/sandboxes/{name}", "GET /v1/sandboxes/{name}"
	for _, test := range []struct {
		role       access.Role
		route      string
		mine, hers string // what the refusal says; "" when there is none
		decided    string
	}{
		{role: access.Admin, route: change},
		{role: access.Admin, route: read},
		{role: access.Owner, route: change, hers: "for this one, an admin or the owner could"},
		{role: access.Owner, route: read, hers: "an admin or the owner or a reader could"},
		{role: access.Reader, route: read},
		{role: access.Reader, route: change, decided: "your role is reader, which may not DELETE /v1/sandboxes/{name}; an admin or the owner could"},
		{role: "", route: read, decided: "which may not"},
		{role: "root", route: read, decided: "which may not"},
		{role: access.Admin, route: "GET /v1/unheard-of", decided: "nobody could"},
	} {
		grant, err := access.Decide(test.route, access.Identity{Name: "ada", Role: test.role})
		check := func(what string, err error, want string) {
			t.Helper()
			var denied *access.DeniedError
			if (err == nil) != (want == "") || err != nil && (!errors.As(err, &denied) || !strings.Contains(err.Error(), want)) {
				t.Errorf("%s, %s, %s: %v, want %q", test.role, test.route, what, err, want)
			}
		}
		if check("at all", err, test.decided); err != nil {
			if grant.Check("ada") == nil {
				t.Errorf("%s, %s: refused, and its grant allows", test.role, test.route)
			}
			continue
		}
		check("mine", grant.Check("ada"), test.mine)
		check("hers", grant.Check("bea"), test.hers)
		if want := map[bool]string{true: "ada"}[test.hers != ""]; grant.Owners() != want {
			t.Errorf("%s, %s: sees the sandboxes of %q, want %q", test.role, test.route, grant.Owners(), want)
		}
	}
	seat := access.Identity{Name: "seat.cs101.01", Role: access.Seat}
	for route := range access.Routes() {
		owner, refused := access.Decide(route, access.Identity{Name: "ada", Role: access.Owner})
		if mine, err := access.Decide(route, seat); err == nil && (mine.Scope != access.Own || refused != nil || owner.Scope == access.Nothing) {
			t.Errorf("%s: a seat goes further than an owner", route)
		}
	}
	for _, route := range []string{"POST /v1/sandboxes", "PATCH /v1/sandboxes/{name}", "POST /v1/classes", "GET /v1/classes/{class}", "DELETE /v1/classes/{class}"} {
		if _, err := access.Decide(route, seat); err == nil {
			t.Errorf("%s is open to a seat", route)
		}
	}
	if (access.Grant{}).Check("") == nil || (access.Grant{Scope: access.Own}).Check("") == nil {
		t.Error("nobody owns what has no owner")
	}
}

const account = "000000000000"

func rules(t *testing.T, settings map[string]string) access.Rules {
	t.Helper()
	r, err := access.ReadRules(func(name string) string { return settings[name] })
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestWhoAnIAMPrincipalIs(t *testing.T) {
	r := rules(t, map[string]string{
		"MAYFLY_ADMINS":  "arn:aws:iam::000000000000:role/teams/Platform arn:aws:iam::000000000000:user/ops/*",
		"MAYFLY_READERS": "arn:aws:sts::000000000000:assumed-role/Audit/* arn:aws:iam::000000000000:role/Platform arn:aws:iam::111111111111:role/Look?",
	})
	for arn, want := range map[string]access.Identity{
		"arn:aws:iam::000000000000:user/ada":                                             {Name: "ada", Role: access.Owner},
		"arn:aws:iam::000000000000:user/division/ada":                                    {Name: "ada", Role: access.Owner},
		"arn:aws:iam::000000000000:user/ops/bea":                                         {Name: "bea", Role: access.Admin},
		"arn:aws:iam::111111111111:user/ops/bea":                                         {Name: "bea@111111111111", Role: access.Owner},
		"arn:aws:iam::000000000000:root":                                                 {Name: "root", Role: access.Owner},
		"arn:aws:sts::000000000000:assumed-role/Developer/ada":                           {Name: "role.Developer", Role: access.Owner},
		"arn:aws:sts::000000000000:assumed-role/Developer/bea":                           {Name: "role.Developer", Role: access.Owner},
		"arn:aws:sts::000000000000:assumed-role/Platform/any":                            {Name: "role.Platform", Role: access.Admin},
		"arn:aws:sts::000000000000:assumed-role/Audit/eve":                               {Name: "role.Audit", Role: access.Reader},
		"arn:aws:sts::000000000000:assumed-role/Auditor/eve":                             {Name: "role.Auditor", Role: access.Owner},
		"arn:aws:sts::111111111111:assumed-role/Look1/x":                                 {Name: "role.Look1@111111111111", Role: access.Reader},
		"arn:aws:sts::000000000000:assumed-role/AWSReservedSSO_Dev_0123456789abcdef/a@b": {Name: "a@b", Role: access.Owner},
		"arn:aws:sts::111111111111:assumed-role/AWSReservedSSO_Dev_0123456789abcdef/a@b": {Name: "role.AWSReservedSSO_Dev_0123456789abcdef@111111111111", Role: access.Owner},
		"arn:aws:sts::000000000000:federated-user/kim":                                   {Name: "federated.kim", Role: access.Owner},
		"arn:aws-cn:iam::000000000000:user/ops/bea":                                      {Name: "bea", Role: access.Owner},
	} {
		got, err := r.IAM(arn, account)
		if want.Principal = arn; err != nil || got != want {
			t.Errorf("%s: %+v, %v; want %+v", arn, got, err, want)
		}
	}
	for _, arn := range []string{"", "ada", "arn:aws:iam::1:user/ada", "arn:aws:s3:::bucket", "arn:aws:iam::000000000000:group/x", "arn:aws:sts::000000000000:assumed-role/Role", "arn:aws:iam::000000000000:user/"} {
		var unknown *access.UnknownError
		if got, err := r.IAM(arn, account); !errors.As(err, &unknown) {
			t.Errorf("%q: %+v, %v", arn, got, err)
		}
	}
}

// TestNobodyIsAnotherByItsName: whoever may name users, or is named by an
// identity provider, gets nothing of others by it.
func TestNobodyIsAnotherByItsName(t *testing.T) {
	r := rules(t, nil)
	seen := make(map[string]string)
	for _, arn := range []string{
		"arn:aws:iam::000000000000:root", "arn:aws:iam::000000000000:user/root",
		"arn:aws:sts::000000000000:assumed-role/Deploy/x", "arn:aws:iam::000000000000:user/role.Deploy",
		"arn:aws:sts::000000000000:federated-user/kim", "arn:aws:iam::000000000000:user/federated.kim",
		"arn:aws:iam::111111111111:user/ada", "arn:aws:iam::000000000000:user/ada@111111111111",
		"arn:aws:sts::111111111111:assumed-role/Deploy/x", "arn:aws:iam::111111111111:user/role.Deploy",
		"arn:aws:iam::000000000000:user/role.Deploy@111111111111",
		"arn:aws:iam::000000000000:user/seat.cs101.01",
		"arn:aws:iam::111111111111:root", "arn:aws:iam::111111111111:user/root",
	} {
		who, err := r.IAM(arn, account)
		if err != nil || sandbox.CheckOwner(who.Name) != nil || access.IsSeat(who.Name) {
			t.Errorf("%s: %+v, %v", arn, who, err)
		}
		if other, taken := seen[who.Name]; taken {
			t.Errorf("%s is called %s, as %s is", arn, who.Name, other)
		}
		seen[who.Name] = arn
	}
	session, err := r.IAM("arn:aws:sts::000000000000:assumed-role/AWSReservedSSO_Dev_0123456789abcdef/role.Deploy", account)
	if err != nil || session.Name == "role.Deploy" {
		t.Errorf("a session that is named like a role: %+v, %v", session, err)
	}
	token, err := r.JWT(map[string]string{"iss": "https://id", "sub": "seat.cs101.01"})
	if err != nil || access.IsSeat(token.Name) || sandbox.CheckOwner(token.Name) != nil {
		t.Errorf("a subject that is named like a seat: %+v, %v", token, err)
	}
}

func TestWhoHasAToken(t *testing.T) {
	for name, test := range map[string]struct {
		settings map[string]string
		claims   map[string]string
		want     access.Identity // without one, an error
	}{
		"by its subject":               {claims: map[string]string{"iss": "https://id", "sub": "u-1", "email": "a@b"}, want: access.Identity{Principal: "https://id#u-1", Name: "u-1", Role: access.Owner}},
		"a group":                      {map[string]string{"MAYFLY_ADMINS": "ops"}, map[string]string{"iss": "i", "sub": "1", "cognito:groups": "[dev ops]"}, access.Identity{Principal: "i#1", Name: "1", Role: access.Admin}},
		"no group by a part of a name": {map[string]string{"MAYFLY_ADMINS": "ops"}, map[string]string{"iss": "i", "sub": "1", "cognito:groups": "[devops]"}, access.Identity{Principal: "i#1", Name: "1", Role: access.Owner}},
		"an ARN is no group":           {map[string]string{"MAYFLY_ADMINS": "arn:aws:iam::000000000000:user/*"}, map[string]string{"iss": "i", "sub": "arn:aws:iam::000000000000:user/x"}, access.Identity{Principal: "i#arn:aws:iam::000000000000:user/x", Name: access.NameOf("arn:aws:iam::000000000000:user/x"), Role: access.Owner}},
		"a scope":                      {map[string]string{"MAYFLY_READERS": "mayfly/read", "MAYFLY_JWT_ROLE_CLAIM": "scope"}, map[string]string{"iss": "i", "sub": "1", "scope": "openid mayfly/read"}, access.Identity{Principal: "i#1", Name: "1", Role: access.Reader}},
		"a verified address":           {map[string]string{"MAYFLY_JWT_NAME_CLAIM": "email"}, map[string]string{"iss": "i", "sub": "1", "email": "a@b.org", "email_verified": "true"}, access.Identity{Principal: "i#1", Name: "a@b.org", Role: access.Owner}},
		"an address that is not":       {settings: map[string]string{"MAYFLY_JWT_NAME_CLAIM": "email"}, claims: map[string]string{"iss": "i", "sub": "1", "email": "a@b.org"}},
		"without the claim":            {claims: map[string]string{"iss": "i", "email": "a@b"}},
	} {
		got, err := rules(t, test.settings).JWT(test.claims)
		var unknown *access.UnknownError
		if got != test.want || (err != nil) != (test.want == access.Identity{}) || err != nil && !errors.As(err, &unknown) {
			t.Errorf("%s: %+v, %v; want %+v", name, got, err, test.want)
		}
	}
}

func TestRulesThatCantBeAreRefused(t *testing.T) {
	for setting, entries := range map[string][]string{
		"MAYFLY_ADMINS":         {"arn:aws:iam::000000000000:group/ops", "arn:aws:s3:::bucket", "arn:aws:iam::000000000000:role/team/*", "*", "arn:"},
		"MAYFLY_READERS":        {"a,b", "[x]"},
		"MAYFLY_NAMED_SESSIONS": {"a/b"},
		"MAYFLY_JWT_NAME_CLAIM": {"a b"},
		"MAYFLY_JWT_ROLE_CLAIM": {"{}"},
	} {
		for _, entry := range entries {
			_, err := access.ReadRules(func(name string) string { return map[string]string{setting: entry}[name] })
			if err == nil || !strings.Contains(err.Error(), setting) {
				t.Errorf("%s=%s: %v", setting, entry, err)
			}
		}
	}
}

func TestNamesAreOwnersAndKeepPeopleApart(t *testing.T) {
	called := []string{"ada", "a b", "a-b", "a,b", "DOMAIN\\ada", "DOMAIN-ada", "...", "=", strings.Repeat("a", 64), strings.Repeat("a", 65), strings.Repeat("a", 66), "ü"}
	for _, one := range slices.Clone(called) {
		called = append(called, access.NameOf(one)) // who takes the name that another was given
	}
	seen := map[string]string{}
	for _, one := range called {
		name := access.NameOf(one)
		if err := sandbox.CheckOwner(name); err != nil {
			t.Errorf("%q: %v", one, err)
		}
		if other, taken := seen[name]; taken && other != one {
			t.Errorf("%q and %q are both %q", one, other, name)
		}
		seen[name] = one
	}
	if access.NameOf("") != "" || access.NameOf("ada") != "ada" {
		t.Error("a name that is an owner's does not stay")
	}
}

func FuzzIAM(f *testing.F) {
	f.Add("arn:aws:sts::000000000000:assumed-role/Developer/ada")
	f.Add("arn:aws:iam::000000000000:user/a/b/c")
	r, err := access.ReadRules(func(string) string { return "" })
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, arn string) {
		who, err := r.IAM(arn, account)
		if err == nil && (sandbox.CheckOwner(who.Name) != nil || who.Role != access.Owner) {
			t.Errorf("%q: %+v", arn, who)
		}
	})
}
