package release

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Limits bound what an archive may be. All are about what comes out of it,
// because what comes out costs.
type Limits struct {
	// Entries is how many entries an archive may have, folders and ignored
	// ones included.
	Entries int
	// FileBytes is the size of the largest file; S3 copies no larger objects
	// than 5 GiB in one call, and a rollback copies.
	FileBytes int64
	// TotalBytes is the size of everything unpacked.
	TotalBytes int64
	// Ratio is how many times its packed size the unpacked content may be, once
	// it is larger than RatioFrom bytes: real sites stay under 20.
	Ratio     int64
	RatioFrom int64
}

// DefaultLimits returns 20,000 entries, 5 GiB a file, 10 GiB in all, and a
// ratio of 200 from 64 MiB on.
func DefaultLimits() Limits {
	return Limits{Entries: 20_000, FileBytes: 5 << 30, TotalBytes: 10 << 30, Ratio: 200, RatioFrom: 64 << 20}
}

// ParseLimits returns the default limits with those replaced that text names,
// as in "entries=50000 total=21474836480 file=1073741824 ratio=400". Sizes are
// in bytes. Both steps that read archives must be given the same text.
func ParseLimits(text string) (Limits, error) {
	limits := DefaultLimits()
	for field := range strings.FieldsSeq(text) {
		name, value, _ := strings.Cut(field, "=")
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil || n < 1 {
			return Limits{}, fmt.Errorf("limit %q: must be a name, an equals sign and a number above 0", field)
		}
		switch name {
		case "entries":
			limits.Entries = int(min(n, math.MaxInt32))
		case "file":
			limits.FileBytes = min(n, DefaultLimits().FileBytes)
		case "total":
			limits.TotalBytes = n
		case "ratio":
			limits.Ratio = n
		default:
			return Limits{}, fmt.Errorf("limit %q: there is entries, file, total and ratio", name)
		}
	}
	return limits, nil
}
