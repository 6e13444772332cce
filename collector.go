package skep

import (
	"math"
	"runtime/debug"
)

// ballast is memory that is never touched, so that it is none of the machine's.
var ballast []byte

// LazyCollector tells Go's garbage collector, for the whole process, not to run before some 64 MiB more than are alive have been asked for. A
// query over small data leaves more garbage than it holds, and a collector that runs every few megabytes takes a tenth of its time. The command
// does this; a program of yours may, once, before it opens anything. With a memory limit in force (GOMEMLIMIT) it does nothing.
func LazyCollector() {
	if ballast == nil && debug.SetMemoryLimit(-1) == math.MaxInt64 {
		ballast = make([]byte, 64<<20)
	}
}
