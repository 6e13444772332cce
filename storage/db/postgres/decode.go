package postgres

import (
	"encoding/binary"
	"encoding/hex"
	"math"

	"github.com/skep-sql/skep/catalog/sqlerr"
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
	case oidTimetz:
		return fixed(12, func(b *vec.Builder, raw []byte) { // the zone counts seconds to the west
			vec.AppendValue(b, kernel.PackTimeTZ(int64(binary.BigEndian.Uint64(raw)), -int64(int32(binary.BigEndian.Uint32(raw[8:])))))
		})
	case oidBit, oidVarbit:
		return decodeBits
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

func decodeDate(b *vec.Builder, raw []byte) error {
	if len(raw) != 4 {
		return badValue()
	}
	d := int32(binary.BigEndian.Uint32(raw))
	switch d {
	case math.MaxInt32:
		d = kernel.InfiniteDay
	case math.MinInt32:
		d = -kernel.InfiniteDay
	default:
		d += epochDays // Postgres' last day is far below the end of the range
	}
	vec.AppendValue(b, d)
	return nil
}

func decodeTimestamp(b *vec.Builder, raw []byte) error {
	if len(raw) != 8 {
		return badValue()
	}
	t := int64(binary.BigEndian.Uint64(raw))
	switch {
	case t == math.MaxInt64:
		t = kernel.InfiniteTime
	case t == math.MinInt64:
		t = -kernel.InfiniteTime
	case t >= kernel.InfiniteTime-epochMicros:
		return sqlerr.New(sqlerr.Data, "a timestamp of Postgres lies beyond the last that TIMESTAMP can hold")
	default:
		t += epochMicros
	}
	vec.AppendValue(b, t)
	return nil
}

// decodeBits reads bits, the first one highest, behind their number.
func decodeBits(b *vec.Builder, raw []byte) error {
	if len(raw) < 4 || int64(len(raw)-4)*8 < int64(binary.BigEndian.Uint32(raw)) {
		return badValue()
	}
	text := make([]byte, binary.BigEndian.Uint32(raw))
	for i := range text {
		text[i] = '0' + raw[4+i/8]>>(7-i%8)&1
	}
	b.AppendBytes(text)
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
			return sqlerr.New(sqlerr.Unsupported, "an array of Postgres has %d dimensions: one is read", dims).WithHint("postgres_query('…', 'SELECT to_json(column) FROM …') reads it as JSON")
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
