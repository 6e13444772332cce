package skep

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
)

// How much may be asked for beyond what is alive before the garbage collector runs: at least leastRoom bytes, and else roomShare percent.
const (
	leastRoom = 64 << 20
	roomShare = 30
)

var tuned sync.Once

// TuneCollector adapts Go's garbage collector, for the whole process, to what this package does. A query over small data leaves more garbage than
// it holds, and with the usual setting the collector would run every few megabytes, for a tenth of the time; a query over large data holds
// buffers without pointers, which cost the collector nothing, and the usual setting would let garbage take as much memory as they do. The
// command calls this; a program of yours may, once, before it opens anything. It does nothing where GOGC is set.
func TuneCollector() {
	if os.Getenv("GOGC") != "" {
		return
	}
	tuned.Do(func() {
		debug.SetGCPercent(16 * 100) // until the first run, from a heap of 4 MB
		new(cycle).watch()
	})
}

// cycle is garbage from the start, so that its finalizer runs after each run of the collector.
type cycle struct{ _ *byte }

func (c *cycle) watch() {
	runtime.SetFinalizer(c, func(c *cycle) {
		sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
		metrics.Read(sample)
		if live := sample[0].Value; live.Kind() == metrics.KindUint64 {
			debug.SetGCPercent(max(roomShare, int(leastRoom*100/max(live.Uint64(), 1<<20))))
		}
		c.watch()
	})
}
