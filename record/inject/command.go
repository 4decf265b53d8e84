package inject

import (
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// command is what the command line says of the go command that will run.
type command struct {
	target Target
	goBin  string // the go command; empty: there is none
	isGo   bool   // the command is the go command itself
	dir    string // the folder that it works in
	verb   string // as "run"; empty when the command is not go
	flags  []string
	args   []string // what follows the flags: packages or files first
	at     int      // the index of the verb in the command line
}

// parseCommand reads a command line.
func parseCommand(t Target) *command {
	c := &command{target: t, dir: t.Dir}
	if len(t.Args) == 0 {
		return c
	}
	c.isGo = IsGo(t.Args[0])
	name := "go"
	if c.isGo {
		name = t.Args[0]
	}
	c.goBin, _ = LookPath(name, t.Env)
	if c.isGo {
		c.parseGo(t.Args[1:])
	}
	return c
}

// IsGo reports whether a command is go, or a release of it as go1.25.3.
func IsGo(name string) bool {
	base := strings.TrimSuffix(filepath.Base(name), ".exe")
	return base == "go" || strings.HasPrefix(base, "go1.") || base == "gotip"
}

// LookPath finds a command in the PATH of an environment, as exec.LookPath does in
// that of this program: without the folders that are named relative to this one.
func LookPath(name string, env []string) (string, error) {
	if filepath.Base(name) != name {
		return exec.LookPath(name)
	}
	for _, dir := range filepath.SplitList(lookEnv(env, "PATH")) {
		if !filepath.IsAbs(dir) {
			continue
		}
		if p, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
			return p, nil
		}
	}
	return "", &exec.Error{Name: name, Err: exec.ErrNotFound}
}

// lookEnv returns the value of a variable, of which the last setting counts.
func lookEnv(env []string, name string) string {
	for _, e := range slices.Backward(env) {
		if v, ok := strings.CutPrefix(e, name+"="); ok {
			return v
		}
	}
	return ""
}

// booleans are the go command's flags that take no value of their own.
var booleans = []string{"a", "n", "v", "x", "h", "race", "msan", "asan", "cover", "work", "json", "linkshared",
	"modcacherw", "trimpath", "buildvcs", "c", "i", "benchmem", "short", "failfast", "fullpath", "artifacts"}

// parseGo reads the arguments of the go command.
func (c *command) parseGo(args []string) {
	var before []string
	before, rest := cutFlags(args)
	c.at = 1 + len(before)
	if len(rest) == 0 {
		return
	}
	c.verb = rest[0]
	c.flags, c.args = cutFlags(rest[1:])
	for _, flags := range [][]string{before, c.flags} {
		if dir, ok := flagValue(flags, "C"); ok {
			c.dir = join(c.target.Dir, dir)
		}
	}
	if c.verb == "test" { // whose flags may follow the packages
		c.flags = rest[1:]
		for i, a := range c.flags {
			if name, ok := flagName(a); ok && name == "args" { // what follows is the program's
				c.flags = c.flags[:i]
				break
			}
		}
	}
}

func join(dir, name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(dir, name)
}

// cutFlags divides arguments into flags, with their values, and the rest.
func cutFlags(args []string) (flags, rest []string) {
	for i := 0; i < len(args); i++ {
		name, isFlag := flagName(args[i])
		if !isFlag {
			return args[:i], args[i:]
		}
		if !strings.Contains(args[i], "=") && !slices.Contains(booleans, name) {
			i++ // its value
		}
	}
	return args, nil
}

// flagName returns the name of the flag in an argument: -x, --x or -x=value.
func flagName(arg string) (name string, ok bool) {
	name, ok = strings.CutPrefix(arg, "-")
	if !ok || name == "" {
		return "", false
	}
	name, _, _ = strings.Cut(strings.TrimPrefix(name, "-"), "=")
	return name, name != ""
}

// flagValue returns the last value of a flag.
func flagValue(flags []string, name string) (value string, ok bool) {
	for i, f := range flags {
		if n, isFlag := flagName(f); !isFlag || n != name {
			continue
		}
		if _, v, has := strings.Cut(f, "="); has {
			value, ok = v, true
		} else if i+1 < len(flags) {
			value, ok = flags[i+1], true
		}
	}
	return value, ok
}

// files returns the Go files that go run is given instead of a package.
func (c *command) files() (files []string) {
	if c.verb != "run" {
		return nil
	}
	for _, a := range c.args {
		if !strings.HasSuffix(a, ".go") {
			break
		}
		files = append(files, join(c.dir, a))
	}
	return files
}

// pkg returns the package that go run is given, "" for none.
func (c *command) pkg() string {
	if c.verb != "run" || len(c.args) == 0 || strings.HasSuffix(c.args[0], ".go") {
		return ""
	}
	return c.args[0]
}
