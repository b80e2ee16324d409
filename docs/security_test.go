package docs_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// controls are those of the standard that are about services that Mayfly uses.
const controls = `
	S3.1 S3.2 S3.3 S3.5 S3.6 S3.8 S3.9 S3.12 S3.13 S3.19 S3.24 S3.25
	CloudFront.1 CloudFront.3 CloudFront.4 CloudFront.5 CloudFront.6 CloudFront.7 CloudFront.8 CloudFront.9 CloudFront.10
	CloudFront.12 CloudFront.13 CloudFront.15 CloudFront.16
	ECR.1 ECR.2 ECR.3 Lambda.1 Lambda.2 Lambda.5
	APIGateway.1 APIGateway.2 APIGateway.3 APIGateway.4 APIGateway.5 APIGateway.8 APIGateway.9 StepFunctions.1
	DynamoDB.1 DynamoDB.2 DynamoDB.3 DynamoDB.6 DynamoDB.7 SNS.1 SNS.4 SQS.1 SQS.3`

// TestEachControlIsMetOrHasAReason finds each control once, with a state that
// is known and a reason in words, and follows its tests to those that are there.
func TestEachControlIsMetOrHasAReason(t *testing.T) {
	page, err := os.ReadFile("security.md")
	if err != nil {
		t.Fatal(err)
	}
	tests := allTests(t)
	row := regexp.MustCompile(`(?m)^\| (\w+\.\d+) \| (.+) \| (\w+) \| (.+) \|(?: (.*) \|| \|)$`)
	named := regexp.MustCompile("`(Test\\w+)`")
	var found []string
	states := map[string]int{}
	for _, cells := range row.FindAllStringSubmatch(string(page), -1) {
		found = append(found, cells[1])
		if !slices.Contains([]string{"met", "reasoned", "none"}, cells[3]) || len(cells[4]) < len("On.") {
			t.Errorf("%s: state %q, because %q", cells[1], cells[3], cells[4])
		}
		states[cells[3]]++
		for _, name := range named.FindAllStringSubmatch(cells[5], -1) {
			if !tests[name[1]] {
				t.Errorf("%s: there is no test %s", cells[1], name[1])
			}
		}
	}
	want := strings.Fields(controls)
	slices.Sort(found)
	slices.Sort(want)
	if !slices.Equal(found, want) {
		t.Errorf("the page has the controls %v, want %v", found, want)
	}
	t.Logf("controls: %d met, %d with a reason, %d about what is not there", states["met"], states["reasoned"], states["none"])
}
