package postgres

import (
	"github.com/skep-sql/skep/catalog/types"
)

// Object identifiers of Postgres' own types.
const (
	oidBool        = 16
	oidBytea       = 17
	oidName        = 19
	oidInt8        = 20
	oidInt2        = 21
	oidInt4        = 23
	oidText        = 25
	oidOid         = 26
	oidJSON        = 114
	oidFloat4      = 700
	oidFloat8      = 701
	oidBpchar      = 1042
	oidVarchar     = 1043
	oidDate        = 1082
	oidTime        = 1083
	oidTimestamp   = 1114
	oidTimestamptz = 1184
	oidInterval    = 1186
	oidTimetz      = 1266
	oidBit         = 1560
	oidVarbit      = 1562
	oidNumeric     = 1700
	oidUUID        = 2950
	oidJSONB       = 3802
)

// pgType is a type of Postgres as it is read and loaded. Types that have no like of ours are read as text.
type pgType struct {
	oid    uint32
	t      types.Type
	elem   *pgType // of an array
	enum   bool
	asText bool // read as col::text, loaded by a cast of text
	open   bool // numeric without a precision
	loose  bool // text whose collation takes different texts for equal, and no LIKE
}

// openNumeric is what a numeric without a precision is read as.
var openNumeric = types.NewDecimal(38, 18)

var simpleTypes = map[uint32]types.Type{
	oidBool: types.TBoolean, oidBytea: types.TBinary, oidName: types.TVarchar, oidInt8: types.TBigInt, oidInt2: {Kind: types.SmallInt},
	oidInt4: types.TInteger, oidText: types.TVarchar, oidOid: types.TBigInt, oidJSON: types.TJSON, oidJSONB: types.TJSON, oidFloat4: types.TReal,
	oidFloat8: types.TDouble, oidDate: types.TDate, oidTime: types.TTime, oidTimestamp: types.TTimestamp, oidTimestamptz: types.TTimestampTZ,
	oidInterval: types.TInterval, oidUUID: types.TUUID,
	oidTimetz: types.TTimeTZ, oidBit: types.TBit, oidVarbit: types.TBit,
}

// newType tells how a type is read. mod is its modifier, or -1; elem is the element type of an array, or 0.
func newType(oid uint32, mod int, enum bool, elem uint32, elemEnum bool) pgType {
	p := pgType{oid: oid}
	if t, ok := simpleTypes[oid]; ok {
		p.t = t
		return p
	}
	switch {
	case enum:
		p.t, p.enum = types.TVarchar, true
	case oid == oidVarchar:
		p.t = types.TVarchar
		if mod > 4 {
			p.t.N = int32(mod - 4)
		}
	case oid == oidBpchar:
		p.t = types.TVarchar
		if mod > 4 {
			p.t.N, p.t.Fixed = int32(mod-4), true
		}
	case oid == oidNumeric:
		numericType(&p, mod)
	case elem != 0:
		e := newType(elem, mod, elemEnum, 0, false)
		if e.asText {
			p.t, p.asText = types.TVarchar, true
			break
		}
		p.elem, p.t = &e, types.NewArray(e.t)
	default:
		p.t, p.asText = types.TVarchar, true
	}
	return p
}

func numericType(p *pgType, mod int) {
	if mod < 4 {
		p.t, p.open = openNumeric, true
		return
	}
	prec, scale := (mod-4)>>16&0xffff, (mod-4)&0x7ff
	if scale >= 1<<10 {
		scale -= 1 << 11 // negative scales, of Postgres 15
	}
	switch {
	case scale < 0 && prec-scale <= types.MaxPrecision:
		p.t = types.NewDecimal(prec-scale, 0)
	case scale < 0 || max(prec, scale) > types.MaxPrecision:
		p.t, p.open = openNumeric, true
	default:
		p.t = types.NewDecimal(max(prec, scale), scale)
	}
}

// native gives the type of Postgres that holds t, "" if there is none.
func native(t types.Type) string {
	switch t.Kind {
	case types.Boolean:
		return "boolean"
	case types.TinyInt, types.SmallInt, types.UTinyInt:
		return "smallint"
	case types.Null, types.Integer, types.USmallInt:
		return "integer"
	case types.BigInt, types.UInteger:
		return "bigint"
	case types.UBigInt:
		return "numeric(20,0)"
	case types.Decimal:
		return "numeric" + t.String()[len("DECIMAL"):]
	case types.Real:
		return "real"
	case types.Double:
		return "double precision"
	case types.Varchar:
		if t.N > 0 {
			return t.String()
		}
		return "text"
	case types.Binary:
		return "bytea"
	case types.Date:
		return "date"
	case types.Time:
		return "time"
	case types.Timestamp:
		return "timestamp"
	case types.TimestampTZ:
		return "timestamptz"
	case types.Interval:
		return "interval"
	case types.UUID:
		return "uuid"
	case types.TimeTZ:
		return "time with time zone"
	case types.Bit:
		return "bit varying"
	case types.JSON:
		return "json"
	case types.Array:
		if n := native(t.Elems[0].Type); n != "" && t.Elems[0].Type.Kind != types.Array {
			return n + "[]"
		}
	}
	return ""
}
