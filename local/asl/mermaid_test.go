package asl_test

import (
	"strings"
	"testing"
)

func TestMermaid(t *testing.T) {
	got := machine(t, `{"StartAt":"C","States":{"C":{"Type":"Choice","Choices":[{"Variable":"$.a","IsNull":true,"Next":"P"}],"Default":"S"},
		"P":{"Type":"Parallel","Branches":[{"StartAt":"A","States":{"A":{"Type":"Pass","End":true}}},{"StartAt":"B","States":{"B":{"Type":"Map","End":true,
			"ItemProcessor":{"StartAt":"I","States":{"I":{"Type":"Fail"}}}}}}],
		"Catch":[{"ErrorEquals":["E","F"],"Next":"S"}],"Next":"S"},"S":{"Type":"Succeed"}}}`).Mermaid()
	want := `stateDiagram-v2
  state "C" as s0
  state "P" as s1
  state s1 {
    state "A" as s2
    [*] --> s2
    s2 --> [*]
    --
    state "B (for each item)" as s3
    state s3 {
      state "I" as s4
      [*] --> s4
      s4 --> [*]
    }
    [*] --> s3
    s3 --> [*]
  }
  state "S" as s5
  [*] --> s0
  s0 --> s1 : #36;.a is null
  s0 --> s5 : default
  s1 --> s5
  s1 --> s5 : E, F
  s5 --> [*]
  classDef failure stroke:#c00,stroke-width:2px
  class s4 failure
`
	if got != want {
		t.Errorf("got\n%s", got)
	}
}

// What Mermaid 11.12 shows for these was looked at in a browser: the names as
// they are.
func TestMermaidShowsAnyName(t *testing.T) {
	for name, want := range map[string]string{
		`end`:                   `end`,
		`say \"hi\"`:            `say #34;hi#34;`,
		`a --> b : c; d`:        `a #45;#45;#62; b #58; c#59; d`,
		`[x] {y} (z) <b>`:       `#91;x#93; #123;y#125; (z) #60;b#62;`,
		`größe 日本 😀`:            `größe 日本 😀`,
		`%% #35; &amp;`:         `#37;#37; #35;35#59; #38;amp#59;`,
		"`*x*` _y_ $$z$$":       `#96;#42;x#42;#96; #95;y#95; #36;#36;z#36;#36;`,
		`Direction LR`:          `Direction#32;LR`,
		`a\nb\u2028c\td\u007fe`: `a b c d e`,
	} {
		got := machine(t, `{"StartAt":"`+name+`","States":{"`+name+`":{"Type":"Succeed"}}}`).Mermaid()
		if _, label, _ := strings.Cut(got, `state "`); !strings.HasPrefix(label, want+`" as s0`) {
			t.Errorf("%s: %.80s, want %s", name, label, want)
		}
	}
}

func TestMermaidSaysWhatARuleAsksFor(t *testing.T) {
	for rule, want := range map[string]string{
		`"Variable":"$.a","StringEquals":"x y"`:                          `$.a = "x y"`,
		`"Variable":"$.a","StringMatches":"x*"`:                          `$.a like "x*"`,
		`"Variable":"$.a","NumericLessThanEquals":1.50`:                  `$.a ≤ 1.5`,
		`"Variable":"$.a","BooleanEquals":true`:                          `$.a = true`,
		`"Variable":"$.a","TimestampGreaterThan":"2026-01-02T03:04:05Z"`: `$.a > 2026-01-02T03:04:05Z`,
		`"Variable":"$.a","NumericGreaterThanEqualsPath":"$.b"`:          `$.a ≥ $.b`,
		`"Variable":"$v.a","IsPresent":false`:                            `$v.a is not there`,
		`"Not":{"Variable":"$.a","IsNumeric":true}`:                      `not $.a is a number`,
		`"And":[{"Variable":"$.a","IsString":true},{"Or":[{"Variable":"$.b","IsBoolean":true},{"Variable":"$.c","IsTimestamp":true}]}]`: `$.a is a string and ($.b is a boolean or $.c is a timestamp)`,
		`"Variable":"$.a","StringEquals":"` + strings.Repeat("x", 100) + `"`:                                                            `$.a = "` + strings.Repeat("x", 73) + "…",
	} {
		got := machine(t, `{"StartAt":"C","States":{"C":{"Type":"Choice","Choices":[{`+rule+`,"Next":"S"}]},"S":{"Type":"Succeed"}}}`).Mermaid()
		_, label, _ := strings.Cut(got, "s0 --> s1 : ")
		label, _, _ = strings.Cut(label, "\n")
		for code, character := range map[string]string{"#36;": "$", "#34;": `"`, "#42;": "*", "#60;": "<", "#62;": ">", "#45;": "-", "#58;": ":"} {
			label = strings.ReplaceAll(label, code, character)
		}
		if label != want {
			t.Errorf("%s: %s, want %s", rule, label, want)
		}
	}
	got := machine(t, `{"QueryLanguage":"JSONata","StartAt":"C","States":{"C":{"Type":"Choice","Choices":[{"Condition":"{% $states.input.a = 1 %}","Next":"S"},
		{"Condition":true,"Next":"S"}]},"S":{"Type":"Succeed"}}}`).Mermaid()
	if !strings.Contains(got, "s0 --> s1 : #36;states.input.a = 1\n") || !strings.Contains(got, "s0 --> s1 : true\n") {
		t.Error(got)
	}
}
