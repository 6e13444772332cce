//go:build !amd64

package csv

func classify(buf []byte, d *dialect, out []block) { classifyWords(buf, d, out) }

func writePlaces(words []uint64, base uint32, pos []uint32) { writePlacesWords(words, base, pos) }
