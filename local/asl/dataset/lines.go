package dataset

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/mayfly-dev/mayfly/local/asl/rawjson"
)

// Lines reads JSON lines: one JSON text in each line. Empty lines are no items.
func Lines(r io.Reader, each Each) error {
	b, err := buffered(r)
	if err != nil {
		return err
	}
	var line []byte
	for n := 0; ; {
		part, err := b.ReadSlice('\n')
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, errFull) {
			return fmt.Errorf("line %d: %w", n+1, err)
		}
		if len(line)+len(part) > MaxItem+2 {
			return fmt.Errorf("line %d: %w", n+1, ErrItemTooLarge)
		}
		line = append(line, part...)
		if errors.Is(err, errFull) {
			continue
		}
		n++
		if text := bytes.TrimSpace(line); len(text) > 0 {
			if err := rawjson.Valid(text); err != nil {
				return fmt.Errorf("line %d: %w", n, err)
			}
			if err := each(Item{Value: bytes.Clone(text)}); err != nil {
				return err
			}
		}
		if err != nil {
			return nil
		}
		line = line[:0]
	}
}
