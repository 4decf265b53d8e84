package decode

import "testing"

func TestSymbols(t *testing.T) {
	s := NewSymbols()
	a := s.InternFrame(Frame{"a", "a.go", 1})
	b := s.InternFrame(Frame{"b", "b.go", 2})
	if s.InternFrame(Frame{"a", "a.go", 1}) != a || a == b {
		t.Error("frames are not interned by content")
	}
	ab, ba := s.InternStack([]FrameID{a, b}), s.InternStack([]FrameID{b, a})
	if ab == ba || ab == NoStack || s.InternStack([]FrameID{a, b}) != ab || s.InternStack(nil) != NoStack {
		t.Errorf("stacks are %d and %d", ab, ba)
	}
	if got := s.Stack(ba); len(got) != 2 || got[0] != b || s.Frame(got[1]).Func != "a" {
		t.Errorf("stack is %v", got)
	}
}
