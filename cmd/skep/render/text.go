package render

import (
	"bufio"
	"strings"

	"github.com/mattn/go-runewidth"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/vec"
)

// markdown writes a table as GitHub shows it.
type markdown struct {
	w   *bufio.Writer
	o   Options
	buf []byte
}

func (m *markdown) Begin(fields []types.Field) error {
	var head, rule strings.Builder
	for _, f := range fields {
		head.WriteString("| " + markdownCell(f.Name) + " ")
		if f.Type.IsNumeric() {
			rule.WriteString("|---:")
		} else {
			rule.WriteString("|---")
		}
	}
	_, err := m.w.WriteString(head.String() + "|\n" + rule.String() + "|\n")
	return err
}

func (m *markdown) Batch(b *vec.Batch) error {
	for _, i := range selection(b) {
		line := m.buf[:0]
		for _, v := range b.Cols {
			line = append(line, "| "...)
			if v.IsNull(int(i)) {
				line = append(line, "NULL"...)
			} else {
				start := len(line)
				line = appendValue(line, v, int(i), m.o.Location)
				if v.Phys() >= types.PView {
					line = append(line[:start], markdownCell(string(line[start:]))...)
				}
			}
			line = append(line, ' ')
		}
		line = append(line, "|\n"...)
		m.buf = line
		if _, err := m.w.Write(line); err != nil {
			return err
		}
	}
	return nil
}

func (m *markdown) End() error { return nil }

var markdownEscapes = strings.NewReplacer("|", `\|`, "\r\n", "<br>", "\n", "<br>", "\r", "<br>")

func markdownCell(s string) string { return markdownEscapes.Replace(s) }

// line writes one value a line.
type line struct {
	w     *bufio.Writer
	o     Options
	names []string
	rows  int
	buf   []byte
}

func (l *line) Begin(fields []types.Field) error {
	width := 0
	for _, f := range fields {
		width = max(width, runewidth.StringWidth(visible(f.Name)))
	}
	for _, f := range fields {
		n := visible(f.Name)
		l.names = append(l.names, strings.Repeat(" ", width-runewidth.StringWidth(n))+n+" = ")
	}
	return nil
}

func (l *line) Batch(b *vec.Batch) error {
	for _, i := range selection(b) {
		out := l.buf[:0]
		if l.rows++; l.rows > 1 && !l.o.RowHeads {
			out = append(out, '\n')
		}
		if l.o.RowHeads {
			out = append(out, rowHead(l.rows, l.o.Color)...)
		}
		for k, v := range b.Cols {
			out = append(out, l.names[k]...)
			out = append(out, cellText(v, int(i), l.o)...)
			out = append(out, '\n')
		}
		l.buf = out
		if _, err := l.w.Write(out); err != nil {
			return err
		}
	}
	return nil
}

func (l *line) End() error { return nil }

// rowHead is the line before a row.
func rowHead(n int, color bool) string {
	s := "─── row " + Grouped(int64(n)) + " "
	s += strings.Repeat("─", max(40-runewidth.StringWidth(s), 3))
	if color {
		return "\x1b[2m" + s + "\x1b[0m\n"
	}
	return s + "\n"
}
