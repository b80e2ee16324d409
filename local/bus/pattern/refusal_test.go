package pattern_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/mayfly-dev/mayfly/local/bus/pattern"
)

const tooComplex = "Rule is too complex - try using fewer wildcard characters or fewer repeating character sequences after a wildcard character"

// The places are those that EventBridge names, where a column is given; 0 says
// that it names none.
func TestRefusals(t *testing.T) {
	for _, row := range []struct {
		pattern, reason string
		column          int
	}{
		// The shape.
		{`["not", "a", "dict", "but valid json"]`, "Filter is not an object", 2},
		{``, "Filter is not an object", 0},
		{`{}`, "Empty objects are not allowed", 3},
		{`{"source": ["aws.health"], "detail": {}}`, "Empty objects are not allowed", 40},
		{`{"resources": []}`, "Empty arrays are not allowed", 17},
		{`{"int": 42}`, `"int" must be an object or an array`, 11},
		{`{"string": "my-value"}`, `"string" must be an object or an array`, 13},
		{`{"a": null}`, `"a" must be an object or an array`, 11},
		{`{"a": [["b"]]}`, "Match value must be String, number, true, false, or null", 9},
		{`{"a": [{}]}`, "Match expression name not found", 10},
		{`{"a": [{"prefix": "b", "suffix": "c"}]}`, "Only one key allowed in match expression", 35},
		// The JSON.
		{`this is no json`, "Unrecognized token 'this': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')", 5},
		{`{"not": closed mark"`, "Unrecognized token 'closed': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')", 15},
		{`{'bad': 'quotation'}`, "Unexpected character (''' (code 39)): was expecting double-quote to start field name", 2},
		{`{"a" ["b"]}`, "Unexpected character ('[' (code 91)): was expecting a colon to separate field name and value", 6},
		{`{"a": ["b" "c"]}`, "Unexpected character ('\"' (code 34)): was expecting comma to separate Array entries", 12},
		{`{"a": ["b"] "c": ["d"]}`, "Unexpected character ('\"' (code 34)): was expecting comma to separate Object entries", 13},
		{`{"a": ["b"]} x`, "Unexpected character ('x' (code 120)): was expecting the end of the pattern", 14},
		{`{"a": ["b"]`, "Unexpected end-of-input: was expecting comma to separate Object entries", 12},
		{`{"a": ["b`, "Unexpected end-of-input: was expecting closing quote for a string value", 10},
		{`{"a": ["\x"]}`, "Unexpected character ('x' (code 120)): unrecognized character escape", 10},
		{`{"a": [01]}`, "Invalid numeric value: 01", 10},
		// Operators.
		{`{"my_key": [{"EXISTS": true}]}`, "Unrecognized match type EXISTS", 28},
		{`{"detail": {"equal": [{"NUMERIC": ["=", 5]}]}}`, "Unrecognized match type NUMERIC", 36},
		{`{"a": [{"exists": "true"}]}`, "exists match pattern must be either true or false.", 20},
		{`{"a": [{"exactly": 5}]}`, "exact match pattern must be a string", 21},
		{`{"time": [{"prefix": ["2022-07-13"]}]}`, "prefix match pattern must be a string", 23},
		{`{"time": [{"prefix": 123}]}`, "prefix match pattern must be a string", 25},
		{`{"time": [{"prefix": {}}]}`, "Prefix expression name not found", 24},
		{`{"time": [{"prefix": {"suffix": "x"}}]}`, "Unsupported prefix pattern: suffix", 34},
		{`{"time": [{"prefix": {"equals-ignore-case": 1}}]}`, "equals-ignore-case match pattern must be a string", 46},
		{`{"time": [{"prefix": {"equals-ignore-case": "a", "b": 1}}]}`, "Only one key allowed in match expression", 56},
		{`{"FileName": [{"suffix": [".png"]}]}`, "suffix match pattern must be a string", 27},
		{`{"FileName": [{"suffix": 123}]}`, "suffix match pattern must be a string", 29},
		{`{"FileName": [{"suffix": {"prefix": "a"}}]}`, "Unsupported suffix pattern: prefix", 38},
		{`{"detail-type": [{"equals-ignore-case": ["ec2 instance state-change notification"]}]}`, "equals-ignore-case match pattern must be a string", 42},
		{`{"detail-type": [{"equals-ignore-case": {"prefix": "ec2"}}]}`, "equals-ignore-case match pattern must be a string", 42},
		// Wildcards.
		{`{"EventBusArn": [{"wildcard": "arn:aws:events:us-east-1:**:event-bus/*"}]}`, "Consecutive wildcard characters at pos 26", 72},
		{`{"EventBusArn": [{"wildcard": 123}]}`, "wildcard match pattern must be a string", 34},
		{`{"EventBusArn": [{"wildcard": ["a*"]}]}`, "wildcard match pattern must be a string", 32},
		{`{"a": [{"wildcard": "x\\y"}]}`, "Invalid escape character at pos 2", 27},
		{`{"a": [{"wildcard": "x\\"}]}`, "Invalid escape character at pos 2", 26},
		{`{"EventBusArn": [{"wildcard": "*:*:*:*:*:event-bus/*"}]}`, tooComplex, 0},
		{`{"a": [{"anything-but": {"wildcard": ["*a*a*a", "*a*a*b"]}}]}`, tooComplex, 0},
		// Anything-but.
		{`{"a": [{"anything-but": []}]}`, "Inside anything but list, either all values are number or string, mixed type is not supported", 27},
		{`{"a": [{"anything-but": ["x", 5]}]}`, "Inside anything but list, either all values are number or string, mixed type is not supported", 33},
		{`{"a": [{"anything-but": null}]}`, "Value of anything-but must be an array or single string/number value.", 29},
		{`{"a": [{"anything-but": true}]}`, "Value of anything-but must be an array or single string/number value.", 29},
		{`{"a": [{"anything-but": {}}]}`, "Anything-But expression name not found", 27},
		{`{"a": [{"anything-but": {"numeric": [">", 1]}}]}`, "Unsupported anything-but pattern: numeric", 38},
		{`{"a": [{"anything-but": {"exists": true}}]}`, "Unsupported anything-but pattern: exists", 40},
		{`{"a": [{"anything-but": 5000000001}]}`, "Value must be between -5.0E9 and 5.0E9, inclusive", 0},
		{`{"detail": {"FileName": [{"anything-but": {"prefix": {"equals-ignore-case": "file"}}}]}}`, "Value of anything-but must be an array or single string/number value.", 55},
		{`{"detail": {"state": [{"anything-but": {"prefix": ""}}]}}`, "Null prefix/suffix not allowed", 53},
		{`{"detail": {"state": [{"anything-but": {"prefix": 123}}]}}`, "prefix/suffix match pattern must be a string", 54},
		{`{"detail": {"FileName": [{"anything-but": {"suffix": 123}}]}}`, "prefix/suffix match pattern must be a string", 57},
		{`{"detail": {"FilePath": [{"anything-but": {"wildcard": 123}}]}}`, "wildcard match pattern must be a string", 59},
		{`{"a": [{"anything-but": {"wildcard": "a**"}}]}`, "Consecutive wildcard characters at pos 2", 43},
		// Numbers.
		{`{"a": [{"numeric": 5}]}`, "Value of numeric must be an array.", 21},
		{`{"a": [{"numeric": []}]}`, "Invalid member in numeric match: ]", 22},
		{`{"a": [{"numeric": [5]}]}`, "Invalid member in numeric match: 5", 22},
		{`{"a": [{"numeric": ["!=", 5]}]}`, "Unrecognized numeric range operator: !=", 28},
		{`{"a": [{"numeric": ["=", "5"]}]}`, "Value of equals must be numeric", 27},
		{`{"a": [{"numeric": [">"]}]}`, "Value of > must be numeric", 25},
		{`{"detail": {"c-count": [{"numeric": [">", 0, "<"]}]}}`, "Value of < must be numeric", 50},
		{`{"detail": {"c-count": [{"numeric": [">", 0, ">", 0]}]}}`, "Bad numeric range operator: >", 49},
		{`{"a": [{"numeric": [">", 0, 5]}]}`, "Bad value in numeric range: 5", 30},
		{`{"a": [{"numeric": [">", 0, "<", 5, 6]}]}`, "Too many terms in numeric range expression", 38},
		{`{"a": [{"numeric": ["<", 0, ">", 5]}]}`, "Too many elements in numeric expression", 30},
		{`{"a": [{"numeric": ["=", 0, 5]}]}`, "Too many elements in numeric expression", 30},
		{`{"a": [{"numeric": [">", 5, "<", 5]}]}`, "Bottom must be less than top", 36},
		{`{"a": [{"numeric": [">", 5000000000]}]}`, "Bottom must be less than top", 37},
		{`{"a": [{"numeric": ["<", 5e10]}]}`, "Value must be between -5.0E9 and 5.0E9, inclusive", 31},
		{`{"a": [{"numeric": ["<", 0.1234567]}]}`, "Only values upto 6 decimals are supported0.1234567", 36},
		// Addresses.
		{`{"a": [{"cidr": "10.0.0.0"}]}`, "Malformed CIDR, one '/' required", 0},
		{`{"a": [{"cidr": "10.0.0.0/xx"}]}`, "Malformed CIDR, mask bits must be an integer", 0},
		{`{"a": [{"cidr": "10.0.0.0/-1"}]}`, "Malformed CIDR, mask bits must not be negative", 0},
		{`{"a": [{"cidr": "xx.11.xx/8"}]}`, "Nonstandard IP address: xx.11.xx", 0},
		{`{"a": [{"cidr": "xxxx:db8:1234:1a00::/64"}]}`, "Nonstandard IP address: xxxx:db8:1234:1a00::", 0},
		{`{"a": [{"cidr": "10.0.0.256/8"}]}`, "Invalid IP address: 10.0.0.256", 0},
		{`{"a": [{"cidr": "1:2:3/8"}]}`, "Invalid IP address: 1:2:3", 0},
		{`{"a": [{"cidr": "10.0.0.0/32"}]}`, "IPv4 mask bits must be < 32", 0},
		{`{"a": [{"cidr": "::/128"}]}`, "IPv6 mask bits must be < 128", 0},
		{`{"detail": {"sourceIPAddress": [{"cidr": ["bad-type"]}]}}`, "prefix match pattern must be a string", 43},
		// $or.
		{`{"$or": {"a": [1]}}`, "It must be an Array followed with $or.", 10},
		{`{"$or": [{"a": [1]}]}`, "There must have at least 2 Objects in $or relationship.", 21},
		{`{"$or": [{"a": [1]}, 5]}`, "Only JSON object is allowed in array of $or relationship.", 23},
		{`{"$or": [{"a": [1]}, {}]}`, "Empty objects are not allowed", 24},
		{`{"$or": [{"numeric": [1]}, {"prefix": ["abc"]}]}`, "numeric is Ruler reserved fieldName which cannot be used inside $or.", 23},
		{`{"$or": [{"a": {"=": [1]}}, {"b": ["abc"]}]}`, "= is Ruler reserved fieldName which cannot be used inside $or.", 23},
		// A place counts lines, and UTF-16 units.
		{"{\"\U0001f600\": 5}", "\"\U0001f600\" must be an object or an array", 9},
	} {
		where := ""
		if row.column > 0 {
			where = fmt.Sprintf("\n at [Source: (String)\"%s\"; line: 1, column: %d]", row.pattern, row.column)
		}
		refused(t, row.pattern, "Event pattern is not valid. Reason: "+row.reason+where)
	}
}

