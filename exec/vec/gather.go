package vec

import "github.com/skep-sql/skep/catalog/types"

// Gather makes dst the rows idx of src, in that order; a negative index gives NULL. Strings and list elements are shared with
// src, not copied. A Dict source gives a Dict result.
func Gather(dst, src *Vector, idx []int32) {
	if src.Form == Const {
		gatherConst(dst, src, idx)
		return
	}
	if src.Form == Dict {
		dst.ResetDict(src.Type, src.Dict, len(idx))
		gatherFixed(dst.Codes(), src.Codes(), idx)
		gatherValid(dst, src, idx)
		return
	}
	dst.Reset(src.Type, len(idx))
	switch src.phys {
	case types.PBool:
		gatherFixed(Values[uint8](dst), Values[uint8](src), idx)
	case types.PI32:
		gatherFixed(Values[int32](dst), Values[int32](src), idx)
	case types.PI64, types.PF64:
		gatherFixed(Values[int64](dst), Values[int64](src), idx)
	case types.PI128, types.PInterval:
		gatherFixed(Values[Int128](dst), Values[Int128](src), idx)
	case types.PView:
		gatherFixed(Values[View](dst), Values[View](src), idx)
		dst.shareAll(src)
	case types.PList:
		gatherFixed(Values[ListEntry](dst), Values[ListEntry](src), idx)
		dst.Kids = src.Kids
	case types.PStruct:
		for i, k := range src.Kids {
			kid := &Vector{}
			Gather(kid, k, idx)
			dst.Kids[i] = kid
		}
	}
	gatherValid(dst, src, idx)
}

// shareAll makes the buffers of v exactly those of src.
func (v *Vector) shareAll(src *Vector) {
	v.Bufs, v.own, v.heap = src.Bufs[:len(src.Bufs):len(src.Bufs)], nil, nil
}

func gatherFixed[T any](dst, src []T, idx []int32) {
	if len(src) == 0 { // every index is negative
		clear(dst)
		return
	}
	dst = dst[:len(idx)]
	for k, i := range idx {
		dst[k] = src[max(i, 0)]
	}
}

func gatherValid(dst, src *Vector, idx []int32) {
	if src.Valid == nil {
		for k, i := range idx {
			if i < 0 {
				dst.MakeValid().Clear(k)
			}
		}
		return
	}
	valid := dst.MakeValid()
	for k, i := range idx {
		if i < 0 || !src.Valid.Get(int(i)) {
			valid.Clear(k)
		}
	}
}

func gatherConst(dst, src *Vector, idx []int32) {
	negative := false
	for _, i := range idx {
		negative = negative || i < 0
	}
	if !negative {
		dst.Ref(src)
		dst.Len = len(idx)
		return
	}
	flat := &Vector{}
	Flatten(flat, src, nil)
	Gather(dst, flat, idx)
}

// Flatten makes dst a flat vector with the values of src at the same rows: at the rows sel, or at all when sel is nil. Rows
// outside sel hold anything. Strings are shared, not copied.
func Flatten(dst, src *Vector, sel []int32) {
	switch src.Form {
	case Flat:
		dst.Ref(src)
	case Const:
		flattenConst(dst, src)
	case Dict:
		codes, values := src.Codes(), src.Dict.Values
		if sel == nil {
			Gather(dst, values, codes)
		} else {
			gatherAt(dst, values, codes, sel)
		}
		dst.Type = src.Type
		dst.CopyValid(src.Valid)
	}
}

func flattenConst(dst, src *Vector) {
	n := src.Len
	if src.IsNull(0) {
		dst.Reset(src.Type, n)
		clear(dst.data)
		if n > 0 {
			dst.MakeValid().Zero()
		}
		for _, k := range dst.Kids {
			clear(k.data)
		}
		return
	}
	one := *src
	one.Form, one.Len, one.Valid = Flat, 1, nil
	Gather(dst, &one, make([]int32, n))
}

// gatherAt sets dst[i] = values[codes[i]] for i in sel.
func gatherAt(dst, values *Vector, codes, sel []int32) {
	dst.Reset(values.Type, len(codes))
	switch values.phys {
	case types.PBool:
		scatter(Values[uint8](dst), Values[uint8](values), codes, sel)
	case types.PI32:
		scatter(Values[int32](dst), Values[int32](values), codes, sel)
	case types.PI64, types.PF64:
		scatter(Values[int64](dst), Values[int64](values), codes, sel)
	case types.PI128, types.PInterval:
		scatter(Values[Int128](dst), Values[Int128](values), codes, sel)
	case types.PView:
		scatter(Values[View](dst), Values[View](values), codes, sel)
		dst.shareAll(values)
	}
}

func scatter[T any](dst, src []T, codes, sel []int32) {
	for _, i := range sel {
		dst[i] = src[codes[i]]
	}
}

// Assign sets the rows sel of dst, a flat vector of the same type and layout with a validity of its own or none, to those of src. Strings
// are shared. Lists and structs are not taken: see AssignNested.
func Assign(dst, src *Vector, sel []int32) {
	switch dst.phys {
	case types.PBool:
		assignFixed[uint8](dst, src, sel)
	case types.PI32:
		assignFixed[int32](dst, src, sel)
	case types.PI64, types.PF64:
		assignFixed[int64](dst, src, sel)
	case types.PI128, types.PInterval:
		assignFixed[Int128](dst, src, sel)
	case types.PView:
		assignViews(dst, src, sel)
	}
	if src.Valid == nil {
		return
	}
	for _, i := range sel {
		if src.IsNull(int(i)) {
			dst.SetNull(int(i))
		}
	}
}

func assignFixed[T any](dst, src *Vector, sel []int32) {
	d := Values[T](dst)
	switch src.Form {
	case Const:
		x := Values[T](src)[0]
		for _, i := range sel {
			d[i] = x
		}
	case Dict:
		if s := Values[T](src.Dict.Values); len(s) > 0 {
			scatter(d, s, src.Codes(), sel)
		}
	default:
		s := Values[T](src)
		for _, i := range sel {
			d[i] = s[i]
		}
	}
}

func assignViews(dst, src *Vector, sel []int32) {
	from := src
	if src.Form == Dict {
		from = src.Dict.Values
	}
	base := dst.ShareBufs(from)
	d := Values[View](dst)
	for _, i := range sel {
		if src.IsNull(int(i)) {
			d[i] = View{}
			continue
		}
		f, k := src.At(int(i))
		w := Values[View](f)[k]
		if w.Len > InlineMax {
			w.Buf += base
		}
		d[i] = w
	}
}

// AssignNested makes dst the vector whose row i is row i of from[which[i]] (NULL where which[i] is negative).
func AssignNested(dst *Vector, t types.Type, n int, which []int32, from []*Vector) {
	b := NewBuilder(t)
	one := make([]int32, 1)
	for i := range n {
		if w := which[i]; w < 0 || from[w].IsNull(i) {
			b.AppendNull()
		} else {
			one[0] = int32(i)
			b.Append(from[w], one)
		}
	}
	*dst = *b.Vector()
}
