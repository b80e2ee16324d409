package release

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/klauspost/compress/gzip"
)

// All documents are lines of JSON, packed by gzip: first a header, then a line
// for each entry. They are written and read as streams.

// WriteManifest writes m.
func WriteManifest(w io.Writer, m Manifest) error {
	m.Format, m.Files, m.Bytes = ManifestFormat, len(m.Objects), 0
	for i := range m.Objects {
		m.Bytes += m.Objects[i].Size
	}
	return writeLines(w, m.ManifestHeader, func(yield func(any) bool) {
		for i := range m.Objects {
			if !yield(&m.Objects[i]) {
				return
			}
		}
	})
}

// ReadManifest reads a manifest from its stream: the header at once, then the
// objects as they are asked for. An error ends the sequence.
func ReadManifest(r io.Reader) (ManifestHeader, iter.Seq2[Object, error], error) {
	var header ManifestHeader
	lines, err := readLines(r, &header)
	if err == nil && header.Format != ManifestFormat {
		err = fmt.Errorf("format %q, not %q", header.Format, ManifestFormat)
	}
	if err != nil {
		return ManifestHeader{}, nil, fmt.Errorf("read manifest: %w", err)
	}
	return header, func(yield func(Object, error) bool) {
		for range header.Files {
			var o Object
			if err := lines.Decode(&o); err != nil {
				yield(Object{}, fmt.Errorf("read manifest: %w", cutOff(err)))
				return
			}
			if !yield(o, nil) {
				return
			}
		}
		if err := atEnd(lines); err != nil {
			yield(Object{}, fmt.Errorf("read manifest: %w", err))
		}
	}, nil
}

// WritePlan writes p.
func WritePlan(w io.Writer, p Plan) error {
	p.Format, p.PlanHeader.Entries, p.Removals = PlanFormat, len(p.Entries), len(p.Remove)
	return writeLines(w, p.PlanHeader, func(yield func(any) bool) {
		for i := range p.Entries {
			if !yield(&p.Entries[i]) {
				return
			}
		}
		for _, key := range p.Remove {
			if !yield(key) {
				return
			}
		}
	})
}

// ReadPlan reads a plan.
func ReadPlan(r io.Reader) (Plan, error) {
	var p Plan
	lines, err := readLines(r, &p.PlanHeader)
	if err == nil && p.Format != PlanFormat {
		err = fmt.Errorf("format %q, not %q", p.Format, PlanFormat)
	}
	if err != nil {
		return Plan{}, fmt.Errorf("read plan: %w", err)
	}
	if p.Entries, err = readAll[PlanEntry](lines, p.PlanHeader.Entries); err != nil {
		return Plan{}, fmt.Errorf("read plan: %w", err)
	}
	if p.Remove, err = readAll[string](lines, p.Removals); err == nil {
		err = atEnd(lines)
	}
	if err != nil {
		return Plan{}, fmt.Errorf("read plan: %w", err)
	}
	return p, nil
}

// WritePart writes p.
func WritePart(w io.Writer, p Part) error {
	p.Format = PartFormat
	return writeLines(w, partHeader{p.PartHeader, len(p.Written)}, func(yield func(any) bool) {
		for i := range p.Written {
			if !yield(&p.Written[i]) {
				return
			}
		}
	})
}

// ReadPart reads a part.
func ReadPart(r io.Reader) (Part, error) {
	var header partHeader
	lines, err := readLines(r, &header)
	if err == nil && header.Format != PartFormat {
		err = fmt.Errorf("format %q, not %q", header.Format, PartFormat)
	}
	if err != nil {
		return Part{}, fmt.Errorf("read part: %w", err)
	}
	written, err := readAll[PartEntry](lines, header.Count)
	if err == nil {
		err = atEnd(lines)
	}
	if err != nil {
		return Part{}, fmt.Errorf("read part: %w", err)
	}
	return Part{PartHeader: header.PartHeader, Written: written}, nil
}

type partHeader struct {
	PartHeader
	Count int `json:"count"`
}

func writeLines(w io.Writer, header any, lines iter.Seq[any]) error {
	packed, err := gzip.NewWriterLevel(w, gzip.BestSpeed)
	if err != nil {
		return err
	}
	buffered := bufio.NewWriterSize(packed, 32<<10)
	encoder := json.NewEncoder(buffered)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(header); err != nil {
		return err
	}
	for line := range lines {
		if err := encoder.Encode(line); err != nil {
			return err
		}
	}
	if err := buffered.Flush(); err != nil {
		return err
	}
	return packed.Close()
}

func readLines(r io.Reader, header any) (*json.Decoder, error) {
	unpacked, err := gzip.NewReader(r)
	if err != nil {
		return nil, cutOff(err)
	}
	decoder := json.NewDecoder(unpacked)
	if err := decoder.Decode(header); err != nil {
		return nil, cutOff(err)
	}
	return decoder, nil
}

func readAll[T any](lines *json.Decoder, count int) ([]T, error) {
	const most = 1 << 16 // not more on the word of a header alone
	all := make([]T, 0, min(max(count, 0), most))
	for range count {
		var one T
		if err := lines.Decode(&one); err != nil {
			return nil, cutOff(err)
		}
		all = append(all, one)
	}
	return all, nil
}

// atEnd checks that nothing follows, which also has gzip's checksum looked at.
func atEnd(lines *json.Decoder) error {
	_, err := lines.Token()
	if err == io.EOF { //nolint:errorlint // the decoder returns it unwrapped
		return nil
	}
	if err == nil {
		err = errors.New("it goes on after its end")
	}
	return err
}

// cutOff makes the end of a stream an error: each document says how long it is.
func cutOff(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
