package safe

import "testing"

func TestPrintable(t *testing.T) {
	for s, want := range map[string]string{
		"main.f":            "main.f",
		"für ↑ x":           "für ↑ x",
		"\x1b]0;title\x07":  "?]0;title?",
		"a\nb\u2028\u200bc": "a?b??c",
		"\xff":              "?",
		"=1":                "=1",
		"":                  "",
	} {
		if got := Printable(s); got != want {
			t.Errorf("%q becomes %q, want %q", s, got, want)
		}
	}
}

func TestCell(t *testing.T) {
	for s, want := range map[string]string{
		"main.f": "main.f",
		"=1+1":   "'=1+1",
		"+1":     "'+1",
		"-1":     "'-1",
		"@x":     "'@x",
		"＝1":     "'＝1",
		"＠x":     "'＠x",
		"\t=1":   "?=1",
		"a=1":    "a=1",
		"":       "",
	} {
		if got := Cell(s); got != want {
			t.Errorf("%q becomes %q, want %q", s, got, want)
		}
	}
}
