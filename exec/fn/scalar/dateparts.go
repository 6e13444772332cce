package scalar

import (
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/vec"
)

// bindParts binds date_part of an array of fields, which gives a struct of them.
func bindParts(args []fn.Arg) (*fn.Overload, error) {
	c := args[0].Const
	if c == nil || c.IsNull(0) || listAt(c, 0).n == 0 {
		return nil, sqlerr.New(sqlerr.Bind, "the fields of date_part must be constants")
	}
	l := listAt(c, 0)
	var fields []types.Field
	var parts []*fn.Overload
	for k := l.off; k < l.off+l.n; k++ {
		if l.kid.IsNull(k) || l.kid.Phys() != types.PView {
			return nil, sqlerr.New(sqlerr.Bind, "the fields of date_part must be texts")
		}
		name := string(l.kid.Bytes(k))
		u := unitOf(name)
		if u == noUnit {
			return nil, unknownUnit(name)
		}
		o := bindPart(u, args[1].Type)
		if o == nil {
			return nil, nil
		}
		if fieldNamed(fields, name) >= 0 {
			return nil, sqlerr.New(sqlerr.Bind, "the field %s is named twice", name)
		}
		fields, parts = append(fields, types.Field{Name: name, Type: o.Result}), append(parts, o)
	}
	out := sig(types.NewStruct(fields...), func(c *fn.Ctx, a []*vec.Vector, sel []int32, n int, out *vec.Vector) error {
		out.Kids = make([]*vec.Vector, len(parts))
		for k, p := range parts {
			out.Kids[k] = vec.New(p.Result, n)
			if err := p.Eval(c, a[1:], sel, n, out.Kids[k]); err != nil {
				return err
			}
		}
		return nil
	}, args[0].Type, parts[0].Args[0])
	for _, p := range parts {
		out.CanFail, out.Stable = out.CanFail || p.CanFail, out.Stable || p.Stable
	}
	return out, nil
}
