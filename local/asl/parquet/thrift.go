package parquet

import (
	"bytes"
	"encoding/binary"
	"errors"

	"github.com/parquet-go/parquet-go/encoding/thrift"
)

// Types of Thrift's compact protocol.
const (
	thriftStop     = 0
	thriftByte     = 3
	thriftI64      = 6
	thriftDouble   = 7
	thriftBinary   = 8
	thriftList     = 9
	thriftSet      = 10
	thriftMap      = 11
	thriftStructed = 12
)

const (
	maxThriftDepth = 32
	// maxThriftStructs is how many structs a list may have; decoded, they take far
	// more room.
	maxThriftStructs = 200_000
)

var errThrift = errors.New("it claims more than there is")

// decode decodes a struct that was checked. Fields of another type than they
// should have are refused: the library would go astray after them, and take for
// a length whatever comes next.
func decode(data []byte, into any) error {
	var protocol thrift.CompactProtocol
	d := thrift.NewDecoder(protocol.NewReader(bytes.NewReader(data)))
	d.SetStrict(true)
	return d.Decode(into) //nolint:wrapcheck // the caller says what it is
}

// thriftStruct returns how many bytes a struct takes, and an error when it says
// that more is in it than is. Whoever decodes it makes room for what it says.
func thriftStruct(data []byte, depth int) (int, error) {
	if depth > maxThriftDepth {
		return 0, errors.New("it nests too deep")
	}
	for at := 0; ; {
		if at >= len(data) {
			return 0, errThrift
		}
		header := data[at]
		at++
		kind := header & 0x0f
		if kind == thriftStop {
			return at, nil
		}
		if header>>4 == 0 { // the field's number follows
			_, n := binary.Uvarint(data[at:])
			if n <= 0 {
				return 0, errThrift
			}
			at += n
		}
		if kind <= 2 {
			continue // a boolean is its type
		}
		n, err := thriftValue(data[at:], kind, depth)
		if err != nil {
			return 0, err
		}
		at += n
	}
}

func thriftValue(data []byte, kind byte, depth int) (int, error) {
	switch {
	case kind <= thriftByte:
		return fits(data, 1)
	case kind <= thriftI64:
		_, n := binary.Uvarint(data)
		if n <= 0 {
			return 0, errThrift
		}
		return n, nil
	case kind == thriftDouble:
		return fits(data, 8)
	case kind == thriftBinary:
		size, n := binary.Uvarint(data)
		if n <= 0 || size > uint64(len(data)-n) {
			return 0, errThrift
		}
		return n + int(size), nil
	case kind == thriftList || kind == thriftSet:
		return thriftElements(data, depth)
	case kind == thriftMap:
		return thriftPairs(data, depth)
	case kind == thriftStructed:
		return thriftStruct(data, depth+1)
	default:
		return 0, errors.New("it has a field of unknown type")
	}
}

func fits(data []byte, n int) (int, error) {
	if len(data) < n {
		return 0, errThrift
	}
	return n, nil
}

func thriftElements(data []byte, depth int) (int, error) {
	if len(data) == 0 {
		return 0, errThrift
	}
	size, kind, at := uint64(data[0]>>4), data[0]&0x0f, 1
	if size == 15 {
		var n int
		if size, n = binary.Uvarint(data[1:]); n <= 0 {
			return 0, errThrift
		}
		at += n
	}
	if size > uint64(len(data)-at) {
		return 0, errThrift
	}
	if kind == thriftStructed && size > maxThriftStructs {
		return 0, errors.New("it has too long a list")
	}
	for range size {
		n, err := thriftValue(data[at:], kind, depth+1)
		if err != nil {
			return 0, err
		}
		at += n
	}
	return at, nil
}

func thriftPairs(data []byte, depth int) (int, error) {
	size, at := binary.Uvarint(data)
	if at <= 0 {
		return 0, errThrift
	}
	if size == 0 {
		return at, nil
	}
	if at >= len(data) || size > uint64(len(data)-at) {
		return 0, errThrift
	}
	kinds := data[at]
	at++
	for range size {
		for _, kind := range [...]byte{kinds >> 4, kinds & 0x0f} {
			n, err := thriftValue(data[at:], kind, depth+1)
			if err != nil {
				return 0, err
			}
			at += n
		}
	}
	return at, nil
}
