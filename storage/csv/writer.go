package csv

import (
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/storage"
	"github.com/skep-sql/skep/storage/fs"
	"github.com/skep-sql/skep/storage/textval"
)

var writeOptions = []string{"header", "delim", "delimiter", "sep", "quote", "escape", "null", "nullstr", "force_quote", "compression"}

// flushSize is how much text is gathered before it is written.
const flushSize = 256 << 10

// writer writes rows as text.
type writer struct {
	w       io.WriteCloser
	cols    []types.Field
	conf    config
	null    []byte // text of NULL
	special [256]bool
	force   []bool // quote whatever the value
	plain   []bool // the text never needs quotes
	buf     []byte
	err     error
}

// Create starts a file of rows. Options: header, delim, quote, escape, null, force_quote, compression.
func (f csvFormat) Create(out io.Writer, env *storage.Env, cols []types.Field, opts storage.Options) (storage.Writer, error) {
	w := &writer{cols: cols, force: make([]bool, len(cols))}
	c := &w.conf
	c.text, c.header = f.text, !f.text
	c.delim, c.quote, c.escape = ',', '"', '"'
	if f.text {
		c.delim, c.quote, c.escape, w.null = 1, 0, 0, []byte(`\N`)
	} else if env != nil && env.Setting != nil {
		w.null = []byte(env.Setting("csv_null"))
	}
	for name, o := range opts {
		if h := hiveOptions[name]; h != "" && name != "skip.header.line.count" {
			name = h
		} else if slices.Contains(ignoredOptions, name) || name == "skip.header.line.count" {
			continue
		}
		if err := w.option(name, o); err != nil {
			return nil, err
		}
	}
	if c.escape == 0 || c.quoteSet && !c.escapeSet {
		c.escape = c.quote
	}
	for _, x := range []byte{c.delim, c.quote, '\n', '\r'} {
		w.special[x] = true
	}
	if f.text || c.quote == 0 {
		w.special[0] = false
	}
	if c.text && c.escape != 0 || c.escape != c.quote {
		w.special[c.escape] = true
	}
	for _, col := range cols {
		w.plain = append(w.plain, col.Type.Phys() != types.PView && col.Type.Kind < types.Interval && !strings.ContainsRune("0123456789.-+: eEinftyNaruls", rune(c.delim)))
	}
	var err error
	if w.w, err = fs.Compress(c.comp, out); err != nil {
		return nil, err
	}
	if c.header {
		w.header()
	}
	return w, w.err
}

// Buffered gives the bytes that are yet to be written.
func (w *writer) Buffered() int { return len(w.buf) }

func (w *writer) option(name string, o storage.Option) (err error) {
	switch name {
	case "null", "nullstr":
		w.null = []byte(o.Text)
		if len(o.List) > 0 {
			w.null = []byte(o.List[0].Text)
		}
	case "force_quote":
		names := []string{o.Text}
		for _, x := range o.List {
			names = append(names, x.Text)
		}
		for i, col := range w.cols {
			w.force[i] = names[0] == "*" || slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, col.Name) })
		}
	case "header", "delim", "delimiter", "sep", "quote", "escape":
		return w.conf.option(name, o)
	case "compression":
		return w.conf.longOption(name, o)
	case "codec":
		return w.conf.longOption("compression", o)
	default:
		return unknownOption("writing", name, o, writeOptions)
	}
	return nil
}

func (w *writer) header() {
	for i, c := range w.cols {
		if i > 0 {
			w.buf = append(w.buf, w.conf.delim)
		}
		w.text([]byte(c.Name), w.force[i])
	}
	w.buf = append(w.buf, '\n')
}

// Write writes the rows of a batch.
func (w *writer) Write(b *vec.Batch) error {
	if w.err != nil {
		return w.err
	}
	if len(b.Cols) != len(w.cols) {
		return sqlerr.New(sqlerr.Internal, "%d columns for a file of %d", len(b.Cols), len(w.cols))
	}
	sel := b.Sel
	if sel == nil {
		sel = vec.Identity(b.N)
	}
	for _, row := range sel {
		for i, v := range b.Cols {
			if i > 0 {
				w.buf = append(w.buf, w.conf.delim)
			}
			w.value(v, int(row), i)
		}
		w.buf = append(w.buf, '\n')
		if len(w.buf) >= flushSize {
			w.flush()
		}
		if w.err != nil {
			return w.err
		}
	}
	return w.err
}

func (w *writer) flush() {
	if w.err == nil && len(w.buf) > 0 {
		if _, err := w.w.Write(w.buf); err != nil {
			w.err = sqlerr.Wrap(sqlerr.IO, err, "cannot write CSV")
		}
	}
	w.buf = w.buf[:0]
}

