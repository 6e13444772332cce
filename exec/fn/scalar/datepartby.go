package scalar

import (
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/vec"
)

// bindPartBy binds date_part with a field in each row: DOUBLE, as one of them may be epoch.
func bindPartBy(t types.Type) *fn.Overload {
	if t.Kind == types.Varchar || t.Kind == types.Null {
		t = types.TTimestamp
	}
	if !t.IsTemporal() && t.Kind != types.Interval && t.Kind != types.TimeTZ {
		return nil
	}
	return failing(sig(types.TDouble, func(c *fn.Ctx, args []*vec.Vector, sel []int32, n int, out *vec.Vector) error {
		rows := map[string][]int32{}
		var names []string
		for _, i := range sel {
			name := string(args[0].Bytes(int(i)))
			if rows[name] == nil {
				names = append(names, name)
			}
			rows[name] = append(rows[name], i)
		}
		dst := vec.Values[float64](out)
		for _, name := range names {
			u := unitOf(name)
			if u == noUnit {
				return unknownUnit(name)
			}
			o := bindPart(u, args[1].Type)
			if o == nil {
				return dataErr("%s has no %s", t, name)
			}
			part := vec.New(o.Result, n)
			if err := o.Eval(c, args[1:], rows[name], n, part); err != nil {
				return err
			}
			for _, i := range rows[name] {
				switch {
				case part.IsNull(int(i)):
					out.SetNull(int(i))
				case part.Phys() == types.PF64:
					dst[i] = vec.Values[float64](part)[i]
				default:
					dst[i] = float64(vec.Values[int64](part)[i])
				}
			}
		}
		return nil
	}, types.TVarchar, t))
}