// EventBridge names the place twice for elements of anything-but lists.
func TestRefusalsInListsNameThePlaceTwice(t *testing.T) {
	for _, row := range []struct {
		pattern, reason string
		column          int
	}{
		{`{"detail": {"state": [{"anything-but": {"equals-ignore-case": [123, 456]}}]}}`, "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.", 67},
		{`{"detail": {"state": [{"anything-but": {"wildcard": [123, "*/dir/*"]}}]}}`, "wildcard match pattern must be a string", 57},
		{`{"detail": {"FileName": [{"anything-but": {"suffix": [123, ".txt"]}}]}}`, "prefix/suffix match pattern must be a string", 58},
		{`{"detail": {"state": [{"anything-but": {"prefix": [123, "test"]}}]}}`, "prefix/suffix match pattern must be a string", 55},
		{`{"a": [{"anything-but": {"prefix": ["b", ""]}}]}`, "Null prefix/suffix not allowed", 44},
		{`{"a": [{"anything-but": [null]}]}`, "Inside anything but list, start|null|boolean is not supported.", 30},
	} {
		where := fmt.Sprintf("\n at [Source: (String)\"%s\"; line: 1, column: %d]", row.pattern, row.column)
		refused(t, row.pattern, "Event pattern is not valid. Reason: "+row.reason+where+where)
	}
}

