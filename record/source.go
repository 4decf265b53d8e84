package record

import (
	"context"
	"os/exec"
	"strings"
)

// source says what working tree this folder belongs to, nil for none of a module.
// What go and git do not know is left out.
func source(ctx context.Context) *Source {
	module := output(ctx, "go", "list", "-m", "-f", "{{.Path}}")
	if module == "" || strings.HasPrefix(module, "command-line-arguments") {
		return nil
	}
	s := &Source{Module: strings.Split(module, "\n")[0]}
	s.Revision = output(ctx, "git", "rev-parse", "HEAD")
	s.Modified = s.Revision != "" && output(ctx, "git", "status", "--porcelain") != ""
	return s
}

// output returns what a command prints, "" if it fails.
func output(ctx context.Context, name string, args ...string) string {
	out, err := exec.CommandContext(ctx, name, args...).Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out))
}
