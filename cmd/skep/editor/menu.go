package editor

import (
	"fmt"
	"strings"

	"github.com/mattn/go-runewidth"
)

// Candidate is something that Tab may write.
type Candidate struct {
	Text string // what is written
	Kind string // told beside it: table, column, function …
	Open bool   // more of the same word is to come, as after a folder: no blank is put behind
}

// menu is the list of candidates under the text.
type menu struct {
	list   []Candidate
	from   int // the bytes of the text that the chosen one stands for
	to     int
	chosen int // -1 = none yet
	origin string
}

const menuRows = 8

// lay gives the rows of the menu.
func (m *menu) lay(cols int, color bool) []row {
	cell := 0
	for _, c := range m.list {
		cell = max(cell, runewidth.StringWidth(c.label()))
	}
	cell = min(cell+2, max(cols-1, 4))
	perRow := max((cols-1)/cell, 1)
	total := (len(m.list) + perRow - 1) / perRow
	first := 0
	if m.chosen >= 0 && m.chosen/perRow >= menuRows {
		first = m.chosen/perRow - menuRows + 1
	}
	var rows []row
	for r := first; r < total && r < first+menuRows; r++ {
		var b strings.Builder
		w := 0
		for i := r * perRow; i < (r+1)*perRow && i < len(m.list); i++ {
			c := m.list[i]
			label := runewidth.Truncate(c.label(), cell-1, "…")
			pad := strings.Repeat(" ", max(cell-runewidth.StringWidth(label), 0))
			switch {
			case i == m.chosen && color:
				b.WriteString("\x1b[7m" + label + "\x1b[0m")
			case i == m.chosen:
				b.WriteString(">" + label)
				pad = strings.TrimPrefix(pad, " ")
			case color && c.Kind != "" && strings.HasPrefix(label, c.Text):
				b.WriteString(c.Text + "\x1b[2m" + label[len(c.Text):] + "\x1b[0m")
			default:
				b.WriteString(label)
			}
			b.WriteString(pad)
			w += cell
		}
		rows = append(rows, row{b.String(), w})
	}
	if rest := total - first - menuRows; rest > 0 || first > 0 {
		s := fmt.Sprintf("… %d in all", len(m.list))
		rows = append(rows, row{dim(s, color), runewidth.StringWidth(s)})
	}
	return rows
}

func (c Candidate) label() string {
	if c.Kind == "" {
		return c.Text
	}
	return c.Text + " " + c.Kind
}

func dim(s string, color bool) string {
	if color {
		return "\x1b[2m" + s + "\x1b[0m"
	}
	return s
}

// common gives the longest beginning that all candidates share, whatever the case of letters.
func common(list []Candidate) string {
	p := list[0].Text
	for _, c := range list[1:] {
		n := 0
		for n < len(p) && n < len(c.Text) && strings.EqualFold(p[n:n+1], c.Text[n:n+1]) && p[n] < 0x80 {
			n++
		}
		p = p[:n]
	}
	return p
}

// complete answers Tab: it writes the only candidate, or what all share, and opens the menu.
func (e *Editor) complete(step int) {
	if m := e.menu; m != nil {
		m.chosen = (m.chosen + step + len(m.list)) % len(m.list)
		if m.chosen < 0 {
			m.chosen = len(m.list) - 1
		}
		c := m.list[m.chosen]
		e.buf.Replace(m.from, m.to, c.Text)
		m.to = m.from + len(c.Text)
		return
	}
	if e.Complete == nil {
		return
	}
	from, list := e.Complete(e.buf.Text(), e.buf.Pos())
	switch len(list) {
	case 0:
		e.bell()
	case 1:
		text := list[0].Text
		if rest := e.buf.Text()[e.buf.Pos():]; !list[0].Open && (rest == "" || rest[0] == '\n') {
			text += " "
		}
		e.buf.Replace(from, e.buf.Pos(), text)
	default:
		typed := e.buf.Text()[from:e.buf.Pos()]
		if p := common(list); len(p) > len(typed) {
			e.buf.Replace(from, e.buf.Pos(), p)
		}
		e.menu = &menu{list: list, from: from, to: e.buf.Pos(), chosen: -1, origin: e.buf.Text()[from:e.buf.Pos()]}
	}
}
