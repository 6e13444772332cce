package skep

import (
	"math"
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
)

// ArrowType gives the Arrow type in which values of a SQL type are handed out.
func ArrowType(t types.Type) arrow.DataType {
	switch t.Kind {
	case types.Null:
		return arrow.Null
	case types.Decimal:
		t = t.Plain()
		return &arrow.Decimal128Type{Precision: int32(t.P), Scale: int32(t.S)}
	case types.Timestamp:
		return &arrow.TimestampType{Unit: arrow.Microsecond}
	case types.TimestampTZ:
		return &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"}
	case types.Array:
		return arrow.ListOf(ArrowType(t.Elems[0].Type))
	case types.Map:
		return arrow.MapOf(ArrowType(t.Elems[0].Type), ArrowType(t.Elems[1].Type))
	case types.Struct:
		return arrow.StructOf(arrowFields(t.Elems)...)
	}
	return plainArrow[t.Kind]
}

// plainArrow are the types without parameters.
var plainArrow = [...]arrow.DataType{
	types.Boolean: arrow.FixedWidthTypes.Boolean, types.TinyInt: arrow.PrimitiveTypes.Int8, types.SmallInt: arrow.PrimitiveTypes.Int16,
	types.Integer: arrow.PrimitiveTypes.Int32, types.BigInt: arrow.PrimitiveTypes.Int64, types.UTinyInt: arrow.PrimitiveTypes.Uint8,
	types.USmallInt: arrow.PrimitiveTypes.Uint16, types.UInteger: arrow.PrimitiveTypes.Uint32, types.UBigInt: arrow.PrimitiveTypes.Uint64,
	types.Real: arrow.PrimitiveTypes.Float32, types.Double: arrow.PrimitiveTypes.Float64, types.Varchar: arrow.BinaryTypes.String,
	types.Binary: arrow.BinaryTypes.Binary, types.Date: arrow.FixedWidthTypes.Date32, types.Time: arrow.FixedWidthTypes.Time64us,
	types.Interval: arrow.FixedWidthTypes.MonthDayNanoInterval, types.UUID: arrow.BinaryTypes.String, types.Enum: arrow.BinaryTypes.String, types.Bit: arrow.BinaryTypes.String, types.TimeTZ: arrow.BinaryTypes.String, types.JSON: arrow.BinaryTypes.String,
}

func arrowFields(fields []types.Field) []arrow.Field {
	out := make([]arrow.Field, len(fields))
	for i, f := range fields {
		out[i] = arrow.Field{Name: f.Name, Type: ArrowType(f.Type), Nullable: true}
	}
	return out
}

// ArrowEncoder makes Arrow record batches of the engine's batches.
type ArrowEncoder struct{ schema *arrow.Schema }

// NewArrowEncoder makes an encoder for rows of the given columns.
func NewArrowEncoder(fields []types.Field) *ArrowEncoder {
	return &ArrowEncoder{arrow.NewSchema(arrowFields(fields), nil)}
}

// Schema gives the columns as Arrow knows them.
func (e *ArrowEncoder) Schema() *arrow.Schema { return e.schema }

// Encode makes a record batch of b. If owned, b's memory is never written again, and columns whose layout is Arrow's are not copied;
// otherwise b may be borrowed.
func (e *ArrowEncoder) Encode(b *vec.Batch, owned bool) (arrow.RecordBatch, error) {
	n := b.Rows()
	cols := make([]arrow.Array, len(b.Cols))
	ts := make([]types.Type, len(b.Cols))
	for i, v := range b.Cols {
		ts[i] = v.Type
	}
	b, err := kernel.NewPlainer(ts).Batch(b)
	if err != nil {
		return nil, err
	}
	for i, v := range b.Cols {
		if !owned || b.Sel != nil || v.Form != vec.Flat {
			v = copied(v, b.Sel)
		}
		d, err := arrowData(v, e.schema.Field(i).Type)
		if err != nil {
			return nil, err
		}
		cols[i] = array.MakeFromData(d)
		d.Release()
	}
	return array.NewRecordBatch(e.schema, cols, int64(n)), nil
}

// copied gives the rows sel of v as a flat vector with memory of its own.
func copied(v *vec.Vector, sel []int32) *vec.Vector {
	b := vec.NewBuilder(v.Type)
	b.Append(v, sel)
	return b.Vector()
}

// bytesOf shows values as the bytes that they are.
func bytesOf[T any](x []T) []byte {
	var z T
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(x))), len(x)*int(unsafe.Sizeof(z)))
}