// value writes the value of column i.
func (w *writer) value(v *vec.Vector, row, i int) {
	if v.IsNull(row) {
		if len(w.cols) == 1 && len(w.null) == 0 {
			w.buf = append(w.buf, `\N`...) // an empty line would be no row
		} else {
			w.buf = append(w.buf, w.null...)
		}
		return
	}
	f, k := v.At(row)
	if f.Phys() == types.PView && f.Type.Kind != types.Binary {
		w.text(vec.Values[vec.View](f)[k].Bytes(f.Bufs), w.force[i])
		return
	}
	start := len(w.buf)
	switch f.Phys() {
	case types.PI32:
		if f.Type.Kind == types.Date {
			w.buf = appendDate(w.buf, int(vec.Values[int32](f)[k]))
		} else {
			w.buf = strconv.AppendInt(w.buf, int64(vec.Values[int32](f)[k]), 10)
		}
	case types.PI64:
		switch f.Type.Kind {
		case types.BigInt, types.UInteger:
			w.buf = strconv.AppendInt(w.buf, vec.Values[int64](f)[k], 10)
		case types.Decimal:
			w.buf = appendFixed(w.buf, vec.Values[int64](f)[k], int(f.Type.S))
		default:
			w.buf = kernel.AppendText(w.buf, f, k)
		}
	default:
		w.buf = kernel.AppendText(w.buf, f, k)
	}
	if w.plain[i] && !w.force[i] && len(w.null) == 0 {
		return
	}
	if b := w.buf[start:]; w.force[i] || w.needsQuotes(b) {
		tmp := append([]byte(nil), b...)
		w.buf = w.buf[:start]
		w.text(tmp, w.force[i])
	}
}

func (w *writer) needsQuotes(b []byte) bool {
	for _, c := range b {
		if w.special[c] {
			return true
		}
	}
	return len(b) == 0 && !w.conf.text || string(b) == string(w.null) || string(b) == `\N`
}

// text writes a string, in quotes where a reader would not see it otherwise.
func (w *writer) text(b []byte, force bool) {
	c := &w.conf
	if !force && !w.needsQuotes(b) {
		w.buf = append(w.buf, b...)
		return
	}
	if c.quote == 0 {
		w.unquotable(b)
		return
	}
	w.buf = append(w.buf, c.quote)
	for _, x := range b {
		if x == c.quote || x == c.escape {
			w.buf = append(w.buf, c.escape)
		}
		w.buf = append(w.buf, x)
	}
	w.buf = append(w.buf, c.quote)
}

// unquotable writes a string where there are no quotes: with escapes, if there are any.
func (w *writer) unquotable(b []byte) {
	c := &w.conf
	if c.escape != 0 && c.text && string(b) != string(w.null) {
		for _, x := range b {
			if w.special[x] {
				w.buf = append(w.buf, c.escape)
			}
			w.buf = append(w.buf, x)
		}
		return
	}
	if len(b) == 0 {
		return
	}
	w.err = sqlerr.New(sqlerr.Data, "'%s' cannot be written without quotes: it has a delimiter or line end, or is the text of NULL", cut(b, 100)).
		WithHint("quote and escape say how such values are written")
}

// appendDate writes YYYY-MM-DD.
func appendDate(b []byte, days int) []byte {
	y, m, d := kernel.DaysToCivil(days)
	if y < 1 || y > 9999 {
		return kernel.AppendDate(b, days)
	}
	return append(b, byte('0'+y/1000), byte('0'+y/100%10), byte('0'+y/10%10), byte('0'+y%10), '-', byte('0'+m/10), byte('0'+m%10), '-', byte('0'+d/10), byte('0'+d%10))
}

// appendFixed writes x at a scale.
func appendFixed(b []byte, x int64, scale int) []byte {
	u := uint64(x)
	if x < 0 {
		b = append(b, '-')
		u = -u
	}
	if scale == 0 {
		return strconv.AppendUint(b, u, 10)
	}
	b = strconv.AppendUint(b, u/textval.Pow10[scale], 10)
	b = append(b, '.')
	frac := u % textval.Pow10[scale]
	for i := scale - 1; i >= 0; i-- {
		b = append(b, byte('0'+frac/textval.Pow10[i]%10))
	}
	return b
}

// Close writes what is left.
func (w *writer) Close() error {
	w.flush()
	if err := w.w.Close(); err != nil && w.err == nil {
		w.err = sqlerr.Wrap(sqlerr.IO, err, "cannot write CSV")
	}
	return w.err
}
