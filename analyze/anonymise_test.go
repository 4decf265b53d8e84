package analyze_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"tracekit/analyze"
	"tracekit/analyze/rewrite"
)

// TestAnonymousReports has the report of a trace without names be that of the trace
// itself, but for the names.
func TestAnonymousReports(t *testing.T) {
	for name, data := range fixtures(t) {
		if strings.Contains(name, "-1.21.") {
			continue
		}
		plan, out := anonymous(t, data)
		before, after := named(plan, reportOf(t, data)), reportOf(t, out)
		sortPath(t, before)
		sortPath(t, after)
		if diff := gocmp.Diff(before, after); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func anonymous(t *testing.T, data []byte) (*rewrite.Plan, []byte) {
	t.Helper()
	p, err := rewrite.PlanAnonymity(bytes.NewReader(data), nil)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := p.Write(&out); err != nil {
		t.Fatal(err)
	}
	return p, out.Bytes()
}

func reportOf(t *testing.T, data []byte) map[string]any {
	t.Helper()
	r, err := analyze.Trace(bytes.NewReader(data), "x.trace", analyze.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var v map[string]any
	if err := json.Unmarshal(marshalled(t, r), &v); err != nil {
		t.Fatal(err)
	}
	delete(v["trace"].(map[string]any), "bytes")
	for _, g := range v["order"].(map[string]any)["goroutines"].([]any) {
		delete(g.(map[string]any), "id") // which is made of names
	}
	return v
}

// sortPath sorts what is in the critical path by all that it has: where numbers are
// equal, reports sort by names.
func sortPath(t *testing.T, v map[string]any) {
	t.Helper()
	for _, list := range v["critpath"].(map[string]any) {
		if list, ok := list.([]any); ok {
			slices.SortFunc(list, func(a, b any) int { return bytes.Compare(marshalled(t, a), marshalled(t, b)) })
		}
	}
}

func marshalled(t *testing.T, v any) []byte {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// place is a name with what reports put behind it: a line, or a number.
var place = regexp.MustCompile(`^(.*?)([:#]\d+)?$`)

// named replaces the names in a report as those in a trace are.
func named(p *rewrite.Plan, report map[string]any) map[string]any {
	names := make(map[string]string)
	for _, n := range p.Names {
		names[n.Original] = n.Pseudonym
		names[n.Original[strings.LastIndexByte(n.Original, '/')+1:]] = n.Pseudonym
	}
	return changed(report, func(s string) string {
		if rest, ok := strings.CutPrefix(s, p.Root+"/"); ok && p.Root != "" && names[s] == "" {
			return "$GOROOT/" + rest
		}
		list := strings.Split(s, "/") // a goroutine, with the one that created it
		for i, s := range list {
			m := place.FindStringSubmatch(s)
			if by := names[m[1]]; by != "" {
				list[i] = by + m[2]
			}
		}
		return cmp.Or(names[s], strings.Join(list, "/"))
	}).(map[string]any)
}

// changed returns a value of JSON with other strings, but for the keys.
func changed(v any, by func(string) string) any {
	switch v := v.(type) {
	case string:
		return by(v)
	case []any:
		for i := range v {
			v[i] = changed(v[i], by)
		}
	case map[string]any:
		for key := range v {
			v[key] = changed(v[key], by)
		}
	}
	return v
}
