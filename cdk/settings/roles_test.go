package settings_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/mayfly-dev/mayfly/cdk/settings"
)

func TestWhoMayDoWhatReachesTheFunction(t *testing.T) {
	s, err := settings.Parse(map[string]any{
		"mayfly:admins": []any{"arn:aws:iam::000000000000:role/Operator", "ops"}, "mayfly:readers": "auditors",
		"mayfly:jwtIssuer": "https://id.example.org", "mayfly:jwtAudience": "mayfly", "mayfly:jwtRoleClaim": "groups",
	}, now)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"MAYFLY_ADMINS": "arn:aws:iam::000000000000:role/Operator ops", "MAYFLY_READERS": "auditors", "MAYFLY_JWT_ROLE_CLAIM": "groups",
	}
	if got := s.Roles(); !maps.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if none, err := settings.Parse(nil, now); err != nil || len(none.Roles()) != 0 {
		t.Errorf("without settings: %v, %v", none.Roles(), err)
	}
	for _, entry := range []string{"arn:aws:iam::000000000000:group/ops", "a b", "*"} {
		if _, err := settings.Parse(map[string]any{"mayfly:admins": []any{entry}}, now); err == nil || !strings.Contains(err.Error(), "admins") {
			t.Errorf("%q: %v", entry, err)
		}
	}
}
