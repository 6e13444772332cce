package skep

import (
	"fmt"
	"math"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"

	"github.com/skep-sql/skep/catalog"
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/storage/memory"
)

// Register makes data a temporary table of the session, in the place of one of that name. data is read to its end and copied; it is
// not released. array.NewRecordReader makes a reader of record batches.
func (s *Session) Register(name string, data array.RecordReader) error {
	t, err := tableOf(name, data)
	if err != nil {
		return err
	}
	t.Temp = true
	return s.cmd.Session.Home(true).Create(t, true)
}

// Register makes data a table that all sessions see. In a warehouse, whose tables are files, it is a temporary table of the sessions
// that are opened afterwards.
func (d *DB) Register(name string, data array.RecordReader) error {
	t, err := tableOf(name, data)
	if err != nil {
		return err
	}
	if d.catalog.Dir() == "" {
		return d.catalog.Create(t, true)
	}
	t.Temp = true
	d.mu.Lock()
	defer d.mu.Unlock()
	d.registered = append(d.registered, t)
	return nil
}

// tableOf copies data into a table in memory.
func tableOf(name string, data array.RecordReader) (*catalog.Table, error) {
	t := &catalog.Table{Database: catalog.DefaultDatabase, Name: name, Kind: catalog.Managed}
	var fields []types.Field
	for _, f := range data.Schema().Fields() {
		st, err := sqlType(f.Type)
		if err != nil {
			return nil, sqlerr.Wrap(sqlerr.Unsupported, err, "column %s", f.Name)
		}
		fields = append(fields, types.Field{Name: f.Name, Type: st})
		t.Columns = append(t.Columns, catalog.Column{Field: fields[len(fields)-1]})
	}
	var chunks []memory.Chunk
	for data.Next() {
		rec := data.RecordBatch()
		for at := int64(0); at < rec.NumRows(); at += memory.ChunkRows {
			ch, err := chunkOf(fields, rec, at, min(at+memory.ChunkRows, rec.NumRows()))
			if err != nil {
				return nil, err
			}
			chunks = append(chunks, ch)
		}
	}
	t.Rows = memory.New(fields, chunks)
	return t, data.Err()
}

func chunkOf(fields []types.Field, rec arrow.RecordBatch, from, to int64) (memory.Chunk, error) {
	ch := memory.Chunk{Rows: int(to - from)}
	for i, f := range fields {
		part := array.NewSlice(rec.Column(i), from, to)
		b := vec.NewBuilder(f.Type)
		err := appendArrow(b, part, 0, part.Len())
		part.Release()
		if err != nil {
			return ch, sqlerr.Wrap(sqlerr.Data, err, "column %s", f.Name)
		}
		ch.Cols = append(ch.Cols, b.Vector())
	}
	return ch, nil
}

// sqlType gives the SQL type of an Arrow type.
func sqlType(t arrow.DataType) (types.Type, error) {
	switch x := t.(type) {
	case *arrow.Decimal128Type:
		return decimalType(x.Precision, x.Scale)
	case *arrow.Decimal64Type:
		return decimalType(x.Precision, x.Scale)
	case *arrow.Decimal32Type:
		return decimalType(x.Precision, x.Scale)
	case *arrow.TimestampType:
		if x.TimeZone != "" {
			return types.TTimestampTZ, nil
		}
		return types.TTimestamp, nil
	case *arrow.DictionaryType:
		return sqlType(x.ValueType)
	case arrow.ExtensionType:
		return sqlType(x.StorageType())
	case *arrow.MapType:
		k, err := sqlType(x.KeyType())
		if err != nil {
			return k, err
		}
		v, err := sqlType(x.ItemType())
		return types.NewMap(k, v), err
	case *arrow.StructType:
		var fields []types.Field
		for _, f := range x.Fields() {
			ft, err := sqlType(f.Type)
			if err != nil {
				return ft, err
			}
			fields = append(fields, types.Field{Name: f.Name, Type: ft})
		}
		return types.NewStruct(fields...), nil
	case arrow.ListLikeType:
		e, err := sqlType(x.Elem())
		return types.NewArray(e), err
	}
	if k, ok := plainSQL[t.ID()]; ok {
		return types.Type{Kind: k}, nil
	}
	return types.Type{}, fmt.Errorf("there is no SQL type for Arrow type %s", t)
}

func decimalType(p, s int32) (types.Type, error) {
	if s < 0 || s > p {
		return types.Type{}, fmt.Errorf("a decimal of precision %d and scale %d has no SQL type", p, s)
	}
	return types.NewDecimal(int(p), int(s)), nil
}

