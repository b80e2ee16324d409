// Package journal keeps records in files of a folder, so that they survive the
// process: each record has a length and a checksum, what is appended together is
// written and synced together, and a torn end is cut off when the folder is
// opened again.
//
// The folder holds segments, 00000001.log and on, of which the last is written
// to, and at most one snapshot, 00000001.snap, which stands for every segment up
// to that number.
package journal

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
)

const (
	magic         = "mayfly-journal-1\n"
	headSize      = 8
	maxRecord     = 1 << 30
	segmentSize   = 256 << 20
	folderMode    = 0o755
	fileMode      = 0o600
	copyThreshold = 1 << 20
)

var table = crc32.MakeTable(crc32.Castagnoli)

// ErrLocked is returned by Open when another process has the folder open.
var ErrLocked = errors.New("journal is in use by another process")

// Options change how a journal is kept.
type Options struct {
	// NoSync leaves it to the operating system when bytes reach the disk: what
	// was appended survives the process being killed, but not the machine
	// losing power.
	NoSync bool
}

// Journal is an open folder. Append is for one goroutine at a time.
type Journal struct {
	folder string
	noSync bool
	lock   *os.File

	mu     sync.Mutex // guards what follows, which Size reads
	file   *os.File
	number uint64
	size   int64 // of the current segment
	older  int64 // of the snapshot and the other segments
	buffer []byte
	failed error
}

// Open opens a folder, made if it is not there. Replay must be called before
// Append.
func Open(folder string, o Options) (*Journal, error) {
	if err := os.MkdirAll(folder, folderMode); err != nil {
		return nil, fmt.Errorf("open journal: %w", err)
	}
	lock, err := lockFolder(folder)
	if err != nil {
		return nil, err
	}
	return &Journal{folder: folder, noSync: o.NoSync, lock: lock}, nil
}

func (j *Journal) name(number uint64, suffix string) string {
	return filepath.Join(j.folder, fmt.Sprintf("%08d%s", number, suffix))
}

// list returns the numbers of the files with a suffix, in order.
func (j *Journal) list(suffix string) ([]uint64, error) {
	entries, err := os.ReadDir(j.folder)
	if err != nil {
		return nil, fmt.Errorf("list journal: %w", err)
	}
	var numbers []uint64
	for _, entry := range entries {
		if base, ok := strings.CutSuffix(entry.Name(), suffix); ok {
			if n, err := strconv.ParseUint(base, 10, 64); err == nil {
				numbers = append(numbers, n)
			}
		}
	}
	slices.Sort(numbers)
	return numbers, nil
}

// Replay calls each with every record, oldest first, and prepares for Append.
// Bytes of a record are valid until each returns. A torn end of the last segment
// is cut off; damage anywhere else is an error.
func (j *Journal) Replay(each func(record []byte) error) error {
	snapshots, err := j.list(".snap")
	if err != nil {
		return err
	}
	var covered uint64
	if len(snapshots) > 0 {
		covered = snapshots[len(snapshots)-1]
		size, err := j.replayFile(j.name(covered, ".snap"), false, each)
		if err != nil {
			return err
		}
		j.older += size
	}
	segments, err := j.list(".log")
	if err != nil {
		return err
	}
	for i, n := range segments {
		if n <= covered {
			// Left over by a compaction that was cut short.
			if err := os.Remove(j.name(n, ".log")); err != nil {
				return fmt.Errorf("remove old journal segment: %w", err)
			}
			continue
		}
		size, err := j.replayFile(j.name(n, ".log"), i == len(segments)-1, each)
		if err != nil {
			return err
		}
		j.number, j.size = n, size
		j.older += size
	}
	for _, n := range snapshots[:max(len(snapshots)-1, 0)] {
		if err := os.Remove(j.name(n, ".snap")); err != nil {
			return fmt.Errorf("remove old journal snapshot: %w", err)
		}
	}
	if j.number == 0 {
		return j.rotate(covered + 1)
	}
	j.older -= j.size
	j.file, err = os.OpenFile(j.name(j.number, ".log"), os.O_WRONLY|os.O_APPEND, fileMode)
	if err != nil {
		return fmt.Errorf("open journal segment: %w", err)
	}
	return nil
}

