package compare

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"time"

	"go.yaml.in/yaml/v3"
)

// Budget is what a project lets pass, and what not.
type Budget struct {
	Checks []Expression
	Known  []Known
}

// Known is a finding that is known, and let pass for some time.
type Known struct {
	subject
	Reason string
	Until  time.Time // the last day
}

// budgetFile is the shape of the file.
type budgetFile struct {
	FailOn []*string `yaml:"fail-on"`
	Known  []*struct {
		Finding string `yaml:"finding"`
		Reason  string `yaml:"reason"`
		Until   string `yaml:"until"`
	} `yaml:"known"`
}

// ParseBudget reads the content of a budget file, in YAML:
//
//	fail-on:
//	  - lock-wait > +10%
//	  - blocked[*] > +5ms
//	known:
//	  - finding: blocked[main.(*Cache).Get]
//	    reason: the cache is rebuilt, see issue 12
//	    until: 2027-01-31
//
// The name is that of the file. The error says what is wrong in it.
func ParseBudget(data []byte, name string) (*Budget, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	var f budgetFile
	if err := decoder.Decode(&f); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, errors.New("there is a second document in it, behind ---")
	}
	b := &Budget{}
	for _, text := range f.FailOn {
		if text == nil {
			return nil, errors.New("fail-on: an item is empty")
		}
		e, err := ParseExpression(*text)
		if err != nil {
			return nil, fmt.Errorf("fail-on: %w", err)
		}
		e.Budget = name
		b.Checks = append(b.Checks, e)
	}
	for _, k := range f.Known {
		if k == nil {
			return nil, errors.New("known: an item is empty")
		}
		known, err := parseKnown(k.Finding, k.Reason, k.Until)
		if err != nil {
			return nil, fmt.Errorf("known: %w", err)
		}
		b.Known = append(b.Known, known)
	}
	return b, nil
}

func parseKnown(finding, reason, until string) (k Known, err error) {
	p := &parser{text: finding}
	k.subject = p.subject()
	p.end()
	if p.err != nil {
		return k, p.err
	}
	if k.Reason = reason; reason == "" {
		return k, fmt.Errorf("%s has no reason", finding)
	}
	k.Until, err = time.ParseInLocation(time.DateOnly, until, time.Local)
	if err != nil {
		return k, fmt.Errorf("%s: until is %q; it is a day, as 2027-01-31", finding, until)
	}
	return k, nil
}
