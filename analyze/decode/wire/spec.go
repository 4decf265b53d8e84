package wire

// The types of the format's frames, batches and events.
const (
	EvBatch      = 1
	EvStacks     = 2
	EvStack      = 3
	EvStrings    = 4
	EvString     = 5
	EvCPUSamples = 6
	EvCPUSample  = 7
	EvFrequency  = 8

	EvProcsChange         = 9
	EvProcStart           = 10
	EvProcStop            = 11
	EvProcSteal           = 12
	EvProcStatus          = 13
	EvGoCreate            = 14
	EvGoCreateSyscall     = 15
	EvGoStart             = 16
	EvGoDestroy           = 17
	EvGoDestroySyscall    = 18
	EvGoStop              = 19
	EvGoBlock             = 20
	EvGoUnblock           = 21
	EvGoSyscallBegin      = 22
	EvGoSyscallEnd        = 23
	EvGoSyscallEndBlocked = 24
	EvGoStatus            = 25
	EvSTWBegin            = 26
	EvSTWEnd              = 27
	EvGCActive            = 28
	EvGCBegin             = 29
	EvGCEnd               = 30
	EvGCSweepActive       = 31
	EvGCSweepBegin        = 32
	EvGCSweepEnd          = 33
	EvGCMarkAssistActive  = 34
	EvGCMarkAssistBegin   = 35
	EvGCMarkAssistEnd     = 36
	EvHeapAlloc           = 37
	EvHeapGoal            = 38
	EvGoLabel             = 39
	EvUserTaskBegin       = 40
	EvUserTaskEnd         = 41
	EvUserRegionBegin     = 42
	EvUserRegionEnd       = 43
	EvUserLog             = 44
	EvGoSwitch            = 45 // from Go 1.23 on
	EvGoSwitchDestroy     = 46
	EvGoCreateBlocked     = 47
	EvGoStatusStack       = 48
	EvExperimentalBatch   = 49
	EvSync                = 50 // from Go 1.25 on
	EvClockSnapshot       = 51
	EvEndOfGeneration     = 52 // from Go 1.26 on

	EvSpan                = 128 // an experiment, from Go 1.23 on
	EvSpanAlloc           = 129
	EvSpanFree            = 130
	EvHeapObject          = 131
	EvHeapObjectAlloc     = 132
	EvHeapObjectFree      = 133
	EvGoroutineStack      = 134
	EvGoroutineStackAlloc = 135
	EvGoroutineStackFree  = 136
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
	EvProcsChange:         {"ProcsChange", 22, 2, [2]uint8{2}, [2]uint8{}},
	EvProcStart:           {"ProcStart", 22, 2, [2]uint8{}, [2]uint8{}},
	EvProcStop:            {"ProcStop", 22, 0, [2]uint8{}, [2]uint8{}},
	EvProcSteal:           {"ProcSteal", 22, 3, [2]uint8{}, [2]uint8{}},
	EvProcStatus:          {"ProcStatus", 22, 2, [2]uint8{}, [2]uint8{}},
	EvGoCreate:            {"GoCreate", 22, 3, [2]uint8{2, 3}, [2]uint8{}},
	EvGoCreateSyscall:     {"GoCreateSyscall", 22, 1, [2]uint8{}, [2]uint8{}},
	EvGoStart:             {"GoStart", 22, 2, [2]uint8{}, [2]uint8{}},
	EvGoDestroy:           {"GoDestroy", 22, 0, [2]uint8{}, [2]uint8{}},
	EvGoDestroySyscall:    {"GoDestroySyscall", 22, 0, [2]uint8{}, [2]uint8{}},
	EvGoStop:              {"GoStop", 22, 2, [2]uint8{2}, [2]uint8{1}},
	EvGoBlock:             {"GoBlock", 22, 2, [2]uint8{2}, [2]uint8{1}},
	EvGoUnblock:           {"GoUnblock", 22, 3, [2]uint8{3}, [2]uint8{}},
	EvGoSyscallBegin:      {"GoSyscallBegin", 22, 2, [2]uint8{2}, [2]uint8{}},
	EvGoSyscallEnd:        {"GoSyscallEnd", 22, 0, [2]uint8{}, [2]uint8{}},
	EvGoSyscallEndBlocked: {"GoSyscallEndBlocked", 22, 0, [2]uint8{}, [2]uint8{}},
	EvGoStatus:            {"GoStatus", 22, 3, [2]uint8{}, [2]uint8{}},
	EvSTWBegin:            {"STWBegin", 22, 2, [2]uint8{2}, [2]uint8{1}},
	EvSTWEnd:              {"STWEnd", 22, 0, [2]uint8{}, [2]uint8{}},
	EvGCActive:            {"GCActive", 22, 1, [2]uint8{}, [2]uint8{}},
	EvGCBegin:             {"GCBegin", 22, 2, [2]uint8{2}, [2]uint8{}},
	EvGCEnd:               {"GCEnd", 22, 1, [2]uint8{}, [2]uint8{}},
	EvGCSweepActive:       {"GCSweepActive", 22, 1, [2]uint8{}, [2]uint8{}},
	EvGCSweepBegin:        {"GCSweepBegin", 22, 1, [2]uint8{1}, [2]uint8{}},
	EvGCSweepEnd:          {"GCSweepEnd", 22, 2, [2]uint8{}, [2]uint8{}},
	EvGCMarkAssistActive:  {"GCMarkAssistActive", 22, 1, [2]uint8{}, [2]uint8{}},
	EvGCMarkAssistBegin:   {"GCMarkAssistBegin", 22, 1, [2]uint8{1}, [2]uint8{}},
	EvGCMarkAssistEnd:     {"GCMarkAssistEnd", 22, 0, [2]uint8{}, [2]uint8{}},
	EvHeapAlloc:           {"HeapAlloc", 22, 1, [2]uint8{}, [2]uint8{}},
	EvHeapGoal:            {"HeapGoal", 22, 1, [2]uint8{}, [2]uint8{}},
	EvGoLabel:             {"GoLabel", 22, 1, [2]uint8{}, [2]uint8{1}},
	EvUserTaskBegin:       {"UserTaskBegin", 22, 4, [2]uint8{4}, [2]uint8{3}},
	EvUserTaskEnd:         {"UserTaskEnd", 22, 2, [2]uint8{2}, [2]uint8{}},
	EvUserRegionBegin:     {"UserRegionBegin", 22, 3, [2]uint8{3}, [2]uint8{2}},
	EvUserRegionEnd:       {"UserRegionEnd", 22, 3, [2]uint8{3}, [2]uint8{2}},
	EvUserLog:             {"UserLog", 22, 4, [2]uint8{4}, [2]uint8{2, 3}},
	EvGoSwitch:            {"GoSwitch", 23, 2, [2]uint8{}, [2]uint8{}},
	EvGoSwitchDestroy:     {"GoSwitchDestroy", 23, 2, [2]uint8{}, [2]uint8{}},
	EvGoCreateBlocked:     {"GoCreateBlocked", 23, 3, [2]uint8{2, 3}, [2]uint8{}},
	EvGoStatusStack:       {"GoStatusStack", 23, 4, [2]uint8{4}, [2]uint8{}},

	EvSpan:                {"Span", 23, 3, [2]uint8{}, [2]uint8{}},
	EvSpanAlloc:           {"SpanAlloc", 23, 3, [2]uint8{}, [2]uint8{}},
	EvSpanFree:            {"SpanFree", 23, 1, [2]uint8{}, [2]uint8{}},
	EvHeapObject:          {"HeapObject", 23, 2, [2]uint8{}, [2]uint8{}},
	EvHeapObjectAlloc:     {"HeapObjectAlloc", 23, 2, [2]uint8{}, [2]uint8{}},
	EvHeapObjectFree:      {"HeapObjectFree", 23, 1, [2]uint8{}, [2]uint8{}},
	EvGoroutineStack:      {"GoroutineStack", 23, 2, [2]uint8{}, [2]uint8{}},
	EvGoroutineStackAlloc: {"GoroutineStackAlloc", 23, 2, [2]uint8{}, [2]uint8{}},
	EvGoroutineStackFree:  {"GoroutineStackFree", 23, 1, [2]uint8{}, [2]uint8{}},
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
