package mem

import (
	"math"
	"runtime/debug"
)

// ballast is memory that is never touched, so that it is none of the machine's.
var ballast []byte

// Leave tells the garbage collector, for the whole process, not to run before some n bytes more than are alive have been asked for. A query over small
// data leaves more garbage than it holds, and a collector that runs every few megabytes takes a tenth of its time. A program's main may call
// it once, before it opens anything. With a memory limit in force (GOMEMLIMIT) it does nothing.
func Leave(n int) {
	if debug.SetMemoryLimit(-1) == math.MaxInt64 {
		ballast = make([]byte, n)
	}
}
