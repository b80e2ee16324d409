package pattern_test

import (
	"testing"

	"github.com/mayfly-dev/mayfly/local/bus/pattern"
)

const sample = `{
  "version": "0", "id": "ddddd4-aaaa-7777-4444-345dd43cc333", "detail-type": "EC2 Instance State-change Notification",
  "source": "aws.ec2", "account": "012345679012", "time": "2017-10-02T16:24:49Z", "region": "us-east-1",
  "resources": ["arn:aws:ec2:us-east-1:123456789012:instance/i-000000aaaaaa00000", "arn:other"],
  "detail": {
    "c-count": 5, "d-count": 3, "x-limit": 301.8, "source-ip": "10.0.0.33", "source-ip6": "2001:db8:1234:1a00::8",
    "instance-id": "i-000000aaaaaa00000", "state": "running", "on": true, "off": false, "nothing": null, "empty": "",
    "path": "a/b/lib/x.png", "large": 9007199254740993, "text-number": "5", "gap": [], "hole": {}, "deep": {"er": {"est": 1}},
    "\u00fcn\u00efcode \ud83d\ude00": "Stra\u00dfe", "quote\"d": "say \"hi\" \\ \/ \n", "dotted.name": "yes",
    "mixed": ["a", 1, true, null, {"k": "v"}, ["b", ["c"]]],
    "people": [{"first": "John", "last": "Doe"}, {"first": "Anna", "last": "Smith"}, {"first": "Peter", "last": "Jones", "middle": "P"}]
  }
}`

