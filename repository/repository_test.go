package repository_test

import (
	"encoding/json"
	"testing"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/local/iam"
	"github.com/mayfly-dev/mayfly/repository"
)

// TestTheLifecyclePolicyIsTheOneThatAWSDocuments: a rule for one tag comes
// first, a rule for any image last, as ECR demands.
func TestTheLifecyclePolicyIsTheOneThatAWSDocuments(t *testing.T) {
	text, err := repository.Lifecycle(events.RepositorySpec{KeepImages: 50, KeepUntaggedDays: 7})
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"rules":[` +
		`{"rulePriority":1,"description":"Keep the image that is deployed","selection":{"tagStatus":"tagged","tagPatternList":["mayfly-live"],"countType":"imageCountMoreThan","countNumber":1},"action":{"type":"expire"}},` +
		`{"rulePriority":2,"description":"Expire images without a tag after 7 days","selection":{"tagStatus":"untagged","countType":"sinceImagePushed","countUnit":"days","countNumber":7},"action":{"type":"expire"}},` +
		`{"rulePriority":3,"description":"Keep the newest 50 images","selection":{"tagStatus":"any","countType":"imageCountMoreThan","countNumber":50},"action":{"type":"expire"}}]}`
	if text != want {
		t.Errorf("got  %s\nwant %s", text, want)
	}
}

const (
	ci       = "arn:aws:iam::111122223333:role/ci"
	reader   = "arn:aws:iam::111122223333:role/reader"
	stranger = "arn:aws:iam::111122223333:role/stranger"
	step     = "arn:aws:iam::111122223333:role/mayfly-dev-Step"
	partner  = "arn:aws:iam::444455556666:role/anyone"
)

// TestWhoMayPushAndPull evaluates the policy as IAM does: an explicit deny
// keeps out those whose own policies allow everything.
func TestWhoMayPushAndPull(t *testing.T) {
	for _, c := range []struct {
		name       string
		spec       events.RepositorySpec
		push, pull map[string]iam.Decision
	}{
		{"pushers", events.RepositorySpec{Pushers: []string{ci}},
			map[string]iam.Decision{ci: iam.Allow, stranger: iam.Deny, step: iam.ImplicitDeny, partner: iam.Deny},
			map[string]iam.Decision{ci: iam.Allow, stranger: iam.ImplicitDeny}},
		{"pushers and pullers", events.RepositorySpec{Pushers: []string{ci}, Pullers: []string{reader, "444455556666"}},
			map[string]iam.Decision{ci: iam.Allow, reader: iam.Deny, partner: iam.Deny},
			map[string]iam.Decision{ci: iam.Allow, reader: iam.Allow, partner: iam.Allow, stranger: iam.Deny, step: iam.ImplicitDeny}},
		{"pullers alone", events.RepositorySpec{Pullers: []string{"arn:aws:iam::444455556666:root"}},
			map[string]iam.Decision{stranger: iam.ImplicitDeny},
			map[string]iam.Decision{partner: iam.Allow, stranger: iam.Deny}},
	} {
		t.Run(c.name, func(t *testing.T) {
			text, err := repository.Policy(c.spec, []string{"arn:aws:iam::111122223333:role/mayfly-dev-*"})
			if err != nil {
				t.Fatal(err)
			}
			policy, err := iam.Parse(text)
			if err != nil {
				t.Fatal(err)
			}
			for action, want := range map[string]map[string]iam.Decision{"ecr:PutImage": c.push, "ecr:BatchGetImage": c.pull} {
				for who, decision := range want {
					if got := evaluate(policy, who, action); got != decision {
						t.Errorf("%s by %s: %v, want %v", action, who, got, decision)
					}
				}
			}
		})
	}
}

func evaluate(policy *iam.Policy, who, action string) iam.Decision {
	context := iam.Context{}
	context.Set("aws:PrincipalArn", who)
	account := who[len("arn:aws:iam::"):][:12]
	return iam.Evaluate([]*iam.Policy{policy}, iam.Request{
		Principal: iam.Principal{AWS: []string{who, "arn:aws:iam::" + account + ":root"}}, Action: action, Context: context,
	})
}

func TestAPolicyIsThereOnlyWhenItSaysSomething(t *testing.T) {
	for _, spec := range []events.RepositorySpec{{}, {Visibility: events.VisibilityPublic}} {
		if text, err := repository.Policy(spec, nil); text != "" || err != nil {
			t.Errorf("%+v: %q, %v", spec, text, err)
		}
	}
	text, err := repository.Policy(events.RepositorySpec{Visibility: events.VisibilityPublic, Pushers: []string{ci}}, nil)
	var policy struct{ Statement []struct{ Action []string } }
	if err != nil || json.Unmarshal([]byte(text), &policy) != nil || len(policy.Statement) != 2 || policy.Statement[0].Action[2] != "ecr-public:PutImage" {
		t.Errorf("of a public repository: %s, %v", text, err)
	}
}
