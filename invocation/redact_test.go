package invocation

import (
	"strings"
	"testing"
)

func TestRedact(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"describe image sha256:1 of web: throttled", "describe image sha256:1 of web: throttled"},
		{
			`Get "https://layers.s3.amazonaws.com/a/b?X-Amz-Signature=5ec7e7&X-Amz-Security-Token=5ec7e7": EOF`,
			`Get "https://layers.s3.amazonaws.com/a/b": EOF`,
		},
		{"dial https://ann:5ec7e7@registry.example/v2/?x=5ec7e7, twice", "dial https://registry.example/v2/, twice"},
		{"https://a?5ec7e7", "https://a"},
		{"Authorization: Bearer 5ec7e7 was refused", "Authorization: (redacted) (redacted) was refused"},
		{`the header "authorization" "Basic 5ec7e7"`, `the header "authorization" "(redacted) (redacted)"`},
		{"AWS4-HMAC-SHA256 Credential=5ec7e7/20260301, SignedHeaders=host, Signature=5ec7e7", "AWS4-HMAC-SHA256 (redacted), SignedHeaders=host, (redacted)"},
		{"x-amz-security-token: 5ec7e7", "x-amz-security-token: (redacted)"},
		{`{"password":"5ec7e7","user":"ann"}`, `{"password":"(redacted)","user":"ann"}`},
		{"password = 5ec7e7", "password = (redacted)"},
		{"a=1&X-Amz-Signature=5ec7e7", "(redacted)"},
		{"", ""},
	} {
		got := redact(test.text)
		if got != test.want {
			t.Errorf("%q became %q, want %q", test.text, got, test.want)
		}
		if strings.Contains(got, "5ec7e7") {
			t.Errorf("%q shows the secret", got)
		}
	}
}

func TestALongCauseIsCut(t *testing.T) {
	if got := redact(strings.Repeat("word ", 10_000)); len(got) > maxCause+len("…") || !strings.HasSuffix(got, "…") {
		t.Errorf("%d bytes", len(got))
	}
}

func FuzzRedact(f *testing.F) {
	f.Add("Get \"https://a/b?X-Amz-Signature=", "\": EOF")
	f.Fuzz(func(t *testing.T, before, after string) {
		const secret = "5ec7e7"
		if strings.Contains(before, secret) || strings.Contains(after, secret) {
			t.Skip()
		}
		if got := redact(before + " https://host/path?X-Amz-Signature=" + secret + " " + after); strings.Contains(got, secret) {
			t.Errorf("%q", got)
		}
	})
}
