package parquet

import (
	"github.com/parquet-go/parquet-go/format"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
)

// Repetition types.
const (
	required = 0
	optional = 1
	repeated = 2
)

// Converted types that matter here, by their number in the format.
const (
	convUTF8       = 0
	convMap        = 1
	convMapKV      = 2
	convList       = 3
	convEnum       = 4
	convDecimal    = 5
	convDate       = 6
	convTimeMS     = 7
	convTimeUS     = 8
	convStampMS    = 9
	convStampUS    = 10
	convUint8      = 11
	convUint64     = 14
	convInt8       = 15
	convInt64      = 18
	convJSON       = 19
	convInterval   = 21
	logicalString  = 1
	logicalMap     = 2
	logicalList    = 3
	logicalEnum    = 4
	logicalDecimal = 5
	logicalDate    = 6
	logicalTime    = 7
	logicalStamp   = 8
	logicalInt     = 10
	logicalJSON    = 12
	logicalUUID    = 14
	logicalFloat16 = 15
)

const (
	maxSchemaDepth = 64
	maxSchemaNodes = 1 << 20
)

// node is a schema element with what it becomes. A list's or map's node keeps the levels of its repetition: it is there where
// the definition level is at least def, an element is there where the level is at least elemDef, and an element that begins a
// new list has a repetition level below elemRep.
type node struct {
	el       *schemaElement
	kids     []*node
	leaf     *leaf // of a primitive
	def, rep int16 // maximal levels, itself included
	typ      types.Type
	shape    shape
	elem     *node // of a list; of a map a struct node of key and value
	elemDef  int16
	elemRep  int16
	leaves   []*leaf // all below, itself included
}

type shape uint8

const (
	shapeLeaf shape = iota
	shapeStruct
	shapeList
)

// leaf is a column of the file.
type leaf struct {
	index    int // in row groups
	name     string
	phys     format.Type
	width    int // bytes of a PLAIN value; 0: variable; BOOLEAN: 1, after unpacking
	typ      types.Type
	conv     conv
	def, rep int16
	scale    int64 // cMul: factor; cDiv: divisor
	signed   bool  // statistics order as signed
}

// conv says how the file's values become those of a vector.
type conv uint8

const (
	cBool conv = iota
	cCopy      // same bytes
	cI32to64
	cU32to64
	cI32to128
	cI64to128
	cU64to128
	cMul32 // int32 × scale
	cMul64 // int64 × scale
	cDiv64 // floor(int64 / scale)
	cI96   // Julian day and nanoseconds
	cFloat
	cFloat16
	cDec64  // big-endian two's complement
	cDec128 // big-endian two's complement
	cInterval
	cUUID
	cBytes // strings
)

// schemaTree turns the flat schema into a tree and finds the types.
func schemaTree(m *fileMeta, path string, binaryAsString bool) (*node, []*leaf, error) {
	if len(m.schema) == 0 || len(m.schema) > maxSchemaNodes || m.schema[0].typ >= 0 && m.schema[0].children == 0 {
		return nil, nil, malformed(path, "", "schema without a root")
	}
	b := &schemaBuilder{m: m, path: path, binaryAsString: binaryAsString}
	root, err := b.node(0, 0, 0)
	if err != nil {
		return nil, nil, err
	}
	if b.next != len(m.schema) {
		return nil, nil, malformed(path, "", "schema of %d elements where %d are used", len(m.schema), b.next)
	}
	for _, k := range root.kids {
		if err := b.resolve(k); err != nil {
			return nil, nil, err
		}
	}
	return root, b.leaves, nil
}

type schemaBuilder struct {
	m              *fileMeta
	path           string
	binaryAsString bool
	next           int
	leaves         []*leaf
}

func (b *schemaBuilder) node(depth int, def, rep int16) (*node, error) {
	if b.next >= len(b.m.schema) || depth > maxSchemaDepth {
		return nil, malformed(b.path, "", "schema is cut off or too deep")
	}
	el := &b.m.schema[b.next]
	b.next++
	n := &node{el: el}
	if depth > 0 {
		switch el.rep {
		case required:
		case optional:
			def++
		case repeated:
			def++
			rep++
		default:
			return nil, malformed(b.path, el.name, "repetition type %d", el.rep)
		}
	}
	n.def, n.rep = def, rep
	if el.typ >= 0 && depth > 0 {
		return n, b.leaf(n)
	}
	if el.children < 0 || int(el.children) > len(b.m.schema)-b.next {
		return nil, malformed(b.path, el.name, "%d children", el.children)
	}
	for range el.children {
		k, err := b.node(depth+1, def, rep)
		if err != nil {
			return nil, err
		}
		n.kids = append(n.kids, k)
		n.leaves = append(n.leaves, k.leaves...)
	}
	return n, nil
}

