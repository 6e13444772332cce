package parquet

import (
	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
)

// wnode is a node of the schema to be written.
type wnode struct {
	typ      types.Type
	name     string
	optional bool
	kids     []*wnode // of a list one, of a map a struct node
	leaf     *wleaf
	def, rep int32 // maximal levels, itself included; of a list those of the list, not of its elements
}

// wleaf is a column of the file being written.
type wleaf struct {
	typ      types.Type
	path     []string
	phys     format.Type
	width    int // bytes of a PLAIN value; 0: variable
	def, rep int32
}

// wschema turns columns into a schema.
type wschema struct {
	elements []format.SchemaElement
	leaves   []*wleaf
}

func (s *wschema) node(f types.Field, optional bool, path []string, def, rep int32) (*wnode, error) {
	if len(path) > maxSchemaDepth {
		return nil, sqlerr.New(sqlerr.Limit, "column %s is nested too deeply", path[0])
	}
	if optional {
		def++
	}
	path = append(path[:len(path):len(path)], f.Name)
	n := &wnode{typ: f.Type, name: f.Name, optional: optional, def: def, rep: rep}
	e := format.SchemaElement{Name: f.Name, RepetitionType: thrift.New(repetition(optional))}
	var err error
	switch f.Type.Kind {
	case types.Struct:
		if len(f.Type.Elems) == 0 {
			return nil, sqlerr.New(sqlerr.Unsupported, "column %s: Parquet has no STRUCT without fields", path[0])
		}
		e.NumChildren = thrift.New(int32(len(f.Type.Elems)))
		s.elements = append(s.elements, e)
		err = s.fields(n, f.Type.Elems, path, def, rep)
	case types.Array:
		e.NumChildren = thrift.New(int32(1))
		e.ConvertedType = thrift.New(deprecated.List)
		e.LogicalType.Value = &format.ListType{}
		s.elements = append(s.elements, e, format.SchemaElement{Name: "list",
			RepetitionType: thrift.New(format.Repeated), NumChildren: thrift.New(int32(1))})
		elem := f.Type.Elems[0]
		elem.Name = "element"
		var k *wnode
		k, err = s.node(elem, !elem.NotNull, append(path, "list"), def+1, rep+1)
		n.kids = []*wnode{k}
	case types.Map:
		e.NumChildren = thrift.New(int32(1))
		e.ConvertedType = thrift.New(deprecated.Map)
		e.LogicalType.Value = &format.MapType{}
		s.elements = append(s.elements, e, format.SchemaElement{Name: "key_value",
			RepetitionType: thrift.New(format.Repeated), NumChildren: thrift.New(int32(2))})
		key, value := f.Type.Elems[0], f.Type.Elems[1]
		key.Name, value.Name, key.NotNull = "key", "value", true
		k := &wnode{typ: types.NewStruct(key, value), name: f.Name, def: def + 1, rep: rep + 1}
		n.kids = []*wnode{k}
		err = s.fields(k, k.typ.Elems, append(path, "key_value"), def+1, rep+1)
	default:
		n.leaf = &wleaf{typ: f.Type, path: path, def: def, rep: rep}
		err = n.leaf.element(&e)
		s.elements = append(s.elements, e)
		s.leaves = append(s.leaves, n.leaf)
	}
	return n, err
}

func (s *wschema) fields(n *wnode, fields []types.Field, path []string, def, rep int32) error {
	for _, f := range fields {
		k, err := s.node(f, !f.NotNull, path, def, rep)
		if err != nil {
			return err
		}
		n.kids = append(n.kids, k)
	}
	return nil
}

func repetition(optional bool) format.FieldRepetitionType {
	if optional {
		return format.Optional
	}
	return format.Required
}

// element fills in the schema element of a primitive.
func (l *wleaf) element(e *format.SchemaElement) error {
	micros := format.TimeUnit{Value: &format.MicroSeconds{}}
	set := func(p format.Type, width int, lg format.LogicalTypeValue) {
		l.phys, l.width = p, width
		if lg != nil {
			e.LogicalType.Value = lg
		}
	}
	converted := func(c deprecated.ConvertedType) { e.ConvertedType = thrift.New(c) }
	integer := func(p format.Type, width int, bits int8, signed bool, c deprecated.ConvertedType) {
		set(p, width, &format.IntType{BitWidth: bits, IsSigned: signed})
		converted(c)
	}
	switch l.typ.Kind {
	case types.Null:
		set(format.Int32, 4, &format.NullType{})
	case types.Boolean:
		set(format.Boolean, 1, nil)
	case types.TinyInt:
		integer(format.Int32, 4, 8, true, deprecated.Int8)
	case types.SmallInt:
		integer(format.Int32, 4, 16, true, deprecated.Int16)
	case types.Integer:
		integer(format.Int32, 4, 32, true, deprecated.Int32)
	case types.BigInt:
		integer(format.Int64, 8, 64, true, deprecated.Int64)
	case types.UTinyInt:
		integer(format.Int32, 4, 8, false, deprecated.Uint8)
	case types.USmallInt:
		integer(format.Int32, 4, 16, false, deprecated.Uint16)
	case types.UInteger:
		integer(format.Int32, 4, 32, false, deprecated.Uint32)
	case types.UBigInt:
		integer(format.Int64, 8, 64, false, deprecated.Uint64)
	case types.Decimal:
		p, w := format.Int64, 8
		if l.typ.P > 18 {
			p, w = format.FixedLenByteArray, 16
		}
		set(p, w, &format.DecimalType{Precision: int32(l.typ.P), Scale: int32(l.typ.S)})
		converted(deprecated.Decimal)
		e.Precision, e.Scale = thrift.New(int32(l.typ.P)), thrift.New(int32(l.typ.S))
	case types.Real:
		set(format.Float, 4, nil)
	case types.Double:
		set(format.Double, 8, nil)
	case types.Varchar:
		set(format.ByteArray, 0, &format.StringType{})
		converted(deprecated.UTF8)
	case types.JSON:
		set(format.ByteArray, 0, &format.JsonType{})
		converted(deprecated.Json)
	case types.Binary:
		set(format.ByteArray, 0, nil)
	case types.UUID:
		set(format.FixedLenByteArray, 16, &format.UUIDType{})
	case types.Date:
		set(format.Int32, 4, &format.DateType{})
		converted(deprecated.Date)
	case types.Time:
		set(format.Int64, 8, &format.TimeType{Unit: micros})
	case types.Timestamp:
		set(format.Int64, 8, &format.TimestampType{Unit: micros})
	case types.TimestampTZ:
		set(format.Int64, 8, &format.TimestampType{IsAdjustedToUTC: true, Unit: micros})
		converted(deprecated.TimestampMicros)
	case types.Interval:
		set(format.FixedLenByteArray, 12, nil)
		converted(deprecated.Interval)
	default:
		return sqlerr.New(sqlerr.Unsupported, "column %s: Parquet has no type %s", l.path[0], l.typ)
	}
	e.Type = thrift.New(l.phys)
	if l.phys == format.FixedLenByteArray {
		e.TypeLength = thrift.New(int32(l.width))
	}
	return nil
}
