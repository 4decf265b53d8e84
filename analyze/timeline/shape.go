package timeline

import (
	"cmp"
	"slices"
	"strings"

	"tracekit/analyze/decode"
)

// NoSite is the site of an event for which the trace has no stack.
const NoSite FrameID = -1

// shape is what the frames of a stack say, worked out once for each stack.
type shape struct {
	known bool
	site  FrameID // the first frame that is the user's; else that of an object; else the leaf
	name  string  // the outermost function that is the user's, main.main of the main goroutine; else the root
	group GroupID // stands for name
	named bool    // name is the user's, or the goroutine has no user's part
	class Class   // of a goroutine with this stack

	runtime  bool // as a waker's: it was the runtime that woke
	releases bool // a lock that is built of channels
	behind   bool // as a waiter's: a writer that waits for readers to leave
	reads    bool // as a waiter's: a reader that waits for a writer

	ask       asked   // of the reason that it waited for last
	handed    StackID // the stack of a wake that was joined with it last
	handing   bool    // there was one
	ofRWMutex bool    // the wait that it ended was for one
}

// asked is what a stack with a reason to wait waits for.
type asked struct {
	known  bool
	reason decode.StringID
	kind   Kind
	lock   LockID // NoLock for a kind that is none
}

// shapeOf returns the shape of a stack.
func (tl *timeline) shapeOf(id StackID) *shape {
	if int(id) < len(tl.shapes) && tl.shapes[id].known {
		return &tl.shapes[id]
	}
	return tl.newShape(id)
}

func (tl *timeline) newShape(id StackID) *shape {
	for int(id) >= len(tl.shapes) {
		tl.shapes = append(tl.shapes, shape{})
	}
	s := newShape(tl.symbols, id)
	s.group = tl.groupOf(s.name)
	tl.shapes[id] = s
	return &tl.shapes[id]
}

// groupOf returns the number of a name.
func (tl *timeline) groupOf(name string) GroupID {
	id, ok := tl.groups[name]
	if !ok {
		id = GroupID(len(tl.groups))
		tl.groups[name] = id
	}
	return id
}

func newShape(symbols *Symbols, id StackID) shape {
	s := shape{known: true, site: NoSite}
	frames := symbols.Stack(id)
	if len(frames) == 0 {
		return s
	}
	object := frames[0] // the site, where no frame is the user's
	for _, f := range slices.Backward(frames) {
		switch name := symbols.Frame(f).Func; {
		case isObject(name):
			object = f
			s.releases = s.releases || begun(name, "golang.org/x/sync/semaphore.", threading+"slot.")
		case !inside(name):
			s.site = f
			s.name = cmp.Or(s.name, name)
		}
	}
	root := symbols.Frame(frames[len(frames)-1]).Func
	s.class = classOf(root)
	s.named = s.name != "" || s.class != User
	if s.site == NoSite {
		s.site = object
	}
	switch {
	case s.name == "" || s.class != User:
		s.name = root
	case begun(root, "runtime.main", "runtime.doInit"): // whichever package it initialises
		s.name = "main.main"
	}
	leaf := symbols.Frame(frames[0]).Func
	s.runtime = isRuntimeWaker(leaf)
	s.behind = leaf == "sync.(*RWMutex).Lock"
	s.reads = leaf == "sync.(*RWMutex).RLock"
	return s
}

// inside reports whether a function belongs to what a program waits in, or was
// started by, rather than to the program: the packages sync, runtime, and the
// standard library's internal ones; and what cgo puts between C and Go.
// time.Sleep is the runtime's, by its file.
func inside(function string) bool {
	return begun(function, "runtime.", "sync.", "internal/", "runtime/", "sync/", "_cgoexp_") || function == "time.Sleep"
}

// isObject reports whether a function belongs to a package that builds on
// channels and sync what a program waits for: golang.org/x/sync, and threading.
func isObject(function string) bool { return begun(function, "golang.org/x/sync/", threading) }

func begun(s string, prefixes ...string) bool {
	return slices.ContainsFunc(prefixes, func(prefix string) bool { return strings.HasPrefix(s, prefix) })
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
	{"runtime/trace.tracekit", Tracer},
	{"tracekit/record/hook.", Tracer},
	{"os.tracekitRead", Tracer},
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

// isRuntimeWaker reports whether the first function of a waker's stack says that
// it was the runtime that woke a goroutine, and the one named merely lent its
// thread: it polled the network when it stopped for the garbage collector, for
// instance.
func isRuntimeWaker(leaf string) bool {
	return leaf == "runtime.systemstack_switch" || leaf == "runtime.traceLocker.stack"
}

// SiteOf returns the site of a stack: the first frame outside of sync, the
// runtime, the standard library's internal packages and those that build on
// them; else the first outside of the standard library's; else the leaf; NoSite
// for NoStack.
func SiteOf(symbols *Symbols, id StackID) FrameID { return newShape(symbols, id).site }