func (b *schemaBuilder) leaf(n *node) error {
	l := &leaf{index: len(b.leaves), name: n.el.name, phys: format.Type(n.el.typ), def: n.def, rep: n.rep, signed: true}
	switch l.phys {
	case format.Boolean:
		l.width = 1
	case format.Int32, format.Float:
		l.width = 4
	case format.Int64, format.Double:
		l.width = 8
	case format.Int96:
		l.width = 12
	case format.ByteArray:
	case format.FixedLenByteArray:
		l.width = int(n.el.typeLen)
		if l.width <= 0 || l.width > 1<<24 {
			return malformed(b.path, l.name, "fixed length %d", l.width)
		}
	default:
		return malformed(b.path, l.name, "physical type %d", n.el.typ)
	}
	n.leaf = l
	n.leaves = []*leaf{l}
	b.leaves = append(b.leaves, l)
	if err := b.leafType(l, n.el); err != nil {
		return err
	}
	n.typ = l.typ
	return nil
}

func (b *schemaBuilder) leafType(l *leaf, e *schemaElement) error {
	lg := e.logical
	if lg.id == logicalDecimal || lg.id == 0 && e.converted == convDecimal {
		return b.decimal(l, e)
	}
	switch l.phys {
	case format.Boolean:
		l.typ, l.conv = types.TBoolean, cBool
	case format.Int32:
		int32Type(l, e)
	case format.Int64:
		int64Type(l, e)
	case format.Int96:
		l.typ, l.conv = types.TTimestamp, cI96
	case format.Float:
		l.typ, l.conv = types.TReal, cFloat
	case format.Double:
		l.typ, l.conv = types.TDouble, cCopy
	case format.ByteArray:
		l.conv, l.signed = cBytes, false
		switch {
		case lg.id == logicalString, lg.id == logicalEnum, lg.id == 0 && (e.converted == convUTF8 || e.converted == convEnum):
			l.typ = types.TVarchar
		case lg.id == logicalJSON, lg.id == 0 && e.converted == convJSON:
			l.typ = types.TJSON
		case lg.id == 0 && e.converted < 0 && b.binaryAsString:
			l.typ = types.TVarchar
		default:
			l.typ = types.TBinary
		}
	case format.FixedLenByteArray:
		l.signed = false
		switch {
		case lg.id == logicalUUID && l.width == 16:
			l.typ, l.conv = types.TUUID, cUUID
		case lg.id == logicalFloat16 && l.width == 2:
			l.typ, l.conv = types.TReal, cFloat16
		case e.converted == convInterval && l.width == 12:
			l.typ, l.conv = types.TInterval, cInterval
		default:
			l.typ, l.conv = types.TBinary, cBytes
		}
	}
	return nil
}

func (b *schemaBuilder) decimal(l *leaf, e *schemaElement) error {
	p, s := e.precision, e.scale
	if e.logical.id == logicalDecimal {
		p, s = e.logical.precision, e.logical.scale
	}
	if p <= 0 || s < 0 || s > p {
		return malformed(b.path, l.name, "DECIMAL(%d,%d)", p, s)
	}
	if p > types.MaxPrecision {
		return sqlerr.New(sqlerr.Unsupported, "%s, column %s: DECIMAL(%d,%d) has more than %d digits", b.path, l.name, p, s,
			types.MaxPrecision)
	}
	l.typ = types.NewDecimal(int(p), int(s))
	wide := p > 18
	switch l.phys {
	case format.Int32:
		l.conv = pick(wide, cI32to128, cI32to64)
	case format.Int64:
		l.conv = pick(wide, cI64to128, cCopy)
	case format.ByteArray, format.FixedLenByteArray:
		l.conv = pick(wide, cDec128, cDec64)
	default:
		return malformed(b.path, l.name, "DECIMAL over physical type %d", l.phys)
	}
	return nil
}

func pick(wide bool, yes, no conv) conv {
	if wide {
		return yes
	}
	return no
}

func int32Type(l *leaf, e *schemaElement) {
	lg, c := e.logical, e.converted
	l.conv = cCopy
	kind := types.Integer
	switch {
	case lg.id == logicalDate, lg.id == 0 && c == convDate:
		kind = types.Date
	case lg.id == logicalTime, lg.id == 0 && c == convTimeMS:
		kind, l.conv, l.scale = types.Time, cMul32, 1000
	case lg.id == logicalInt && lg.bits <= 32:
		kind = intKind(lg.bits, lg.signed)
	case lg.id == 0 && c >= convUint8 && c < convUint64:
		kind = types.UTinyInt + types.Kind(c-convUint8)
	case lg.id == 0 && c >= convInt8 && c < convInt64:
		kind = types.TinyInt + types.Kind(c-convInt8)
	}
	if kind >= types.UTinyInt && kind <= types.UInteger {
		l.signed = false
	}
	if kind == types.UInteger {
		l.conv = cU32to64
	}
	l.typ = types.Type{Kind: kind}
}

