package cloudfront

import (
	"encoding/hex"
	"fmt"
	"io"
)

const (
	upperAlnum = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	lowerAlnum = "abcdefghijklmnopqrstuvwxyz0123456789"
)

// text returns prefix and n random characters of alphabet (36 of them).
func (s *Service) text(prefix, alphabet string, n int) (string, *Error) {
	out := []byte(prefix)
	var raw [32]byte
	for len(out) < len(prefix)+n {
		if err := s.random(raw[:]); err != nil {
			return "", err
		}
		for _, b := range raw {
			// 252 is the largest multiple of 36 in a byte: no character is likelier
			if b < 252 && len(out) < len(prefix)+n {
				out = append(out, alphabet[b%36])
			}
		}
	}
	return string(out), nil
}

// newID returns an id such as E2QWRUHAPOMQZL that taken says is free.
func (s *Service) newID(prefix string, taken func(string) bool) (string, *Error) {
	for {
		id, err := s.text(prefix, upperAlnum, 13)
		if err != nil || !taken(id) {
			return id, err
		}
	}
}

func (s *Service) newETag() (string, *Error) { return s.text("E", upperAlnum, 13) }

// newCanonicalUser returns an S3 canonical user id, 96 hexadecimal digits.
func (s *Service) newCanonicalUser() (string, *Error) {
	var raw [48]byte
	if err := s.random(raw[:]); err != nil {
		return "", err
	}
	return hex.EncodeToString(raw[:]), nil
}

// newRequestID returns an id in the form of a UUID, as x-amzn-RequestId has.
func (s *Service) newRequestID() string {
	var raw [16]byte
	if err := s.random(raw[:]); err != nil {
		return "00000000-0000-4000-8000-000000000000"
	}
	raw[6], raw[8] = raw[6]&0x0f|0x40, raw[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", raw[:4], raw[4:6], raw[6:8], raw[8:10], raw[10:])
}

func (s *Service) random(into []byte) *Error {
	if _, err := io.ReadFull(s.options.Random, into); err != nil {
		return refuse("InternalError", "No randomness for an id: %v", err)
	}
	return nil
}
