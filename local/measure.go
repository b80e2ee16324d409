package local

import (
	"bytes"
	"context"
	"io"
	"log/slog"

	"github.com/mayfly-dev/mayfly/local/meter"
	"github.com/mayfly-dev/mayfly/metric"
)

// functionLog takes what function processes write: the metrics in it go to
// CloudWatch, as on AWS, and the lines on to whoever reads them. A line about a
// run that a person need not know of goes on only if the logger takes such
// lines, as it decides for functions in this process too.
type functionLog struct {
	next     io.Writer
	measured *meter.Meter
	logger   *slog.Logger
}

// Write takes whole lines.
func (l functionLog) Write(text []byte) (int, error) {
	all := l.logger.Enabled(context.Background(), slog.LevelInfo)
	for line := range bytes.Lines(text) {
		data, err := metric.Decode(line)
		if err != nil {
			l.logger.Warn("a function's metrics could not be read", "error", err)
		}
		l.measured.Measured(data)
		if !all && len(data) > 0 && bytes.Contains(line, []byte(`"level":"INFO"`)) {
			continue
		}
		if _, err := l.next.Write(line); err != nil {
			return 0, err //nolint:wrapcheck // the writer's own
		}
	}
	return len(text), nil
}
