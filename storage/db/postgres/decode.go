package postgres

import (
	"encoding/binary"
	"encoding/hex"
	"math"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
)

// Postgres counts from 2000-01-01.
const (
	epochDays   = 10957
	epochMicros = epochDays * 86_400_000_000
)

// decode adds a value in the binary format to a column.
type decode func(b *vec.Builder, raw []byte) error

// decoder gives the reader of a type's values.
func (p *pgType) decoder() decode {
	if p.elem != nil {
		return p.arrayDecoder()
	}
	if p.asText || p.enum {
		return decodeText
	}
	switch p.oid {
	case oidBool:
		return fixed(1, func(b *vec.Builder, raw []byte) { vec.AppendValue(b, min(raw[0], 1)) })
	case oidInt2:
		return fixed(2, func(b *vec.Builder, raw []byte) { vec.AppendValue(b, int32(int16(binary.BigEndian.Uint16(raw)))) })
	case oidInt4:
		return fixed(4, func(b *vec.Builder, raw []byte) { vec.AppendValue(b, int32(binary.BigEndian.Uint32(raw))) })
	case oidInt8, oidTime:
		return fixed(8, func(b *vec.Builder, raw []byte) { vec.AppendValue(b, int64(binary.BigEndian.Uint64(raw))) })
	case oidOid:
		return fixed(4, func(b *vec.Builder, raw []byte) { vec.AppendValue(b, int64(binary.BigEndian.Uint32(raw))) })
	case oidFloat4:
		return fixed(4, func(b *vec.Builder, raw []byte) {
			vec.AppendValue(b, float64(math.Float32frombits(binary.BigEndian.Uint32(raw))))
		})
	case oidFloat8:
		return fixed(8, func(b *vec.Builder, raw []byte) {
			vec.AppendValue(b, math.Float64frombits(binary.BigEndian.Uint64(raw)))
		})
	case oidDate:
		return decodeDate
	case oidTimestamp, oidTimestamptz:
		return decodeTimestamp
	case oidInterval:
		return fixed(16, func(b *vec.Builder, raw []byte) {
			vec.AppendValue(b, vec.IntervalValue{Micros: int64(binary.BigEndian.Uint64(raw)), Days: int32(binary.BigEndian.Uint32(raw[8:])), Months: int32(binary.BigEndian.Uint32(raw[12:]))})
		})
	case oidUUID:
		return fixed(16, appendUUID)
	case oidJSONB:
		return func(b *vec.Builder, raw []byte) error {
			if len(raw) == 0 || raw[0] != 1 {
				return badValue()
			}
			b.AppendBytes(raw[1:])
			return nil
		}
	case oidNumeric:
		return p.numericDecoder()
	}
	return decodeText
}

func badValue() error {
	return sqlerr.New(sqlerr.Data, "Postgres sent a value of another length than its type has")
}

// fixed is the reader of values of n bytes.
func fixed(n int, add func(b *vec.Builder, raw []byte)) decode {
	return func(b *vec.Builder, raw []byte) error {
		if len(raw) != n {
			return badValue()
		}
		add(b, raw)
		return nil
	}
}

func decodeText(b *vec.Builder, raw []byte) error {
	b.AppendBytes(raw)
	return nil
}

func infinite(what string) error {
	return sqlerr.New(sqlerr.Data, "%s has no place for infinity", what).WithHint("leave such rows out, or read nullif(column, 'infinity') through a view in Postgres")
}

func decodeDate(b *vec.Builder, raw []byte) error {
	if len(raw) != 4 {
		return badValue()
	}
	d := int32(binary.BigEndian.Uint32(raw))
	if d == math.MaxInt32 || d == math.MinInt32 {
		return infinite("DATE")
	}
	vec.AppendValue(b, d+epochDays) // Postgres' last day is far below the end of the range
	return nil
}

func decodeTimestamp(b *vec.Builder, raw []byte) error {
	if len(raw) != 8 {
		return badValue()
	}
	t := int64(binary.BigEndian.Uint64(raw))
	if t == math.MaxInt64 || t == math.MinInt64 {
		return infinite("TIMESTAMP")
	}
	if t > math.MaxInt64-epochMicros {
		return sqlerr.New(sqlerr.Data, "a timestamp of Postgres lies beyond the last that TIMESTAMP can hold")
	}
	vec.AppendValue(b, t+epochMicros)
	return nil
}

func appendUUID(b *vec.Builder, raw []byte) {
	var t [36]byte
	at := 0
	for i, n := range []int{4, 2, 2, 2, 6} {
		if i > 0 {
			t[at] = '-'
			at++
		}
		hex.Encode(t[at:], raw[:n])
		raw, at = raw[n:], at+2*n
	}
	b.AppendBytes(t[:])
}

// Signs of numeric.
const (
	numericNegative = 0x4000
	numericNaN      = 0xC000
	numericInf      = 0xD000
	numericMinusInf = 0xF000
)

