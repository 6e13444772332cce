package postgres

import (
	"encoding/hex"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/storage"
)

// dialect writes conditions on a table for Postgres.
type dialect struct{ t *table }

// Name writes a column.
func (d *dialect) Name(col int) string { return quote(d.t.info.Columns[col].Name) }

// Compare writes column op value.
func (d *dialect) Compare(col int, op string, v storage.Bound) (string, bool) {
	p := &d.t.types[col]
	lit, ok := d.literal(p, v)
	if !ok || p.t.Fixed && op != "=" { // CHAR: blanks at the end compare otherwise here and there
		return "", false
	}
	name := d.Name(col)
	if p.enum {
		name += "::text"
	}
	if op != "=" && p.t.Kind == types.Varchar {
		if !d.t.d.utf8 {
			return "", false
		}
		name += ` COLLATE "C"`
	}
	return name + " " + op + " " + lit, true
}

// Any writes that a column is one of values.
func (d *dialect) Any(col int, values []storage.Bound) (string, bool) {
	p := &d.t.types[col]
	var list []string
	for _, v := range values {
		lit, ok := d.literal(p, v)
		if !ok {
			return "", false
		}
		list = append(list, lit)
	}
	name := d.Name(col)
	if p.enum {
		name += "::text"
	}
	return name + " IN (" + strings.Join(list, ", ") + ")", true
}

// Prefix writes that a text begins with another.
func (d *dialect) Prefix(col int, prefix string) (string, bool) {
	p := &d.t.types[col]
	lit, ok := d.literal(p, storage.Bound{S: strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(prefix) + "%"})
	if !ok || p.t.Fixed || p.loose || p.t.Kind != types.Varchar {
		return "", false
	}
	name := d.Name(col)
	if p.enum {
		name += "::text"
	}
	return name + " LIKE " + lit, true
}

// literal writes a constant of a column's type, if Postgres is sure to read it.
func (d *dialect) literal(p *pgType, v storage.Bound) (string, bool) {
	if p.asText || p.elem != nil || p.open {
		return "", false
	}
	switch p.t.Kind {
	case types.Boolean:
		return strconv.FormatBool(v.I != 0), true
	case types.SmallInt, types.Integer, types.BigInt:
		return strconv.FormatInt(v.I, 10) + "::bigint", true
	case types.Decimal:
		return string(kernel.AppendDecimal(nil, kernel.I128(v.I), int(p.t.S))) + "::numeric", p.t.Phys() == types.PI64
	case types.Real, types.Double:
		return "'" + strconv.FormatFloat(v.F, 'g', -1, 64) + "'::float8", !math.IsNaN(v.F)
	case types.Varchar:
		return literal(v.S), d.t.d.utf8 && utf8.ValidString(v.S) && !strings.Contains(v.S, "\x00")
	case types.Date:
		return "'" + string(kernel.AppendDate(nil, int(v.I))) + "'::date", v.I >= -719162 && v.I <= 2932896 // the years 1 to 9999
	case types.Timestamp, types.TimestampTZ:
		if v.I < -62_135_596_800_000_000 || v.I > 253_402_300_799_999_999 { // the years 1 to 9999
			return "", false
		}
		text := string(kernel.AppendTimestamp(nil, v.I))
		if p.t.Kind == types.Timestamp {
			return "'" + text + "'::timestamp", true
		}
		return "'" + text + "+00'::timestamptz", true
	case types.Time:
		return "'" + string(kernel.AppendTime(nil, v.I)) + "'::time", v.I >= 0 && v.I < 86_400_000_000
	case types.UUID:
		raw, err := hex.DecodeString(strings.ReplaceAll(v.S, "-", ""))
		return literal(v.S) + "::uuid", err == nil && len(raw) == 16 && len(v.S) == 36
	case types.Binary:
		return `'\x` + hex.EncodeToString([]byte(v.S)) + "'::bytea", len(v.S) < 1<<20
	}
	return "", false
}
