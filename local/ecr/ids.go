package ecr

import (
	"encoding/hex"
	"io"
	"strings"
)

// newID returns a random UUID.
func (s *Service) newID() string {
	var b [16]byte
	if _, err := io.ReadFull(s.o.Random, b[:]); err != nil {
		panic(err) // crypto/rand never fails
	}
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	text := hex.EncodeToString(b[:])
	return strings.Join([]string{text[:8], text[8:12], text[12:16], text[16:20], text[20:]}, "-")
}
