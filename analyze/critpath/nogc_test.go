package critpath

import "testing"

// TestNoGC has the garbage collector take no time.
func TestNoGC(t *testing.T) {
	for name, script := range map[string]string{
		"stop": `
			0 g1 running main.main
			100 g1 stopsworld
			160 g1 startsworld
			200 end
		`,
		"assist": `
			0 g1 running main.main
			100 g1 assists
			160 g1 assisted
			200 end
		`,
		"wait": `
			0 g1 running main.main
			100 g1 waits "GC mark assist wait for work" runtime.gcAssistAlloc < main.main
			160 nobody wakes g1
			160 g1 starts
			200 end
		`,
		"wait for another one's assist": `
			0 g1 running main.main
			0 g2 running main.other
			100 g1 waits "GC mark assist wait for work" runtime.gcAssistAlloc < main.main
			100 g2 assists
			160 g2 wakes g1 runtime.injectglist < runtime.gcMarkTermination < runtime.gcMarkDone < runtime.gcAssistAlloc < main.other
			160 g1 starts
			161 g2 ends
			200 end
		`,
		"wait for another one's assist, behind its own work": `
			0 g1 running main.main
			0 g2 running main.other
			100 g1 waits "GC mark assist wait for work" runtime.gcAssistAlloc < main.main
			150 g2 assists
			160 g2 wakes g1 runtime.injectglist < runtime.gcMarkTermination < runtime.gcMarkDone < runtime.gcAssistAlloc < main.other
			160 g1 starts
			161 g2 ends
			200 end
		`,
		"stop while runnable": `
			0 procs 2
			0 g1 running main.main
			0 g2 running main.other
			100 g1 stops "preempted" main.main
			100 g2 stopsworld
			160 g2 startsworld
			160 g1 starts
			161 g2 ends
			200 end
		`,
	} {
		t.Run(name, func(t *testing.T) {
			f := follow(t, script, []Scenario{{}, {NoGC: true}})
			list, _ := f.Predict()
			if a, b := list[0].PredictedNS, list[1].PredictedNS; a != 200 || b != 140 {
				t.Errorf("it takes %d, and %d without the garbage collector", a, b)
			}
		})
	}
}
