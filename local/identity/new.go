package identity

import (
	"encoding/base32"
	"encoding/base64"
	"fmt"
	"io"
)

// tokenPrefix tells Mayfly's tokens from others, for people and for scanners of
// secrets.
const tokenPrefix = "mayfly_"

// NewToken returns a new token from random: 256 bits.
func NewToken(random io.Reader) (string, error) {
	raw := make([]byte, 32)
	if _, err := io.ReadFull(random, raw); err != nil {
		return "", fmt.Errorf("new token: %w", err)
	}
	return tokenPrefix + base64.RawURLEncoding.EncodeToString(raw), nil
}

// NewAccessKey returns a new access key from random, in the form of AWS's.
func NewAccessKey(random io.Reader) (AccessKey, error) {
	raw := make([]byte, 40)
	if _, err := io.ReadFull(random, raw); err != nil {
		return AccessKey{}, fmt.Errorf("new access key: %w", err)
	}
	return AccessKey{
		ID:     "MFLY" + base32.StdEncoding.EncodeToString(raw[:10]),
		Secret: base64.RawURLEncoding.EncodeToString(raw[10:]),
	}, nil
}
