package service

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// client returns a client for this fetch alone. The roots of TLS and the proxies
// are those of the system. There is no limit on the time of an answer here: a
// quiet service begins it when the trace ends, for which the watch has limits.
func (f *fetching) client() *http.Client {
	dialer := &net.Dialer{Timeout: f.connect}
	transport := &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         dialer.DialContext,
		TLSHandshakeTimeout: f.connect,
		ForceAttemptHTTP2:   true,
	}
	if socket := f.Target.socket; socket != "" { // whose host is localhost, for which there is no proxy
		transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			return dialer.DialContext(ctx, "unix", socket)
		}
	}
	return &http.Client{Transport: transport, CheckRedirect: f.redirect}
}

func (f *fetching) request(ctx context.Context) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, f.Target.ask(f.For), nil)
	if err != nil {
		return nil, unanswered(f.Target, err)
	}
	req.Header.Set("User-Agent", "tracekit")
	if user := f.Target.user; user != nil {
		password, _ := user.Password()
		req.SetBasicAuth(user.Username(), password)
	}
	for name, values := range f.Header {
		req.Header[name] = values
	}
	if host := f.Header.Get("Host"); host != "" {
		req.Host = host
	}
	return req, nil
}

// maxRedirects is as many as browsers follow, about.
const maxRedirects = 10

// redirect makes a redirect safe. The client itself takes Authorization and
// Cookie off what goes to another host, and lets other headers through, which may
// be as secret; and it tells in a Referer of the query.
func (f *fetching) redirect(req *http.Request, via []*http.Request) error {
	if len(via) >= maxRedirects {
		return errors.New("it redirected ten times")
	}
	req.Header.Del("Referer")
	home := via[0].URL
	left := func(r *http.Request) bool { return strange(home, r.URL) }
	if left(req) || slices.ContainsFunc(via, left) { // who comes back was sent by a stranger
		f.withhold(req)
	}
	return nil
}

// withhold takes off a request what the user said.
func (f *fetching) withhold(req *http.Request) {
	req.Header.Del("Authorization")
	for name := range f.Header {
		delete(req.Header, name)
	}
}

// strange tells whether a redirect leaves the host, or TLS.
func strange(from, to *url.URL) bool {
	return !strings.EqualFold(from.Hostname(), to.Hostname()) || from.Scheme == "https" && to.Scheme != "https"
}
