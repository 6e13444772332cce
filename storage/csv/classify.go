package csv

import (
	"encoding/binary"
	"math/bits"
)

// block tells where in 64 bytes the characters are that shape a line: bit i is byte i.
type block struct {
	sep   uint64 // delimiters and line ends
	nl    uint64 // line ends
	quote uint64
}

const (
	ones  = 0x0101010101010101
	low7  = 0x7f7f7f7f7f7f7f7f
	pack8 = 0x0102040810204080 // gathers bit 0 of each byte in the top byte of the product
)

// match sets bit 0 of each byte of the result where the byte of x is that of pattern.
func match(x, pattern uint64) uint64 {
	y := x ^ pattern
	return ^((y&low7 + low7) | y | low7) >> 7
}

// classifyWords fills out with the blocks of buf, which has 64 bytes for each of them. A zero quote matches nothing.
func classifyWords(buf []byte, d *dialect, out []block) {
	pd, pn, pq := uint64(d.delim)*ones, uint64(d.newline)*ones, uint64(d.quote)*ones
	for i := range out {
		b := (*[64]byte)(buf[i*64:])
		var sep, nl, quote uint64
		for k := 0; k < 64; k += 8 {
			x := binary.LittleEndian.Uint64(b[k : k+8])
			n, q := match(x, pn), match(x, pq)
			s := n | match(x, pd)
			nl |= n * pack8 >> 56 << k
			sep |= s * pack8 >> 56 << k
			if q != 0 {
				quote |= q * pack8 >> 56 << k
			}
		}
		if pq == 0 {
			quote = 0
		}
		out[i] = block{sep, nl, quote}
	}
}

// state is what the reader knows between two bytes.
type state struct {
	inside  bool // within quotes
	prev    bool // behind a delimiter, a line end or a closing quote: a quote here opens
	escaped bool // behind an escape character
	comment bool // in a line that is a comment
	start   bool // at the start of a line
	line    int64
}

func prefixXor(x uint64) uint64 {
	x ^= x << 1
	x ^= x << 2
	x ^= x << 4
	x ^= x << 8
	x ^= x << 16
	x ^= x << 32
	return x
}

