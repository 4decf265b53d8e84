package deep

import _ "os/signal" // tracekit: begins the trace, and writes it out before a deadly signal
