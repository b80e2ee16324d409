package class

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// Code is what somebody joins a class with: its name and a secret of 80 random
// bits, written for people as cs101-k7m2-9xqp-4tzd-8hwn. It is not case
// sensitive, and what people take for one another is one another (o and 0, i
// and l and 1), as in Crockford's base 32.
type Code struct {
	Class  string
	secret string
}

var crockford = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// secretBytes and secretChars are the length of a code's secret.
const (
	secretBytes = 10
	secretChars = 16
)

// ErrCode says that a text is no code, without a word of it.
var ErrCode = errors.New("this is no code of a class: one looks like cs101-k7m2-9xqp-4tzd-8hwn")

// NewCode makes a code for a class.
func NewCode(class string, random io.Reader) (Code, error) {
	raw := make([]byte, secretBytes)
	if _, err := io.ReadFull(random, raw); err != nil {
		return Code{}, fmt.Errorf("new code of class %s: %w", class, err)
	}
	return Code{Class: class, secret: crockford.EncodeToString(raw)}, nil
}

// ParseCode reads a code as people write it, or returns ErrCode.
func ParseCode(text string) (Code, error) {
	text = strings.ToLower(strings.TrimSpace(text))
	// The secret is the last sixteen characters that are no hyphens.
	at, left := len(text), secretChars
	var secret [secretChars]byte
	for left > 0 && at > 0 {
		at--
		if text[at] == '-' {
			continue
		}
		left--
		secret[left] = readable(text[at])
	}
	class, ok := strings.CutSuffix(text[:at], "-")
	if left > 0 || !ok || CheckName(class) != nil {
		return Code{}, ErrCode
	}
	if _, err := crockford.DecodeString(string(secret[:])); err != nil {
		return Code{}, ErrCode
	}
	return Code{Class: class, secret: string(secret[:])}, nil
}

func readable(c byte) byte {
	switch c {
	case 'o':
		return '0'
	case 'i', 'l':
		return '1'
	}
	return c
}

// Text returns the code as people write it.
func (c Code) Text() string {
	parts := []string{c.Class}
	for i := 0; i+4 <= len(c.secret); i += 4 {
		parts = append(parts, c.secret[i:i+4])
	}
	return strings.Join(parts, "-")
}

// String hides the secret, so that no log has it.
func (c Code) String() string { return c.Class + "-…" }

// GoString hides the secret, too.
func (c Code) GoString() string { return c.String() }

// Digest returns what a class keeps of its code. A code is random and long, so
// that it needs no slower hash.
func (c Code) Digest() string { return digest("code " + c.Class + " " + c.secret) }

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// Opens reports whether a code is the class's.
func (c *Class) Opens(code Code) bool { return same(code.Digest(), c.CodeDigest) }

// Wrong codes of a class in a minute before it takes none for the rest of it.
const (
	MaxGuesses   = 30
	guessesReset = time.Minute
)

// Guesses counts the wrong codes since a moment.
type Guesses struct {
	Since time.Time `json:"since"`
	Count int       `json:"count"`
}

// Exhausted reports whether no code is taken at a time, and until when.
func (g Guesses) Exhausted(now time.Time) (until time.Time, exhausted bool) {
	until = g.Since.Add(guessesReset)
	return until, g.Count >= MaxGuesses && now.Before(until)
}

// Add counts one more wrong code.
func (g Guesses) Add(now time.Time) Guesses {
	if !now.Before(g.Since.Add(guessesReset)) {
		return Guesses{Since: now, Count: 1}
	}
	return Guesses{Since: g.Since, Count: g.Count + 1}
}
