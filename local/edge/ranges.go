package edge

import (
	"strconv"
	"strings"
)

// byteRange is the part [from, to) of a body.
type byteRange struct{ from, to int64 }

// rangeResult says what a Range header asks of a body.
type rangeResult int

const (
	wholeBody     rangeResult = iota // no range, or one to be ignored
	partOfBody                       // 206
	unsatisfiable                    // 416
)

// parseRange reads a Range header for a body of size bytes. A malformed header
// and one with several ranges are ignored, as S3 ignores them.
func parseRange(header string, size int64) (byteRange, rangeResult) {
	spec, ok := strings.CutPrefix(header, "bytes=")
	if !ok || strings.Contains(spec, ",") {
		return byteRange{}, wholeBody
	}
	first, last, ok := strings.Cut(strings.TrimSpace(spec), "-")
	if !ok {
		return byteRange{}, wholeBody
	}
	if first == "" { // the last bytes
		n, ok := decimal(last)
		if !ok {
			return byteRange{}, wholeBody
		}
		if n == 0 || size == 0 {
			return byteRange{}, unsatisfiable
		}
		return byteRange{max(size-n, 0), size}, partOfBody
	}
	from, ok := decimal(first)
	if !ok {
		return byteRange{}, wholeBody
	}
	to := size
	if last != "" {
		end, ok := decimal(last)
		if !ok || end < from {
			return byteRange{}, wholeBody
		}
		if end < size-1 {
			to = end + 1
		}
	}
	if from >= size {
		return byteRange{}, unsatisfiable
	}
	return byteRange{from, to}, partOfBody
}

// decimal reads digits alone; a number beyond int64 is the largest one.
func decimal(text string) (int64, bool) {
	if text == "" || strings.Trim(text, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 1<<63 - 1, true
	}
	return n, true
}
