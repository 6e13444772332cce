package render

import (
	"bufio"
	"bytes"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/vec"
)

// csv writes delimited text that skep reads back without loss: an empty field is NULL, "" the empty string, and a row whose only
// column is NULL is \N.
type csv struct {
	w     *bufio.Writer
	o     Options
	delim byte
	ncols int
	buf   []byte
}

func (c *csv) Begin(fields []types.Field) error {
	c.ncols = len(fields)
	if c.o.NoHeader {
		return nil
	}
	for i, f := range fields {
		if i > 0 {
			c.buf = append(c.buf, c.delim)
		}
		c.buf = c.quoted(append(c.buf, f.Name...), len(c.buf))
	}
	return c.flush()
}

// flush ends the line.
func (c *csv) flush() error {
	c.buf = append(c.buf, '\n')
	_, err := c.w.Write(c.buf)
	c.buf = c.buf[:0]
	return err
}

func (c *csv) Batch(b *vec.Batch) error {
	for _, i := range selection(b) {
		for k, v := range b.Cols {
			if k > 0 {
				c.buf = append(c.buf, c.delim)
			}
			if v.IsNull(int(i)) {
				if c.o.Null == "" && c.ncols == 1 {
					c.buf = append(c.buf, `\N`...)
				}
				c.buf = append(c.buf, c.o.Null...)
				continue
			}
			start := len(c.buf)
			c.buf = appendValue(c.buf, v, int(i), c.o.Location)
			if v.Phys() >= types.PView {
				c.buf = c.quoted(c.buf, start)
			}
		}
		if err := c.flush(); err != nil {
			return err
		}
	}
	return nil
}

// quoted puts quotes around the field that begins at start where it needs them.
func (c *csv) quoted(b []byte, start int) []byte {
	f := b[start:]
	if len(f) > 0 && string(f) != `\N` && string(f) != c.o.Null && bytes.IndexByte(f, c.delim) < 0 && !bytes.ContainsAny(f, "\"\r\n") {
		return b
	}
	inner := bytes.ReplaceAll(f, []byte{'"'}, []byte(`""`))
	b = append(b[:start], '"')
	return append(append(b, inner...), '"')
}

func (c *csv) End() error { return nil }
