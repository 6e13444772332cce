package kernel

import (
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/vec"
)

const noLabel = "it is none of its values"

// castToEnum finds the places of texts, or of another ENUM's values, among those of an ENUM.
func castToEnum(to types.Type) castFunc {
	labels := to.Labels()
	return func(c *castRun, src *vec.Vector, sel []int32, out *vec.Vector) error {
		dst := vec.Values[int32](out)
		for _, i := range sel {
			f, k := src.At(int(i))
			c.buf = AppendText(c.buf[:0], f, k)
			place, ok := labels[string(c.buf)]
			if !ok {
				if err := c.fail(src, i, out, noLabel); err != nil {
					return err
				}
				continue
			}
			dst[i] = place
		}
		return nil
	}
}

// castLabels converts an ENUM's texts.
func castLabels(text castFunc) castFunc {
	return func(c *castRun, src *vec.Vector, sel []int32, out *vec.Vector) error {
		tmp := vec.New(types.TVarchar, src.Len)
		if src.Form == vec.Const {
			flat := &vec.Vector{}
			vec.Flatten(flat, src, sel)
			src = flat
		}
		if err := castToText(c, src, sel, tmp); err != nil {
			return err
		}
		return text(c, tmp, sel, out)
	}
}

// Plainer puts texts in the place of ENUMs, for files and systems that have none. It belongs to one goroutine.
type Plainer struct {
	casters []*Caster // by column; nil for one that stays
	out     vec.Batch
	cols    []vec.Vector
}

// NewPlainer makes a Plainer for columns of the given types, or nil where there is nothing to do.
func NewPlainer(ts []types.Type) *Plainer {
	p := &Plainer{casters: make([]*Caster, len(ts)), cols: make([]vec.Vector, len(ts))}
	any := false
	for i, t := range ts {
		if plain := t.Plain(); !plain.Equal(t) {
			p.casters[i], _ = NewCaster(t, plain)
			any = true
		}
	}
	if !any {
		return nil
	}
	return p
}

// Batch gives b with texts, valid until the next call. A nil Plainer gives b.
func (p *Plainer) Batch(b *vec.Batch) (*vec.Batch, error) {
	if p == nil {
		return b, nil
	}
	p.out = *b
	p.out.Cols = append([]*vec.Vector(nil), b.Cols...)
	sel := b.Sel
	if sel == nil {
		sel = vec.Identity(b.N)
	}
	for i, c := range p.casters {
		if c == nil {
			continue
		}
		out := &p.cols[i]
		out.Reset(c.To, b.N)
		for _, k := range sel {
			if b.Cols[i].IsNull(int(k)) {
				out.SetNull(int(k))
			}
		}
		if err := c.Run(b.Cols[i], ValidRows(b.Cols[i], sel), out, false, nil); err != nil {
			return nil, err
		}
		p.out.Cols[i] = out
	}
	return &p.out, nil
}