// arrowData makes Arrow data of a flat vector whose memory may be kept.
func arrowData(v *vec.Vector, t arrow.DataType) (arrow.ArrayData, error) {
	if v.Form != vec.Flat {
		v = copied(v, nil)
	}
	n := v.Len
	if v.Type.Kind == types.Null {
		return array.NewData(t, n, []*memory.Buffer{nil}, nil, n, 0), nil
	}
	var valid *memory.Buffer
	nulls := 0
	if v.Valid != nil {
		if nulls = n - v.Valid.Count(n); nulls > 0 {
			valid = memory.NewBufferBytes(bytesOf(v.Valid))
		}
	}
	switch v.Phys() {
	case types.PView:
		offsets, text, err := joined(v)
		if err != nil {
			return nil, err
		}
		return array.NewData(t, n, []*memory.Buffer{valid, memory.NewBufferBytes(bytesOf(offsets)), memory.NewBufferBytes(text)}, nil, nulls, 0), nil
	case types.PList:
		return listData(v, t, valid, nulls)
	case types.PStruct:
		var kids []arrow.ArrayData
		for i, k := range v.Kids {
			d, err := arrowData(k, t.(*arrow.StructType).Field(i).Type)
			if err != nil {
				return nil, err
			}
			kids = append(kids, d)
		}
		return array.NewData(t, n, []*memory.Buffer{valid}, kids, nulls, 0), nil
	}
	return array.NewData(t, n, []*memory.Buffer{valid, memory.NewBufferBytes(fixed(v))}, nil, nulls, 0), nil
}

// fixed gives the values of a fixed-width vector in Arrow's layout: the vector's own bytes where it is the same.
func fixed(v *vec.Vector) []byte {
	switch v.Type.Kind {
	case types.Boolean:
		bits := make(vec.Bitmap, vec.Words(v.Len))
		for i, x := range vec.Values[uint8](v)[:v.Len] {
			bits[i>>6] |= uint64(x) << (uint(i) & 63)
		}
		return bytesOf(bits)
	case types.TinyInt, types.UTinyInt:
		return converted(v, func(x int32) int8 { return int8(x) })
	case types.SmallInt, types.USmallInt:
		return converted(v, func(x int32) int16 { return int16(x) })
	case types.UInteger:
		return converted(v, func(x int64) uint32 { return uint32(x) })
	case types.UBigInt:
		return converted(v, func(x vec.Int128) uint64 { return x.Lo })
	case types.Real:
		return converted(v, func(x float64) float32 { return float32(x) })
	case types.Decimal:
		if v.Phys() == types.PI64 {
			return converted(v, func(x int64) vec.Int128 { return vec.Int128{Lo: uint64(x), Hi: x >> 63} })
		}
	case types.Interval:
		return converted(v, func(x vec.IntervalValue) arrow.MonthDayNanoInterval {
			return arrow.MonthDayNanoInterval{Months: x.Months, Days: x.Days, Nanoseconds: x.Micros * 1000}
		})
	}
	return vec.Values[uint8](v)
}

func converted[S, D any](v *vec.Vector, f func(S) D) []byte {
	out := make([]D, v.Len)
	for i, x := range vec.Values[S](v)[:v.Len] {
		out[i] = f(x)
	}
	return bytesOf(out)
}

// joined lays strings end to end.
func joined(v *vec.Vector) (offsets []int32, text []byte, err error) {
	views := vec.Values[vec.View](v)[:v.Len]
	total := int64(0)
	for i := range views {
		if !v.IsNull(i) {
			total += int64(views[i].Len)
		}
	}
	if total > math.MaxInt32 {
		return nil, nil, sqlerr.New(sqlerr.Limit, "%d bytes of text are too many for one record batch", total).WithHint("SET batch_size = 16")
	}
	offsets, text = make([]int32, v.Len+1), make([]byte, 0, total)
	for i := range views {
		if !v.IsNull(i) {
			text = append(text, views[i].Bytes(v.Bufs)...)
		}
		offsets[i+1] = int32(len(text))
	}
	return offsets, text, nil
}

// listData makes a list or a map. The elements of a copied vector lie end to end; others are brought into that order.
func listData(v *vec.Vector, t arrow.DataType, valid *memory.Buffer, nulls int) (arrow.ArrayData, error) {
	entries := vec.Values[vec.ListEntry](v)[:v.Len]
	offsets := make([]int32, v.Len+1)
	end := uint32(0)
	for i, e := range entries {
		if v.IsNull(i) {
			e = vec.ListEntry{Off: end}
		}
		if e.Off != end && e.Len > 0 {
			return listData(copied(v, nil), t, valid, nulls)
		}
		end += e.Len
		offsets[i+1] = int32(end)
	}
	elem := arrow.DataType(nil)
	if m, ok := t.(*arrow.MapType); ok {
		elem = m.Elem()
	} else {
		elem = t.(*arrow.ListType).Elem()
	}
	kid, err := arrowData(v.Kids[0], elem)
	if err != nil {
		return nil, err
	}
	return array.NewData(t, v.Len, []*memory.Buffer{valid, memory.NewBufferBytes(bytesOf(offsets))}, []arrow.ArrayData{kid}, nulls, 0), nil
}
