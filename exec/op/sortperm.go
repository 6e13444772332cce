package op

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"math"
	"math/bits"
	"slices"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/flow"
	"github.com/skep-sql/skep/exec/key"
	"github.com/skep-sql/skep/exec/vec"
)

// alone runs parallel work on the caller's goroutine.
type alone struct{}

func (alone) Cancelled() error { return nil }

func (alone) For(n int, f func(int) error) error {
	for i := range n {
		if err := f(i); err != nil {
			return err
		}
	}
	return nil
}

// sortPerm gives the order of n rows by the flat vectors by; equal rows stay in order.
func sortPerm(by []*vec.Vector, n int, desc, nullsFirst []bool) []int32 {
	perm, _ := (&sorter{n: n}).sort(alone{}, 1, by, desc, nullsFirst)
	return perm
}

// sorter orders rows. Every key is mapped to an ordinal, a word in the same order; the range of the ordinals tells the bits that
// they need, and as many keys as fit are packed into one word, together with the row number, or into two. What does not
// fit (the ends of long strings, nested values) is compared only where the words are equal.
type sorter struct {
	n    int
	keys []ordinal
	rest int // the first key that the words do not settle; len(keys): none
}

// ordinal maps the values of a key to words.
type ordinal struct {
	v           *vec.Vector
	desc, first bool
	skip        int  // strings: the prefix that all have
	short       bool // strings: all fit 7 bytes after the prefix
	nulls       bool
	lossy       bool
	lo, hi      uint64
	bits        uint
}

const sortChunk = 1 << 15

// sort gives the order of the rows. An error comes from p alone: the query was cancelled.
func (s *sorter) sort(p flow.Parallel, workers int, by []*vec.Vector, desc, nullsFirst []bool) ([]int32, error) {
	where, keyBits, err := s.plan(p, by, desc, nullsFirst)
	if err != nil {
		return nil, err
	}
	if s.oneWord(keyBits) {
		return s.sortWords(p, workers, len(where), keyBits, s.rowBits())
	}
	return s.sortPairs(p, workers, where)
}

func (s *sorter) rowBits() uint { return uint(bits.Len(uint(s.n))) }

// oneWord tells whether the keys that plan has packed and the row number fit one word.
func (s *sorter) oneWord(keyBits uint) bool { return keyBits+s.rowBits() <= 64 }

// plan measures the keys and packs them. It gives the word, 0 or 1, that each packed key goes to, and the bits taken in all.
func (s *sorter) plan(p flow.Parallel, by []*vec.Vector, desc, nullsFirst []bool) (where []int, keyBits uint, err error) {
	for i, v := range by {
		o := ordinal{v: v, desc: desc != nil && desc[i], first: nullsFirst != nil && nullsFirst[i], lo: math.MaxUint64}
		if err := o.measure(p, s.n); err != nil {
			return nil, 0, err
		}
		s.keys = append(s.keys, o)
	}
	word, left := 0, uint(64)
	for s.rest < len(s.keys) {
		o := &s.keys[s.rest]
		if o.bits > left {
			if word == 1 {
				break
			}
			word, left = 1, 64
		}
		where = append(where, word)
		left -= o.bits
		if o.lossy {
			break // what follows counts only where this one is settled
		}
		s.rest++
	}
	return where, uint(64*word) + 64 - left, nil
}

// measure finds the range of the ordinals.
func (o *ordinal) measure(p flow.Parallel, n int) error {
	o.nulls = o.v.Valid != nil && o.v.Valid.Count(n) < n
	switch o.v.Phys() {
	case types.PView:
		o.measureStrings(n)
	case types.PInterval, types.PList, types.PStruct:
		o.lossy = true
	}
	chunks := (n + sortChunk - 1) / sortChunk
	los, his, lossy := make([]uint64, chunks), make([]uint64, chunks), make([]bool, chunks)
	err := p.For(chunks, func(c int) error {
		var buf [vec.BatchSize]uint64
		lo, hi := uint64(math.MaxUint64), uint64(0)
		end := min((c+1)*sortChunk, n)
		for at := c * sortChunk; at < end; at += len(buf) {
			words := buf[:min(len(buf), end-at)]
			if !o.fill(words, at) {
				lossy[c] = true
			}
			if !o.nulls {
				for _, w := range words {
					lo, hi = min(lo, w), max(hi, w)
				}
				continue
			}
			for k, w := range words {
				if o.v.Valid.Get(at + k) {
					lo, hi = min(lo, w), max(hi, w)
				}
			}
		}
		los[c], his[c] = lo, hi
		return nil
	})
	if err != nil {
		return err
	}
	for c := range chunks {
		o.lo, o.hi = min(o.lo, los[c]), max(o.hi, his[c])
		o.lossy = o.lossy || lossy[c]
	}
	if o.lo > o.hi {
		o.lo, o.hi = 0, 0
	}
	span := o.hi - o.lo
	if o.nulls {
		if span == math.MaxUint64 {
			o.lossy = true // NULL shares a word with the value at its end
		} else {
			span++
		}
	}
	o.bits = uint(bits.Len64(span))
	return nil
}