func bit(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

// region is a run of bytes that has been resolved: out has the delimiters and line ends that count.
type region struct {
	lo, hi int // in the buffer
	raw    []block
	out    []uint64
	lines  int  // line ends among them
	breaks int  // line ends in the bytes, also within quotes
	odd    bool // there may be quotes within fields
	end    state
}

// load classifies buf[lo:hi]; buf is readable for 64 bytes beyond hi.
func (r *region) load(d *dialect, buf []byte, lo, hi int) {
	r.lo, r.hi = lo, hi
	n := (hi - lo + 63) / 64
	if cap(r.raw) < n {
		r.raw, r.out = make([]block, n), make([]uint64, n)
	}
	r.raw, r.out = r.raw[:n], r.out[:n]
	classify(buf[lo:lo+n*64], d, r.raw)
	if rest := uint(hi-lo) & 63; rest != 0 {
		m, b := uint64(1)<<rest-1, &r.raw[n-1]
		b.sep, b.nl, b.quote = b.sep&m, b.nl&m, b.quote&m
	}
	r.breaks = 0
	for i := range r.raw {
		r.breaks += bits.OnesCount64(r.raw[i].nl)
	}
}

// resolve finds the delimiters and line ends that stand outside quotes, given the state at the region's start.
func (r *region) resolve(d *dialect, buf []byte, st state) {
	first := st
	if d.comment != 0 || d.escape != 0 && (d.escape != d.quote || d.text) {
		r.resolveSlowly(d, buf, st)
		return
	}
	inside, prev, lines := -bit(st.inside), bit(st.prev), 0
	var odd, prevSep, ends uint64 // ends: what may stand before an opening quote, in the last block
	out := r.out[:len(r.raw)]
	for i := range r.raw {
		b := &r.raw[i]
		if b.quote == 0 {
			s := b.sep &^ inside
			out[i] = s
			lines += bits.OnesCount64(b.nl &^ inside)
			ends, prev, prevSep = s, s>>63, s>>63
			continue
		}
		in := prefixXor(b.quote) ^ inside
		s, shut, open := b.sep&^in, b.quote&^in, b.quote&in
		if open&^((s|shut)<<1|prev) != 0 { // a quote in the middle of a field is just a character
			var n int
			st, n, out[i] = r.slowBlock(d, buf, i, state{inside: inside != 0, prev: prev != 0})
			inside, prev, prevSep, ends = -bit(st.inside), bit(st.prev), 0, -bit(st.prev)
			lines += n
			odd = 1
			continue
		}
		out[i] = s
		lines += bits.OnesCount64(b.nl &^ in)
		odd |= open &^ (s<<1 | prevSep)
		ends, prev, prevSep = s|shut, (s|shut)>>63, s>>63
		inside = uint64(int64(in) >> 63)
	}
	r.lines, r.odd = lines, odd != 0
	r.finish(d, buf, first, state{inside: inside != 0, prev: ends>>(uint(r.hi-r.lo-1)&63)&1 != 0})
}

// finish completes the state at the region's end.
func (r *region) finish(d *dialect, buf []byte, first, end state) {
	if r.hi == r.lo {
		r.end = first
		return
	}
	top := uint(r.hi-r.lo-1) & 63
	end.start = r.out[len(r.out)-1]>>top&1 != 0 && buf[r.hi-1] == d.newline
	end.line = first.line + int64(r.breaks)
	r.end = end
}

// resolveSlowly is resolve for dialects with comments or an escape character other than the quote.
func (r *region) resolveSlowly(d *dialect, buf []byte, st state) {
	first := st
	r.lines, r.odd = 0, true
	for i := range r.raw {
		var n int
		st, n, r.out[i] = r.slowBlock(d, buf, i, st)
		r.lines += n
	}
	r.finish(d, buf, first, st)
}

// slowBlock goes through the bytes of block i one by one.
func (r *region) slowBlock(d *dialect, buf []byte, i int, st state) (state, int, uint64) {
	lo := r.lo + i*64
	hi := min(lo+64, r.hi)
	var out uint64
	lines := 0
	for k, c := range buf[lo:hi] {
		start := st.start
		st.start = false
		switch {
		case st.comment:
			if c == d.newline {
				out |= 1 << uint(k)
				lines++
				st = state{prev: true, start: true}
			}
		case st.escaped:
			st.escaped, st.prev = false, false
		case start && c == d.comment && c != 0:
			st.comment = true
		case c == d.escape && c != d.quote && c != 0 && (st.inside || d.text):
			st.escaped, st.prev = true, false
		case st.inside:
			if c == d.quote {
				st.inside, st.prev = false, true
			}
		case c == d.quote && c != 0 && st.prev:
			st.inside, st.prev = true, false
		case c == d.newline:
			out |= 1 << uint(k)
			lines++
			st.prev, st.start = true, true
		case c == d.delim:
			out |= 1 << uint(k)
			st.prev = true
		default:
			st.prev = false
		}
	}
	return st, lines, out
}

// places appends the positions of the bits of out, within the buffer, to pos.
func (r *region) places(pos []uint32) []uint32 {
	n := 0
	for _, w := range r.out {
		n += bits.OnesCount64(w)
	}
	have := len(pos)
	if cap(pos) < have+n+64 {
		grown := make([]uint32, have, max(have+n+64, 2*cap(pos)))
		copy(grown, pos)
		pos = grown
	}
	pos = pos[:have+n+64]
	writePlaces(r.out, uint32(r.lo), pos[have:])
	return pos[:have+n]
}

// writePlacesWords is writePlaces for any processor.
func writePlacesWords(words []uint64, base uint32, pos []uint32) {
	k := 0
	for _, w := range words {
		c := bits.OnesCount64(w)
		for at := k; w != 0; at += 8 {
			p := (*[8]uint32)(pos[at:])
			p[0] = base + uint32(bits.TrailingZeros64(w))
			w &= w - 1
			p[1] = base + uint32(bits.TrailingZeros64(w))
			w &= w - 1
			p[2] = base + uint32(bits.TrailingZeros64(w))
			w &= w - 1
			p[3] = base + uint32(bits.TrailingZeros64(w))
			w &= w - 1
			p[4] = base + uint32(bits.TrailingZeros64(w))
			w &= w - 1
			p[5] = base + uint32(bits.TrailingZeros64(w))
			w &= w - 1
			p[6] = base + uint32(bits.TrailingZeros64(w))
			w &= w - 1
			p[7] = base + uint32(bits.TrailingZeros64(w))
			w &= w - 1
		}
		k += c
		base += 64
	}
}
