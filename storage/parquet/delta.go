package parquet

import (
	"encoding/binary"
	"math/bits"
)

// deltaInts decodes DELTA_BINARY_PACKED into put(i, value) for at most most values, and tells where the encoding ends.
// src has padding readable bytes behind its length.
func deltaInts(src []byte, most int, out []int64) (vals []int64, end int, err error) {
	r := &thriftReader{b: src}
	block, minis, total := r.uvarint(), r.uvarint(), r.uvarint()
	last := r.zigzag()
	if r.bad || block == 0 || block%128 != 0 || block > 1<<20 || minis == 0 || minis > 512 || block%minis != 0 || total > uint64(most) {
		return nil, 0, errDelta
	}
	per := int(block / minis)
	if per%8 != 0 {
		return nil, 0, errDelta
	}
	out = out[:0]
	if total > 0 {
		out = append(out, last)
	}
	for len(out) < int(total) {
		least := r.zigzag()
		if r.bad || r.p+int(minis) > len(src) {
			return nil, 0, errDelta
		}
		widths := src[r.p : r.p+int(minis)]
		r.p += int(minis)
		for _, w := range widths {
			n := min(per, int(total)-len(out))
			if n == 0 {
				break
			}
			size := per * int(w) / 8
			if w > 64 || n*int(w) > 8*(len(src)-r.p) {
				return nil, 0, errDelta
			}
			out = unpackDeltas(out, src[:len(src)+padding], r.p, uint(w), n, least, last)
			last = out[len(out)-1]
			r.p = min(r.p+size, len(src))
		}
	}
	return out, r.p, nil
}

func unpackDeltas(out []int64, buf []byte, at int, w uint, n int, least, last int64) []int64 {
	mask := ^uint64(0)
	if w < 64 {
		mask = 1<<w - 1
	}
	bit := at * 8
	for range n {
		x := binary.LittleEndian.Uint64(buf[bit>>3:])
		if sh := uint(bit) & 7; sh != 0 {
			x = x>>sh | uint64(buf[bit>>3+8])<<(64-sh)
		}
		last += least + int64(x&mask)
		out = append(out, last)
		bit += int(w)
	}
	return out
}

// deltaPlain decodes DELTA_BINARY_PACKED into PLAIN values of width 4 or 8.
func (p *page) deltaPlain(src []byte, most, width int) error {
	vals, _, err := deltaInts(src, most, p.ints)
	if err != nil {
		return err
	}
	p.ints = vals
	if p.raw, err = p.scratchFor(len(vals) * width); err != nil {
		return err
	}
	for i, x := range vals {
		if width == 4 {
			le.PutUint32(p.raw[4*i:], uint32(x))
		} else {
			le.PutUint64(p.raw[8*i:], uint64(x))
		}
	}
	return nil
}

// deltaLengths decodes DELTA_LENGTH_BYTE_ARRAY into PLAIN byte arrays.
func (p *page) deltaLengths(src []byte, most int) error {
	lens, at, err := deltaInts(src, most, p.ints)
	if err != nil {
		return err
	}
	p.ints = lens
	if p.raw, err = p.scratchFor(len(src) - at + 4*len(lens)); err != nil {
		return err
	}
	to := 0
	for _, n := range lens {
		if n < 0 || n > int64(len(src)-at) {
			return errLength
		}
		le.PutUint32(p.raw[to:], uint32(n))
		copy(p.raw[to+4:], src[at:at+int(n)])
		to += 4 + int(n)
		at += int(n)
	}
	p.raw = p.raw[:to]
	return nil
}

// deltaStrings decodes DELTA_BYTE_ARRAY, whose values share beginnings, into PLAIN byte arrays, or, where width is not 0,
// into values of fixed width.
func (p *page) deltaStrings(src []byte, most, width int) error {
	prefixes, at, err := deltaInts(src, most, p.ints)
	if err != nil {
		return err
	}
	p.ints = prefixes
	suffixes, n, err := deltaInts(src[at:], most, p.more)
	if err != nil {
		return err
	}
	p.more = suffixes
	at += n
	if len(prefixes) != len(suffixes) {
		return errDelta
	}
	total, long := 0, int64(0)
	for i, pre := range prefixes {
		suf := suffixes[i]
		if pre < 0 || pre > long || suf < 0 || suf > int64(len(src)) {
			return errDelta
		}
		long = pre + suf
		total += int(long) + 4
		if total > maxPage {
			return errDelta
		}
	}
	if p.raw, err = p.scratchFor(total); err != nil {
		return err
	}
	return p.joinStrings(src[at:], prefixes, suffixes, width)
}

func (p *page) joinStrings(src []byte, prefixes, suffixes []int64, width int) error {
	head := 4
	if width > 0 {
		head = 0
	}
	to, last := 0, 0
	for i, pre := range prefixes {
		suf := int(suffixes[i])
		n := int(pre) + suf
		if suf > len(src) || width > 0 && n != width {
			return errLength
		}
		if head > 0 {
			le.PutUint32(p.raw[to:], uint32(n))
		}
		to += head
		copy(p.raw[to:], p.raw[last:last+int(pre)])
		copy(p.raw[to+int(pre):], src[:suf])
		src = src[suf:]
		last = to
		to += n
	}
	p.raw = p.raw[:to]
	return nil
}

// splitStreams decodes BYTE_STREAM_SPLIT into PLAIN values.
func (p *page) splitStreams(src []byte, width int) (err error) {
	n := len(src) / width
	if n*width != len(src) {
		return errLength
	}
	if p.raw, err = p.scratchFor(len(src)); err != nil {
		return err
	}
	for b := range width {
		stream, dst := src[b*n:b*n+n], p.raw[b:]
		for i, c := range stream {
			dst[i*width] = c
		}
	}
	return nil
}

// unpackBools makes a byte of each of n bits.
func (p *page) unpackBools(src []byte, n int) (err error) {
	if len(src) < (n+7)/8 {
		return errShort
	}
	if p.raw, err = p.scratchFor(n); err != nil {
		return err
	}
	for i := range p.raw {
		p.raw[i] = src[i>>3] >> (uint(i) & 7) & 1
	}
	return nil
}

// runBools decodes RLE booleans, which follow their length.
func (p *page) runBools(src []byte, n int) (err error) {
	if len(src) < 4 {
		return errShort
	}
	size := le.Uint32(src)
	if uint64(size) > uint64(len(src)-4) {
		return errLength
	}
	var r rleReader
	if err := r.reset(src[4:len(src):cap(src)], int(size), 1); err != nil {
		return err
	}
	if p.raw, err = p.scratchFor(n); err != nil {
		return err
	}
	bits := p.codeScratch(n)
	if err := r.read(bits); err != nil {
		return err
	}
	for i, b := range bits {
		p.raw[i] = byte(b)
	}
	return nil
}

func bitWidth(n int) uint { return uint(bits.Len(uint(n))) }