// Each row is a pattern's detail, or, where it names a field of the envelope, a
// whole pattern.
func TestOperators(t *testing.T) {
	for operator, rows := range map[string][]struct {
		pattern string
		want    bool
	}{
		"exact text": {
			{`{"state": ["running"]}`, true},
			{`{"state": ["initializing", "running"]}`, true},
			{`{"state": ["Running"]}`, false},
			{`{"state": ["run"]}`, false},
			{`{"State": ["running"]}`, false},
			{`{"empty": [""]}`, true},
			{`{"state": [""]}`, false},
			{`{"missing": [""]}`, false},
			{`{"on": ["true"]}`, false},
			{`{"c-count": ["5"]}`, false},
			{`{"text-number": ["5"]}`, true},
			{`{"state": [{"exactly": "running"}]}`, true},
			{`{"state": [{"exactly": "runnin"}]}`, false},
		},
		"exact number": {
			{`{"c-count": [5]}`, true},
			{`{"c-count": [5.0]}`, true},
			{`{"c-count": [0.5e1]}`, true},
			{`{"c-count": [50e-1]}`, true},
			{`{"c-count": [5.000001]}`, false},
			{`{"c-count": [-5]}`, false},
			{`{"x-limit": [3.018e2]}`, true},
			{`{"x-limit": [301.80]}`, true},
			{`{"x-limit": [301.8000001]}`, false},
			{`{"text-number": [5]}`, false},
			{`{"large": [9007199254740993]}`, true},
			{`{"large": [9007199254740992]}`, false}, // as written, beyond five billion
			{`{"large": [9007199254740993.0]}`, false},
		},
		"exact literal": {
			{`{"on": [true]}`, true},
			{`{"on": [false]}`, false},
			{`{"off": [false]}`, true},
			{`{"nothing": [null]}`, true},
			{`{"empty": [null]}`, false},
			{`{"missing": [null]}`, false},
			{`{"gap": [null]}`, false},
		},
		"exact address": {
			{`{"source-ip": ["10.0.0.33"]}`, true},
			{`{"source-ip": ["10.0.0.033"]}`, true},
			{`{"source-ip": ["10.0.0.34"]}`, false},
			{`{"source-ip6": ["2001:0db8:1234:1A00:0:0:0:8"]}`, true},
			{`{"source-ip": ["10.0.0.333"]}`, false},
		},
		"prefix": {
			{`{"state": [{"prefix": "run"}]}`, true},
			{`{"state": [{"prefix": "running"}]}`, true},
			{`{"state": [{"prefix": "running "}]}`, false},
			{`{"state": [{"prefix": ""}]}`, true},
			{`{"state": [{"prefix": "RUN"}]}`, false},
			{`{"c-count": [{"prefix": "5"}]}`, false},
			{`{"state": [{"prefix": {"equals-ignore-case": "RUN"}}]}`, true},
			{`{"state": [{"prefix": {"equals-ignore-case": "RUNNER"}}]}`, false},
			{`{"c-count": [{"prefix": {"equals-ignore-case": "5"}}]}`, false},
		},
		"suffix": {
			{`{"path": [{"suffix": ".png"}]}`, true},
			{`{"path": [{"suffix": ".PNG"}]}`, false},
			{`{"path": [{"suffix": ""}]}`, true},
			{`{"c-count": [{"suffix": "5"}]}`, false},
			{`{"path": [{"suffix": {"equals-ignore-case": ".PnG"}}]}`, true},
			{`{"path": [{"suffix": {"equals-ignore-case": ".PnGx"}}]}`, false},
			{`{"empty": [{"suffix": {"equals-ignore-case": "x"}}]}`, false},
			{`{"on": [{"suffix": {"equals-ignore-case": "e"}}]}`, false},
		},
		"equals-ignore-case": {
			{`{"state": [{"equals-ignore-case": "RUNNING"}]}`, true},
			{`{"state": [{"equals-ignore-case": "RUNNIN"}]}`, false},
			{`{"state": [{"equals-ignore-case": "RUNNINGS"}]}`, false},
			{`{"empty": [{"equals-ignore-case": ""}]}`, true},
			{`{"on": [{"equals-ignore-case": "TRUE"}]}`, false},
			{`{"ünïcode 😀": [{"equals-ignore-case": "STRAßE"}]}`, true},
		},
		"wildcard": {
			{`{"path": [{"wildcard": "*.png"}]}`, true},
			{`{"path": [{"wildcard": "a/*/x.png"}]}`, true},
			{`{"path": [{"wildcard": "*/lib/*"}]}`, true},
			{`{"path": [{"wildcard": "*"}]}`, true},
			{`{"path": [{"wildcard": "a/b/lib/x.png*"}]}`, true},
			{`{"path": [{"wildcard": "a/b/lib/x.png"}]}`, true},
			{`{"path": [{"wildcard": "b/*"}]}`, false},
			{`{"path": [{"wildcard": "a*a/b/lib/x.png"}]}`, false}, // the ends may not overlap
			{`{"path": [{"wildcard": "*lib*lib*"}]}`, false},
			{`{"path": [{"wildcard": "a/b/lib/x\\*png"}]}`, false},
			{`{"quote\"d": [{"wildcard": "say*\\\\*"}]}`, true},
			{`{"empty": [{"wildcard": "*"}]}`, true},
			{`{"empty": [{"wildcard": ""}]}`, true},
			{`{"state": [{"wildcard": ""}]}`, false},
			{`{"c-count": [{"wildcard": "*"}]}`, false},
		},
		"anything-but value": {
			{`{"state": [{"anything-but": "initializing"}]}`, true},
			{`{"state": [{"anything-but": "running"}]}`, false},
			{`{"missing": [{"anything-but": "running"}]}`, false},
			{`{"nothing": [{"anything-but": "running"}]}`, true},
			{`{"c-count": [{"anything-but": "5"}]}`, true},
			{`{"c-count": [{"anything-but": 5}]}`, false},
			{`{"c-count": [{"anything-but": 5.00}]}`, false},
			{`{"c-count": [{"anything-but": 0}]}`, true},
			{`{"text-number": [{"anything-but": 5}]}`, true},
			{`{"gap": [{"anything-but": "x"}]}`, false},
			{`{"hole": [{"anything-but": "x"}]}`, false},
		},
		"anything-but list": {
			{`{"state": [{"anything-but": ["stopped", "overloaded"]}]}`, true},
			{`{"state": [{"anything-but": ["stopped", "running"]}]}`, false},
			{`{"x-limit": [{"anything-but": [100, 200, 301.80]}]}`, false},
			{`{"x-limit": [{"anything-but": [100, 200, 300]}]}`, true},
			{`{"mixed": [{"anything-but": ["a"]}]}`, true}, // some other element is
		},
		"anything-but prefix": {
			{`{"state": [{"anything-but": {"prefix": "init"}}]}`, true},
			{`{"state": [{"anything-but": {"prefix": "run"}}]}`, false},
			{`{"c-count": [{"anything-but": {"prefix": "init"}}]}`, true},
			{`{"state": [{"anything-but": {"prefix": ["init", "run"]}}]}`, false},
			{`{"state": [{"anything-but": {"prefix": ["init", "stop"]}}]}`, true},
			{`{"missing": [{"anything-but": {"prefix": "init"}}]}`, false},
			{`{"nothing": [{"anything-but": {"prefix": ["init"]}}]}`, true},
		},
		"anything-but suffix": {
			{`{"path": [{"anything-but": {"suffix": ".txt"}}]}`, true},
			{`{"path": [{"anything-but": {"suffix": ".png"}}]}`, false},
			{`{"path": [{"anything-but": {"suffix": [".txt", ".png"]}}]}`, false},
			{`{"path": [{"anything-but": {"suffix": [".txt", ".gif"]}}]}`, true},
		},
		"anything-but equals-ignore-case": {
			{`{"state": [{"anything-but": {"equals-ignore-case": "INITIALIZING"}}]}`, true},
			{`{"state": [{"anything-but": {"equals-ignore-case": "RUNNING"}}]}`, false},
			{`{"state": [{"anything-but": {"equals-ignore-case": ["INIT", "RuNNing"]}}]}`, false},
			{`{"state": [{"anything-but": {"equals-ignore-case": ["INIT", "STOPPED"]}}]}`, true},
			{`{"c-count": [{"anything-but": {"equals-ignore-case": "x"}}]}`, true},
		},
		"anything-but wildcard": {
			{`{"path": [{"anything-but": {"wildcard": "*/lib/*"}}]}`, false},
			{`{"path": [{"anything-but": {"wildcard": "*/bin/*"}}]}`, true},
			{`{"path": [{"anything-but": {"wildcard": ["*/bin/*", "*/lib/*"]}}]}`, false},
			{`{"path": [{"anything-but": {"wildcard": ["*/bin/*", "*/etc/*"]}}]}`, true},
			{`{"path": [{"anything-but": {"wildcard": ""}}]}`, true},
			{`{"c-count": [{"anything-but": {"wildcard": "*/dir/*"}}]}`, true},
		},
		"numeric": {
			{`{"c-count": [{"numeric": ["=", 5]}]}`, true},
			{`{"c-count": [{"numeric": ["=", 5.000001]}]}`, false},
			{`{"x-limit": [{"numeric": ["=", 3.018e2]}]}`, true},
			{`{"c-count": [{"numeric": ["<", 5]}]}`, false},
			{`{"c-count": [{"numeric": ["<", 5.000001]}]}`, true},
			{`{"c-count": [{"numeric": ["<=", 5]}]}`, true},
			{`{"c-count": [{"numeric": [">", 5]}]}`, false},
			{`{"c-count": [{"numeric": [">", 4.999999]}]}`, true},
			{`{"c-count": [{"numeric": [">=", 5]}]}`, true},
			{`{"c-count": [{"numeric": [">=", -5000000000]}]}`, true},
			{`{"c-count": [{"numeric": ["<=", 5000000000]}]}`, true},
			{`{"text-number": [{"numeric": ["=", 5]}]}`, false},
			{`{"nothing": [{"numeric": ["=", 0]}]}`, false},
			{`{"large": [{"numeric": [">", 0]}]}`, false}, // beyond five billion
		},
		"numeric range": {
			{`{"c-count": [{"numeric": [">", 0, "<=", 5]}]}`, true},
			{`{"c-count": [{"numeric": [">", 0, "<", 5]}]}`, false},
			{`{"c-count": [{"numeric": [">=", 5, "<", 6]}]}`, true},
			{`{"c-count": [{"numeric": [">", 5, "<", 6]}]}`, false},
			{`{"d-count": [{"numeric": [">=", 0, "<=", 2.999999]}]}`, false},
		},
		"cidr": {
			{`{"source-ip": [{"cidr": "10.0.0.0/24"}]}`, true},
			{`{"source-ip": [{"cidr": "10.0.0.99/24"}]}`, true},
			{`{"source-ip": [{"cidr": "10.0.1.0/24"}]}`, false},
			{`{"source-ip": [{"cidr": "0.0.0.0/0"}]}`, true},
			{`{"source-ip": [{"cidr": "10.0.0.32/31"}]}`, true},
			{`{"source-ip6": [{"cidr": "2001:db8:1234:1a00::/64"}]}`, true},
			{`{"source-ip6": [{"cidr": "2001:db8:1234:1a01::/64"}]}`, false},
			{`{"source-ip6": [{"cidr": "0.0.0.0/0"}]}`, false},
			{`{"source-ip": [{"cidr": "::/0"}]}`, false},
			{`{"state": [{"cidr": "0.0.0.0/0"}]}`, false},
			{`{"c-count": [{"cidr": "10.0.0.0/24"}]}`, false},
		},
		"exists": {
			{`{"c-count": [{"exists": true}]}`, true},
			{`{"nothing": [{"exists": true}]}`, true},
			{`{"empty": [{"exists": true}]}`, true},
			{`{"missing": [{"exists": true}]}`, false},
			{`{"gap": [{"exists": true}]}`, false},
			{`{"hole": [{"exists": true}]}`, false},
			{`{"deep": [{"exists": true}]}`, false}, // no leaf
			{`{"deep": {"er": {"est": [{"exists": true}]}}}`, true},
			{`{"missing": [{"exists": false}]}`, true},
			{`{"deep": [{"exists": false}]}`, true},
			{`{"gap": [{"exists": false}]}`, true},
			{`{"c-count": [{"exists": false}]}`, false},
			{`{"nothing": [{"exists": false}]}`, false},
			{`{"state": {"missing": [{"exists": false}]}}`, true},
		},
		"several of a field": {
			{`{"state": ["x", {"prefix": "run"}, 5]}`, true},
			{`{"c-count": ["x", {"prefix": "run"}, 5]}`, true},
			{`{"missing": ["x", {"exists": false}]}`, true},
			{`{"state": ["x", {"exists": false}]}`, false},
			{`{"text-number": [{"numeric": [">", 4]}, {"anything-but": "5"}]}`, false},
			{`{"c-count": [{"numeric": [">", 4]}, {"anything-but": "5"}]}`, true},
		},
		"several fields": {
			{`{"state": ["running"], "c-count": [5]}`, true},
			{`{"state": ["running"], "c-count": [6]}`, false},
			{`{"state": ["running"], "missing": [{"exists": false}]}`, true},
			{`{"state": [{"prefix": "us-"}], "state": [{"anything-but": "us-east"}]}`, true}, // the last one counts
		},
		"$or": {
			{`{"$or": [{"state": ["x"]}, {"c-count": [5]}]}`, true},
			{`{"$or": [{"state": ["x"]}, {"c-count": [6]}]}`, false},
			{`{"state": ["running"], "$or": [{"c-count": [6]}, {"d-count": [3]}]}`, true},
			{`{"state": ["x"], "$or": [{"c-count": [6]}, {"d-count": [3]}]}`, false},
			{`{"$or": [{"c-count": [6]}, {"d-count": [3], "on": [true]}]}`, true},
			{`{"$or": [{"c-count": [6]}, {"d-count": [3], "on": [false]}]}`, false},
			{`{"$or": [{"c-count": [6]}, {"d-count": [3], "$or": [{"on": [false]}, {"off": [false]}]}]}`, true},
			{`{"$or": [{"c-count": [6]}, {"d-count": [3], "$or": [{"on": [false]}, {"off": [true]}]}]}`, false},
			{`{"deep": {"$or": [{"er": {"est": [2]}}, {"er": {"est": [1]}}]}}`, true},
			{`{"deep": {"er": {"$or": [{"est": [2]}, {"est": [3]}]}}}`, false},
			{`{"$or": [{"missing": [{"exists": false}]}, {"state": ["x"]}]}`, true},
			{`{"state": ["x"], "$or": [{"state": ["running"]}, {"c-count": [6]}]}`, true}, // the later one counts
		},
		"arrays": {
			{`{"mixed": ["a"]}`, true},
			{`{"mixed": [1]}`, true},
			{`{"mixed": [true]}`, true},
			{`{"mixed": [null]}`, true},
			{`{"mixed": ["b"]}`, true},
			{`{"mixed": ["c"]}`, true},
			{`{"mixed": ["d"]}`, false},
			{`{"mixed": {"k": ["v"]}}`, true},
			{`{"mixed": [{"prefix": "c"}]}`, true},
			{`{"people": {"first": ["Anna"]}}`, true},
			{`{"people": {"first": ["Anna"], "last": ["Smith"]}}`, true},
			{`{"people": {"first": ["Anna"], "last": ["Jones"]}}`, false}, // of another element
			{`{"people": {"first": ["Anna", "Peter"], "last": ["Jones"]}}`, true},
			{`{"people": {"first": ["Anna"], "last": ["Smith"], "middle": [{"exists": false}]}}`, true},
			{`{"people": {"first": ["Peter"], "last": ["Jones"], "middle": [{"exists": false}]}}`, false},
			{`{"people": {"age": [{"exists": false}]}}`, true},
			{`{"people": {"middle": [{"exists": false}]}}`, false},
		},
		"names": {
			{`{"ünïcode 😀": ["Straße"]}`, true},
			{`{"\u00fcn\u00efcode \ud83d\ude00": ["Stra\u00dfe"]}`, true},
			{`{"quote\"d": ["say \"hi\" \\ / \n"]}`, true},
			{`{"dotted.name": ["yes"]}`, true},
			{`{"dotted": {"name": ["yes"]}}`, true},
			{`{"deep.er.est": [1]}`, true},
			{`{"deep": {"er.est": [1]}}`, true},
			{`{"deep.er": [1]}`, false},
		},
	} {
		t.Run(operator, func(t *testing.T) {
			for _, row := range rows {
				check(t, `{"detail": `+row.pattern+`}`, sample, row.want)
			}
		})
	}
}

