package parquet

import (
	"encoding/binary"

	"github.com/parquet-go/parquet-go/encoding/delta"
	"github.com/parquet-go/parquet-go/format"
)

// checkValues checks that encoded values are no more, and become no larger, than
// their page may be.
func (f *field) checkValues(encoding format.Encoding, data []byte, n int) error {
	if int64(n)*int64(f.width) > MaxRowGroup {
		return tooLarge("a page's values have %d bytes each", f.width)
	}
	switch encoding {
	case format.Plain, format.ByteStreamSplit:
		return nil // no more than is there
	case format.PlainDictionary, format.RLEDictionary: //nolint:staticcheck // older files have it
		if len(data) == 0 {
			return nil
		}
		if data[0] > 32 {
			return damaged("a dictionary of 2^%d values", data[0])
		}
		return runs(data[1:], int(data[0]), n)
	case format.RLE:
		if len(data) < 4 {
			return damaged("a page without values")
		}
		return runs(data[4:], 1, n)
	case format.DeltaBinaryPacked, format.DeltaLengthByteArray:
		_, err := deltas(data, n)
		return err
	case format.DeltaByteArray:
		return prefixes(data, n)
	default:
		return damaged("values that are encoded as %s cannot be read", encoding)
	}
}

// prefixes checks values that begin as the one before them.
func prefixes(data []byte, n int) error {
	suffixes, err := deltas(data, n)
	if err != nil {
		return err
	}
	lengths, err := (&delta.BinaryPackedEncoding{}).DecodeInt32(nil, data)
	if err != nil {
		return damaged("lengths of values: %w", err)
	}
	total := int64(len(suffixes))
	for _, length := range lengths {
		if total += int64(length); length < 0 || total > MaxRowGroup {
			return tooLarge("a page's values become larger than %d bytes", MaxRowGroup)
		}
	}
	_, err = deltas(suffixes, n)
	return err
}

// deltas checks numbers that are written as differences, and returns what follows.
func deltas(data []byte, n int) (rest []byte, err error) {
	var numbers [4]uint64 // size of a block, parts of it, how many numbers, the first
	for i := range numbers {
		number, size := binary.Uvarint(data)
		if size <= 0 {
			return nil, damaged("differences without header")
		}
		numbers[i], data = number, data[size:]
	}
	block, parts, total := numbers[0], numbers[1], numbers[2]
	if total > uint64(n) {
		return nil, damaged("%d differences in a page of %d values", total, n)
	}
	if block == 0 || block > 1<<16 || parts == 0 || parts > block || block%parts != 0 {
		return nil, damaged("differences in blocks of %d", block)
	}
	for left := int64(total) - 1; left > 0; {
		_, size := binary.Uvarint(data)
		if size <= 0 || uint64(len(data)-size) < parts {
			return nil, damaged("differences end early")
		}
		widths := data[size : size+int(parts)]
		data = data[size+int(parts):]
		for _, width := range widths {
			if left <= 0 {
				break
			}
			// The last part may be cut where the numbers end.
			data = data[min(int(block/parts)*int(width)/8, len(data)):]
			left -= int64(block / parts)
		}
	}
	return data, nil
}
