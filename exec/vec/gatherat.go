package vec

import "github.com/skep-sql/skep/catalog/types"

// GatherAt makes dst a flat vector of n rows where row sel[k] is the row idx[sel[k]] of the flat vector src, or NULL when that is
// negative. Other rows hold anything. Strings and list elements are shared with src, not copied.
func GatherAt(dst, src *Vector, idx, sel []int32, n int) {
	dst.Reset(src.Type, n)
	if src.Len > 0 {
		switch src.phys {
		case types.PBool:
			gatherSel(Values[uint8](dst), Values[uint8](src), idx, sel)
		case types.PI32:
			gatherSel(Values[int32](dst), Values[int32](src), idx, sel)
		case types.PI64, types.PF64:
			gatherSel(Values[int64](dst), Values[int64](src), idx, sel)
		case types.PI128, types.PInterval:
			gatherSel(Values[Int128](dst), Values[Int128](src), idx, sel)
		case types.PView:
			gatherSel(Values[View](dst), Values[View](src), idx, sel)
			dst.shareAll(src)
		case types.PList:
			gatherSel(Values[ListEntry](dst), Values[ListEntry](src), idx, sel)
			dst.Kids = src.Kids
		}
	} else {
		clear(dst.data)
	}
	if src.phys == types.PStruct {
		for i, k := range src.Kids {
			kid := &Vector{}
			GatherAt(kid, k, idx, sel, n)
			dst.Kids[i] = kid
		}
	}
	if src.Valid != nil {
		valid := dst.MakeValid()
		for _, i := range sel {
			if j := idx[i]; j < 0 || !src.Valid.Get(int(j)) {
				valid.Clear(int(i))
			}
		}
		return
	}
	for _, i := range sel {
		if idx[i] < 0 {
			dst.MakeValid().Clear(int(i))
		}
	}
}

func gatherSel[T any](dst, src []T, idx, sel []int32) {
	for _, i := range sel {
		dst[i] = src[max(idx[i], 0)]
	}
}
