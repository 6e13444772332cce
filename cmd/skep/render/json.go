package render

import (
	"bufio"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/jsonval"
	"github.com/skep-sql/skep/exec/vec"
)

// json writes one object a row: as a list, or each on a line of its own.
type json struct {
	w    *bufio.Writer
	o    Options
	list bool
	keys [][]byte
	rows int
	buf  []byte
}

func (j *json) Begin(fields []types.Field) error {
	for _, f := range fields {
		j.keys = append(j.keys, append(jsonval.AppendString(nil, []byte(f.Name)), ':'))
	}
	if j.list {
		return j.w.WriteByte('[')
	}
	return nil
}

func (j *json) Batch(b *vec.Batch) error {
	for _, i := range selection(b) {
		out := j.buf[:0]
		if j.list {
			if j.rows > 0 {
				out = append(out, ",\n "...)
			}
			j.rows++
		}
		out = append(out, '{')
		for k, v := range b.Cols {
			if k > 0 {
				out = append(out, ',')
			}
			out = jsonval.AppendValue(append(out, j.keys[k]...), v, int(i), j.o.Location)
		}
		out = append(out, '}')
		if !j.list {
			out = append(out, '\n')
		}
		j.buf = out
		if _, err := j.w.Write(out); err != nil {
			return err
		}
	}
	return nil
}

func (j *json) End() error {
	if j.list {
		_, err := j.w.WriteString("]\n")
		return err
	}
	return nil
}
