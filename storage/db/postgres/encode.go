package postgres

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"math"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
)

// encode appends value i of v, which is not NULL, in the binary format.
type encode func(out []byte, v *vec.Vector, i int) ([]byte, error)

func be2(out []byte, x int64) []byte { return binary.BigEndian.AppendUint16(out, uint16(x)) }
func be4(out []byte, x int64) []byte { return binary.BigEndian.AppendUint32(out, uint32(x)) }
func be8(out []byte, x int64) []byte { return binary.BigEndian.AppendUint64(out, uint64(x)) }

// integerAt reads a value of an integer layout.
func integerAt(v *vec.Vector, i int) int64 {
	if v.Phys() == types.PI32 {
		return int64(vec.ValueAt[int32](v, i))
	}
	return vec.ValueAt[int64](v, i)
}

// encoder gives the writer of values, which have the type p.t, as p.
func (p *pgType) encoder() encode {
	if p.elem != nil {
		return p.arrayEncoder()
	}
	switch p.oid {
	case oidBool:
		return func(out []byte, v *vec.Vector, i int) ([]byte, error) {
			return append(out, vec.ValueAt[uint8](v, i)), nil
		}
	case oidInt2:
		return func(out []byte, v *vec.Vector, i int) ([]byte, error) { return be2(out, integerAt(v, i)), nil }
	case oidInt4:
		return func(out []byte, v *vec.Vector, i int) ([]byte, error) { return be4(out, integerAt(v, i)), nil }
	case oidOid:
		return func(out []byte, v *vec.Vector, i int) ([]byte, error) {
			x := integerAt(v, i)
			if x < 0 || x > math.MaxUint32 {
				return nil, sqlerr.New(sqlerr.Data, "%d is out of the range of oid", x)
			}
			return be4(out, x), nil
		}
	case oidInt8, oidTime:
		return func(out []byte, v *vec.Vector, i int) ([]byte, error) { return be8(out, integerAt(v, i)), nil }
	case oidFloat4:
		return func(out []byte, v *vec.Vector, i int) ([]byte, error) {
			return be4(out, int64(math.Float32bits(float32(vec.ValueAt[float64](v, i))))), nil
		}
	case oidFloat8:
		return func(out []byte, v *vec.Vector, i int) ([]byte, error) {
			return be8(out, int64(math.Float64bits(vec.ValueAt[float64](v, i)))), nil
		}
	case oidDate:
		return encodeDate
	case oidTimestamp, oidTimestamptz:
		return encodeTimestamp
	case oidInterval:
		return func(out []byte, v *vec.Vector, i int) ([]byte, error) {
			x := vec.ValueAt[vec.IntervalValue](v, i)
			return be4(be4(be8(out, x.Micros), int64(x.Days)), int64(x.Months)), nil
		}
	case oidTimetz:
		return func(out []byte, v *vec.Vector, i int) ([]byte, error) {
			local, offset := kernel.UnpackTimeTZ(vec.ValueAt[int64](v, i))
			return be4(be8(out, local), -offset), nil
		}
	case oidBit, oidVarbit:
		return encodeBits
	case oidUUID:
		return encodeUUID
	case oidJSONB:
		return func(out []byte, v *vec.Vector, i int) ([]byte, error) {
			return append(append(out, 1), v.Bytes(i)...), nil
		}
	case oidNumeric:
		return p.numericEncoder()
	case oidBytea:
		return func(out []byte, v *vec.Vector, i int) ([]byte, error) { return append(out, v.Bytes(i)...), nil }
	}
	return encodeText
}

func encodeText(out []byte, v *vec.Vector, i int) ([]byte, error) {
	s := v.Bytes(i)
	if bytes.IndexByte(s, 0) >= 0 {
		return nil, sqlerr.New(sqlerr.Data, "a text holds the character 0, which Postgres does not take").WithHint("replace(column, chr(0), '') takes it out")
	}
	return append(out, s...), nil
}

// The ranges of Postgres' dates and timestamps: 4714-11-24 BC on, to the years 5874897 and 294276.
const (
	firstDay    = -2451545
	endDay      = 2145031949
	firstMicros = -211813488000000000
	endMicros   = 9223371331200000000
)

func encodeDate(out []byte, v *vec.Vector, i int) ([]byte, error) {
	switch vec.ValueAt[int32](v, i) {
	case kernel.InfiniteDay:
		return be4(out, math.MaxInt32), nil
	case -kernel.InfiniteDay:
		return be4(out, math.MinInt32), nil
	}
	d := int64(vec.ValueAt[int32](v, i)) - epochDays
	if d < firstDay || d >= endDay {
		return nil, sqlerr.New(sqlerr.Data, "%s is out of the range of Postgres' dates", kernel.AppendText(nil, v, i))
	}
	return be4(out, d), nil
}

