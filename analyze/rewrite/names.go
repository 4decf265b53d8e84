package rewrite

import (
	"path"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// naming gives out pseudonyms, by the order in which it is asked. They are numbers, for
// hashes can be undone by who guesses the names.
type naming struct {
	given map[key]string
	last  map[string]int  // number, by kind
	taken map[string]bool // what looks like a pseudonym, and is in the trace already
}

// key is something with a pseudonym.
type key struct{ kind, name string }

// likePseudonym is what pseudonyms look like.
var likePseudonym = regexp.MustCompile(`^(p|T|F|f|c|d|task|region|category|log|string)[0-9]+$`)

func newNaming() *naming {
	return &naming{given: make(map[key]string), last: make(map[string]int), taken: make(map[string]bool)}
}

// avoid has no pseudonym be a word of a text: it would pass for what it replaces.
func (n *naming) avoid(text string) {
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		if likePseudonym.MatchString(word) {
			n.taken[word] = true
		}
	}
}

// give returns the pseudonym of a name among those of a kind, which begins with the
// given letters.
func (n *naming) give(kind, name, letters string) string {
	k := key{kind, name}
	for n.given[k] == "" {
		n.last[kind]++
		if s := letters + strconv.Itoa(n.last[kind]); !n.taken[s] {
			n.given[k] = s
		}
	}
	return n.given[k]
}

// cutPackage splits the name of a function behind the path of its package, as the
// linker writes that: with dots in its last element, and what is no letter, as %2e. A
// name without one is C's, or made up by the compiler.
func cutPackage(function string) (pkg, rest string) {
	head := function
	if i := strings.IndexAny(function, "[({ "); i >= 0 {
		head = function[:i] // types have paths, too
	}
	slash := strings.LastIndexByte(head, '/') + 1
	dot := strings.IndexByte(head[slash:], '.')
	if dot <= 0 || strings.Contains(head, ":") { // type:.eq.main.T
		return "", function
	}
	return function[:slash+dot], function[slash+dot+1:]
}

// longest is the length of the longest name that a trace can hold.
const longest = 1 << 10

// function returns the pseudonym of a function, with the structure of its name.
func (n *naming) function(text string) string {
	pkg, rest := cutPackage(text)
	if pkg == "" {
		return n.symbol(text)
	}
	s := n.pkg(pkg) + "." + n.parts(pkg, rest)
	if len(s) > longest {
		return n.symbol(text)
	}
	return s
}

// symbol returns the pseudonym of a function the name of which has no structure.
func (n *naming) symbol(text string) string {
	return cgoPrefix(text) + n.give("symbol", text, "c")
}

// pkg returns the pseudonym of a package. That of programs is called main in all of
// them.
func (n *naming) pkg(path string) string {
	if path == "main" {
		return path
	}
	return n.give("package", path, "p")
}

// suffix is what the compiler adds to a name, for method values and bodies of loops
// over functions.
var suffix = regexp.MustCompile(`(-fm|-range[0-9]+)+$`)

// parts returns the pseudonyms of the parts of a function's name: types, methods,
// functions, and those that were inlined around a closure.
func (n *naming) parts(pkg, rest string) string {
	list := split(rest)
	var out []string
	receiver := ""
	for i, part := range list {
		add := suffix.FindString(part)
		part = strings.TrimSuffix(part, add)
		name, brackets := cutBrackets(part)
		inner, pointer := strings.CutPrefix(part, "(*")
		switch {
		case isWord(pkg, list, i):
			out = append(out, part+add)
			continue
		case pointer:
			receiver, brackets = cutBrackets(strings.TrimSuffix(inner, ")"))
			out = append(out, "(*"+n.receiver(pkg, receiver)+n.brackets(brackets)+")"+add)
			continue
		case i == 0 && len(list) > 1 && !isWord(pkg, list, 1):
			receiver = name
			out = append(out, n.receiver(pkg, receiver)+n.brackets(brackets)+add)
			continue
		}
		out = append(out, n.name(pkg+"."+receiver+"."+name, name)+n.brackets(brackets)+add)
		receiver = ""
	}
	return strings.Join(out, ".")
}

func (n *naming) receiver(pkg, name string) string { return n.give("type", pkg+"."+name, "T") }

// name returns the pseudonym of a function or method without what is before it, which
// is exported if it is. All of it tells it from others of that name.
func (n *naming) name(all, name string) string {
	letter := "f"
	if r, _ := utf8.DecodeRuneInString(name); unicode.IsUpper(r) {
		letter = "F"
	}
	return cgoPrefix(name) + n.give("function", all, letter)
}

// cgoPrefix returns what begins a name that cgo has made.
func cgoPrefix(name string) string {
	for _, prefix := range []string{"_cgoexp_", "_Cfunc_"} {
		if strings.HasPrefix(name, prefix) {
			return prefix
		}
	}
	return ""
}

// split splits a name at its dots, but not in brackets.
func split(name string) (list []string) {
	depth, begin := 0, 0
	for i := range len(name) {
		switch name[i] {
		case '[', '(', '{':
			depth++
		case ']', ')', '}':
			depth--
		case '.':
			if depth == 0 {
				list = append(list, name[begin:i])
				begin = i + 1
			}
		}
	}
	return append(list, name[begin:])
}

// made are the names that the compiler makes, for closures and the like; the empty one
// stands in glob..func1.
var made = regexp.MustCompile(`^((func|gowrap|deferwrap)[0-9]+|[0-9]*)$`)

// isWord reports whether a part of a name is of the language, and not the program's.
func isWord(pkg string, list []string, i int) bool {
	name := suffix.ReplaceAllString(list[i], "")
	switch {
	case i == 0:
		return name == "init" || name == "glob" || name == "map" || name == "main" && pkg == "main"
	case i == 1 && list[0] == "map":
		return name == "init"
	}
	return made.MatchString(name)
}

// cutBrackets cuts the arguments off a generic type or function.
func cutBrackets(s string) (name, brackets string) {
	if i := strings.IndexByte(s, '['); i >= 0 {
		return s[:i], s[i:]
	}
	return s, ""
}

// brackets returns the arguments of what is generic. The runtime writes [...].
func (n *naming) brackets(s string) string {
	if s == "" || s == "[...]" {
		return s
	}
	return "[" + n.give("type", s, "T") + "]"
}

// clean returns the name of a function that is kept, without the types that it is for.
func (n *naming) clean(function string) string {
	i, j := strings.IndexByte(function, '['), strings.LastIndexByte(function, ']')
	if i < 0 || j < i {
		return function
	}
	return function[:i] + n.brackets(function[i:j+1]) + function[j+1:]
}

// extensions of files tell a language, and no more.
var extensions = map[string]bool{".go": true, ".s": true, ".c": true, ".cc": true, ".cpp": true, ".h": true, ".m": true, ".y": true}

// file returns the pseudonym of a file, in that of its directory.
func (n *naming) file(text string) string {
	slash := strings.LastIndexAny(text, `/\`) + 1
	name := n.give("file", text, "f")
	if ext := path.Ext(text[slash:]); extensions[ext] {
		name += ext
	}
	if slash == 0 {
		return name
	}
	return n.give("directory", text[:slash], "d") + "/" + name
}
