package edge

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"sync/atomic"
)

// requestIDs makes ids in the form of X-Amz-Cf-Id: 54 characters of base64 and
// two equals signs. They are unique, not secret: a random seed and a counter,
// mixed, because a read of randomness for each request would cost more than
// the rest of a hit.
type requestIDs struct {
	seeds [5]uint64
	count atomic.Uint64
}

func (r *requestIDs) seed(random io.Reader) error {
	var raw [40]byte
	if _, err := io.ReadFull(random, raw[:]); err != nil {
		return fmt.Errorf("edge: seed of request ids: %w", err)
	}
	for i := range r.seeds {
		r.seeds[i] = binary.LittleEndian.Uint64(raw[8*i:])
	}
	return nil
}

const requestIDLength = 56

// appendTo appends a new id to out.
func (r *requestIDs) appendTo(out []byte) []byte {
	n := r.count.Add(1)
	var raw [40]byte
	for i, seed := range r.seeds {
		binary.LittleEndian.PutUint64(raw[8*i:], mix(seed+n*0x9e3779b97f4a7c15))
	}
	var text [requestIDLength]byte
	base64.URLEncoding.Encode(text[:], raw[:]) // 40 bytes are 54 characters and ==
	return append(out, text[:]...)
}

func (r *requestIDs) next() string { return string(r.appendTo(nil)) }

// mix is the finaliser of SplitMix64: a bijection that leaves no pattern.
func mix(x uint64) uint64 {
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	return x ^ x>>31
}
