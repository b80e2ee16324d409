package pattern_test

import (
	"fmt"
	"testing"

	"github.com/mayfly-dev/mayfly/local/bus/pattern"
)

// BenchmarkMatch matches events with the rules of a busy account: most start a
// deploy for one repository, others watch teams, tags, scans and other services.
// With 1,000 rules two of the four events meet one, one meets none, and one is of
// another service. It runs on one core.
func BenchmarkMatch(b *testing.B) {
	events := [][]byte{
		push("team-15/site-415", "v1.2.3"), push("unknown", "latest"), push("squad-7/main/web", "release-2026"),
		[]byte(`{"version":"0","id":"6a7e8feb-b491-4cf7-a9f1-bf3703467718","detail-type":"EC2 Instance State-change Notification","source":"aws.ec2","account":"000000000000","time":"2026-11-16T01:54:34Z","region":"us-east-1","resources":["arn:aws:ec2:us-east-1:000000000000:instance/i-1234567890abcdef0"],"detail":{"instance-id":"i-1234567890abcdef0","state":"terminated"}}`),
	}
	for _, rules := range []int{1, 1000, 10_000} {
		b.Run(fmt.Sprintf("rules=%d", rules), func(b *testing.B) {
			x := index(b, account(rules))
			if rules >= 1000 {
				for i, want := range []int{1, 0, 1, 0} {
					if got := x.Match(events[i], nil); len(got) != want {
						b.Fatalf("event %d meets %v", i, got)
					}
				}
			}
			var matched []int
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				matched = x.Match(events[i%len(events)], matched[:0])
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
		})
	}
}

// BenchmarkMatchArrays is the same with an event that has an array of objects.
func BenchmarkMatchArrays(b *testing.B) {
	rules := account(1000)
	for i := range rules[:100] {
		rules[i] = fmt.Sprintf(`{"source": ["shop"], "detail": {"items": {"sku": ["sku-%d"], "count": [{"numeric": [">", 0]}]}}}`, i)
	}
	x := index(b, rules)
	items := ""
	for i := range 20 {
		items += fmt.Sprintf(`{"sku":"sku-%d","count":%d,"price":12.5},`, i*10, i)
	}
	event := []byte(`{"version":"0","source":"shop","detail-type":"Order","detail":{"items":[` + items[:len(items)-1] + `]}}`)
	var matched []int
	b.ReportAllocs()
	for b.Loop() {
		matched = x.Match(event, matched[:0])
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
}

func BenchmarkCompile(b *testing.B) {
	text := []byte(account(1)[0])
	b.ReportAllocs()
	for b.Loop() {
		if _, err := pattern.Compile(text); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkNewIndex(b *testing.B) {
	var patterns []*pattern.Pattern
	for _, text := range account(1000) {
		patterns = append(patterns, compile(b, text))
	}
	b.ReportAllocs()
	for b.Loop() {
		pattern.NewIndex(patterns)
	}
}

// account returns the patterns of an account's rules.
func account(n int) []string {
	const push = `"source": ["aws.ecr"], "detail-type": ["ECR Image Action"]`
	var rules []string
	for i := range n {
		switch i % 10 {
		default:
			rules = append(rules, fmt.Sprintf(`{%s, "detail": {"action-type": ["PUSH"], "result": ["SUCCESS"], "repository-name": ["team-%d/site-%d"]}}`, push, i%50, i))
		case 6:
			rules = append(rules, fmt.Sprintf(`{%s, "detail": {"action-type": ["PUSH"], "repository-name": [{"prefix": "group-%d/"}], "image-tag": [{"anything-but": {"prefix": "dev-"}}]}}`, push, i))
		case 7:
			rules = append(rules, fmt.Sprintf(`{%s, "detail": {"repository-name": [{"wildcard": "squad-%d/*/web"}], "image-tag": [{"exists": true}]}}`, push, i))
		case 8:
			rules = append(rules, fmt.Sprintf(`{"source": ["aws.ecr"], "detail-type": ["ECR Image Scan"], "detail": {"repository-name": ["site-%d"], "finding-severity-counts": {"CRITICAL": [{"numeric": [">", 0]}]}}}`, i))
		case 9:
			rules = append(rules, fmt.Sprintf(`{"source": ["aws.s3", "aws.ec2", "app-%d"], "$or": [{"detail": {"bucket": {"name": ["bucket-%d"]}}}, {"detail": {"instance-id": ["i-%d"]}}]}`, i, i, i))
		}
	}
	return rules
}

func push(repository, tag string) []byte {
	return fmt.Appendf(nil, `{"version":"0","id":"13cde686-328b-6117-af20-0e5566167482","detail-type":"ECR Image Action","source":"aws.ecr","account":"000000000000","time":"2026-11-16T01:54:34Z","region":"us-east-1","resources":["arn:aws:ecr:us-east-1:000000000000:repository/%[1]s"],"detail":{"result":"SUCCESS","repository-name":"%[1]s","image-digest":"sha256:7f5b2640fe6fb4f46592dfd3410c4a79dac4f89e4782432e0378abcd12340000","action-type":"PUSH","image-tag":"%[2]s","manifest-media-type":"application/vnd.oci.image.manifest.v1+json","artifact-media-type":"application/vnd.oci.image.config.v1+json"}}`, repository, tag)
}

func compile(t testing.TB, text string) *pattern.Pattern {
	t.Helper()
	p, err := pattern.Compile([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return p
}

func index(t testing.TB, texts []string) *pattern.Index {
	t.Helper()
	var patterns []*pattern.Pattern
	for _, text := range texts {
		patterns = append(patterns, compile(t, text))
	}
	return pattern.NewIndex(patterns)
}