// numericDecoder reads numbers of base 10000.
func (p *pgType) numericDecoder() decode {
	prec, scale := int(p.t.P), int(p.t.S)
	wide := p.t.Phys() == types.PI128
	var text []byte
	return func(b *vec.Builder, raw []byte) error {
		if len(raw) < 8 {
			return badValue()
		}
		n, weight, sign := int(binary.BigEndian.Uint16(raw)), int(int16(binary.BigEndian.Uint16(raw[2:]))), binary.BigEndian.Uint16(raw[4:])
		digits := raw[8:]
		if len(digits) != 2*n {
			return badValue()
		}
		switch sign {
		case numericNaN, numericInf, numericMinusInf:
			return sqlerr.New(sqlerr.Data, "DECIMAL has no place for NaN and infinity, which a numeric column of Postgres holds").
				WithHint("leave such rows out, or read column::float8 through a view in Postgres")
		}
		x, ok := shortNumeric(digits, weight, scale)
		if ok {
			if sign == numericNegative {
				x = -x
			}
			if ok = kernel.FitsPrecision(kernel.I128(x), prec); ok && wide {
				vec.AppendValue(b, kernel.I128(x))
				return nil
			} else if ok {
				vec.AppendValue(b, x)
				return nil
			}
		}
		text = numericText(text[:0], digits, weight, sign == numericNegative)
		v, _, ok := kernel.ParseDecimal(text, prec, scale)
		if !ok {
			return sqlerr.New(sqlerr.Data, "%s does not fit %s", text, p.t).
				WithHint("give the column a precision in Postgres, numeric(38,2) say, or read column::float8 through a view there")
		}
		if wide {
			vec.AppendValue(b, v)
		} else {
			vec.AppendValue(b, int64(v.Lo))
		}
		return nil
	}
}

// shortNumeric gives a number of at most 18 digits at a scale, if no digit is cut.
func shortNumeric(digits []byte, weight, scale int) (int64, bool) {
	n := len(digits) / 2
	if n == 0 {
		return 0, true
	}
	if n > 4 {
		return 0, false
	}
	var x int64
	for i := 0; i < n; i++ {
		x = x*10000 + int64(binary.BigEndian.Uint16(digits[2*i:]))
	}
	e := 4*(weight-n+1) + scale
	switch {
	case e >= 0 && 4*n+e <= 18:
		return x * kernel.Pow10i64(e), true
	case e < 0 && e >= -18:
		m := kernel.Pow10i64(-e)
		return x / m, x%m == 0
	}
	return 0, false
}

// numericText writes the digits as a decimal number.
func numericText(out, digits []byte, weight int, negative bool) []byte {
	if negative {
		out = append(out, '-')
	}
	group := func(i int) (d uint16) {
		if i >= 0 && 2*i < len(digits) {
			d = binary.BigEndian.Uint16(digits[2*i:])
		}
		return d
	}
	four := func(d uint16) {
		out = append(out, byte('0'+d/1000%10), byte('0'+d/100%10), byte('0'+d/10%10), byte('0'+d%10))
	}
	if weight < 0 {
		out = append(out, '0')
	}
	for i := 0; i <= weight; i++ {
		four(group(i))
	}
	if len(digits)/2 <= weight+1 {
		return out
	}
	out = append(out, '.')
	for i := weight + 1; i < 0; i++ {
		four(0)
	}
	for i := max(weight+1, 0); i < len(digits)/2; i++ {
		four(group(i))
	}
	return out
}

// arrayDecoder reads arrays of one dimension.
func (p *pgType) arrayDecoder() decode {
	elem := p.elem.decoder()
	return func(b *vec.Builder, raw []byte) error {
		if len(raw) < 12 {
			return badValue()
		}
		dims := int32(binary.BigEndian.Uint32(raw))
		kid := b.Kid(0)
		vec.AppendValue(b, vec.ListEntry{Off: uint32(kid.Len())})
		if dims == 0 {
			b.ListLen()
			return nil
		}
		if dims != 1 {
			return sqlerr.New(sqlerr.Unsupported, "an array of Postgres has %d dimensions: one is read", dims).WithHint("read to_json(column) through a view there")
		}
		if len(raw) < 20 {
			return badValue()
		}
		n := int(int32(binary.BigEndian.Uint32(raw[12:])))
		raw = raw[20:]
		for range n {
			if len(raw) < 4 {
				return badValue()
			}
			size := int(int32(binary.BigEndian.Uint32(raw)))
			raw = raw[4:]
			if size < 0 {
				kid.AppendNull()
				continue
			}
			if size > len(raw) {
				return badValue()
			}
			if err := elem(kid, raw[:size]); err != nil {
				return err
			}
			raw = raw[size:]
		}
		b.ListLen()
		return nil
	}
}
