package class_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/mayfly-dev/mayfly/class"
)

// zeros is a source of no randomness.
var zeros = bytes.NewReader(make([]byte, 1<<20))

func TestACodeIsReadAsPeopleWriteIt(t *testing.T) {
	code, err := class.NewCode("cs-101", zeros)
	if err != nil || code.Text() != "cs-101-0000-0000-0000-0000" {
		t.Fatalf("%q, %v", code.Text(), err)
	}
	c := class.Class{Name: "cs-101", CodeDigest: code.Digest()}
	for _, text := range []string{"cs-101-0000-0000-0000-0000", " CS-101-0000-0000-0000-0000\n", "cs-101-oOo0-0000-0000-0000", "cs-101-0000000000000000"} {
		if read, err := class.ParseCode(text); err != nil || !c.Opens(read) {
			t.Errorf("%q: %v, %v", text, read, err)
		}
	}
	for _, text := range []string{"cs-101-0000-0000-0000-0001", "cs-102-0000-0000-0000-0000"} {
		if read, err := class.ParseCode(text); err != nil || c.Opens(read) {
			t.Errorf("%q opens: %v, %v", text, read, err)
		}
	}
	for _, text := range []string{"", "-", "cs-101", "cs1010000000000000000", "cs--1-0000-0000-0000-0000", "cs-101-000-0000-0000-0000", "cs-101-uuuu-0000-0000-0000", "c-0000-0000-0000-0000", "cs-101-0000-0000-0000-000ü"} {
		if read, err := class.ParseCode(text); !errors.Is(err, class.ErrCode) {
			t.Errorf("%q: %v, %v", text, read, err)
		}
	}
	if (&class.Class{}).Opens(class.Code{}) {
		t.Error("a class without a code opens")
	}
}

func TestSecretsAreNotShown(t *testing.T) {
	code, err := class.NewCode("cs101", rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	token, err := class.NewToken("cs101", rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for _, shown := range []string{fmt.Sprint(code, token), fmt.Sprintf("%v %+v %#v", code, code, code), fmt.Sprintf("%v %+v %#v %s", token, token, token, token)} {
		for _, secret := range []string{code.Text()[len("cs101-"):], token.Text()[len("mayfly_seat_cs101_"):]} {
			if strings.Contains(shown, secret) || strings.Contains(shown, strings.ReplaceAll(secret, "-", "")) {
				t.Errorf("%s tells %s", shown, secret)
			}
		}
	}
	if code.Digest() == token.Digest() || strings.Contains(code.Digest(), code.Text()) {
		t.Error("a digest tells of what it is of")
	}
}

func TestATokenIsItself(t *testing.T) {
	token, err := class.NewToken("cs101", zeros)
	if err != nil {
		t.Fatal(err)
	}
	if read, ok := class.ParseToken(token.Text()); !ok || read != token || !class.IsToken(token.Text()) {
		t.Errorf("%v, %v", read, ok)
	}
	for _, text := range []string{"", "mayfly_seat_", "mayfly_0123", token.Text() + "0", token.Text()[:len(token.Text())-2], strings.Replace(token.Text(), "cs101", "-", 1), strings.Replace(token.Text(), "0", "A", 1), "mayfly_seat_cs101" + strings.Repeat("0", 64)} {
		if read, ok := class.ParseToken(text); ok && read == token {
			t.Errorf("%q is %v", text, read)
		}
	}
}

func TestWrongCodesAreFew(t *testing.T) {
	now := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	var g class.Guesses
	for range class.MaxGuesses {
		if _, exhausted := g.Exhausted(now); exhausted {
			t.Fatalf("exhausted after %d", g.Count)
		}
		g = g.Add(now)
	}
	if until, exhausted := g.Exhausted(now); !exhausted || !until.Equal(now.Add(time.Minute)) {
		t.Errorf("%v, %v", until, exhausted)
	}
	later := now.Add(time.Minute)
	if _, exhausted := g.Exhausted(later); exhausted || g.Add(later).Count != 1 {
		t.Error("a minute later, too")
	}
}

func FuzzParseCode(f *testing.F) {
	f.Add("cs101-k7m2-9xqp-4tzd-8hwn")
	f.Add("------------------")
	f.Fuzz(func(t *testing.T, text string) {
		code, err := class.ParseCode(text)
		if err != nil {
			return
		}
		if again, err := class.ParseCode(code.Text()); err != nil || again != code || class.CheckName(code.Class) != nil {
			t.Errorf("%q is %q, which is %q: %v", text, code.Text(), again.Text(), err)
		}
	})
}
