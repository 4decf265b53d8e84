package inject

import (
	"context"
	"errors"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// A program begins in a file that declares main. Whichever files a build consists
// of, by its tags, its system, or the names on its command line, that one is among
// them: so each such file is overlaid by a copy that imports what records. (To add
// a file would be simpler. But cover, go generate, go fmt and others read the
// files of a package where they are said to lie.)

// mainFile is a file that is overlaid.
type mainFile struct {
	names   []string // its path, and the same without symbolic links
	content string   // the file that takes its place
	info    fs.FileInfo
}

// errTooMany ends the walk through a tree that is too large to be a project.
var errTooMany = errors.New("too many folders")

// maxFolders is how many folders are looked through: many times those of the
// largest repositories, and those of a disk in seconds.
const maxFolders = 50_000

// findMains overlays the files that declare main in the modules at hand, and those of
// the packages that the command names. It returns why one of them cannot be reached
// so, "" for none.
func (b *builder) findMains(ctx context.Context) (why string, err error) {
	folders := 0
	for _, root := range b.roots(ctx) {
		if err := b.walk(ctx, root, &folders); err != nil && !errors.Is(err, errTooMany) {
			return "", err
		}
	}
	for _, name := range b.command.files() {
		if err := b.overlayFile(name); err != nil {
			return "", err
		}
	}
	switch c, pkg := b.command, b.command.pkg(); {
	case strings.Contains(pkg, "@"):
		return pkg + " lies in the module cache", nil
	case c.verb == "tool" && len(c.args) > 0:
		why, err = b.find(ctx, c.args[0], "tool")
	case pkg != "":
		why, err = b.find(ctx, pkg, append(c.listFlags(), pkg)...)
	}
	if why == "" && b.embedding != "" {
		why = b.embedding + " embeds its own source"
	}
	if why == "" && b.command.covers(b.toolchain) {
		why = "what -cover builds, it reads from the files themselves"
	}
	return why, err
}

// find overlays the packages of the arguments of go list, among them what is named.
// If that lies in the module cache, it says so instead.
func (b *builder) find(ctx context.Context, what string, args ...string) (why string, err error) {
	list := append([]string{"list", "-e", "-find", "-f", `{{if eq .Name "main"}}{{.ImportPath}} {{.Dir}}{{end}}`}, args...)
	out, err := b.command.run(ctx, list...)
	if err != nil {
		return "", ctx.Err() // the command will say so
	}
	for line := range strings.SplitSeq(strings.TrimSpace(string(out)), "\n") {
		pkg, dir, _ := strings.Cut(line, " ")
		if b.isCached(dir) {
			if args[0] != "tool" || isTool(pkg, what) {
				why = what + " lies in the module cache"
			}
			continue
		}
		if err := b.overlayFolder(dir); err != nil {
			return "", err
		}
	}
	return why, nil
}

// isTool reports whether go tool knows a package by a name.
func isTool(pkg, name string) bool {
	base := path.Base(pkg)
	if strings.TrimLeft(base, "v0123456789") == "" { // a version
		base = path.Base(path.Dir(pkg))
	}
	return name == pkg || name == base
}

// isCached reports whether a folder lies in the module cache.
func (b *builder) isCached(dir string) bool {
	rel, err := filepath.Rel(b.toolchain.GOMODCACHE, dir)
	return b.toolchain.GOMODCACHE != "" && err == nil && filepath.IsLocal(rel)
}

// covers reports whether the command builds a program, and no test, for coverage.
func (c *command) covers(g Go) bool {
	for _, f := range append(splitFlags(g.GOFLAGS), c.flags...) {
		if name, ok := flagName(f); ok && strings.HasPrefix(name, "cover") && c.verb != "test" {
			return true
		}
	}
	return false
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

// roots returns the folders to look through: those of the modules that the command
// works on, and its own, below which a script may work on others; unless that is a
// home or the root of everything.
func (b *builder) roots(ctx context.Context) (roots []string) {
	if abs, err := filepath.Abs(b.command.dir); err == nil && !isBroad(abs, lookEnv(b.command.target.Env, "HOME")) {
		roots = append(roots, abs)
	}
	out, err := b.command.run(ctx, "list", "-m", "-f", "{{.Dir}}")
	if err != nil { // of no module, or one that go itself will complain of
		return roots
	}
	for dir := range strings.SplitSeq(strings.TrimSpace(string(out)), "\n") {
		if filepath.IsAbs(dir) {
			roots = append(roots, dir)
		}
	}
	return roots
}

// isBroad reports whether a folder holds much more than a project: a home, or what
// homes lie in.
func isBroad(dir, home string) bool {
	if dir == filepath.Dir(dir) {
		return true
	}
	rel, err := filepath.Rel(dir, home)
	return home != "" && err == nil && filepath.IsLocal(rel)
}

// walk overlays what is below a folder, nested modules and vendor included.
func (b *builder) walk(ctx context.Context, root string, folders *int) error {
	real, err := filepath.EvalSymlinks(root)
	if err != nil {
		return nil // it holds nothing to build
	}
	return filepath.WalkDir(real, func(name string, d fs.DirEntry, err error) error {
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil || !d.IsDir():
			return nil // a folder that cannot be read holds nothing to build
		case name != real && (strings.HasPrefix(d.Name(), ".") || d.Name() == "node_modules"), b.isCached(name):
			return filepath.SkipDir
		}
		if *folders++; *folders > maxFolders {
			return errTooMany
		}
		rel, err := filepath.Rel(real, name)
		if err != nil {
			return err
		}
		return b.overlayFolder(filepath.Join(root, rel))
	})
}

// overlayFolder overlays the files of a folder that declare main, unless the program
// embeds them.
func (b *builder) overlayFolder(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	var mains, patterns []string
	for _, e := range entries {
		name := e.Name()
		if e.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") || !isMain(filepath.Join(dir, name)) {
			continue
		}
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			continue
		}
		patterns = append(patterns, embedPatterns(string(data))...)
		if declaresMain(string(data)) {
			mains = append(mains, name)
		}
	}
	for _, name := range mains {
		if matchesAny(patterns, name) {
			b.embedding = dir
			continue
		}
		if err := b.overlayFile(filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	return nil
}

// isMain reports whether a file is of a package main.
func isMain(name string) bool {
	file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.PackageClauseOnly)
	return err == nil && file.Name.Name == "main"
}

