package wire

// The types of the format's frames, batches and events.
const (
	evBatch      = 1
	evStacks     = 2
	evStack      = 3
	evStrings    = 4
	evString     = 5
	evCPUSamples = 6
	evCPUSample  = 7
	evFrequency  = 8

	evProcsChange         = 9
	evProcStart           = 10
	evProcStop            = 11
	evProcSteal           = 12
	evProcStatus          = 13
	evGoCreate            = 14
	evGoCreateSyscall     = 15
	evGoStart             = 16
	evGoDestroy           = 17
	evGoDestroySyscall    = 18
	evGoStop              = 19
	evGoBlock             = 20
	evGoUnblock           = 21
	evGoSyscallBegin      = 22
	evGoSyscallEnd        = 23
	evGoSyscallEndBlocked = 24
	evGoStatus            = 25
	evSTWBegin            = 26
	evSTWEnd              = 27
	evGCActive            = 28
	evGCBegin             = 29
	evGCEnd               = 30
	evGCSweepActive       = 31
	evGCSweepBegin        = 32
	evGCSweepEnd          = 33
	evGCMarkAssistActive  = 34
	evGCMarkAssistBegin   = 35
	evGCMarkAssistEnd     = 36
	evHeapAlloc           = 37
	evHeapGoal            = 38
	evGoLabel             = 39
	evUserTaskBegin       = 40
	evUserTaskEnd         = 41
	evUserRegionBegin     = 42
	evUserRegionEnd       = 43
	evUserLog             = 44
	evGoSwitch            = 45 // from Go 1.23 on
	evGoSwitchDestroy     = 46
	evGoCreateBlocked     = 47
	evGoStatusStack       = 48
	evExperimentalBatch   = 49
	evSync                = 50 // from Go 1.25 on
	evClockSnapshot       = 51
	evEndOfGeneration     = 52 // from Go 1.26 on

	evSpan                = 128 // an experiment, from Go 1.23 on
	evSpanAlloc           = 129
	evSpanFree            = 130
	evHeapObject          = 131
	evHeapObjectAlloc     = 132
	evHeapObjectFree      = 133
	evGoroutineStack      = 134
	evGoroutineStackAlloc = 135
	evGoroutineStackFree  = 136
)

// maxArgs is the largest number of arguments behind the time of an event.
const maxArgs = 4

// spec describes a timed event. In the file it is its type, the ticks since the
// event before, and the arguments, all of them uvarints but the type.
type spec struct {
	name  string
	since uint8 // the release whose format has it first, as 22
	args  uint8 // behind the time
	// Which arguments, counted from 1 on, are ids of stacks and strings.
	stacks, strings [2]uint8
}