var plainSQL = map[arrow.Type]types.Kind{
	arrow.NULL: types.Null, arrow.BOOL: types.Boolean, arrow.INT8: types.TinyInt, arrow.INT16: types.SmallInt, arrow.INT32: types.Integer,
	arrow.INT64: types.BigInt, arrow.UINT8: types.UTinyInt, arrow.UINT16: types.USmallInt, arrow.UINT32: types.UInteger,
	arrow.UINT64: types.UBigInt, arrow.FLOAT16: types.Real, arrow.FLOAT32: types.Real, arrow.FLOAT64: types.Double,
	arrow.STRING: types.Varchar, arrow.LARGE_STRING: types.Varchar, arrow.STRING_VIEW: types.Varchar, arrow.BINARY: types.Binary,
	arrow.LARGE_BINARY: types.Binary, arrow.BINARY_VIEW: types.Binary, arrow.FIXED_SIZE_BINARY: types.Binary, arrow.DATE32: types.Date,
	arrow.DATE64: types.Date, arrow.TIME32: types.Time, arrow.TIME64: types.Time, arrow.DURATION: types.Interval,
	arrow.INTERVAL_MONTHS: types.Interval, arrow.INTERVAL_DAY_TIME: types.Interval, arrow.INTERVAL_MONTH_DAY_NANO: types.Interval,
}

// put adds rows from…to-1 of an Arrow array, each value made by f.
func put[D any](b *vec.Builder, a arrow.Array, from, to int, f func(i int) D) error {
	for i := from; i < to; i++ {
		if a.IsNull(i) {
			b.AppendNull()
		} else {
			vec.AppendValue(b, f(i))
		}
	}
	return nil
}

// texts is what string and binary arrays have in common.
type texts[T string | []byte] interface {
	arrow.Array
	Value(int) T
}

func putText[T string | []byte](b *vec.Builder, a texts[T], from, to int) error {
	for i := from; i < to; i++ {
		if a.IsNull(i) {
			b.AppendNull()
		} else {
			b.AppendBytes([]byte(a.Value(i)))
		}
	}
	return nil
}

// appendArrow adds rows from…to-1 of an Arrow array to b, whose type is sqlType of the array's.
func appendArrow(b *vec.Builder, a arrow.Array, from, to int) error {
	switch x := a.(type) {
	case *array.Null:
		for range to - from {
			b.AppendNull()
		}
		return nil
	case *array.Boolean:
		return put(b, a, from, to, func(i int) uint8 {
			if x.Value(i) {
				return 1
			}
			return 0
		})
	case *array.String:
		return putText(b, x, from, to)
	case *array.LargeString:
		return putText(b, x, from, to)
	case *array.StringView:
		return putText(b, x, from, to)
	case *array.Binary:
		return putText(b, x, from, to)
	case *array.LargeBinary:
		return putText(b, x, from, to)
	case *array.BinaryView:
		return putText(b, x, from, to)
	case *array.FixedSizeBinary:
		return putText(b, x, from, to)
	case *array.Dictionary:
		for i := from; i < to; i++ {
			if x.IsNull(i) {
				b.AppendNull()
				continue
			}
			k := x.GetValueIndex(i)
			if err := appendArrow(b, x.Dictionary(), k, k+1); err != nil {
				return err
			}
		}
		return nil
	case array.ExtensionArray:
		return appendArrow(b, x.Storage(), from, to)
	case *array.Struct:
		return appendStruct(b, x, from, to)
	case *array.Map:
		return appendLists(b, x, x.ListValues(), from, to)
	case array.ListLike:
		return appendLists(b, x, x.ListValues(), from, to)
	}
	return appendNumbers(b, a, from, to)
}

func appendNumbers(b *vec.Builder, a arrow.Array, from, to int) error {
	switch x := a.(type) {
	case *array.Int8:
		return put(b, a, from, to, func(i int) int32 { return int32(x.Value(i)) })
	case *array.Int16:
		return put(b, a, from, to, func(i int) int32 { return int32(x.Value(i)) })
	case *array.Int32:
		return put(b, a, from, to, x.Value)
	case *array.Int64:
		return put(b, a, from, to, x.Value)
	case *array.Uint8:
		return put(b, a, from, to, func(i int) int32 { return int32(x.Value(i)) })
	case *array.Uint16:
		return put(b, a, from, to, func(i int) int32 { return int32(x.Value(i)) })
	case *array.Uint32:
		return put(b, a, from, to, func(i int) int64 { return int64(x.Value(i)) })
	case *array.Uint64:
		return put(b, a, from, to, func(i int) vec.Int128 { return vec.Int128{Lo: x.Value(i)} })
	case *array.Float16:
		return put(b, a, from, to, func(i int) float64 { return float64(x.Value(i).Float32()) })
	case *array.Float32:
		return put(b, a, from, to, func(i int) float64 { return float64(x.Value(i)) })
	case *array.Float64:
		return put(b, a, from, to, x.Value)
	case *array.Decimal32:
		return putDecimal(b, a, from, to, func(i int) decimal128.Num { return decimal128.FromI64(int64(x.Value(i))) })
	case *array.Decimal64:
		return putDecimal(b, a, from, to, func(i int) decimal128.Num { return decimal128.FromI64(int64(x.Value(i))) })
	case *array.Decimal128:
		return putDecimal(b, a, from, to, x.Value)
	}
	return appendTimes(b, a, from, to)
}

