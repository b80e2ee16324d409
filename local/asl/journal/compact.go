package journal

import (
	"bufio"
	"errors"
	"fmt"
	"os"
)

// Compact replaces everything that was appended so far by what snapshot writes.
// It may be called between Appends. A process that is killed meanwhile loses
// nothing: the old files go when the new one is complete.
func (j *Journal) Compact(snapshot func(write func(record []byte) error) error) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.failed != nil {
		return j.failed
	}
	covered := j.number
	if err := j.rotate(covered + 1); err != nil {
		j.failed = err
		return err
	}
	size, err := j.writeSnapshot(covered, snapshot)
	if err != nil {
		return err
	}
	j.older = size
	for _, suffix := range []string{".log", ".snap"} {
		numbers, err := j.list(suffix)
		if err != nil {
			return err
		}
		for _, n := range numbers {
			if n < covered || n == covered && suffix == ".log" {
				if err := os.Remove(j.name(n, suffix)); err != nil {
					return fmt.Errorf("remove old journal file: %w", err)
				}
			}
		}
	}
	return nil
}

func (j *Journal) writeSnapshot(number uint64, snapshot func(write func([]byte) error) error) (size int64, err error) {
	temporary := j.name(number, ".tmp")
	file, err := os.OpenFile(temporary, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, fileMode)
	if err != nil {
		return 0, fmt.Errorf("make journal snapshot: %w", err)
	}
	out := bufio.NewWriterSize(file, copyThreshold)
	var framed []byte
	write := func(record []byte) error {
		framed = appendFramed(framed[:0], record)
		n, err := out.Write(framed)
		size += int64(n)
		if err != nil {
			return fmt.Errorf("write journal snapshot: %w", err)
		}
		return nil
	}
	n, err := out.WriteString(magic)
	size += int64(n)
	if err == nil {
		err = snapshot(write)
	}
	if err = errors.Join(err, out.Flush(), file.Sync(), file.Close()); err != nil {
		return 0, errors.Join(fmt.Errorf("write journal snapshot: %w", err), os.Remove(temporary))
	}
	if err := os.Rename(temporary, j.name(number, ".snap")); err != nil {
		return 0, fmt.Errorf("place journal snapshot: %w", err)
	}
	return size, j.syncFolder()
}
