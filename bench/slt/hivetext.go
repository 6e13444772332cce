package slt

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
)

// hiveText shows a value as Spark's golden files do: nested values like JSON, intervals as years-months or days and a time, timestamps
// with a zone in that zone and without its name.
func (s *Session) hiveText(b []byte, v *vec.Vector, i int, inner bool) []byte {
	if v.IsNull(i) {
		if inner {
			return append(b, "null"...)
		}
		return append(b, "NULL"...)
	}
	f, k := v.At(i)
	switch f.Type.Kind {
	case types.Array:
		e, kid := vec.Values[vec.ListEntry](f)[k], f.Kids[0]
		b = append(b, '[')
		for j := int(e.Off); j < int(e.Off+e.Len); j++ {
			if j > int(e.Off) {
				b = append(b, ',')
			}
			b = s.hiveText(b, kid, j, true)
		}
		return append(b, ']')
	case types.Map:
		e, kid := vec.Values[vec.ListEntry](f)[k], f.Kids[0]
		var entries []string
		for j := int(e.Off); j < int(e.Off+e.Len); j++ {
			entry := append(s.hiveText(nil, kid.Kids[0], j, true), ':')
			entries = append(entries, string(s.hiveText(entry, kid.Kids[1], j, true)))
		}
		slices.Sort(entries) // as Spark shows them
		return append(append(append(b, '{'), strings.Join(entries, ",")...), '}')
	case types.Struct:
		b = append(b, '{')
		for j, c := range f.Type.Elems {
			if j > 0 {
				b = append(b, ',')
			}
			b = append(append(append(b, '"'), c.Name...), '"', ':')
			b = s.hiveText(b, f.Kids[j], k, true)
		}
		return append(b, '}')
	case types.Interval:
		return hiveInterval(b, vec.Values[vec.IntervalValue](f)[k])
	case types.Binary:
		return append(b, f.Bytes(k)...)
	case types.TimestampTZ:
		us := kernel.Int128At(f, k)
		t := string(kernel.AppendTimestampTZ(nil, int64(us.Lo), s.env.Session.Location()))
		if at := strings.LastIndexAny(t, "+-"); at > 10 {
			t = t[:at]
		}
		return append(b, t...)
	case types.Varchar, types.JSON, types.UUID:
		if inner {
			return append(append(append(b, '"'), kernel.AppendText(nil, f, k)...), '"')
		}
	}
	return kernel.AppendText(b, f, k)
}

func hiveInterval(b []byte, v vec.IntervalValue) []byte {
	sign := ""
	if v.Days == 0 && v.Micros == 0 && v.Months != 0 {
		m := int(v.Months)
		if m < 0 {
			sign, m = "-", -m
		}
		return append(b, sign+strconv.Itoa(m/12)+"-"+strconv.Itoa(m%12)...)
	}
	if v.Months != 0 {
		return kernel.AppendInterval(b, v)
	}
	total := int64(v.Days)*86_400_000_000 + v.Micros
	us := uint64(total)
	if total < 0 {
		sign, us = "-", -us
	}
	sec := us / 1_000_000
	return fmt.Appendf(b, "%s%d %02d:%02d:%02d.%06d000", sign, sec/86400, sec/3600%24, sec/60%60, sec%60, us%1_000_000)
}
