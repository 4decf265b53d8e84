package service

import (
	"errors"
	"net"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Target is the trace endpoint of a service.
type Target struct {
	url    *url.URL // without user information and fragment
	user   *url.Userinfo
	socket string // of a unix target; else empty
}

// scheme matches the beginning of a URL with one.
var scheme = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]*://`)

// IsTarget tells whether s is meant as a target: it has a scheme, or a colon
// where a port would be. That it is a good one, only [ParseTarget] knows.
func IsTarget(s string) bool {
	if scheme.MatchString(s) {
		return true
	}
	if i := strings.IndexAny(s, "/?#"); i >= 0 {
		s = s[:i]
	}
	return strings.Contains(s, ":")
}

// ParseTarget reads what names a service: http://host:port, https://host,
// host:port, :port for one on this machine, or unix:///path/to.sock. A path
// behind a host is completed to that of the endpoint: without one it is
// /debug/pprof/trace; one that ends in /trace stays as it is; any other is where
// the service is mounted. A query is kept, but for its seconds.
//
// The error is an [*Error]. It quotes nothing of what may be a password.
func ParseTarget(s string) (*Target, error) {
	u, err := parseURL(s)
	if err != nil {
		return nil, badTarget(s, err)
	}
	t := &Target{url: u, user: u.User}
	u.User, u.Fragment, u.RawFragment = nil, "", ""
	switch u.Scheme {
	case "http", "https":
		err = checkHost(u)
	case "unix":
		err = t.overSocket()
	default:
		err = errors.New("its scheme is none of http, https and unix")
	}
	if err != nil {
		return nil, badTarget(s, err)
	}
	t.url = endpoint(t.url)
	return t, nil
}

func parseURL(s string) (*url.URL, error) {
	if !scheme.MatchString(s) {
		s = "http://" + s
	}
	place, _, _ := strings.Cut(s, "?")
	authority := place[strings.Index(place, "://")+len("://"):]
	if i := strings.IndexAny(authority, "/#"); i >= 0 && strings.Contains(authority[i:], "@") { // in a password? its beginning would be taken for the host
		return nil, errors.New("there is an @ behind a / or #; these are written %2F and %23 in a password, and an @ is written %40 in a path")
	}
	u, err := url.Parse(s)
	var ue *url.Error
	switch {
	case err == nil:
		return u, nil
	case strings.Contains(s, "@"):
		return nil, errors.New("it is no URL; within a password, what is no letter or digit is written as in %2F")
	case errors.As(err, &ue): // which would quote the query
		return nil, ue.Err
	}
	return nil, err
}

// checkHost makes up for a host that is missing before a port: it is this
// machine.
func checkHost(u *url.URL) error {
	host, port := u.Hostname(), u.Port()
	if strings.HasSuffix(u.Host, ":") {
		return errors.New("it has no port behind the colon")
	}
	if n, err := strconv.ParseUint(port, 10, 16); port != "" && (err != nil || n == 0) {
		return errors.New("its port is not between 1 and 65535")
	}
	if host == "" && port == "" {
		return errors.New("it names no host")
	}
	if host == "" {
		u.Host = net.JoinHostPort("localhost", port)
	}
	return nil
}

// overSocket makes a target of one whose URL has the path of a socket.
func (t *Target) overSocket() error {
	if t.url.Host != "" || t.url.Path == "" || t.url.Path == "/" {
		return errors.New("it names no socket: that has three slashes, as unix:///run/service.sock")
	}
	t.socket = t.url.Path
	t.url = &url.URL{Scheme: "http", Host: "localhost", RawQuery: t.url.RawQuery}
	return nil
}

// endpoint completes the path of u.
func endpoint(u *url.URL) *url.URL {
	p := strings.TrimRight(u.Path, "/")
	switch {
	case strings.HasSuffix(p, "/trace"):
		return u
	case strings.HasSuffix(p, "/debug/pprof"):
		return u.JoinPath("trace")
	}
	return u.JoinPath("debug", "pprof", "trace")
}

// String returns the address of the endpoint without user information and query,
// which may be secret.
func (t *Target) String() string {
	if t.socket != "" {
		return "unix://" + t.socket
	}
	return t.bare().String()
}

// bare returns the URL without its query.
func (t *Target) bare() *url.URL {
	u := *t.url
	u.RawQuery, u.ForceQuery = "", false
	return &u
}

// FileName suggests a name for a file with the trace: localhost-6060.trace.
func (t *Target) FileName() string {
	name := t.url.Hostname() + "-" + t.url.Port()
	if t.socket != "" {
		name = strings.TrimSuffix(path.Base(t.socket), path.Ext(t.socket))
	}
	name = strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || r == '.' || r == '_' {
			return r
		}
		return '-'
	}, name)
	if name = strings.Trim(name, "-."); name == "" { // .sock
		name = "service"
	}
	return name + ".trace"
}

// ask returns the URL that asks for a trace of d. What the user wrote in the
// query stays as it is written.
func (t *Target) ask(d time.Duration) string {
	pairs := slices.DeleteFunc(strings.Split(t.url.RawQuery, "&"), func(pair string) bool {
		name, _, _ := strings.Cut(pair, "=")
		return name == "" || name == "seconds"
	})
	u := *t.url
	u.RawQuery = strings.Join(append(pairs, "seconds="+strconv.FormatFloat(d.Seconds(), 'f', -1, 64)), "&")
	return u.String()
}

// otherScheme hints at the address with https for http, or the reverse.
func (t *Target) otherScheme() string {
	if t.socket != "" { // has no scheme to choose
		return ""
	}
	u := t.bare()
	if u.Scheme = "https"; t.url.Scheme == u.Scheme {
		u.Scheme = "http"
	}
	return "tracekit record " + u.String()
}
