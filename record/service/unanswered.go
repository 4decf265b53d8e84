package service

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
)

// failed says that no trace was got from t.
func failed(t *Target, hint string, err error) error {
	return &Error{fmt.Errorf("get a trace from %s: %w", t, err), hint}
}

// unanswered explains the error of a request that got no answer, or none that
// is whole enough to judge.
func unanswered(t *Target, err error) error {
	var ue *url.Error
	if errors.As(err, &ue) { // which would quote the query
		err = ue.Err
	}
	var op *net.OpError
	errors.As(err, &op)
	switch {
	case op != nil && op.Op == "proxyconnect":
		return failed(t, "HTTP_PROXY, HTTPS_PROXY and NO_PROXY say what goes by which proxy", fmt.Errorf("the proxy cannot be reached: %w", op.Err))
	case op != nil && op.Op == "dial":
		return unconnected(t, op)
	}
	if e := unspoken(t, err); e != nil {
		return e
	}
	switch text := err.Error(); {
	case strings.HasPrefix(text, "invalid proxy address"): // and goes on with its password
		return failed(t, "HTTP_PROXY, HTTPS_PROXY and NO_PROXY say what goes by which proxy", errors.New("the address of the proxy is no URL"))
	case strings.HasPrefix(text, "failed to parse Location header"): // and quotes it
		return failed(t, "", errors.New("it redirected to what is no URL"))
	case text == http.StatusText(http.StatusProxyAuthRequired): // is all that a proxy for https leaves
		return failed(t, remedy(http.StatusProxyAuthRequired), errors.New("the proxy asks for a user and password"))
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), op != nil && op.Op == "read",
		strings.Contains(text, "server closed idle connection"): // before the request was there
		return failed(t, "does that port speak HTTP, and is the service still running?", errors.New("it closed the connection before a trace came"))
	}
	return failed(t, "", err)
}

// unconnected explains an error of making a connection.
func unconnected(t *Target, op *net.OpError) error {
	var dns *net.DNSError
	switch {
	case errors.As(op, &dns):
		return failed(t, "is the name right? the number of an address does as well", fmt.Errorf("look up %s: %s", dns.Name, dns.Err))
	case t.socket != "":
		return failed(t, "is the service running, and does it listen on this socket?", op.Err)
	case op.Timeout():
		return failed(t, "is the host right, and does a firewall let port "+t.port()+" through?", fmt.Errorf("no connection within %v", patient.connect))
	}
	return failed(t, "is the service running, and does it serve net/http/pprof on port "+t.port()+"?", op.Err)
}

// unspoken explains the error of a peer that speaks another protocol, or one
// that is not trusted; it returns nil for another error.
func unspoken(t *Target, err error) error {
	var record tls.RecordHeaderError
	var cert *tls.CertificateVerificationError
	switch text := err.Error(); {
	case errors.Is(err, http.ErrSchemeMismatch):
		return failed(t, t.otherScheme(), errors.New("it speaks HTTP on that port, not HTTPS"))
	case errors.As(err, &record):
		return failed(t, t.otherScheme(), errors.New("it does not speak HTTPS on that port"))
	case strings.Contains(text, "malformed ") && strings.Contains(text, `\x15\x03`): // an alert of TLS
		return failed(t, t.otherScheme(), errors.New("it speaks HTTPS on that port, not HTTP"))
	case strings.Contains(text, "malformed "): // and goes on with what came
		return failed(t, "on which port does the service serve net/http/pprof?", errors.New("it does not speak HTTP on that port"))
	case errors.As(err, &cert):
		return failed(t, trust(cert.Err), cert.Err)
	}
	return nil
}

// trust returns what can be done about a certificate.
func trust(err error) string {
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(err, &host):
		return "use a name that the certificate is for"
	case errors.As(err, &invalid):
		return "the service needs another certificate, or a clock is wrong"
	}
	return "SSL_CERT_FILE=ca.pem in the environment has Linux trust what ca.pem holds; elsewhere, have the system trust it"
}

// port returns the port that a connection goes to.
func (t *Target) port() string {
	if p := t.url.Port(); p != "" {
		return p
	}
	if t.url.Scheme == "https" {
		return "443"
	}
	return "80"
}