// measureStrings finds the prefix that all strings have.
func (o *ordinal) measureStrings(n int) {
	var first []byte
	any, longest := false, 0
	for i := range n {
		if o.v.IsNull(i) {
			continue
		}
		b := stringAt(o.v, i)
		longest = max(longest, len(b))
		if !any {
			any, first, o.skip = true, b, len(b)
			continue
		}
		if m := min(o.skip, len(b)); !bytes.Equal(first[:m], b[:m]) {
			k := 0
			for first[k] == b[k] {
				k++
			}
			o.skip = k
		} else {
			o.skip = m
		}
	}
	o.short = longest-o.skip <= 7
	o.lossy = !o.short
}

func stringAt(v *vec.Vector, i int) []byte {
	b := vec.Values[vec.View](v)[i].Bytes(v.Bufs)
	if v.Type.Fixed {
		return key.TrimBlanks(b)
	}
	return b
}

// fill sets words to the ordinals of the rows from at on, ascending, and NULLs to anything. It tells whether different values
// have different ordinals.
func (o *ordinal) fill(words []uint64, at int) bool {
	const sign = 1 << 63
	exact := true
	switch o.v.Phys() {
	case types.PBool:
		for k, x := range vec.Values[uint8](o.v)[at : at+len(words)] {
			words[k] = uint64(x)
		}
	case types.PI32:
		for k, x := range vec.Values[int32](o.v)[at : at+len(words)] {
			words[k] = uint64(int64(x)) ^ sign
		}
	case types.PI64:
		for k, x := range vec.Values[int64](o.v)[at : at+len(words)] {
			words[k] = uint64(x) ^ sign
		}
	case types.PF64:
		for k, x := range vec.Values[float64](o.v)[at : at+len(words)] {
			words[k] = key.FloatOrder(x)
		}
	case types.PI128:
		// The middle 64 bits of 128 that matter: values that fit 64 bits keep them all, others are clamped.
		for k, x := range vec.Values[vec.Int128](o.v)[at : at+len(words)] {
			switch {
			case x.Hi == int64(x.Lo)>>63:
				words[k] = x.Lo ^ sign
			case x.Hi < 0:
				words[k], exact = 0, false
			default:
				words[k], exact = math.MaxUint64, false
			}
		}
	case types.PInterval:
		for k, x := range vec.Values[vec.IntervalValue](o.v)[at : at+len(words)] {
			words[k] = uint64(key.SpanDays(x)) ^ sign
		}
	case types.PView:
		o.fillStrings(words, at)
	default:
		clear(words)
	}
	return exact
}

func (o *ordinal) fillStrings(words []uint64, at int) {
	for k := range words {
		words[k] = 0
		if o.nulls && o.v.IsNull(at+k) {
			continue
		}
		words[k] = prefixWord(stringAt(o.v, at+k)[o.skip:])
		if o.short { // the length tells "a" from "a\x00"
			words[k] |= uint64(len(stringAt(o.v, at+k)) - o.skip)
		}
	}
}

// prefixWord gives the first eight bytes of b as a word.
func prefixWord(b []byte) uint64 {
	if len(b) >= 8 {
		return binary.BigEndian.Uint64(b)
	}
	var raw [8]byte
	copy(raw[:], b)
	return binary.BigEndian.Uint64(raw[:])
}

