package release

import (
	"fmt"
	"io"
	"iter"

	"github.com/mayfly-dev/mayfly/release/internal/lines"
)

// WriteManifest writes m.
func WriteManifest(w io.Writer, m Manifest) error {
	m.Format, m.Files, m.Bytes = ManifestFormat, len(m.Objects), 0
	for i := range m.Objects {
		m.Bytes += m.Objects[i].Size
	}
	return lines.Write(w, m.ManifestHeader, func(yield func(any) bool) {
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
	entries, err := lines.Read(r, &header)
	if err == nil && header.Format != ManifestFormat {
		err = fmt.Errorf("format %q, not %q", header.Format, ManifestFormat)
	}
	if err != nil {
		return ManifestHeader{}, nil, fmt.Errorf("read manifest: %w", err)
	}
	return header, func(yield func(Object, error) bool) {
		for range header.Files {
			var o Object
			if err := entries.Decode(&o); err != nil {
				yield(Object{}, fmt.Errorf("read manifest: %w", lines.CutOff(err)))
				return
			}
			if !yield(o, nil) {
				return
			}
		}
		if err := lines.End(entries); err != nil {
			yield(Object{}, fmt.Errorf("read manifest: %w", err))
		}
	}, nil
}

// WritePlan writes p.
func WritePlan(w io.Writer, p Plan) error {
	p.Format, p.PlanHeader.Entries, p.Removals = PlanFormat, len(p.Entries), len(p.Remove)
	return lines.Write(w, p.PlanHeader, func(yield func(any) bool) {
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

// ReadPlanHeader reads what a plan says of the release as a whole, and leaves
// the rest of the stream.
func ReadPlanHeader(r io.Reader) (PlanHeader, error) {
	var header PlanHeader
	_, err := lines.Read(r, &header)
	if err == nil && header.Format != PlanFormat {
		err = fmt.Errorf("format %q, not %q", header.Format, PlanFormat)
	}
	if err != nil {
		return PlanHeader{}, fmt.Errorf("read plan: %w", err)
	}
	return header, nil
}

// ReadPlan reads a plan.
func ReadPlan(r io.Reader) (Plan, error) {
	var p Plan
	entries, err := lines.Read(r, &p.PlanHeader)
	if err == nil && p.Format != PlanFormat {
		err = fmt.Errorf("format %q, not %q", p.Format, PlanFormat)
	}
	if err != nil {
		return Plan{}, fmt.Errorf("read plan: %w", err)
	}
	if p.Entries, err = lines.All[PlanEntry](entries, p.PlanHeader.Entries); err != nil {
		return Plan{}, fmt.Errorf("read plan: %w", err)
	}
	if p.Remove, err = lines.All[string](entries, p.Removals); err == nil {
		err = lines.End(entries)
	}
	if err != nil {
		return Plan{}, fmt.Errorf("read plan: %w", err)
	}
	return p, nil
}

// WritePart writes p.
func WritePart(w io.Writer, p Part) error {
	p.Format = PartFormat
	return lines.Write(w, partHeader{p.PartHeader, len(p.Written)}, func(yield func(any) bool) {
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
	entries, err := lines.Read(r, &header)
	if err == nil && header.Format != PartFormat {
		err = fmt.Errorf("format %q, not %q", header.Format, PartFormat)
	}
	if err != nil {
		return Part{}, fmt.Errorf("read part: %w", err)
	}
	written, err := lines.All[PartEntry](entries, header.Count)
	if err == nil {
		err = lines.End(entries)
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
