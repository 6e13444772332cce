package render

import (
	"bufio"
	"fmt"
	"slices"
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

// box writes a table with lines for people: the first and the last rows of a long result, and the number of all. With Options.All it
// writes every row: the widths are those of the first rows, and what it holds does not grow with the rest.
type box struct {
	w      *bufio.Writer
	o      Options
	fields []types.Field
	head   [][]string
	tail   [][]string // a ring: the last rows after head
	next   int        // the oldest of a full ring
	rows   int64

	widths  []int // with All, once rows are written as they come
	columns []int
}

const (
	sampleRows = 1000 // with All, rows that say how wide columns are
	widestCell = 500  // with All
)

func (x *box) Begin(fields []types.Field) error {
	x.fields = fields
	if x.o.MaxRows <= 0 {
		x.o.MaxRows = defaultRows
	}
	return nil
}

func (x *box) headRows() int {
	if x.o.All {
		return sampleRows
	}
	return (x.o.MaxRows + 1) / 2
}

func (x *box) Batch(b *vec.Batch) error {
	sel := selection(b)
	x.rows += int64(len(sel))
	for len(sel) > 0 && len(x.head) < x.headRows() && x.widths == nil {
		x.head = append(x.head, x.format(b, int(sel[0])))
		sel = sel[1:]
	}
	if x.o.All {
		return x.stream(b, sel)
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

// stream writes rows as they come.
func (x *box) stream(b *vec.Batch, sel []int32) error {
	if len(sel) == 0 {
		return nil
	}
	var out strings.Builder
	if x.widths == nil {
		x.columns, x.widths = x.layout(x.head, false, 0)
		x.widths = capped(x.widths, widestCell)
		x.top(&out)
		for _, r := range x.head {
			x.row(&out, r)
		}
		x.head = nil
	}
	for _, i := range sel {
		x.row(&out, x.format(b, int(i)))
	}
	_, err := x.w.WriteString(out.String())
	return err
}

func (x *box) format(b *vec.Batch, i int) []string {
	row := make([]string, len(b.Cols))
	for k, v := range b.Cols {
		s := cellText(v, i, x.o)
		if (x.o.Width > 0 || x.o.All) && len(s) > maxText {
			s = strings.ToValidUTF8(s[:maxText], "")
		}
		row[k] = s
	}
	return row
}

func (x *box) rule(out *strings.Builder, l, m, r string) {
	out.WriteString(l)
	for n, w := range x.widths {
		if n > 0 {
			out.WriteString(m)
		}
		out.WriteString(strings.Repeat("─", w+2))
	}
	out.WriteString(r + "\n")
}

func (x *box) cells(out *strings.Builder, text func(col int) string, style string) {
	out.WriteString("│")
	for n, col := range x.columns {
		s, right := "…", false
		if col >= 0 {
			s, right = text(col), x.fields[col].Type.IsNumeric()
		}
		s = fit(s, x.widths[n], right)
		if x.o.Color && (style != "" || strings.TrimSpace(s) == x.null()) {
			s = "\x1b[" + cmpStyle(style) + "m" + s + "\x1b[0m"
		}
		out.WriteString(" " + s + " │")
	}
	out.WriteString("\n")
}

func (x *box) null() string {
	if x.o.NullText != "" {
		return x.o.NullText
	}
	return "NULL"
}

// top writes what stands above the rows.
func (x *box) top(out *strings.Builder) {
	x.rule(out, "┌", "┬", "┐")
	if x.o.NoHeader {
		return
	}
	x.cells(out, func(c int) string { return visible(x.fields[c].Name) }, "1")
	x.cells(out, func(c int) string { return visible(x.fields[c].Type.String()) }, "2")
	x.rule(out, "├", "┼", "┤")
}

func (x *box) row(out *strings.Builder, r []string) {
	if len(r) == 1 && len(x.widths) == 1 && x.columns[0] == 0 { // the only column is folded, not cut
		for _, part := range folded(r[0], x.widths[0]) {
			x.cells(out, func(int) string { return part }, "")
		}
		return
	}
	x.cells(out, func(c int) string { return r[c] }, "")
}

// folded cuts a text into lines of a width. Those after the first keep the place of the text in a tree.
func folded(s string, width int) (lines []string) {
	indent := ""
	if i := max(strings.LastIndex(s, "└─ "), strings.LastIndex(s, "├─ ")); i >= 0 {
		for _, r := range s[:i] + s[i:i+len("└─ ")] {
			switch r {
			case '│', '├':
				indent += "│"
			default:
				indent += " "
			}
		}
		if indent += "  "; runewidth.StringWidth(indent) > width-24 {
			indent = ""
		}
	}
	for runewidth.StringWidth(s) > width {
		head := runewidth.Truncate(s, width, "")
		if i := strings.LastIndexByte(head, ' '); i > len(indent) && i > len(head)/2 && len(lines) < maxFolds {
			head = head[:i+1]
		}
		if len(head) <= len(indent) || len(lines) == maxFolds {
			break // and the rest is cut
		}
		lines = append(lines, strings.TrimRight(head, " "))
		s = indent + strings.TrimLeft(s[len(head):], " ")
	}
	return append(lines, s)
}

// maxFolds is the most lines that a cell is folded into, but one.
const maxFolds = 30

func (x *box) End() error {
	var out strings.Builder
	if x.widths != nil {
		x.rule(&out, "└", "┴", "┘")
		out.WriteString(x.footer(false))
		_, err := x.w.WriteString(out.String())
		return err
	}
	tail := append(append([][]string(nil), x.tail[x.next:]...), x.tail[:x.next]...)
	cut := x.rows > int64(len(x.head)+len(tail))
	width := x.o.Width
	if x.o.Rows > 0 && int(x.rows)+6 > x.o.Rows && !x.o.Expand {
		width = 0 // it is scrolled
	}
	x.columns, x.widths = x.layout(append(append([][]string(nil), x.head...), tail...), cut, width)
	if x.o.Expand && len(x.columns) > 0 && (len(x.columns) != len(x.fields) || slices.Contains(x.columns, -1)) {
		return x.expanded(tail, cut)
	}
	x.top(&out)
	for _, r := range x.head {
		x.row(&out, r)
	}
	if cut {
		x.cells(&out, func(int) string { return "⋮" }, "2")
	}
	for _, r := range tail {
		x.row(&out, r)
	}
	x.rule(&out, "└", "┴", "┘")
	out.WriteString(x.footer(cut))
	_, err := x.w.WriteString(out.String())
	return err
}

// expanded writes one value a line.
func (x *box) expanded(tail [][]string, cut bool) error {
	l := &line{o: x.o}
	if err := l.Begin(x.fields); err != nil {
		return err
	}
	var out strings.Builder
	write := func(rows [][]string, from int64) {
		for i, r := range rows {
			out.WriteString(rowHead(int(from)+i+1, x.o.Color))
			for k, v := range r {
				out.WriteString(l.names[k] + v + "\n")
			}
		}
	}
	write(x.head, 0)
	if cut {
		out.WriteString("⋮\n")
	}
	write(tail, x.rows-int64(len(tail)))
	x.columns = nil
	for i := range x.fields {
		x.columns = append(x.columns, i)
	}
	out.WriteString(x.footer(cut))
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
func (x *box) footer(cut bool) string {
	if x.o.NoHeader {
		return ""
	}
	s := Grouped(x.rows)
	if x.rows >= 1e6 {
		s = fmt.Sprintf("%.2f million", float64(x.rows)/1e6)
	}
	s += " row"
	if x.rows != 1 {
		s += "s"
	}
	if cut {
		s += fmt.Sprintf(", %d shown", x.o.MaxRows)
	}
	shown := map[int]bool{}
	for _, c := range x.columns {
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

// Grouped writes n with a comma before every three digits.
func Grouped(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// layout chooses the columns to show in a width (0 = as wide as need be), -1 standing for those left out, and their widths.
func (x *box) layout(rows [][]string, cut bool, width int) (show, widths []int) {
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
	if width <= 0 || total(full) <= width {
		return show, full
	}
	// the widest columns give way first
	for limit := width; limit >= minCell; limit-- {
		if w := capped(full, limit); total(w) <= width {
			return show, w
		}
	}
	full = capped(full, minCell)
	left, right, used := 0, len(full), 1+4 // the place of those left out
	for left < right {
		if used+full[left]+3 > width {
			break
		}
		used += full[left] + 3
		left++
		if left >= right || used+full[right-1]+3 > width {
			break
		}
		right--
		used += full[right] + 3
	}
	if left == 0 { // not even one fits
		left = 1
		full[0] = min(full[0], max(width-8, 1))
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
