package compare

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"tracekit/analyze/report"
)

// at is a place "kind function:line caller caller".
func at(s string) report.Place {
	f := strings.Fields(s)
	p := report.Place{Kind: f[0]}
	name, line, _ := strings.Cut(f[1], ":")
	p.Func, p.File = name, "f.go"
	fmt.Sscan(line, &p.Line)
	p.Chain = append([]string{name}, f[2:]...)
	return p
}

func TestMatchPlaces(t *testing.T) {
	tests := []struct {
		name     string
		old, new []string
		want     string // pairs, by name and line
	}{
		{"nothing moved", []string{"mutex m.f:1", "mutex m.f:2"}, []string{"mutex m.f:1", "mutex m.f:2"}, "1=1 same, 2=2 same"},
		{"lines above", []string{"mutex m.f:1", "mutex m.f:2", "mutex m.f:9"}, []string{"mutex m.f:2", "mutex m.f:3", "mutex m.f:10"}, "1=2 moved, 2=3 moved, 9=10 moved"},
		{"one more", []string{"mutex m.f:1", "mutex m.f:5"}, []string{"mutex m.f:1", "mutex m.f:3", "mutex m.f:5"}, "1=1 same, 5=5 same, -=3 new"},
		{"one less, by its stack", []string{"mutex m.f:1 m.a", "mutex m.f:5 m.b"}, []string{"mutex m.f:4 m.b"}, "1=- vanished, 5=4 moved"},
		{"one added, one removed", []string{"mutex m.f:10 m.a", "mutex m.f:20 m.b"}, []string{"mutex m.f:20 m.b", "mutex m.f:30 m.c"}, "10=30 guessed, 20=20 same"},
		{"a caller renamed", []string{"mutex m.f:1 m.a m.main"}, []string{"mutex m.f:3 m.b m.main"}, "1=3 moved"},
		{"another kind", []string{"mutex m.f:1"}, []string{"chan-recv m.f:1"}, "1=- vanished, -=1 new"},
		{"a literal before others", []string{"mutex m.f.func1:10", "mutex m.f.func2:20"}, []string{"mutex m.f.func1:5", "mutex m.f.func2:12", "mutex m.f.func3:22"}, "10=12 renamed, 20=22 renamed, -=5 new"},
		{"literals in literals", []string{"mutex m.f.func2.1:7"}, []string{"mutex m.f.func3.1:8"}, "7=8 renamed"},
		{"functions called as literals are", []string{"mutex m.func32:7"}, []string{"mutex m.func64:7"}, "7=- vanished, -=7 new"},
		{"renamed", []string{"mutex m.get:1 m.serve m.main"}, []string{"mutex m.fetch:4 m.serve m.main"}, "1=4 renamed"},
		{"inlined", []string{"mutex m.get:1 m.serve m.main"}, []string{"mutex m.serve:4 m.main"}, "1=4 renamed"},
		{"nothing in common", []string{"mutex m.get:1"}, []string{"mutex m.fetch:4"}, "1=- vanished, -=4 new"},
		{"main in common", []string{"mutex m.get:1 main.main"}, []string{"mutex m.fetch:4 main.main"}, "1=- vanished, -=4 new"},
		{"two that fit", []string{"mutex m.get:1 m.serve"}, []string{"mutex m.x:4 m.serve", "mutex m.y:5 m.serve"}, "1=- vanished, -=4 new, -=5 new"},
		{"two functions changed", []string{"mutex m.a:1 m.b m.main"}, []string{"mutex m.c:1 m.d m.main"}, "1=- vanished, -=1 new"},
	}
	for _, tt := range tests {
		var old, new []report.Place
		for _, s := range tt.old {
			old = append(old, at(s))
		}
		for _, s := range tt.new {
			new = append(new, at(s))
		}
		all := func(n int) []bool { return slices.Repeat([]bool{true}, n) }
		pairs := matchPlaces(old, new, all(len(old)), all(len(new)))
		slices.SortFunc(pairs, func(a, b pair) int { // those that are new last
			return cmpPairs(a, b)
		})
		var got []string
		for _, p := range pairs {
			a, b := "-", "-"
			if p.old >= 0 {
				a = fmt.Sprint(old[p.old].Line)
			}
			if p.new >= 0 {
				b = fmt.Sprint(new[p.new].Line)
			}
			got = append(got, a+"="+b+" "+p.match)
		}
		if s := strings.Join(got, ", "); s != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, s, tt.want)
		}
	}
}

func cmpPairs(a, b pair) int {
	order := func(p pair) int {
		if p.old < 0 {
			return 1000 + p.new
		}
		return p.old
	}
	return order(a) - order(b)
}

func TestPlainName(t *testing.T) {
	for name, want := range map[string]string{
		"main.main":                     "main.main",
		"main.f.func1":                  "main.f.func",
		"a.b/c.d/main.(*T).Get.func2.1": "a.b/c.d/main.(*T).Get.func",
		"main.F[...].func3":             "main.F[...].func",
		"main.func32":                   "main.func32",
		"main.func32.func1":             "main.func32.func",
		"main.init.0":                   "main.init",
		"main.init.0.func1":             "main.init.func",
		"main.f-range2":                 "main.f-range",
		"main.f.gowrap1":                "main.f.gowrap",
		"":                              "",
		"odd":                           "odd",
	} {
		if got := plainName(name); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}
