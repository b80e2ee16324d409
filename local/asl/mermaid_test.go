package asl_test

import "testing"

func TestMermaid(t *testing.T) {
	got := machine(t, `{"StartAt":"C","States":{"C":{"Type":"Choice","Choices":[{"Variable":"$.a","IsNull":true,"Next":"P"}],"Default":"S"},
		"P":{"Type":"Parallel","Branches":[{"StartAt":"A","States":{"A":{"Type":"Pass","End":true}}},{"StartAt":"B","States":{"B":{"Type":"Pass","End":true}}}],
		"Catch":[{"ErrorEquals":["E"],"Next":"S"}],"Next":"S"},"S":{"Type":"Succeed"}}}`).Mermaid()
	want := `stateDiagram-v2
  state "C" as s0
  state "P" as s1
  state s1 {
    state "A" as s2
    [*] --> s2
    s2 --> [*]
    --
    state "B" as s3
    [*] --> s3
    s3 --> [*]
  }
  state "S" as s4
  [*] --> s0
  s0 --> s1 : rule 1
  s0 --> s4 : default
  s1 --> s4
  s1 --> s4 : E
  s4 --> [*]
`
	if got != want {
		t.Errorf("got\n%s", got)
	}
}
