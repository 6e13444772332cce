package render

import (
	"bufio"
	"fmt"
	"strconv"
	"strings"

	"github.com/mattn/go-runewidth"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/vec"
)

const (
	defaultRows = 40 // shown of a box
	minCell     = 12 // a column is not made narrower than this, but left out
	maxText     = 10000
)

// box writes a table with lines for people: the first and the last rows of a long result, and the number of all.
type box struct {
	w      *bufio.Writer
	o      Options
	fields []types.Field
	head   [][]string
	tail   [][]string // a ring: the last rows after head
	next   int        // the oldest of a full ring
	rows   int64
}

func (x *box) Begin(fields []types.Field) error {
	x.fields = fields
	if x.o.MaxRows <= 0 {
		x.o.MaxRows = defaultRows
	}
	return nil
}

func (x *box) headRows() int { return (x.o.MaxRows + 1) / 2 }

func (x *box) Batch(b *vec.Batch) error {
	sel := selection(b)
	x.rows += int64(len(sel))
	for len(sel) > 0 && len(x.head) < x.headRows() {
		x.head = append(x.head, x.format(b, int(sel[0])))
		sel = sel[1:]
	}
	last := x.o.MaxRows - x.headRows()
	if len(sel) > last { // rows before these cannot be among the last
		sel = sel[len(sel)-last:]
	}
	for _, i := range sel {
		row := x.format(b, int(i))
		if len(x.tail) < last {
			x.tail = append(x.tail, row)
			continue
		}
		x.tail[x.next] = row
		x.next = (x.next + 1) % last
	}
	return nil
}

func (x *box) format(b *vec.Batch, i int) []string {
	row := make([]string, len(b.Cols))
	for k, v := range b.Cols {
		s := cellText(v, i, x.o)
		if x.o.Width > 0 && len(s) > maxText {
			s = s[:maxText]
		}
		row[k] = s
	}
	return row
}

func (x *box) End() error {
	tail := append(append([][]string(nil), x.tail[x.next:]...), x.tail[:x.next]...)
	cut := x.rows > int64(len(x.head)+len(tail))
	show, widths := x.layout(append(append([][]string(nil), x.head...), tail...), cut)
	var out strings.Builder
	rule := func(l, m, r string) {
		out.WriteString(l)
		for n, w := range widths {
			if n > 0 {
				out.WriteString(m)
			}
			out.WriteString(strings.Repeat("─", w+2))
		}
		out.WriteString(r + "\n")
	}
	cells := func(text func(col int) string, style string) {
		out.WriteString("│")
		for n, col := range show {
			s, right := "…", false
			if col >= 0 {
				s, right = text(col), x.fields[col].Type.IsNumeric()
			}
			s = fit(s, widths[n], right)
			if x.o.Color && (style != "" || strings.TrimSpace(s) == "NULL") {
				s = "\x1b[" + cmpStyle(style) + "m" + s + "\x1b[0m"
			}
			out.WriteString(" " + s + " │")
		}
		out.WriteString("\n")
	}
	rule("┌", "┬", "┐")
	cells(func(c int) string { return visible(x.fields[c].Name) }, "1")
	cells(func(c int) string { return visible(x.fields[c].Type.String()) }, "2")
	rule("├", "┼", "┤")
	for _, r := range x.head {
		cells(func(c int) string { return r[c] }, "")
	}
	if cut {
		cells(func(int) string { return "⋮" }, "2")
	}
	for _, r := range tail {
		cells(func(c int) string { return r[c] }, "")
	}
	rule("└", "┴", "┘")
	out.WriteString(x.footer(cut, show))
	_, err := x.w.WriteString(out.String())
	return err
}

func cmpStyle(style string) string {
	if style == "" {
		return "2" // NULL
	}
	return style
}

// footer tells the number of rows, and what is not shown.
func (x *box) footer(cut bool, show []int) string {
	s := grouped(x.rows) + " row"
	if x.rows != 1 {
		s += "s"
	}
	if cut {
		s += fmt.Sprintf(" (%d shown)", x.o.MaxRows)
	}
	shown := map[int]bool{}
	for _, c := range show {
		shown[c] = true
	}
	var omitted []string
	for i, f := range x.fields {
		if !shown[i] {
			omitted = append(omitted, visible(f.Name))
		}
	}
	if len(omitted) > 0 {
		s += fmt.Sprintf("\n%d of %d columns not shown: %s", len(omitted), len(x.fields), strings.Join(omitted, ", "))
	}
	return s + "\n"
}

// grouped writes n with a comma before every three digits.
func grouped(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// layout chooses the columns to show, -1 standing for those left out, and their widths.
func (x *box) layout(rows [][]string, cut bool) (show, widths []int) {
	full := make([]int, len(x.fields))
	for i, f := range x.fields {
		full[i] = max(runewidth.StringWidth(visible(f.Name)), runewidth.StringWidth(visible(f.Type.String())))
		if cut {
			full[i] = max(full[i], 1)
		}
		for _, r := range rows {
			full[i] = max(full[i], runewidth.StringWidth(r[i]))
		}
		show = append(show, i)
	}
	if x.o.Width <= 0 || total(full) <= x.o.Width {
		return show, full
	}
	// the widest columns give way first
	for limit := x.o.Width; limit >= minCell; limit-- {
		if w := capped(full, limit); total(w) <= x.o.Width {
			return show, w
		}
	}
	full = capped(full, minCell)
	left, right, used := 0, len(full), 1+4 // the place of those left out
	for left < right {
		if used+full[left]+3 > x.o.Width {
			break
		}
		used += full[left] + 3
		left++
		if left >= right || used+full[right-1]+3 > x.o.Width {
			break
		}
		right--
		used += full[right] + 3
	}
	if left == 0 { // not even one fits
		left = 1
		full[0] = min(full[0], max(x.o.Width-8, 1))
	}
	show, widths = append(show[:0:0], show...), full
	return append(append(show[:left:left], -1), show[right:]...), append(append(widths[:left:left], 1), widths[right:]...)
}

// total is the width of a box with cells of these widths.
func total(widths []int) int {
	n := 1
	for _, w := range widths {
		n += w + 3
	}
	return n
}

func capped(widths []int, limit int) []int {
	out := make([]int, len(widths))
	for i, w := range widths {
		out[i] = min(w, limit)
	}
	return out
}