func TestPlacesInLongPatterns(t *testing.T) {
	text := "{\n \"a\": [\"" + strings.Repeat("x", 600) + "\"],\n \"b\": 1}"
	refused(t, text, "Event pattern is not valid. Reason: \"b\" must be an object or an array\n at [Source: (String)\""+
		text[:500]+fmt.Sprintf("\"[truncated %d chars]; line: 3, column: 8]", len(text)-500))
}

func refused(t *testing.T, text, want string) {
	t.Helper()
	_, err := pattern.Compile([]byte(text))
	var refusal *pattern.Error
	if !errors.As(err, &refusal) {
		t.Errorf("%s: not refused: %v", text, err)
		return
	}
	if err.Error() != want {
		t.Errorf("%s:\n got %s\nwant %s", text, err, want)
	}
}

// What the limits are is known from patterns that EventBridge takes and refuses.
func TestLimits(t *testing.T) {
	any := func(n int, each string) string { return strings.TrimSuffix(strings.Repeat(each+", ", n), ", ") }
	for text, want := range map[string]string{
		`{"f": [{"wildcard": "/Users/*/dir/dir/dir/dir/dir/doc.txt"}]}`:                                                                          "",
		`{"f": [{"wildcard": "/Users/*/dir/dir/dir/dir/dir/dir/dir/dir/doc.txt"}]}`:                                                              tooComplex,
		`{"f": [{"wildcard": "arn:aws:events:us-east-1:*:event-bus/*"}]}`:                                                                        "",
		`{"f": [` + stacks("A", "B", "C") + `]}`:                                                                                                 "",
		`{"f": [` + stacks("A", "B", "C", "D") + `]}`:                                                                                            tooComplex,
		`{"f": [` + stacks("A", "B") + `], "g": [` + stacks("A", "B", "C") + `]}`:                                                                "",
		`{"$or": [` + any(1000, `{"a": [1]}`) + `]}`:                                                                                             "",
		`{"$or": [` + any(1001, `{"a": [1]}`) + `]}`:                                                                                             "Rule is too complex - $or makes more than 1000 combinations",
		`{"$or": [` + any(10, `{"a": [1]}`) + `], "b": {"$or": [` + any(10, `{"a": [1]}`) + `]}, "c": {"$or": [` + any(11, `{"a": [1]}`) + `]}}`: "Rule is too complex - $or makes more than 1000 combinations",
		`{` + fields(256) + `}`: "",
		`{` + fields(257) + `}`: "Size of rule exceeds max value of 256",
		strings.Repeat(`{"a":`, 1001) + `[1]` + strings.Repeat(`}`, 1001): "Document nesting depth (1001) exceeds the maximum allowed (1000)",
	} {
		_, err := pattern.Compile([]byte(text))
		switch {
		case want == "" && err != nil:
			t.Errorf("%.80s: %v", text, err)
		case want != "" && (err == nil || err.Error() != "Event pattern is not valid. Reason: "+want):
			t.Errorf("%.80s: %v, want %s", text, err, want)
		}
	}
}

func stacks(names ...string) string {
	var all []string
	for _, name := range names {
		all = append(all, `{"wildcard": "*:stack/`+name+`/*"}`)
	}
	return strings.Join(all, ", ")
}

func fields(n int) string {
	var all []string
	for i := range n {
		all = append(all, fmt.Sprintf(`"f%d": [1]`, i))
	}
	return strings.Join(all, ", ")
}
