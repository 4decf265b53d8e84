package pages

import (
	"os"
	"slices"
	"strings"
	"testing"
)

func TestServe(t *testing.T) {
	s, err := Serve()
	if err != nil {
		t.Skip(err) // a machine may have no network at all
	}
	for _, url := range s.URLs(3) {
		lines, err := Get(url)
		if err != nil || len(lines) != Lines || !strings.HasSuffix(url, strings.TrimSuffix(lines[0], " line 1")) {
			t.Errorf("%s: %q, %v", url, lines, err)
		}
	}
	url := s.URLs(1)[0]
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if _, err := Get(url); err == nil {
		t.Error("it serves on")
	}
}

func TestTorn(t *testing.T) {
	tests := []struct {
		lines        string
		blocks, torn int
	}{
		{"", 0, 0},
		{"START a|a 1|a 2|END a|START b|b 1|END b", 2, 0},
		{"START a|a 1|START b|a 2|b 1|END a|END b", 2, 2},
		{"START a|START b|b 1|END b|a 1|END a", 2, 1},
		{"START a|END a|START c|c 1|START b|c 2|END c|b 1|END b", 3, 2},
	}
	for _, tt := range tests {
		blocks, torn, err := countTorn(strings.NewReader(strings.ReplaceAll(tt.lines, "|", "\n")))
		if got := []int{blocks, torn}; err != nil || !slices.Equal(got, []int{tt.blocks, tt.torn}) {
			t.Errorf("%s: %d of %d torn, %v", tt.lines, torn, blocks, err)
		}
	}
}

// TestFile: what is written is a block, and found to be whole; nothing is left.
func TestFile(t *testing.T) {
	f, err := NewFile(0)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"a", "b"} {
		if err := f.Write([]string{name + " line 1", name + " line 2"}); err != nil {
			t.Fatal(err)
		}
	}
	if blocks, torn, err := f.Torn(); blocks != 2 || torn != 0 || err != nil {
		t.Errorf("%d of %d torn, %v", torn, blocks, err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(f.file.Name()); err == nil {
		t.Error("the file is left behind")
	}
	if err := f.Write([]string{"c line 1"}); err == nil {
		t.Error("it can be written to when it is closed")
	}
}
