package repository_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/repository"
)

const lambdas = `{"Sid":"LambdaECRImageRetrievalPolicy","Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":["ecr:BatchGetImage","ecr:GetDownloadUrlForLayer"]}`

func sidsOf(t *testing.T, policy string) (sids []string) {
	t.Helper()
	if policy == "" {
		return nil
	}
	var document struct{ Statement []struct{ Sid string } }
	if err := json.Unmarshal([]byte(policy), &document); err != nil {
		t.Fatalf("%v: %s", err, policy)
	}
	for _, s := range document.Statement {
		sids = append(sids, s.Sid)
	}
	return sids
}

func TestWhatOthersAddedToAPolicyStays(t *testing.T) {
	named, err := repository.Policy(events.RepositorySpec{Visibility: events.VisibilityPrivate, Pushers: []string{"111122223333"}, Pullers: []string{"444455556666"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	all := []string{"Push", "OnlyPushersPush", "Pull", "OnlyPullersPull"}
	ours := sidsOf(t, named)
	if !slices.Equal(ours, all) {
		t.Fatalf("the statements are called %v; Merge knows %v", ours, all)
	}
	list := func(statements ...string) string {
		text := `{"Version":"2008-10-17","Statement":[`
		for i, s := range statements {
			if i > 0 {
				text += ","
			}
			text += s
		}
		return text + "]}"
	}
	const lambda = "LambdaECRImageRetrievalPolicy"
	for name, tt := range map[string]struct {
		policy, there string
		want          []string
	}{
		"none of either":            {"", "", nil},
		"none of theirs":            {named, "", all},
		"our own of before":         {"", named, nil},
		"our own again":             {named, named, all},
		"Lambda's alone":            {"", list(lambdas), []string{lambda}},
		"Lambda's without a list":   {"", `{"Statement":` + lambdas + `}`, []string{lambda}},
		"Lambda's after ours":       {named, list(lambdas, `{"Sid":"Push","Effect":"Allow"}`), append(slices.Clone(all), lambda)},
		"somebody's without a name": {named, list(`{"Effect":"Deny"}`), append(slices.Clone(all), "")},
		"an empty list":             {named, list(), all},
	} {
		t.Run(name, func(t *testing.T) {
			for range 2 { // what it returned is there the second time
				got, err := repository.Merge(tt.policy, tt.there)
				if err != nil || !slices.Equal(sidsOf(t, got), tt.want) {
					t.Errorf("got %s, %v; want %v", got, err, tt.want)
				}
				tt.there = got
			}
		})
	}
	for _, wrong := range []string{"no JSON", `{"Statement":3}`} {
		if got, err := repository.Merge(named, wrong); err == nil {
			t.Errorf("of %s it makes %s", wrong, got)
		}
	}
}