// scaled sets words to the ordinals of the rows from at on, in the order asked for, from 0 on and with NULLs in their place.
func (o *ordinal) scaled(words []uint64, at int) {
	o.fill(words, at)
	span := o.hi - o.lo
	if o.desc {
		for k, w := range words {
			words[k] = o.hi - w
		}
	} else {
		for k, w := range words {
			words[k] = w - o.lo
		}
	}
	if !o.nulls {
		return
	}
	null, shift := span+1, uint64(0)
	if span == math.MaxUint64 {
		null = span
	}
	if o.first {
		null = 0
		if span < math.MaxUint64 {
			shift = 1
		}
	}
	for k := range words {
		if o.v.Valid.Get(at + k) {
			words[k] += shift
		} else {
			words[k] = null
		}
	}
}

// compare orders rows i and j by the keys that the words do not settle, then by number.
func (s *sorter) compare(i, j int32) int {
	for k := s.rest; k < len(s.keys); k++ {
		o := &s.keys[k]
		if o.nulls {
			an, bn := o.v.IsNull(int(i)), o.v.IsNull(int(j))
			if an || bn {
				if an == bn {
					continue
				}
				if an == o.first {
					return -1
				}
				return 1
			}
		}
		if c := key.Compare(o.v, int(i), o.v, int(j)); c != 0 {
			if o.desc {
				return -c
			}
			return c
		}
	}
	return cmp.Compare(i, j)
}

// sortWords sorts by one word of keys and row number.
func (s *sorter) sortWords(p flow.Parallel, workers, keys int, keyBits, rowBits uint) ([]int32, error) {
	n := s.n
	words, spare := make([]uint64, n), make([]uint64, n)
	runs := cuts(n, workers)
	err := p.For(len(runs)-1, func(r int) error {
		lo, hi := runs[r], runs[r+1]
		var buf [vec.BatchSize]uint64
		for k := range keys {
			for at := lo; at < hi; at += len(buf) {
				b := buf[:min(len(buf), hi-at)]
				s.keys[k].scaled(b, at)
				out := words[at : at+len(b)]
				for j, w := range b {
					out[j] = out[j]<<s.keys[k].bits | w
				}
			}
		}
		for i := lo; i < hi; i++ {
			words[i] = words[i]<<rowBits | uint64(i)
		}
		return radix(p, words[lo:hi], spare[lo:hi], rowBits, keyBits)
	})
	if err != nil {
		return nil, err
	}
	words, _, err = mergeRuns(p, workers, runs, words, spare, cmp.Compare[uint64])
	if err != nil {
		return nil, err
	}
	perm := make([]int32, n)
	mask := uint64(1)<<rowBits - 1
	for i, w := range words {
		perm[i] = int32(w & mask)
	}
	if s.rest < len(s.keys) {
		for lo := 0; lo < n; {
			hi := lo + 1
			for hi < n && words[hi]>>rowBits == words[lo]>>rowBits {
				hi++
			}
			if hi-lo > 1 {
				slices.SortFunc(perm[lo:hi], s.compare)
			}
			lo = hi
		}
	}
	return perm, nil
}

// radix sorts words by their bits from lo on, bits of them, leaving the result in words. It looks for cancellation between its passes.
func radix(p flow.Parallel, words, spare []uint64, lo, bits uint) error {
	const digit = 11
	if len(words) < 1<<10 {
		slices.Sort(words)
		return nil
	}
	from, to := words, spare
	for sh := lo; sh < lo+bits; sh += digit {
		if err := p.Cancelled(); err != nil {
			return err
		}
		var count [1 << digit]uint32
		mask := uint64(1)<<min(digit, lo+bits-sh) - 1
		for _, w := range from {
			count[w>>sh&mask]++
		}
		if count[from[0]>>sh&mask] == uint32(len(from)) {
			continue
		}
		sum := uint32(0)
		for i, c := range count {
			count[i] = sum
			sum += c
		}
		for _, w := range from {
			d := w >> sh & mask
			to[count[d]] = w
			count[d]++
		}
		from, to = to, from
	}
	if &from[0] != &words[0] {
		copy(words, from)
	}
	return nil
}

// pair is a row with two words of its keys.
type pair struct {
	hi, lo uint64
	row    int32
}

