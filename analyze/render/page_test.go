package render

import (
	"fmt"
	"io"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"tracekit/analyze/report"
)

func sampleRuns(t *testing.T) *report.Runs { t.Helper(); return stored[report.Runs](t, "runs.json") }
func sampleDiff(t *testing.T) *report.Diff { t.Helper(); return stored[report.Diff](t, "diff.json") }

// pageOf returns what a renderer writes.
func pageOf[T any](t *testing.T, render func(io.Writer, T) error, v T) string {
	t.Helper()
	return string(written(t, render, v))
}

// document is data with its renderers.
type document struct {
	name     string
	text     string
	markdown string
	caveats  []report.Caveat
}

// documents renders the four kinds of data, each after a change.
func documents(t *testing.T, change func(v any)) []document {
	t.Helper()
	r, s, runs, d := sample(t), sampleSet(t), sampleRuns(t), sampleDiff(t)
	for _, v := range []any{r, s, runs, d} {
		change(v)
	}
	return []document{
		{"sample", pageOf(t, Text, r), pageOf(t, reportMarkdown, r), r.Caveats},
		{"set", pageOf(t, setText, s), pageOf(t, setMarkdown, s), setCaveats(s)},
		{"runs", pageOf(t, runsText, runs), pageOf(t, runsMarkdown, runs), runs.Caveats},
		{"diff", pageOf(t, diffText, d), pageOf(t, diffMarkdown, d), d.Caveats},
	}
}

func TestSampleRunsHold(t *testing.T) {
	if err := sampleRuns(t).Check(); err != nil {
		t.Error(err)
	}
}

func TestGoldens(t *testing.T) {
	for _, d := range documents(t, func(any) {}) {
		golden(t, d.name+".txt", []byte(d.text))
		golden(t, d.name+".md", []byte(d.markdown))
	}
}

// TestCaveatsAreTold looks for each in text and Markdown, once.
func TestCaveatsAreTold(t *testing.T) {
	flat := func(s string) string { return strings.Join(strings.Fields(s), " ") }
	for _, d := range documents(t, func(any) {}) {
		for _, c := range d.caveats {
			want := flat(sentence(c))
			bare := regexp.MustCompile(`(^| )! `).ReplaceAllString(flat(d.text), " ")
			if n := strings.Count(bare, want); n != 1 {
				t.Errorf("%s: the text tells %d times %q", d.name, n, want)
			}
			if n := strings.Count(d.markdown, "> **!** "+new(markdown).plain(sentence(c))+"\n"); n != 1 {
				t.Errorf("%s: the Markdown tells %d times %q", d.name, n, want)
			}
		}
	}
}

// hostileWords have all that steers a terminal, or means something in Markdown.
const hostileWords = "a|b`c``d\ne<script>*f*_g_\x1b[31m\\|h~~#1 @i"

// fill sets each string in v, but for those that a renderer tells apart.
func fill(v reflect.Value, with string) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			fill(v.Elem(), with)
		}
	case reflect.Slice:
		for i := range v.Len() {
			fill(v.Index(i), with)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if name := v.Type().Field(i).Name; !slices.Contains([]string{"Unit", "About", "Of", "Class"}, name) {
				fill(v.Field(i), with)
			}
		}
	case reflect.String:
		v.SetString(with)
	}
}

// tags are those that no renderer writes, and emphasis that no name may make.
var tags = regexp.MustCompile(`<[^/!dsc0-9][^>]*>|<s[^u][^>]*>|[^\\\\]\*f|[^\\\\]_g`)

// outsideCode drops code spans: what they begin with, they end with.
func outsideCode(s string) string {
	var b strings.Builder
	for {
		i := strings.Index(strings.ReplaceAll(s, "\\`", "\\'"), "`")
		if i < 0 {
			return b.String() + s
		}
		b.WriteString(s[:i])
		rest := strings.TrimLeft(s[i:], "`")
		fence := s[i : len(s)-len(rest)]
		_, after, ok := strings.Cut(rest, fence)
		if !ok {
			return b.String() + s[i:]
		}
		s = after
	}
}

