package record

import (
	"regexp"
	"strings"
)

// Matches reports whether the path of a package matches a pattern, as the go command
// has them: "..." is any string, and "/..." at the end the empty one, too.
func Matches(patterns []string, path string) bool {
	for _, p := range patterns {
		re := strings.ReplaceAll(regexp.QuoteMeta(p), `\.\.\.`, `.*`)
		if rest, ok := strings.CutSuffix(re, `/.*`); ok {
			re = rest + `(/.*)?`
		}
		if ok, err := regexp.MatchString(`^`+re+`$`, path); err == nil && ok {
			return true
		}
	}
	return false
}