// declaresMain reports whether a source declares main, as gofmt writes it or nearly
// so. That a comment may have the words does no harm.
func declaresMain(text string) bool {
	for line := range strings.Lines(text) {
		if rest, ok := strings.CutPrefix(line, "func"); ok && strings.HasPrefix(strings.TrimLeft(rest, " \t"), "main") {
			return true
		}
	}
	return false
}

// embedPatterns returns the patterns of the lines with go:embed.
func embedPatterns(text string) (patterns []string) {
	for line := range strings.Lines(text) {
		if rest, ok := strings.CutPrefix(line, "//go:embed "); ok {
			patterns = append(patterns, strings.Fields(rest)...)
		}
	}
	return patterns
}

// matchesAny reports whether a pattern of go:embed matches a file.
func matchesAny(patterns []string, name string) bool {
	for _, p := range patterns {
		p = strings.TrimPrefix(strings.Trim(p, "\"`"), "all:")
		if ok, _ := path.Match(p, name); ok || p == "." {
			return true
		}
	}
	return false
}

// overlayFile overlays a file that declares main.
func (b *builder) overlayFile(name string) error {
	abs, err := filepath.Abs(name)
	if err != nil {
		return err
	}
	if _, ok := b.overlay[abs]; ok {
		return nil
	}
	info, err := os.Stat(abs)
	if err != nil || !info.Mode().IsRegular() {
		return nil // go will say so
	}
	text, ok := overlaid(abs)
	if !ok {
		return nil
	}
	if err := b.put(abs, text); err != nil {
		return err
	}
	f := mainFile{names: []string{abs}, content: b.overlay[abs], info: info}
	if real, err := filepath.EvalSymlinks(abs); err == nil && real != abs {
		b.overlay[real] = b.overlay[abs]
		f.names = append(f.names, real)
	}
	b.mains = append(b.mains, f)
	return nil
}

// overlaid returns what takes the place of a file.
func overlaid(name string) (text string, ok bool) {
	data, err := os.ReadFile(name)
	if err != nil {
		return "", false
	}
	return withImport(string(data))
}

// withImport adds an import to the package clause of a main package, so that no
// line moves.
func withImport(text string) (string, bool) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "", text, parser.PackageClauseOnly)
	if err != nil || file.Name.Name != "main" {
		return "", false
	}
	at := fset.Position(file.Name.End()).Offset
	return text[:at] + `; import _ "os/signal"` + text[at:], true
}
