package parquet

import (
	"fmt"
	"math"
	"math/bits"
	"os"
	"strings"

	"github.com/parquet-go/parquet-go/bloom/xxhash"
	"github.com/parquet-go/parquet-go/format"

	"github.com/skep-sql/skep/storage"
)

// pruner decides what of a file a scan can leave out. What it cannot read it keeps.
type pruner struct {
	t       *table
	h       *os.File
	group   int
	indexes map[int]*pageIndex // of the row group, by leaf; nil: there is none
}

// leafOf gives the leaf of a column without nesting, or nil.
func (p *pruner) leafOf(col int) *leaf {
	if col < 0 || col >= len(p.t.root.kids) || p.t.root.kids[col].shape != shapeLeaf {
		return nil
	}
	return p.t.root.kids[col].leaf
}

// keep tells whether row group g may have rows that meet all preds.
func (p *pruner) keep(g int, preds []storage.Pred) bool {
	p.group, p.indexes = g, map[int]*pageIndex{}
	for i := range preds {
		if !p.may(&preds[i]) {
			return false
		}
	}
	return true
}

func (p *pruner) may(x *storage.Pred) bool {
	switch x.Op {
	case storage.And:
		for i := range x.Kids {
			if !p.may(&x.Kids[i]) {
				return false
			}
		}
		return true
	case storage.Or:
		for i := range x.Kids {
			if p.may(&x.Kids[i]) {
				return true
			}
		}
		return len(x.Kids) == 0
	}
	l := p.leafOf(x.Col)
	if l == nil {
		return true
	}
	g := &p.t.meta.groups[p.group]
	m := &g.chunks[l.index]
	r := p.t.rangeOf(l, m, g.rows)
	if !r.may(x, classOf(l)) {
		return false
	}
	if m.bloomOff > 0 && (x.Op == storage.Eq || x.Op == storage.In) {
		return p.bloom(l, m, x.Values)
	}
	return true
}

// may tells whether a row among those that r describes may meet x, which is no AND or OR.
func (r *valueRange) may(x *storage.Pred, c class) bool {
	if x.Op == storage.IsNull {
		return r.nulls != 0
	}
	if r.nulls == r.rows {
		return false
	}
	if !r.ok || c == classNone || x.Op == storage.NotNull || len(x.Values) == 0 {
		return true
	}
	v := x.Values[0]
	if c == classFloat && math.IsNaN(v.F) {
		return true
	}
	switch x.Op {
	case storage.Eq:
		return c.compare(r.min, v) <= 0 && c.compare(v, r.max) <= 0
	case storage.Lt:
		return c.compare(r.min, v) < 0
	case storage.Le:
		return c.compare(r.min, v) <= 0
	case storage.Gt: // NaN is above every number and not in the statistics
		return c == classFloat || c.compare(r.max, v) > 0
	case storage.Ge:
		return c == classFloat || c.compare(r.max, v) >= 0
	case storage.In:
		for _, v := range x.Values {
			if c == classFloat && math.IsNaN(v.F) || c.compare(r.min, v) <= 0 && c.compare(v, r.max) <= 0 {
				return true
			}
		}
		return false
	case storage.Prefix:
		if c != classString {
			return true
		}
		head := r.min.S[:min(len(r.min.S), len(v.S))]
		return strings.Compare(head, v.S) <= 0 && r.max.S >= v.S
	}
	return true
}

// bloomSalt are the factors of the format's split-block filter.
var bloomSalt = [8]uint32{0x47b6137b, 0x44974d91, 0x8824ad5b, 0xa2b7289d, 0x705495c7, 0x2df1424b, 0x9efc4947, 0x5c6bfb31}

// bloom tells whether the chunk's Bloom filter lets any of the values pass.
func (p *pruner) bloom(l *leaf, m *chunkMeta, values []storage.Bound) bool {
	var head [64]byte
	n, _ := p.h.ReadAt(head[:], m.bloomOff)
	r := &thriftReader{b: head[:n]}
	var size int64
	known := 0
	r.fields(tStruct, func(id int, t byte) bool {
		if id == 1 {
			size = r.i64(t)
			return true
		}
		r.fields(t, func(member int, _ byte) bool { // unions, of which only the first member is defined
			if member == 1 {
				known++
			}
			return false
		})
		return true
	})
	if r.bad || known != 3 || size < 32 || size%32 != 0 || size > p.t.size {
		return true
	}
	for _, v := range values {
		key, ok := bloomKey(l, v)
		if !ok {
			return true
		}
		h := xxhash.Sum64(key)
		block, _ := bits.Mul64(h&^(1<<32-1), uint64(size/32))
		var b [32]byte
		if _, err := p.h.ReadAt(b[:], m.bloomOff+int64(r.p)+int64(block)*32); err != nil {
			return true
		}
		hit := true
		for i, salt := range bloomSalt {
			bit := uint32(h) * salt >> 27
			hit = hit && le.Uint32(b[4*i:])>>bit&1 != 0
		}
		if hit {
			return true
		}
	}
	return false
}

// bloomKey gives a constant as the file's PLAIN bytes.
func bloomKey(l *leaf, v storage.Bound) ([]byte, bool) {
	switch {
	case l.conv == cBytes && classOf(l) == classString:
		return []byte(v.S), true
	case l.phys == format.Int32 && (l.conv == cCopy || l.conv == cI32to64 || l.conv == cU32to64):
		return le.AppendUint32(nil, uint32(v.I)), l.conv == cU32to64 && v.I>>32 == 0 || v.I == int64(int32(v.I))
	case l.phys == format.Int64 && l.conv == cCopy:
		return le.AppendUint64(nil, uint64(v.I)), true
	case l.phys == format.Double && v.F != 0 && v.F == v.F:
		return le.AppendUint64(nil, math.Float64bits(v.F)), true
	}
	return nil, false
}

func plural(n int64, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
