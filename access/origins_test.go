package access_test

import (
	"testing"

	"github.com/mayfly-dev/mayfly/access"
)

func TestAnOriginIsWhatABrowserSends(t *testing.T) {
	for origin, good := range map[string]bool{
		"https://d111111abcdef8.cloudfront.net": true, "https://console.example.com:8443": true,
		"http://localhost:8700": true, "http://127.0.0.1": true, "http://[::1]:80": true, "http://d1.cloudfront.localhost:4566": true,
		"http://d111111abcdef8.cloudfront.net": false, "http://localhost.example.com": false,
		"*": false, "https://*": false, "https://*.example.com": false, "null": false, "": false, "https://": false, "d1.cloudfront.net": false,
		"https://d1.cloudfront.net/": false, "https://d1.cloudfront.net/console": false, "https://d1.cloudfront.net?x": false, "https://d1.cloudfront.net#x": false,
		"https://ada@d1.cloudfront.net": false, "https://D1.cloudfront.net": false, "HTTPS://d1.cloudfront.net": false, "https://a.example,https://b.example": false,
		"ftp://localhost": false, "https://d1 .net": false,
	} {
		if err := access.CheckOrigin(origin); (err == nil) != good {
			t.Errorf("%q: %v", origin, err)
		}
	}
}

func TestOriginsAreReadOrRefused(t *testing.T) {
	got, err := access.ReadOrigins(" https://a.example  http://localhost:8700 ")
	if err != nil || len(got) != 2 || got[1] != "http://localhost:8700" {
		t.Errorf("%q, %v", got, err)
	}
	if none, err := access.ReadOrigins(""); err != nil || len(none) != 0 {
		t.Errorf("%q, %v", none, err)
	}
	if got, err := access.ReadOrigins("https://a.example *"); err == nil {
		t.Errorf("%q", got)
	}
}
