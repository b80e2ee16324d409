package edge

import "unsafe"

// view returns bytes as a string without a copy. The string is good until the
// bytes change: for looking up, not for keeping.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