func putDecimal(b *vec.Builder, a arrow.Array, from, to int, f func(i int) decimal128.Num) error {
	if b.Vector().Phys() == types.PI64 {
		return put(b, a, from, to, func(i int) int64 { return int64(f(i).LowBits()) })
	}
	return put(b, a, from, to, func(i int) vec.Int128 {
		n := f(i)
		return vec.Int128{Lo: n.LowBits(), Hi: n.HighBits()}
	})
}

// appendTimes takes dates, times and intervals, floored to microseconds.
func appendTimes(b *vec.Builder, a arrow.Array, from, to int) error {
	switch x := a.(type) {
	case *array.Date32:
		return put(b, a, from, to, func(i int) int32 { return int32(x.Value(i)) })
	case *array.Date64:
		return put(b, a, from, to, func(i int) int32 { return int32(floorDiv(int64(x.Value(i)), 86_400_000)) })
	case *array.Time32:
		scale := micros(x.DataType().(*arrow.Time32Type).Unit)
		return put(b, a, from, to, func(i int) int64 { return scale(int64(x.Value(i))) })
	case *array.Time64:
		scale := micros(x.DataType().(*arrow.Time64Type).Unit)
		return put(b, a, from, to, func(i int) int64 { return scale(int64(x.Value(i))) })
	case *array.Timestamp:
		unit := x.DataType().(*arrow.TimestampType).Unit
		for i := from; i < to && unit < arrow.Microsecond; i++ {
			if v := int64(x.Value(i)); x.IsValid(i) && (v > math.MaxInt64/1_000_000 || v < math.MinInt64/1_000_000) {
				return fmt.Errorf("timestamp %d %s is out of range", v, unit)
			}
		}
		scale := micros(unit)
		return put(b, a, from, to, func(i int) int64 { return scale(int64(x.Value(i))) })
	case *array.Duration:
		scale := micros(x.DataType().(*arrow.DurationType).Unit)
		return put(b, a, from, to, func(i int) vec.IntervalValue { return vec.IntervalValue{Micros: scale(int64(x.Value(i)))} })
	case *array.MonthInterval:
		return put(b, a, from, to, func(i int) vec.IntervalValue { return vec.IntervalValue{Months: int32(x.Value(i))} })
	case *array.DayTimeInterval:
		return put(b, a, from, to, func(i int) vec.IntervalValue {
			return vec.IntervalValue{Days: x.Value(i).Days, Micros: int64(x.Value(i).Milliseconds) * 1000}
		})
	case *array.MonthDayNanoInterval:
		return put(b, a, from, to, func(i int) vec.IntervalValue {
			v := x.Value(i)
			return vec.IntervalValue{Months: v.Months, Days: v.Days, Micros: floorDiv(v.Nanoseconds, 1000)}
		})
	}
	return fmt.Errorf("there is no SQL type for Arrow type %s", a.DataType())
}

// micros scales numbers of a unit to microseconds.
func micros(u arrow.TimeUnit) func(int64) int64 {
	switch u {
	case arrow.Second:
		return func(x int64) int64 { return x * int64(time.Second/time.Microsecond) }
	case arrow.Millisecond:
		return func(x int64) int64 { return x * 1000 }
	case arrow.Nanosecond:
		return func(x int64) int64 { return floorDiv(x, 1000) }
	}
	return func(x int64) int64 { return x }
}

func floorDiv(x, d int64) int64 {
	q := x / d
	if x%d < 0 {
		q--
	}
	return q
}

func appendStruct(b *vec.Builder, x *array.Struct, from, to int) error {
	for i := from; i < to; i++ {
		if x.IsNull(i) {
			b.AppendNull()
			continue
		}
		for k := range x.NumField() {
			if err := appendArrow(b.Kid(k), x.Field(k), i, i+1); err != nil {
				return err
			}
		}
		b.EndStruct()
	}
	return nil
}

func appendLists(b *vec.Builder, x array.ListLike, values arrow.Array, from, to int) error {
	for i := from; i < to; i++ {
		if x.IsNull(i) {
			b.AppendNull()
			continue
		}
		lo, hi := x.ValueOffsets(i)
		vec.AppendValue(b, vec.ListEntry{Off: uint32(b.Kid(0).Len())})
		if err := appendArrow(b.Kid(0), values, int(lo), int(hi)); err != nil {
			return err
		}
		b.ListLen()
	}
	return nil
}
