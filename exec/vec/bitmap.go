package vec

import "math/bits"

// Bitmap is a set of row numbers, 64 to a word, lowest bit first: Arrow's layout on a little-endian machine.
type Bitmap []uint64

// Words is how many words n bits need.
func Words(n int) int { return (n + 63) >> 6 }

// Get tells whether bit i is set.
func (b Bitmap) Get(i int) bool { return b[i>>6]>>(uint(i)&63)&1 != 0 }

// Set sets bit i.
func (b Bitmap) Set(i int) { b[i>>6] |= 1 << (uint(i) & 63) }

// Clear clears bit i.
func (b Bitmap) Clear(i int) { b[i>>6] &^= 1 << (uint(i) & 63) }

// Fill sets the first n bits.
func (b Bitmap) Fill(n int) {
	w := n >> 6
	for i := range b[:w] {
		b[i] = ^uint64(0)
	}
	if r := uint(n) & 63; r != 0 {
		b[w] |= 1<<r - 1
	}
}

// Zero clears every bit.
func (b Bitmap) Zero() { clear(b) }

// Count gives the number of set bits among the first n.
func (b Bitmap) Count(n int) int {
	c, w := 0, n>>6
	for _, x := range b[:w] {
		c += bits.OnesCount64(x)
	}
	if r := uint(n) & 63; r != 0 {
		c += bits.OnesCount64(b[w] & (1<<r - 1))
	}
	return c
}
