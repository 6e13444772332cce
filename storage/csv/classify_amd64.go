package csv

import "golang.org/x/sys/cpu"

// fast tells that the processor has the instructions that classify_amd64.s uses.
var fast = cpu.X86.HasAVX2 && cpu.X86.HasBMI1 && cpu.X86.HasPOPCNT

//go:noescape
func classifyAVX2(buf *byte, n int, out *block, delim, nl, quote byte, mask uint64)

//go:noescape
func placesBMI(words *uint64, n int, base uint32, pos *uint32)

func classify(buf []byte, d *dialect, out []block) {
	if !fast || len(out) == 0 {
		classifyWords(buf, d, out)
		return
	}
	_ = buf[len(out)*64-1]
	mask := uint64(0)
	if d.quote != 0 {
		mask = ^mask
	}
	classifyAVX2(&buf[0], len(out), &out[0], d.delim, d.newline, d.quote, mask)
}

// writePlaces writes the positions of the bits of words from base on to pos, which has room for 64 more.
func writePlaces(words []uint64, base uint32, pos []uint32) {
	if !fast || len(words) == 0 {
		writePlacesWords(words, base, pos)
		return
	}
	placesBMI(&words[0], len(words), base, &pos[0])
}
