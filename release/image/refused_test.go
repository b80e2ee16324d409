package image_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/mayfly-dev/mayfly/release"
	"github.com/mayfly-dev/mayfly/release/image/imagetest"
)

// noise is content that does not pack, the same each time.
func noise(n int) string { return imagetest.Noise(n) }

func hostile(images []imagetest.Hostile) (cases []testcase) {
	for _, h := range images {
		cases = append(cases, testcase{name: h.Name, layers: h.Layers, refused: h.Reason})
	}
	return cases
}

func TestWhatBreaksARuleIsRefused(t *testing.T) { run(t, hostile(imagetest.HostileEntries())) }

func TestALinkThatLeadsNowhereOrOutIsRefused(t *testing.T) {
	run(t, hostile(imagetest.HostileLinks()))
}

func TestALayerThatCannotBeReadIsRefused(t *testing.T) {
	for _, c := range imagetest.DamagedLayers() {
		var repository imagetest.Repository
		_, _, err := show(t, &repository, &imagetest.Cache{}, repository.Put(nil, c.Layer), small())
		var refused *release.ContentError
		if !errors.As(err, &refused) || !strings.Contains(err.Error(), c.Reason) {
			t.Errorf("%s: %v, not %q", c.Name, err, c.Reason)
		}
	}
}