var specs = [256]spec{
	evProcsChange:         {"ProcsChange", 22, 2, [2]uint8{2}, [2]uint8{}},
	evProcStart:           {"ProcStart", 22, 2, [2]uint8{}, [2]uint8{}},
	evProcStop:            {"ProcStop", 22, 0, [2]uint8{}, [2]uint8{}},
	evProcSteal:           {"ProcSteal", 22, 3, [2]uint8{}, [2]uint8{}},
	evProcStatus:          {"ProcStatus", 22, 2, [2]uint8{}, [2]uint8{}},
	evGoCreate:            {"GoCreate", 22, 3, [2]uint8{2, 3}, [2]uint8{}},
	evGoCreateSyscall:     {"GoCreateSyscall", 22, 1, [2]uint8{}, [2]uint8{}},
	evGoStart:             {"GoStart", 22, 2, [2]uint8{}, [2]uint8{}},
	evGoDestroy:           {"GoDestroy", 22, 0, [2]uint8{}, [2]uint8{}},
	evGoDestroySyscall:    {"GoDestroySyscall", 22, 0, [2]uint8{}, [2]uint8{}},
	evGoStop:              {"GoStop", 22, 2, [2]uint8{2}, [2]uint8{1}},
	evGoBlock:             {"GoBlock", 22, 2, [2]uint8{2}, [2]uint8{1}},
	evGoUnblock:           {"GoUnblock", 22, 3, [2]uint8{3}, [2]uint8{}},
	evGoSyscallBegin:      {"GoSyscallBegin", 22, 2, [2]uint8{2}, [2]uint8{}},
	evGoSyscallEnd:        {"GoSyscallEnd", 22, 0, [2]uint8{}, [2]uint8{}},
	evGoSyscallEndBlocked: {"GoSyscallEndBlocked", 22, 0, [2]uint8{}, [2]uint8{}},
	evGoStatus:            {"GoStatus", 22, 3, [2]uint8{}, [2]uint8{}},
	evSTWBegin:            {"STWBegin", 22, 2, [2]uint8{2}, [2]uint8{1}},
	evSTWEnd:              {"STWEnd", 22, 0, [2]uint8{}, [2]uint8{}},
	evGCActive:            {"GCActive", 22, 1, [2]uint8{}, [2]uint8{}},
	evGCBegin:             {"GCBegin", 22, 2, [2]uint8{2}, [2]uint8{}},
	evGCEnd:               {"GCEnd", 22, 1, [2]uint8{}, [2]uint8{}},
	evGCSweepActive:       {"GCSweepActive", 22, 1, [2]uint8{}, [2]uint8{}},
	evGCSweepBegin:        {"GCSweepBegin", 22, 1, [2]uint8{1}, [2]uint8{}},
	evGCSweepEnd:          {"GCSweepEnd", 22, 2, [2]uint8{}, [2]uint8{}},
	evGCMarkAssistActive:  {"GCMarkAssistActive", 22, 1, [2]uint8{}, [2]uint8{}},
	evGCMarkAssistBegin:   {"GCMarkAssistBegin", 22, 1, [2]uint8{1}, [2]uint8{}},
	evGCMarkAssistEnd:     {"GCMarkAssistEnd", 22, 0, [2]uint8{}, [2]uint8{}},
	evHeapAlloc:           {"HeapAlloc", 22, 1, [2]uint8{}, [2]uint8{}},
	evHeapGoal:            {"HeapGoal", 22, 1, [2]uint8{}, [2]uint8{}},
	evGoLabel:             {"GoLabel", 22, 1, [2]uint8{}, [2]uint8{1}},
	evUserTaskBegin:       {"UserTaskBegin", 22, 4, [2]uint8{4}, [2]uint8{3}},
	evUserTaskEnd:         {"UserTaskEnd", 22, 2, [2]uint8{2}, [2]uint8{}},
	evUserRegionBegin:     {"UserRegionBegin", 22, 3, [2]uint8{3}, [2]uint8{2}},
	evUserRegionEnd:       {"UserRegionEnd", 22, 3, [2]uint8{3}, [2]uint8{2}},
	evUserLog:             {"UserLog", 22, 4, [2]uint8{4}, [2]uint8{2, 3}},
	evGoSwitch:            {"GoSwitch", 23, 2, [2]uint8{}, [2]uint8{}},
	evGoSwitchDestroy:     {"GoSwitchDestroy", 23, 2, [2]uint8{}, [2]uint8{}},
	evGoCreateBlocked:     {"GoCreateBlocked", 23, 3, [2]uint8{2, 3}, [2]uint8{}},
	evGoStatusStack:       {"GoStatusStack", 23, 4, [2]uint8{4}, [2]uint8{}},

	evSpan:                {"Span", 23, 3, [2]uint8{}, [2]uint8{}},
	evSpanAlloc:           {"SpanAlloc", 23, 3, [2]uint8{}, [2]uint8{}},
	evSpanFree:            {"SpanFree", 23, 1, [2]uint8{}, [2]uint8{}},
	evHeapObject:          {"HeapObject", 23, 2, [2]uint8{}, [2]uint8{}},
	evHeapObjectAlloc:     {"HeapObjectAlloc", 23, 2, [2]uint8{}, [2]uint8{}},
	evHeapObjectFree:      {"HeapObjectFree", 23, 1, [2]uint8{}, [2]uint8{}},
	evGoroutineStack:      {"GoroutineStack", 23, 2, [2]uint8{}, [2]uint8{}},
	evGoroutineStackAlloc: {"GoroutineStackAlloc", 23, 2, [2]uint8{}, [2]uint8{}},
	evGoroutineStackFree:  {"GoroutineStackFree", 23, 1, [2]uint8{}, [2]uint8{}},
}

// Reads reports whether the package reads the format with the given number in the
// header.
func Reads(version int) bool {
	switch version {
	case 22, 23, 25, 26:
		return true
	}
	return false
}

// invalid is the number of arguments of what is no timed event.
const invalid = 255

// argCounts returns the number of arguments behind the time of each type of
// event that a version's format has.
func argCounts(version int) *[256]uint8 {
	counts := new([256]uint8)
	for i, s := range specs {
		counts[i] = invalid
		if s.name != "" && int(s.since) <= version {
			counts[i] = s.args
		}
	}
	return counts
}
