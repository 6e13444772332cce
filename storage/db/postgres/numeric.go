package postgres

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/storage"
)

// misfit is a number that the type of its column has no place for, which happens to a numeric without a precision.
type misfit struct {
	text string
	t    types.Type
}

// Error gives the message.
func (e *misfit) Error() string { return fmt.Sprintf("%s does not fit %s", e.text, e.t) }

// fraction counts the digits behind the point, without zeros at the end.
func fraction(text []byte) int {
	if i := bytes.IndexByte(text, '.'); i >= 0 {
		return len(bytes.TrimRight(text[i+1:], "0"))
	}
	return 0
}

// widen answers a misfit: if a DECIMAL holds all numbers of the column, the statement starts over with that type, else the error names the way out.
func (t *table) widen(ctx context.Context, col int, m *misfit) error {
	name := t.info.Columns[col].Name
	e := sqlerr.New(sqlerr.Data, "column %s of table %s: %s", name, t.info.Name, m).
		WithHint("postgres_query('…', 'SELECT %s::numeric(38,10) FROM …') rounds it, %[1]s::text reads it as it is", name)
	if !t.types[col].open || t.types[col].elem != nil {
		return e
	}
	scale := "scale"
	if t.d.version >= 13 {
		scale = "min_scale"
	}
	q := quote(name)
	rows, err := t.d.query(ctx, fmt.Sprintf("SELECT max(%s(%s)), max(CASE WHEN abs(%[2]s) < 1 THEN 0 ELSE length(trunc(abs(%[2]s))::text) END) FROM %s WHERE %[2]s::text NOT IN ('NaN', 'Infinity', '-Infinity')",
		scale, q, t.from()))
	if err != nil {
		return err
	}
	behind, before := int(number(rows[0][0])), int(number(rows[0][1]))
	if before+behind > types.MaxPrecision {
		e.Msg += fmt.Sprintf(", and the column's %d digits before the point with %d behind it are more than the %d of DECIMAL", before, behind, types.MaxPrecision)
		return e
	}
	wide := types.NewDecimal(types.MaxPrecision, max(behind, min(int(openNumeric.S), types.MaxPrecision-before)))
	return &storage.RestartError{Err: e, Note: fmt.Sprintf("column %s of %s is read as %s", name, t.info.Name, wide), Apply: func() {
		t.types[col].t, t.info.Columns[col].Type = wide, wide
	}}
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
				WithHint("postgres_query('…', 'SELECT column::float8 FROM …') reads it as DOUBLE, WHERE column <> 'NaN' leaves such rows out")
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
		if !ok || fraction(text) > scale {
			return &misfit{string(text), p.t}
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