func TestEnvelope(t *testing.T) {
	check(t, `{"source": ["aws.ec2"], "detail-type": ["EC2 Instance State-change Notification"], "time": [{"prefix": "2017-10-02"}],
		"resources": [{"wildcard": "arn:aws:ec2:*:instance/*"}], "detail": {"state": [{"anything-but": "initializing"}],
		"c-count": [{"numeric": [">", 0, "<=", 5]}], "d-count": [{"numeric": ["<", 10]}], "source-ip": [{"cidr": "10.0.0.0/8"}]}}`, sample, true)
	check(t, `{"source": ["aws.ec2"], "region": ["eu-west-1"]}`, sample, false)
	check(t, `{"detail": {"my-key": ["my-value"]}}`, `{"detail": "{\"my-key\": \"my-value\"}"}`, false)
}

func TestNestedArraysAgreeAtEveryDepth(t *testing.T) {
	const event = `{"bands": [
		{"name": "A", "members": [{"name": "x", "plays": ["bass", "drums"]}, {"name": "y", "plays": ["voice"]}]},
		{"name": "B", "members": [[{"name": "z", "plays": ["bass"]}], [{"name": "w", "plays": []}]]}]}`
	for text, want := range map[string]bool{
		`{"bands": {"name": ["A"], "members": {"name": ["x"], "plays": ["drums"]}}}`:                           true,
		`{"bands": {"name": ["A"], "members": {"name": ["y"], "plays": ["drums"]}}}`:                           false,
		`{"bands": {"name": ["A"], "members": {"name": ["z"]}}}`:                                               false,
		`{"bands": {"name": ["B"], "members": {"name": ["z"], "plays": ["bass"]}}}`:                            true,
		`{"bands": {"name": ["B"], "members": {"name": ["w"], "plays": ["bass"]}}}`:                            false,
		`{"bands": {"name": ["B"], "members": {"name": ["w"], "plays": [{"exists": false}]}}}`:                 true,
		`{"bands": {"members": {"name": ["w", "y"], "plays": ["voice", {"exists": false}]}, "name": ["A"]}}`:   true,
		`{"bands": {"members": {"name": ["w", "x"], "plays": ["voice", {"exists": false}]}, "name": ["A"]}}`:   false,
		`{"bands": {"name": [{"anything-but": "A"}], "members": {"plays": ["voice"]}}}`:                        false,
		`{"bands": {"$or": [{"name": ["B"]}, {"members": {"name": ["nobody"]}}], "members": {"name": ["z"]}}}`: true,
	} {
		check(t, text, event, want)
	}
}

// What is no JSON object matches nothing, and does no harm.
func TestEventsThatAreNone(t *testing.T) {
	for _, event := range []string{"", "null", "[]", `"a"`, "{", `{"a"`, `{"a":`, `{"a":1`, `{"a":1,`, `{"a":[1`, `{"a":"x`, `{"a":"\`, `{"a":"\u12"}`, `{"a":1}}`, `{"a":1} x`, `{"a":,}`} {
		check(t, `{"a": [{"exists": true}, {"exists": false}]}`, event, false)
	}
}

func check(t *testing.T, text, event string, want bool) {
	t.Helper()
	p, err := pattern.Compile([]byte(text))
	if err != nil {
		t.Errorf("%s: %v", text, err)
		return
	}
	if got := p.Match([]byte(event)); got != want {
		t.Errorf("%s matches: %v, want %v", text, got, want)
	}
}