// TestHostileNames has nothing but such names.
func TestHostileNames(t *testing.T) {
	for _, with := range []string{hostileWords, strings.Repeat("long", 200), strings.Repeat("|", 300), strings.Repeat("`", 90), `\`, "", "\xff\u202e"} {
		for _, d := range documents(t, func(v any) { fill(reflect.ValueOf(v), with) }) {
			fits(t, d)
			for _, bad := range []string{"\x1b", "\u202e", "\xff"} {
				if strings.Contains(d.text+d.markdown, bad) {
					t.Errorf("%s: %q comes through", d.name, bad)
				}
			}
			if tag := tags.FindString(outsideCode(d.markdown)); tag != "" {
				t.Errorf("%s: %q comes through in\n%s", d.name, tag, d.markdown)
			}
			cells(t, d)
		}
	}
}

// fits checks the width of text, and the length of Markdown.
func fits(t *testing.T, d document) {
	t.Helper()
	for line := range strings.Lines(d.text) {
		if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > width {
			t.Errorf("%s: %d columns: %s", d.name, n, line)
		}
	}
	if n := len(d.markdown); n > maxMarkdown {
		t.Errorf("%s: %d bytes of Markdown", d.name, n)
	}
}

// cells checks that the rows of each table have as many pipes as its header.
func cells(t *testing.T, d document) {
	t.Helper()
	pipes := 0
	for line := range strings.Lines(d.markdown) {
		n := strings.Count(line, "|")
		if n > 0 && pipes > 0 && n != pipes {
			t.Errorf("%s: %d pipes instead of %d: %s", d.name, n, pipes, line)
		}
		pipes = n
	}
}

// TestNothing renders data that has nothing in it.
func TestNothing(t *testing.T) {
	for name, text := range map[string]string{
		"report text": pageOf(t, Text, &report.Report{}), "report markdown": pageOf(t, reportMarkdown, &report.Report{}),
		"set text": pageOf(t, setText, &report.Set{}), "set markdown": pageOf(t, setMarkdown, &report.Set{}),
		"runs text": pageOf(t, runsText, &report.Runs{}), "runs markdown": pageOf(t, runsMarkdown, &report.Runs{}),
		"diff text": pageOf(t, diffText, &report.Diff{}), "diff markdown": pageOf(t, diffMarkdown, &report.Diff{}),
	} {
		if !strings.Contains(text, "no goroutine waited for a lock") {
			t.Errorf("%s does not say so:\n%s", name, text)
		}
	}
}

// spoil sets all indexes to -1, all pointers in a struct to nil and all numbers to the
// least there is.
func spoil(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if v.CanSet() {
			v.SetZero()
		} else {
			spoil(v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			spoil(v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			spoil(v.Field(i))
		}
	case reflect.Int:
		v.SetInt(-1)
	case reflect.Int64:
		v.SetInt(-1 << 63)
	case reflect.Float64:
		v.SetFloat(-1e300)
	}
}

// TestSpoiledNumbers renders what no analysis says, but a file may: what follows
// from the facts of runs is not checked, and a Diff is not at all.
func TestSpoiledNumbers(t *testing.T) {
	for _, d := range documents(t, func(v any) {
		switch v.(type) {
		case *report.Runs, *report.Diff:
			spoil(reflect.ValueOf(v))
		}
	}) {
		fits(t, d)
	}
}

// TestLongLists has more of everything than is shown.
func TestLongLists(t *testing.T) {
	for _, d := range documents(t, func(v any) { lengthen(reflect.ValueOf(v).Elem()) }) {
		fits(t, d)
		for format, s := range map[string]string{"text": d.text, "Markdown": d.markdown} {
			if !strings.Contains(s, "more, with -f json") {
				t.Errorf("%s in %s does not count what it leaves out", d.name, format)
			}
		}
	}
}

// lengthen repeats what the lists of a struct have, but for its caveats.
func lengthen(v reflect.Value) {
	for i := range v.NumField() {
		f := v.Field(i)
		switch {
		case f.Kind() == reflect.Struct:
			lengthen(f)
		case f.Kind() == reflect.Slice && f.Len() > 0 && v.Type().Field(i).Name != "Caveats":
			for range 6 {
				f.Set(reflect.AppendSlice(f, f))
			}
		}
	}
}

// TestTooLongForAComment has caveats without end: what finds no room is counted.
func TestTooLongForAComment(t *testing.T) {
	for _, d := range documents(t, func(v any) {
		f := reflect.ValueOf(v).Elem().FieldByName("Caveats")
		for i := range 2000 {
			c := report.Caveat{Code: "x", About: "measures", Text: fmt.Sprintf("caveat %d %s", i, strings.Repeat("|", 40))}
			f.Set(reflect.Append(f, reflect.ValueOf(c)))
		}
	}) {
		fits(t, d)
		if !strings.Contains(d.markdown, "a comment has no room for") {
			t.Errorf("%s does not count what it leaves out", d.name)
		}
	}
}

func TestMarkdownNames(t *testing.T) {
	m := new(markdown)
	for name, want := range map[string]string{
		"": "", "main.(*T).F": "`main.(*T).F`", "a`b": "`` a`b ``", "`": "`` ` ``", "a``b`": "``` a``b` ```",
		"a|b_c": `<code>a&#124;b\_c</code>`, "a\nb": "`a?b`", " a ": "`a`",
	} {
		if got := m.name(name); got != want {
			t.Errorf("%q is %s, want %s", name, got, want)
		}
	}
	if got, want := m.plain("*a*_b_<i>|&`\\@c#1"), "\\*a\\*\\_b\\_&lt;i&gt;&#124;&amp;\\`\\\\@<!-- -->c\\#1"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