func encodeTimestamp(out []byte, v *vec.Vector, i int) ([]byte, error) {
	t := vec.ValueAt[int64](v, i)
	switch t {
	case kernel.InfiniteTime:
		return be8(out, math.MaxInt64), nil
	case -kernel.InfiniteTime:
		return be8(out, math.MinInt64), nil
	}
	if t < firstMicros+epochMicros || t-epochMicros >= endMicros {
		return nil, sqlerr.New(sqlerr.Data, "%s is out of the range of Postgres' timestamps", kernel.AppendText(nil, v, i))
	}
	return be8(out, t-epochMicros), nil
}

func encodeBits(out []byte, v *vec.Vector, i int) ([]byte, error) {
	bits := v.Bytes(i)
	out = be4(out, int64(len(bits)))
	for at := 0; at < len(bits); at += 8 {
		x := byte(0)
		for k, c := range bits[at:min(at+8, len(bits))] {
			x |= (c & 1) << (7 - k)
		}
		out = append(out, x)
	}
	return out, nil
}

func encodeUUID(out []byte, v *vec.Vector, i int) ([]byte, error) {
	s := v.Bytes(i)
	x, err := hex.DecodeString(string(bytes.ReplaceAll(s, []byte("-"), nil)))
	if err != nil || len(x) != 16 {
		return nil, sqlerr.New(sqlerr.Data, "%s is no UUID", s)
	}
	return append(out, x...), nil
}

// numericEncoder writes DECIMALs in base 10000.
func (p *pgType) numericEncoder() encode {
	scale := int(p.t.S)
	wide := p.t.Phys() == types.PI128
	var text []byte
	return func(out []byte, v *vec.Vector, i int) ([]byte, error) {
		var x vec.Int128
		if wide {
			x = vec.ValueAt[vec.Int128](v, i)
		} else {
			x = kernel.I128(vec.ValueAt[int64](v, i))
		}
		text = kernel.AppendInt128(text[:0], x)
		s, n := scale, len(text)
		for p.open && s > 0 && n > 1 && text[n-1] == '0' { // no precision asks for them
			s, n = s-1, n-1
		}
		return appendNumeric(out, text[:n], s), nil
	}
}

// appendNumeric writes a whole number in digits times 10^-scale.
func appendNumeric(out, digits []byte, scale int) []byte {
	sign := int64(0)
	if digits[0] == '-' {
		sign, digits = numericNegative, digits[1:]
	}
	// pad so that the point falls between groups of four
	whole := len(digits) - scale // digits before the point; may be negative
	groupsBefore := (whole + 3) / 4
	if whole <= 0 {
		groupsBefore = -(-whole / 4)
	}
	at := whole - 4*groupsBefore // index of the first group's first digit, ≤ 0
	var groups [12]uint16
	n := 0
	for ; at < len(digits) && n < len(groups); at += 4 {
		d := uint16(0)
		for k := at; k < at+4; k++ {
			d *= 10
			if k >= 0 && k < len(digits) {
				d += uint16(digits[k] - '0')
			}
		}
		groups[n] = d
		n++
	}
	weight, first := groupsBefore-1, 0
	for first < n && groups[first] == 0 {
		first++
		weight--
	}
	for n > first && groups[n-1] == 0 {
		n--
	}
	if n == first {
		weight, sign = 0, 0
	}
	out = be2(be2(be2(be2(out, int64(n-first)), int64(weight)), sign), int64(scale))
	for _, d := range groups[first:n] {
		out = binary.BigEndian.AppendUint16(out, d)
	}
	return out
}

// arrayEncoder writes arrays of one dimension.
func (p *pgType) arrayEncoder() encode {
	elem := p.elem.encoder()
	return func(out []byte, v *vec.Vector, i int) ([]byte, error) {
		f, k := v.At(i)
		e, kid := vec.Values[vec.ListEntry](f)[k], f.Kids[0]
		if e.Len == 0 {
			return be4(be4(be4(out, 0), 0), int64(p.elem.oid)), nil
		}
		hasNull := int64(0)
		for j := range e.Len {
			if kid.IsNull(int(e.Off + j)) {
				hasNull = 1
			}
		}
		out = be4(be4(be4(be4(be4(out, 1), hasNull), int64(p.elem.oid)), int64(e.Len)), 1)
		var err error
		for j := range e.Len {
			if out, err = appendField(out, elem, kid, int(e.Off+j)); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
}

// appendField writes a value with its length in front.
func appendField(out []byte, enc encode, v *vec.Vector, i int) ([]byte, error) {
	if v.IsNull(i) {
		return be4(out, -1), nil
	}
	at := len(out)
	out, err := enc(be4(out, 0), v, i)
	if err != nil {
		return nil, err
	}
	if len(out)-at-4 > math.MaxInt32 {
		return nil, sqlerr.New(sqlerr.Limit, "a value is too long for Postgres")
	}
	binary.BigEndian.PutUint32(out[at:], uint32(len(out)-at-4))
	return out, nil
}
