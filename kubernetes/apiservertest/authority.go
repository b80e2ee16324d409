package apiservertest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"math/big"
	"net"
	"path/filepath"
	"testing"
	"time"
)

// The files of the server's certificate and key.
const (
	certificateFile = "server.pem"
	keyFile         = "server.key"
)

// authority is a certificate authority with one certificate, for loopback.
type authority struct {
	root                 []byte // PEM, as the two below
	certificate, private []byte
}

func newAuthority(t *testing.T) authority {
	t.Helper()
	rootKey, root := certify(t, &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "kubernetes"}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}, nil, nil)
	key, leaf := certify(t, &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "kube-apiserver"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}, root, rootKey)
	private, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return authority{root: encode("CERTIFICATE", root.Raw), certificate: encode("CERTIFICATE", leaf.Raw), private: encode("EC PRIVATE KEY", private)}
}

// certify makes a certificate, signed by its own key when there is no parent.
func certify(t *testing.T, template, parent *x509.Certificate, by *ecdsa.PrivateKey) (*ecdsa.PrivateKey, *x509.Certificate) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if parent == nil {
		parent, by = template, key
	}
	template.NotBefore, template.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(24*time.Hour)
	made, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, by)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(made)
	if err != nil {
		t.Fatal(err)
	}
	return key, certificate
}

func encode(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

func (a authority) write(t *testing.T, dir string) {
	t.Helper()
	write(t, filepath.Join(dir, certificateFile), string(a.certificate))
	write(t, filepath.Join(dir, keyFile), string(a.private))
}

func (a authority) base64() string { return base64.StdEncoding.EncodeToString(a.root) }

func (a authority) trusted() *tls.Config {
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(a.root)
	return &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
}
