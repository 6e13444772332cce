package kernel

import (
	"fmt"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/vec"
)

// castNested converts lists, maps and structs child by child.
func castNested(from, to types.Type) (castFunc, bool) {
	places := []int{0} // of the child that each child is made of; -1 is NULL
	if from.Phys() == types.PStruct {
		var ok bool
		if places, ok = types.FieldsFrom(from, to); !ok {
			return nil, false
		}
	}
	kids := make([]*Caster, len(places))
	canFail := false
	for i, p := range places {
		if p < 0 {
			continue
		}
		k, ok := NewCaster(vec.ChildType(from, p), vec.ChildType(to, i))
		if !ok {
			return nil, false
		}
		kids[i], canFail = k, canFail || k.CanFail
	}
	counted := to.N > 0 && to.N != from.N
	return func(c *castRun, src *vec.Vector, sel []int32, out *vec.Vector) error {
		if src.Form == vec.Const {
			flat := &vec.Vector{}
			vec.Flatten(flat, src, nil)
			src = flat
		}
		if counted {
			for _, i := range sel {
				if n := vec.Values[vec.ListEntry](src)[i].Len; int64(n) != int64(to.N) {
					if err := c.fail(src, i, out, otherLength(int(n), to)); err != nil {
						return err
					}
				}
			}
		}
		if src.Phys() == types.PList {
			copy(vec.Values[vec.ListEntry](out), vec.Values[vec.ListEntry](src))
		}
		for i, k := range kids {
			if k == nil {
				out.Kids[i] = allNull(vec.ChildType(to, i), src.Len)
				continue
			}
			in := src.Kids[places[i]]
			dst := vec.New(vec.ChildType(to, i), in.Len)
			dst.CopyValid(in.Valid)
			if err := k.Run(in, ValidRows(in, nil), dst, c.try, c.loc); err != nil {
				return err
			}
			out.Kids[i] = dst
		}
		return nil
	}, canFail || counted
}

// allNull is n NULLs.
func allNull(t types.Type, n int) *vec.Vector {
	v := vec.New(t, n)
	for i := range n {
		v.SetNull(i)
	}
	return v
}

func otherLength(n int, t types.Type) string {
	return fmt.Sprintf("it has %d elements, not %d", n, t.N)
}

// castStructToMap makes a map of the fields' names and their values.
func castStructToMap(from, to types.Type) (castFunc, bool) {
	value := vec.ChildType(to, 0).Elems[1].Type
	keys, ok := NewCaster(types.TVarchar, to.Elems[0].Type)
	if !ok {
		return nil, false
	}
	kids := make([]*Caster, len(from.Elems))
	for i, e := range from.Elems {
		if kids[i], ok = NewCaster(e.Type, value); !ok {
			return nil, false
		}
	}
	return func(c *castRun, src *vec.Vector, sel []int32, out *vec.Vector) error {
		if src.Form == vec.Const {
			flat := &vec.Vector{}
			vec.Flatten(flat, src, nil)
			src = flat
		}
		n := len(kids)
		names := vec.New(types.TVarchar, n)
		for i, e := range from.Elems {
			names.SetBytes(i, []byte(e.Name))
		}
		key := vec.New(to.Elems[0].Type, n)
		if err := keys.Run(names, vec.Identity(n), key, false, c.loc); err != nil {
			return err
		}
		cast := make([]*vec.Vector, n)
		for i, k := range kids {
			in := src.Kids[i]
			cast[i] = vec.New(value, in.Len)
			cast[i].CopyValid(in.Valid)
			if err := k.Run(in, ValidRows(in, sel), cast[i], c.try, c.loc); err != nil {
				return err
			}
		}
		outKeys, outValues := vec.NewBuilder(to.Elems[0].Type), vec.NewBuilder(value)
		entries := vec.Values[vec.ListEntry](out)
		for _, i := range sel {
			entries[i] = vec.ListEntry{Off: uint32(outKeys.Len()), Len: uint32(n)}
			outKeys.Append(key, vec.Identity(n))
			for _, v := range cast {
				outValues.Append(v, []int32{i})
			}
		}
		pairs := vec.New(vec.ChildType(to, 0), outKeys.Len())
		pairs.Kids[0], pairs.Kids[1] = outKeys.Vector(), outValues.Vector()
		out.Kids[0] = pairs
		return nil
	}, true
}

// ValidRows gives the rows of sel (nil: all) that are not NULL in v. It may give sel itself.
func ValidRows(v *vec.Vector, sel []int32) []int32 {
	if sel == nil {
		sel = vec.Identity(v.Len)
	}
	if v.Valid == nil {
		return sel
	}
	out := make([]int32, 0, len(sel))
	for _, i := range sel {
		if !v.IsNull(int(i)) {
			out = append(out, i)
		}
	}
	return out
}
