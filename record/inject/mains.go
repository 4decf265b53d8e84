package inject

import (
	"cmp"
	"context"
	"fmt"
	"go/build"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// rewriteFiles has files that go run names import what records: a list of files is
// all that is built, so that none can be added.
func (b *builder) rewriteFiles() error {
	for _, name := range b.command.files() {
		abs, err := filepath.Abs(name)
		if err != nil {
			return err
		}
		data, err := os.ReadFile(abs)
		if err != nil {
			return nil // go run will say so
		}
		text, ok := withImports(string(data))
		if ok {
			return b.put(abs, text)
		}
	}
	return nil
}

// withImports adds imports to the package clause of a main package, so that no
// line moves.
func withImports(text string) (string, bool) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "", text, parser.PackageClauseOnly)
	if err != nil || file.Name.Name != "main" {
		return "", false
	}
	at := fset.Position(file.Name.End()).Offset
	return text[:at] + `; import _ "os/signal"` + text[at:], true
}

// addMains adds a file that imports what records to each of the folders.
func (b *builder) addMains(dirs []string) error {
	const text = "main/main.go"
	if len(dirs) == 0 {
		return nil
	}
	if err := b.put(filepath.Join(dirs[0], added+".go"), source(text)); err != nil {
		return err
	}
	content := b.overlay[filepath.Join(dirs[0], added+".go")]
	for _, dir := range dirs {
		b.overlay[filepath.Join(dir, added+".go")] = content
	}
	return nil
}

// findMains returns the folders of the main packages that a command may build, and
// why one of them cannot be reached there, "" for none.
func (b *builder) findMains(ctx context.Context) (dirs []string, cached string, err error) {
	for _, root := range b.modules(ctx) {
		if err := b.walk(ctx, root, &dirs); err != nil {
			return nil, "", err
		}
	}
	if len(b.embedding) > 0 {
		cached = b.embedding[0] + " embeds its own source"
	}
	c := b.command
	pkg := c.pkg()
	switch {
	case strings.Contains(pkg, "@"):
		cached = pkg + " lies in the module cache"
	case c.verb == "tool" && len(c.args) > 0:
		cached = cmp.Or(b.find(ctx, c.args[0], &dirs, "tool"), cached)
	case pkg != "":
		cached = cmp.Or(b.find(ctx, pkg, &dirs, append(c.listFlags(), pkg)...), cached)
	}
	slices.Sort(dirs)
	return slices.Compact(dirs), cached, nil
}

// find adds the folders of the named packages. Of those in the module cache it
// says so instead.
func (b *builder) find(ctx context.Context, what string, dirs *[]string, args ...string) (cached string) {
	list := append([]string{"list", "-e", "-find", "-f", `{{if eq .Name "main"}}{{.Dir}}{{end}}`}, args...)
	out, err := b.command.run(ctx, list...)
	if err != nil {
		return "" // the command will say so
	}
	for _, dir := range strings.Fields(string(out)) {
		if rel, err := filepath.Rel(b.toolchain.GOMODCACHE, dir); err == nil && filepath.IsLocal(rel) {
			cached = what + " lies in the module cache"
			continue
		}
		if !slices.Contains(b.embedding, dir) {
			*dirs = append(*dirs, dir)
		}
	}
	return cached
}

// listFlags returns those flags of the command that decide what a package is.
func (c *command) listFlags() (flags []string) {
	for _, name := range []string{"mod", "modfile", "tags"} {
		if v, ok := flagValue(c.flags, name); ok {
			flags = append(flags, "-"+name+"="+v)
		}
	}
	return flags
}

// modules returns the roots of the modules that the command works on.
func (b *builder) modules(ctx context.Context) []string {
	if mod := b.toolchain.GOMOD; mod == "" || mod == os.DevNull {
		if b.toolchain.GOWORK == "" {
			return nil
		}
	}
	out, err := b.command.run(ctx, "list", "-m", "-f", "{{.Dir}}")
	if err != nil { // a go.mod that go itself will complain of
		return nil
	}
	return strings.Split(strings.TrimSpace(string(out)), "\n")
}

// walk adds the folders under root that hold a main package, those of nested
// modules and of vendor included. One whose program embeds the files of its own
// folder would notice a file more, and is put aside.
func (b *builder) walk(ctx context.Context, root string, dirs *[]string) error {
	bc := b.buildContext()
	return filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil || !d.IsDir() {
			return nil // a folder that cannot be read holds nothing to build
		}
		base := d.Name()
		if name != root && (strings.HasPrefix(base, ".") || base == "node_modules") {
			return filepath.SkipDir
		}
		if !mayBeMain(name) {
			return nil
		}
		p, err := bc.ImportDir(name, 0)
		switch {
		case err != nil || p.Name != "main" || len(p.GoFiles)+len(p.CgoFiles) == 0:
		case slices.ContainsFunc(p.EmbedPatterns, embedsAdded):
			b.embedding = append(b.embedding, name)
		default:
			*dirs = append(*dirs, name)
		}
		return nil
	})
}

// embedsAdded reports whether a pattern of go:embed matches an added file.
func embedsAdded(pattern string) bool {
	pattern = strings.TrimPrefix(pattern, "all:")
	ok, _ := path.Match(pattern, added+".go")
	return ok || pattern == "."
}

// buildContext is that in which the go command chooses files.
func (b *builder) buildContext() build.Context {
	bc := build.Default
	bc.GOROOT, bc.GOOS, bc.GOARCH = b.toolchain.GOROOT, b.toolchain.GOOS, b.toolchain.GOARCH
	bc.CgoEnabled = b.toolchain.CGO_ENABLED == "1"
	bc.ReleaseTags = nil
	for v := 1; v <= max(b.toolchain.minor(), oldest); v++ {
		bc.ReleaseTags = append(bc.ReleaseTags, fmt.Sprintf("go1.%d", v))
	}
	for _, flags := range [][]string{splitFlags(b.toolchain.GOFLAGS), b.command.flags} {
		if tags, ok := flagValue(flags, "tags"); ok {
			bc.BuildTags = strings.FieldsFunc(tags, func(r rune) bool { return r == ',' || r == ' ' })
		}
	}
	return bc
}

// mayBeMain reports whether any Go file of a folder is of a package main.
func mayBeMain(dir string) bool {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return false
	}
	for _, e := range entries {
		name := e.Name()
		if e.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, name), nil, parser.PackageClauseOnly)
		if err == nil && file.Name.Name == "main" {
			return true
		}
	}
	return false
}