// sortPairs sorts by two words.
func (s *sorter) sortPairs(p flow.Parallel, workers int, where []int) ([]int32, error) {
	n := s.n
	pairs, spare := make([]pair, n), []pair(nil)
	runs := cuts(n, max(workers, n/maxRun)) // short ones, for the sake of cancellation
	err := p.For(len(runs)-1, func(r int) error {
		s.fillPairs(pairs, where, runs[r], runs[r+1])
		slices.SortFunc(pairs[runs[r]:runs[r+1]], s.comparePairs)
		return nil
	})
	if err != nil {
		return nil, err
	}
	if len(runs) > 2 {
		spare = make([]pair, n)
		if pairs, _, err = mergeRuns(p, workers, runs, pairs, spare, s.comparePairs); err != nil {
			return nil, err
		}
	}
	perm := make([]int32, n)
	for i := range pairs {
		perm[i] = pairs[i].row
	}
	return perm, nil
}

func (s *sorter) comparePairs(a, b pair) int {
	if a.hi != b.hi {
		if a.hi < b.hi {
			return -1
		}
		return 1
	}
	if a.lo != b.lo {
		if a.lo < b.lo {
			return -1
		}
		return 1
	}
	return s.compare(a.row, b.row)
}

// fillPairs sets the pairs of the rows lo…hi-1.
func (s *sorter) fillPairs(pairs []pair, where []int, lo, hi int) {
	var buf [vec.BatchSize]uint64
	for k, word := range where {
		for at := lo; at < hi; at += len(buf) {
			b := buf[:min(len(buf), hi-at)]
			s.keys[k].scaled(b, at)
			out := pairs[at : at+len(b)]
			for j, w := range b {
				if word == 0 {
					out[j].hi = out[j].hi<<s.keys[k].bits | w
				} else {
					out[j].lo = out[j].lo<<s.keys[k].bits | w
				}
			}
		}
	}
	for i := lo; i < hi; i++ {
		pairs[i].row = int32(i)
	}
}

// cuts splits n rows into runs for the workers: the ends, with 0 first.
func cuts(n, workers int) []int {
	if n < 1<<15 {
		workers = 1
	}
	out := []int{0}
	for i := 1; i <= workers; i++ {
		out = append(out, n*i/workers)
	}
	return out
}

// maxRun is the most rows that are sorted by comparison, or merged, without a look for cancellation: some 50 ms.
const maxRun = 1 << 18

// mergeRuns merges sorted runs of a, two and two, until there is one. It gives the merged array and the other one.
func mergeRuns[T any](p flow.Parallel, workers int, runs []int, a, b []T, compare func(x, y T) int) (_, _ []T, err error) {
	for len(runs) > 2 {
		next := []int{0}
		type job struct{ x, y, out []T }
		var jobs []job
		for r := 0; r+1 < len(runs); r += 2 {
			if r+2 >= len(runs) {
				jobs = append(jobs, job{a[runs[r]:runs[r+1]], nil, b[runs[r]:runs[r+1]]})
				next = append(next, runs[r+1])
				break
			}
			x, y, out := a[runs[r]:runs[r+1]], a[runs[r+1]:runs[r+2]], b[runs[r]:runs[r+2]]
			for k := max(workers, (len(x)+len(y))/maxRun); k > 1 && len(x) > 0; k-- { // cut x in equal parts and y where the cuts belong
				i := len(x) / k
				j := 0
				if i < len(x) {
					j, _ = slices.BinarySearchFunc(y, x[i], compare)
				}
				jobs = append(jobs, job{x[:i], y[:j], out[:i+j]})
				x, y, out = x[i:], y[j:], out[i+j:]
			}
			jobs = append(jobs, job{x, y, out})
			next = append(next, runs[r+2])
		}
		if err = p.For(len(jobs), func(i int) error {
			mergeTwo(jobs[i].x, jobs[i].y, jobs[i].out, compare)
			return nil
		}); err != nil {
			return nil, nil, err
		}
		a, b, runs = b, a, next
	}
	return a, b, nil
}

func mergeTwo[T any](x, y, out []T, compare func(x, y T) int) {
	k := 0
	for len(x) > 0 && len(y) > 0 {
		if compare(y[0], x[0]) < 0 {
			out[k], y = y[0], y[1:]
		} else {
			out[k], x = x[0], x[1:]
		}
		k++
	}
	k += copy(out[k:], x)
	copy(out[k:], y)
}
