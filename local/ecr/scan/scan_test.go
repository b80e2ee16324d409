package scan_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/mayfly-dev/mayfly/local/ecr/scan"
)

func layer(t testing.TB, names ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	archive := tar.NewWriter(&out)
	for _, name := range names {
		header := &tar.Header{Name: name, Typeflag: tar.TypeReg, Size: 3, Mode: 0o644}
		if name, link, ok := strings.Cut(name, " -> "); ok {
			header = &tar.Header{Name: name, Linkname: link, Typeflag: tar.TypeSymlink}
		}
		must(t, archive.WriteHeader(header))
		if header.Size > 0 {
			_, err := io.WriteString(archive, "abc")
			must(t, err)
		}
	}
	must(t, archive.Close())
	return out.Bytes()
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func gzipped(t testing.TB, content []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, err := w.Write(content)
	must(t, errors.Join(err, w.Close()))
	return out.Bytes()
}

func TestPackageManager(t *testing.T) {
	for _, row := range []struct {
		names []string
		want  string
	}{
		{nil, ""},
		{[]string{"srv/index.html", "etc/passwd"}, ""},
		{[]string{"bin/sh", "var/lib/dpkg/status"}, "dpkg"},
		{[]string{"./var/lib/dpkg/status"}, "dpkg"},
		{[]string{"/var/lib/dpkg/status"}, "dpkg"},
		{[]string{"../../var/lib/dpkg/status"}, "dpkg"},
		{[]string{"var/lib/dpkg/status.d/base"}, "dpkg"},
		{[]string{"lib/apk/db/installed"}, "apk"},
		{[]string{"var/lib/rpm/rpmdb.sqlite"}, "rpm"},
		{[]string{"srv/var/lib/dpkg/status"}, ""},
		{[]string{"var/lib/dpkg/status -> /dev/null"}, ""},
	} {
		plain := layer(t, row.names...)
		encoder, err := zstd.NewWriter(nil)
		must(t, err)
		for how, content := range map[string][]byte{"plain": plain, "gzip": gzipped(t, plain), "zstd": encoder.EncodeAll(plain, nil)} {
			got, err := scan.PackageManager(bytes.NewReader(content))
			if got != row.want || err != nil {
				t.Errorf("%v, %s: %q, %v, want %q", row.names, how, got, err, row.want)
			}
		}
	}
}

func TestWhatIsNoLayer(t *testing.T) {
	whole := gzipped(t, layer(t, "a", "b", "c"))
	for why, content := range map[string][]byte{
		"noise": []byte("this is no archive, and long enough for somebody to try to read it as one" + strings.Repeat(".", 600)),
		"cut":   whole[:len(whole)/2],
		"gzip":  {0x1f, 0x8b, 0, 0},
		"zstd":  {0x28, 0xb5, 0x2f, 0xfd, 0xff},
	} {
		if got, err := scan.PackageManager(bytes.NewReader(content)); err == nil {
			t.Errorf("%s: %q and no error", why, got)
		}
	}
}

func FuzzPackageManager(f *testing.F) {
	f.Add(layer(f, "var/lib/dpkg/status"))
	f.Add(gzipped(f, layer(f, "a")))
	f.Fuzz(func(_ *testing.T, content []byte) {
		_, _ = scan.PackageManager(bytes.NewReader(content)) // neither panics nor hangs
	})
}
