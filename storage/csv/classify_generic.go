//go:build !amd64

package csv

// fast is for processors whose vector instructions are used.
var fast bool

func classify(buf []byte, d *dialect, out []block) { classifyWords(buf, d, out) }

func writePlaces(words []uint64, base uint32, pos []uint32) { writePlacesWords(words, base, pos) }
