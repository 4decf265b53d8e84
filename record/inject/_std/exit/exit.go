package exit

import "runtime"

// tracekitCode returns the exit code, "" for one that is not known. An exit hook
// is not told: it stands in the call of what runs the hooks.
func tracekitCode() string {
	b := make([]byte, 64<<10)
	b = b[:runtime.Stack(b, false)]
	const call = "\ninternal/runtime/exithook.Run("
	for i := 0; i+len(call) < len(b); i++ {
		if string(b[i:i+len(call)]) == call {
			return tracekitHex(b[i+len(call):])
		}
	}
	return ""
}

// tracekitHex reads the argument of a call as a stack trace prints it; "" where
// that is not sure of the value.
func tracekitHex(b []byte) string {
	if len(b) < 2 || string(b[:2]) != "0x" {
		return ""
	}
	code := int64(0)
	for _, c := range b[2:] {
		switch {
		case c >= '0' && c <= '9':
			code = code<<4 | int64(c-'0')
		case c >= 'a' && c <= 'f':
			code = code<<4 | int64(c-'a'+10)
		case c == ')':
			return spoolItoa(code & 0xff)
		default:
			return ""
		}
	}
	return ""
}
