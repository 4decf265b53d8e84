package service

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
)

// magic is how each trace begins.
const magic = "go 1."

// lines is what a service without the endpoint lacks.
const lines = `in the service, import _ "net/http/pprof", and where it does not serve the default mux, go http.ListenAndServe("localhost:6060", nil)`

// credentials is what a service that asks who is there lacks.
const credentials = "--header 'Authorization: Bearer TOKEN', or what else the service asks for"

// check returns an error for an answer that is not the beginning of a trace.
func (f *fetching) check(resp *http.Response, body *bufio.Reader) error {
	if resp.StatusCode != http.StatusOK {
		return f.refused(resp, body)
	}
	head, err := body.Peek(len(magic))
	switch {
	case string(head) == magic:
		return nil
	case err != nil && err != io.EOF:
		return unanswered(f.Target, err)
	case len(head) == 0:
		return failed(f.Target, "", f.answered(resp, ", and nothing in it"))
	case resp.Header.Get("Content-Encoding") != "": // which net/http would have undone, had it asked for it
		return failed(f.Target, "leave out the header Accept-Encoding", f.answered(resp, " in a compression that was not asked for"))
	}
	hint := lines
	if f.moved(resp) { // to where one logs in, as a rule
		hint = credentials
	}
	return failed(f.Target, hint, f.answered(resp, ", which is no trace"))
}

// refused explains an answer with another status than OK. Of its text, which may
// be a page, known messages are recognized, and none is shown.
func (f *fetching) refused(resp *http.Response, body io.Reader) error {
	page, _ := io.ReadAll(io.LimitReader(body, 4<<10)) // without a message, the status must do
	text := string(page)
	switch s := resp.StatusCode; {
	case s == http.StatusBadRequest && strings.Contains(text, "exceeds server's WriteTimeout"):
		return failed(f.Target, "--for with less than that timeout", fmt.Errorf("%v is more than the service lets an answer take, its WriteTimeout", f.For))
	case s == http.StatusBadRequest && (strings.Contains(text, "HTTP request to an HTTPS server") || strings.Contains(text, "HTTP request was sent to HTTPS port")):
		return failed(f.Target, f.Target.otherScheme(), errors.New("it speaks HTTPS on that port, not HTTP"))
	case s == http.StatusInternalServerError && strings.Contains(text, "Could not enable tracing"):
		return failed(f.Target, "try again when the other trace has ended", errors.New("the service is being traced already, and has one tracer only"))
	default:
		return failed(f.Target, remedy(s), f.answered(resp, ""))
	}
}

// moved tells whether the answer is that of another place than was asked first.
func (f *fetching) moved(resp *http.Response) bool {
	asked, answered := f.Target.url, resp.Request.URL
	return answered.Scheme != asked.Scheme || answered.Host != asked.Host
}

// remedy returns what can be done about a status.
func remedy(status int) string {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return credentials
	case http.StatusProxyAuthRequired:
		return "the user and password of a proxy go into HTTP_PROXY or HTTPS_PROXY"
	case http.StatusNotFound, http.StatusMethodNotAllowed:
		return lines
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return "something before the service may have lost patience: a shorter --for, or the address of the service itself"
	}
	return ""
}

// answered says what was answered, and where when that is not where it was asked.
func (f *fetching) answered(resp *http.Response, what string) error {
	from := "it"
	if f.moved(resp) {
		from = fmt.Sprintf("it redirected to %s://%s, which", resp.Request.URL.Scheme, resp.Request.URL.Host)
	}
	kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type")) // errors may be of a parameter only
	if kind == "" {
		kind = "content of no type"
	}
	status := strings.TrimSpace(fmt.Sprintf("%d %s", resp.StatusCode, http.StatusText(resp.StatusCode)))
	return fmt.Errorf("%s answered %s with %s%s", from, status, kind, what)
}