func intKind(bits int8, signed bool) types.Kind {
	k := types.TinyInt
	switch bits {
	case 16:
		k = types.SmallInt
	case 32:
		k = types.Integer
	case 64:
		k = types.BigInt
	}
	if !signed {
		k += types.UTinyInt - types.TinyInt
	}
	return k
}

func int64Type(l *leaf, e *schemaElement) {
	lg, c := e.logical, e.converted
	l.conv = cCopy
	kind := types.BigInt
	switch {
	case lg.id == logicalTime, lg.id == 0 && c == convTimeUS:
		kind = types.Time
		l.unit(lg.unit)
	case lg.id == logicalStamp, lg.id == 0 && (c == convStampUS || c == convStampMS):
		kind = types.Timestamp
		if lg.utc { // the older annotation says nothing certain: no zone
			kind = types.TimestampTZ
		}
		if c == convStampMS && lg.id == 0 {
			lg.unit = 1
		}
		l.unit(lg.unit)
	case lg.id == logicalInt && !lg.signed, lg.id == 0 && c == convUint64:
		kind, l.conv, l.signed = types.UBigInt, cU64to128, false
	}
	l.typ = types.Type{Kind: kind}
}

func (l *leaf) unit(u int) {
	switch u {
	case 1:
		l.conv, l.scale = cMul64, 1000
	case 3:
		l.conv, l.scale = cDiv64, 1000
	}
}

// resolve finds the SQL type of a subtree whose primitives have theirs.
func (b *schemaBuilder) resolve(n *node) error {
	if n.el.rep == repeated { // a repeated field without a list around it is a list of itself
		inner := *n
		if err := b.resolveInner(&inner); err != nil {
			return err
		}
		b.makeList(n, &inner, n.def-1, n.def, n.rep)
		return nil
	}
	return b.resolveInner(n)
}

func (b *schemaBuilder) makeList(n, elem *node, def, elemDef, elemRep int16) {
	n.shape, n.elem, n.def, n.elemDef, n.elemRep = shapeList, elem, def, elemDef, elemRep
	n.typ = types.NewArray(elem.typ)
	n.typ.Elems[0].NotNull = elem.def == elemDef
	n.leaves = elem.leaves
}

func (b *schemaBuilder) resolveInner(n *node) error {
	if n.leaf != nil {
		return nil
	}
	lg, c := n.el.logical.id, n.el.converted
	if len(n.kids) == 1 && n.kids[0].el.rep == repeated {
		rep := n.kids[0]
		if lg == logicalMap || lg == 0 && (c == convMap || c == convMapKV) {
			return b.resolveMap(n, rep)
		}
		if lg == logicalList || lg == 0 && c == convList {
			return b.resolveList(n, rep)
		}
	}
	return b.resolveStruct(n)
}

func (b *schemaBuilder) resolveStruct(n *node) error {
	if len(n.kids) == 0 {
		return sqlerr.New(sqlerr.Unsupported, "%s, column %s: a group without fields", b.path, n.el.name)
	}
	n.shape = shapeStruct
	fields := make([]types.Field, len(n.kids))
	for i, k := range n.kids {
		if err := b.resolve(k); err != nil {
			return err
		}
		fields[i] = types.Field{Name: k.el.name, Type: k.typ, NotNull: k.el.rep != optional}
	}
	n.typ = types.NewStruct(fields...)
	return nil
}

// resolveList reads both the three-level form and the older two-level ones.
func (b *schemaBuilder) resolveList(n, rep *node) error {
	elem := *rep
	if rep.leaf == nil && len(rep.kids) == 1 && rep.el.name != "array" && rep.el.name != n.el.name+"_tuple" &&
		rep.el.logical.id != logicalList && rep.el.converted != convList {
		elem = *rep.kids[0]
		if err := b.resolve(&elem); err != nil {
			return err
		}
	} else if err := b.resolveInner(&elem); err != nil {
		return err
	}
	b.makeList(n, &elem, n.def, rep.def, rep.rep)
	return nil
}

func (b *schemaBuilder) resolveMap(n, rep *node) error {
	if len(rep.kids) != 2 { // a map without values is a set of its keys
		return b.resolveList(n, rep)
	}
	elem := *rep
	if err := b.resolveStruct(&elem); err != nil {
		return err
	}
	b.makeList(n, &elem, n.def, rep.def, rep.rep)
	n.typ = types.NewMap(elem.typ.Elems[0].Type, elem.typ.Elems[1].Type)
	elem.typ = types.NewStruct(n.typ.Elems...)
	return nil
}
