package class

import (
	"encoding/hex"
	"fmt"
	"io"
	"strings"
)

// tokenPrefix is what the tokens of seats begin with.
const tokenPrefix = "mayfly_seat_"

// tokenBytes is how many random bytes a token has.
const tokenBytes = 32

// Token is what a student without an account is known by. Who joins makes it,
// so that an answer which is lost can be asked for again: mayfly_seat_CLASS_
// and 64 hexadecimal digits.
type Token struct {
	Class  string
	secret string
}

// NewToken makes a token for a seat in a class.
func NewToken(class string, random io.Reader) (Token, error) {
	raw := make([]byte, tokenBytes)
	if _, err := io.ReadFull(random, raw); err != nil {
		return Token{}, fmt.Errorf("new token for class %s: %w", class, err)
	}
	return Token{Class: class, secret: hex.EncodeToString(raw)}, nil
}

// IsToken reports whether a bearer token is meant to be a seat's.
func IsToken(text string) bool { return strings.HasPrefix(text, tokenPrefix) }

// ParseToken reads a token; ok is false for what is none.
func ParseToken(text string) (token Token, ok bool) {
	rest, ok := strings.CutPrefix(text, tokenPrefix)
	class, secret, cut := strings.Cut(rest, "_") // a class's name has no such thing
	raw, err := hex.DecodeString(secret)
	if !ok || !cut || CheckName(class) != nil || err != nil || len(raw) != tokenBytes || strings.ToLower(secret) != secret {
		return Token{}, false
	}
	return Token{Class: class, secret: secret}, true
}

// Text returns the token itself.
func (t Token) Text() string { return tokenPrefix + t.Class + "_" + t.secret }

// String hides the secret, so that no log has it.
func (t Token) String() string { return tokenPrefix + t.Class + "_…" }

// GoString hides the secret, too.
func (t Token) GoString() string { return t.String() }

// Digest returns what a seat keeps of its token.
func (t Token) Digest() string { return digest("token " + t.Class + " " + t.secret) }
