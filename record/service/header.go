package service

import (
	"errors"
	"fmt"
	"net/http"
	"net/textproto"
	"strings"
)

// ParseHeaders reads headers as they are typed, each a "Name: value". The error
// is an [*Error], and quotes nothing that may be secret.
func ParseHeaders(lines []string) (http.Header, error) {
	h := make(http.Header)
	for i, line := range lines {
		name, value, err := parseHeader(line)
		if err != nil {
			return nil, &Error{
				Err:  fmt.Errorf("read header %d of %d: %w", i+1, len(lines), err),
				Hint: "--header 'Authorization: Bearer TOKEN'",
			}
		}
		h.Add(name, value)
	}
	return h, nil
}

// parseHeader names the header in its errors only when it has a value apart: a
// line without a colon may be the bare token.
func parseHeader(line string) (name, value string, err error) {
	name, value, ok := strings.Cut(line, ":")
	name, value = textproto.TrimString(name), textproto.TrimString(value)
	switch {
	case !ok:
		return "", "", errors.New("it has no colon between a name and a value")
	case name == "":
		return "", "", errors.New("it has no name before the colon")
	case strings.ContainsFunc(name, notInName):
		return "", "", errors.New("its name has a character other than letters, digits and hyphens")
	case strings.ContainsFunc(value, notInValue):
		return "", "", fmt.Errorf("the value of %s has a line break or another control character", name)
	}
	return name, value, nil
}

func notInName(r rune) bool {
	letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
	return !letter && !strings.ContainsRune("-_.!#$%&'*+^`|~", r)
}

func notInValue(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }
