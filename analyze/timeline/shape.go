package timeline

import (
	"strings"

	"tracekit/analyze/decode"
)

// NoSite is the site of an event for which the trace has no stack.
const NoSite FrameID = -1

// shape is what the frames of a stack say, worked out once for each stack.
type shape struct {
	known bool
	site  FrameID // the first frame that is the user's; else the leaf
	name  string  // the outermost function that is the user's; else the root
	named bool    // name is the user's, or the goroutine has no user's part
	class Class   // of a goroutine with this stack
}

// shapeOf returns the shape of a stack.
func (tl *timeline) shapeOf(id StackID) *shape {
	for int(id) >= len(tl.shapes) {
		tl.shapes = append(tl.shapes, shape{})
	}
	if !tl.shapes[id].known {
		tl.shapes[id] = newShape(tl.symbols, id)
	}
	return &tl.shapes[id]
}

func newShape(symbols *Symbols, id StackID) shape {
	s := shape{known: true, site: NoSite}
	frames := symbols.Stack(id)
	if len(frames) == 0 {
		return s
	}
	for _, f := range frames {
		name := symbols.Frame(f).Func
		if inside(name) {
			continue
		}
		if s.site == NoSite {
			s.site = f
		}
		s.name = name
	}
	root := symbols.Frame(frames[len(frames)-1]).Func
	s.class = classOf(root)
	s.named = s.name != "" || s.class != User
	if s.site == NoSite {
		s.site = frames[0]
	}
	if s.name == "" || s.class != User {
		s.name = root
	}
	return s
}

// inside reports whether a function belongs to what a program waits in, or was
// started by, rather than to the program: the packages sync, with those of
// golang.org/x/sync, runtime, and the standard library's internal ones; and what
// cgo puts between C and Go. time.Sleep is the runtime's, by its file.
func inside(function string) bool {
	for _, prefix := range []string{"runtime.", "sync.", "internal/", "runtime/", "sync/", "golang.org/x/sync/", "_cgoexp_"} {
		if strings.HasPrefix(function, prefix) {
			return true
		}
	}
	return function == "time.Sleep"
}

// classes tells whose a goroutine is by the outermost function of its stacks. The
// first prefix that fits decides; what fits none is the user's. What finalizers
// and cleanups wait for counts as the runtime's, which runs them.
var classes = []struct {
	prefix string
	class  Class
}{
	{"runtime.main", User},
	{"runtime.doInit", User},      // main's, where a trace was started in an init function
	{"runtime.corostart", User},   // the other side of an iter.Pull
	{"runtime.cgocallback", User}, // a thread of C that calls Go
	{"runtime.traceStartReadCPU", Tracer},
	{"runtime.(*traceAdvancerState)", Tracer},
	{"runtime/trace.Start", Tracer}, // and not trace.WithRegion, which a go statement can call
	{"runtime/trace.(*", Tracer},
	{"tracekit/record/hook.", Tracer},
	{"runtime.", Runtime},
	{"runtime/pprof.profileWriter", Runtime}, // and not pprof.Do
	{"os/signal.", Runtime},                  // waits for signals, once a program has asked for any
}

func classOf(root string) Class {
	for _, c := range classes {
		if strings.HasPrefix(root, c.prefix) {
			return c.class
		}
	}
	return User
}

// Leaf returns the innermost function of a stack, "" for NoStack.
func Leaf(symbols *Symbols, id StackID) string {
	frames := symbols.Stack(id)
	if len(frames) == 0 {
		return ""
	}
	return symbols.Frame(frames[0]).Func
}

// isRuntimeWaker reports whether a waker's stack says that it was the runtime
// that woke a goroutine, and the one named merely lent its thread: it polled
// the network when it stopped for the garbage collector, for instance.
func isRuntimeWaker(symbols *Symbols, id decode.StackID) bool {
	leaf := Leaf(symbols, id)
	return leaf == "runtime.systemstack_switch" || leaf == "runtime.traceLocker.stack"
}

// SiteOf returns the site of a stack: the first frame outside of sync, the
// runtime and the standard library's internal packages, or the leaf where there
// is none such; NoSite for NoStack.
func SiteOf(symbols *Symbols, id StackID) FrameID { return newShape(symbols, id).site }
