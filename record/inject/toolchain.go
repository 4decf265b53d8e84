package inject

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// Go is the toolchain that a command uses, and what is set of it, as go env
// says. The names are those of go env.
type Go struct {
	GOROOT, GOVERSION, GOMODCACHE, GOMOD, GOWORK, GOFLAGS string
	GOOS, GOARCH, GOEXPERIMENT, CGO_ENABLED, GOTOOLCHAIN  string
}

// Settings returns what is set of it, by the names of go env; what is empty is
// left out, and so is where things lie.
func (g Go) Settings() map[string]string {
	m := map[string]string{"GOVERSION": g.GOVERSION, "GOFLAGS": g.GOFLAGS, "GOOS": g.GOOS, "GOARCH": g.GOARCH,
		"GOEXPERIMENT": g.GOEXPERIMENT, "CGO_ENABLED": g.CGO_ENABLED, "GOTOOLCHAIN": g.GOTOOLCHAIN}
	maps.DeleteFunc(m, func(_, v string) bool { return v == "" })
	return m
}

// ErrNoGo is the error for a command of which no go command is to be found.
var ErrNoGo = errors.New("there is no go command in PATH")

// askGo asks the go command for its toolchain: the one that it switches to in
// the command's folder.
func askGo(ctx context.Context, c *command) (g Go, err error) {
	if c.goBin == "" {
		return g, ErrNoGo
	}
	out, err := c.run(ctx, "env", "-json", "GOROOT", "GOVERSION", "GOMODCACHE", "GOMOD", "GOWORK", "GOFLAGS",
		"GOOS", "GOARCH", "GOEXPERIMENT", "CGO_ENABLED", "GOTOOLCHAIN")
	if err != nil {
		return g, err
	}
	if err := json.Unmarshal(out, &g); err != nil {
		return g, fmt.Errorf("%s env: %w", c.goBin, err)
	}
	return g, nil
}

// run runs the go command and returns what it prints.
func (c *command) run(ctx context.Context, args ...string) ([]byte, error) {
	out, err := c.goCommand(ctx, args).Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		first, _, _ := strings.Cut(strings.TrimSpace(string(exit.Stderr)), "\n")
		return out, fmt.Errorf("%s %s: %s", filepath.Base(c.goBin), args[0], first)
	}
	return out, err
}

// steps returns what the go command says of the steps that it would take.
func (c *command) steps(ctx context.Context, args []string) (string, error) {
	cmd := c.goCommand(ctx, args)
	cmd.Dir = c.target.Dir // where -C is an argument
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// goCommand is the go command in the folder and the environment of the target.
func (c *command) goCommand(ctx context.Context, args []string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, c.goBin, args...)
	cmd.Dir = c.dir
	cmd.Env = c.environment()
	return cmd
}

// environment returns the target's environment, in which PWD is true.
func (c *command) environment() []string {
	env := c.target.Env
	if abs, err := filepath.Abs(c.dir); err == nil {
		env = append(env[:len(env):len(env)], "PWD="+abs)
	}
	return env
}

// minor returns the 26 of "go1.26.1"; 0 for a version that is none of a release,
// as that of a development tree.
func (g Go) minor() int {
	v, ok := strings.CutPrefix(g.GOVERSION, "go1.")
	if !ok {
		return 0
	}
	digits := strings.IndexFunc(v, func(r rune) bool { return r < '0' || r > '9' })
	if digits >= 0 {
		v = v[:digits]
	}
	n, _ := strconv.Atoi(v)
	return n
}

// oldest is the first release with what the injection needs: exit hooks in a
// package that runtime/trace can import.
const oldest = 23

// supported refuses what cannot be injected into.
func (c *command) supported(g Go) error {
	flags := append(splitFlags(g.GOFLAGS), c.flags...)
	compiler, _ := flagValue(flags, "compiler")
	switch {
	case g.minor() != 0 && g.minor() < oldest:
		return fmt.Errorf("the go command here is %s: programs are recorded from Go 1.%d on", g.GOVERSION, oldest)
	case compiler != "" && compiler != "gc":
		return fmt.Errorf("programs built with %s cannot be recorded: the execution tracer is one of Go's own compiler", compiler)
	case g.GOOS == "windows" || g.GOOS == "js" || g.GOOS == "wasip1" || g.GOOS == "plan9":
		return fmt.Errorf("programs for %s cannot be recorded without a change to their source", g.GOOS)
	}
	return nil
}

// outsideCache returns the root of the toolchain for an overlay, which cannot be
// in the module cache: for one that is there, because the go command switched to
// it, a symbolic link to it. Its name stays the same from run to run, for it is
// part of what the build cache knows the standard library by.
func (in *Injection) outsideCache(c *command) (root string, err error) {
	g := in.Go
	rel, err := filepath.Rel(g.GOMODCACHE, g.GOROOT)
	if g.GOMODCACHE == "" || err != nil || !filepath.IsLocal(rel) {
		return g.GOROOT, nil
	}
	link, release, err := linkTo(g.GOROOT, "goroot-"+g.GOVERSION)
	if err != nil {
		return "", fmt.Errorf("make a link to the toolchain %s: %w", g.GOVERSION, err)
	}
	in.release = append(in.release, release)
	bin := filepath.Join(link, "bin")
	in.Env = append(in.Env, "GOROOT="+link, "GOTOOLCHAIN=local",
		"PATH="+bin+string(filepath.ListSeparator)+lookEnv(c.target.Env, "PATH"))
	if c.isGo {
		in.Args = append([]string{filepath.Join(bin, "go")}, in.Args[1:]...)
	}
	return link, nil
}