// replayFile reads one file and returns its size, after cutting off a torn end
// if it may have one.
func (j *Journal) replayFile(name string, mayBeTorn bool, each func([]byte) error) (int64, error) {
	data, unmap, err := readFile(name)
	if err != nil {
		return 0, fmt.Errorf("read journal: %w", err)
	}
	defer unmap()
	good := 0
	if strings.HasPrefix(string(data[:min(len(data), len(magic))]), magic) {
		good = len(magic)
		for {
			size, ok := recordAt(data, good)
			if !ok {
				break
			}
			if err := each(data[good+headSize : good+headSize+size]); err != nil {
				return 0, fmt.Errorf("replay %s: %w", filepath.Base(name), err)
			}
			good += headSize + size
		}
	}
	if good == len(data) && good > 0 {
		return int64(good), nil
	}
	if !mayBeTorn {
		return 0, fmt.Errorf("journal %s is damaged at byte %d", filepath.Base(name), good)
	}
	if good == 0 {
		if err := os.WriteFile(name, []byte(magic), fileMode); err != nil {
			return 0, fmt.Errorf("repair journal: %w", err)
		}
		return int64(len(magic)), nil
	}
	if err := os.Truncate(name, int64(good)); err != nil {
		return 0, fmt.Errorf("cut torn end of journal: %w", err)
	}
	return int64(good), nil
}

// recordAt returns the size of the record at an offset, if a whole one is there.
func recordAt(data []byte, at int) (int, bool) {
	if len(data)-at < headSize {
		return 0, false
	}
	size := binary.LittleEndian.Uint32(data[at:])
	if size > maxRecord || int(size) > len(data)-at-headSize {
		return 0, false
	}
	body := data[at+headSize : at+headSize+int(size)]
	return int(size), crc32.Checksum(body, table) == binary.LittleEndian.Uint32(data[at+4:])
}

func appendFramed(buffer, record []byte) []byte {
	buffer = binary.LittleEndian.AppendUint32(buffer, uint32(len(record)))
	buffer = binary.LittleEndian.AppendUint32(buffer, crc32.Checksum(record, table))
	return append(buffer, record...)
}

// Append writes records with one write and one sync. After an error the journal
// is not written to again.
func (j *Journal) Append(records [][]byte) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.failed != nil {
		return j.failed
	}
	j.buffer = j.buffer[:0]
	for _, record := range records {
		j.buffer = appendFramed(j.buffer, record)
	}
	if _, err := j.file.Write(j.buffer); err != nil {
		j.failed = fmt.Errorf("append to journal: %w", err)
		return j.failed
	}
	j.size += int64(len(j.buffer))
	if !j.noSync {
		if err := syncData(j.file); err != nil {
			j.failed = fmt.Errorf("sync journal: %w", err)
			return j.failed
		}
	}
	if cap(j.buffer) > 16*copyThreshold {
		j.buffer = nil
	}
	if j.size > segmentSize {
		if err := j.rotate(j.number + 1); err != nil {
			j.failed = err
			return err
		}
	}
	return nil
}

// rotate goes on in a new segment. The caller holds mu.
func (j *Journal) rotate(number uint64) error {
	if j.file != nil {
		if err := j.file.Sync(); err != nil {
			return fmt.Errorf("sync journal segment: %w", err)
		}
		if err := j.file.Close(); err != nil {
			return fmt.Errorf("close journal segment: %w", err)
		}
		j.older += j.size
	}
	file, err := os.OpenFile(j.name(number, ".log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND|os.O_TRUNC, fileMode)
	if err != nil {
		return fmt.Errorf("make journal segment: %w", err)
	}
	if _, err := file.WriteString(magic); err != nil {
		return errors.Join(fmt.Errorf("begin journal segment: %w", err), file.Close())
	}
	j.file, j.number, j.size = file, number, int64(len(magic))
	return j.syncFolder()
}

// Size is how many bytes the journal takes.
func (j *Journal) Size() int64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.older + j.size
}

// Close closes the journal; what was appended stays.
func (j *Journal) Close() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	var errs []error
	if j.file != nil {
		errs = append(errs, j.file.Sync(), j.file.Close())
		j.file = nil
	}
	j.failed = os.ErrClosed
	if j.lock != nil {
		errs = append(errs, j.lock.Close())
		j.lock = nil
	}
	return errors.Join(errs...)
}

func (j *Journal) syncFolder() error {
	if j.noSync {
		return nil
	}
	folder, err := os.Open(j.folder)
	if err != nil {
		return fmt.Errorf("open journal folder: %w", err)
	}
	return errors.Join(folder.Sync(), folder.Close())
}
