package editor

import (
	"fmt"
	"io"
	"strings"

	"github.com/clipperhouse/uax29/v2/graphemes"
	"github.com/mattn/go-runewidth"
)

// Span is a piece of the text, text[From:To], in a style: the parameters of the terminal's SGR sequence, such as "1;34". Spans come in
// order and do not overlap.
type Span struct {
	From, To int
	Style    string
}

// frame is what the terminal should show: rows of at most the terminal's width, and the cursor.
type frame struct {
	rows []row
	line int // of the cursor
	col  int
}

// row is one row of the terminal.
type row struct {
	text  string // with styles
	width int
}

// view is what is laid out.
type view struct {
	text         string
	pos          int
	prompt, more string
	spans        []Span
	below        []row // after the text: a menu, a search
	cols, height int
	top          int // the first line shown; kept from frame to frame
}

// layout makes the frame of v. Only lines that may be seen are looked at, so that a text of many thousand lines costs little.
func layout(v *view) frame {
	cols := max(v.cols-1, 2) // the last column stays free: terminals differ in what they do after it
	limit := max(v.height-len(v.below), 1)
	current := strings.Count(v.text[:v.pos], "\n")
	if current < v.top {
		v.top = current
	}
	v.top = max(v.top, current-limit+1)
	starts := lineStarts(v.text, v.top)
	var rows []row
	var counts []int // rows of each line
	var f frame
	last := 0 // where the rows of the cursor's line end
	for n := v.top; n-v.top < len(starts) && n-v.top < limit+current-v.top+1; n++ {
		start := starts[n-v.top]
		end := len(v.text)
		if i := strings.IndexByte(v.text[start:], '\n'); i >= 0 {
			end = start + i
		}
		prompt := v.more
		if n == 0 {
			prompt = v.prompt
		}
		p := painter{v: v, cols: cols, prompt: prompt}
		p.line(start, end)
		if n == current {
			f.line, f.col = len(rows)+p.row, p.col
			last = len(rows) + len(p.rows)
		}
		rows, counts = append(rows, p.rows...), append(counts, len(p.rows))
		if n > current && len(rows) >= limit+f.line {
			break
		}
	}
	from := 0
	for _, n := range counts {
		if last-from <= limit || v.top == current {
			break
		}
		from += n
		v.top++
	}
	if last-from > limit { // a line that is longer than the terminal: the cursor's part of it
		from = min(last-limit, f.line)
	}
	rows = rows[from:min(len(rows), from+limit)]
	f.line -= from
	f.rows = append(append(f.rows, rows...), v.below...)
	return f
}

// lineStarts gives the offsets of the lines of text from the line top on.
func lineStarts(text string, top int) []int {
	at := 0
	for range top {
		at += strings.IndexByte(text[at:], '\n') + 1
	}
	starts := []int{at}
	for i := at; len(starts) < 500; {
		k := strings.IndexByte(text[i:], '\n')
		if k < 0 {
			break
		}
		i += k + 1
		starts = append(starts, i)
	}
	return starts
}

// painter breaks one line of the text into rows.
type painter struct {
	v        *view
	cols     int
	prompt   string
	rows     []row
	row, col int // of the cursor, if it is in this line
}

func (p *painter) line(start, end int) {
	var b strings.Builder
	indent := runewidth.StringWidth(p.prompt)
	if indent > p.cols/2 {
		indent = 0
	}
	b.WriteString(p.prompt)
	col := runewidth.StringWidth(p.prompt)
	textCol := 0
	style, next := "", p.firstSpan(start)
	g := graphemes.FromString(p.v.text[start:end])
	for g.Next() {
		at, s := start+g.Start(), g.Value()
		w := width(s, textCol)
		if s == "\t" {
			s = strings.Repeat(" ", w)
		}
		if col+w > p.cols {
			b.WriteString(reset(style))
			p.rows = append(p.rows, row{b.String(), col})
			b.Reset()
			b.WriteString(strings.Repeat(" ", indent))
			col = indent
			if style != "" {
				b.WriteString("\x1b[" + style + "m")
			}
		}
		if at == p.v.pos {
			p.row, p.col = len(p.rows), col
		}
		for next < len(p.v.spans) && p.v.spans[next].To <= at {
			next++
		}
		want := ""
		if next < len(p.v.spans) && p.v.spans[next].From <= at {
			want = p.v.spans[next].Style
		}
		if want != style {
			b.WriteString(reset(style))
			if style = want; style != "" {
				b.WriteString("\x1b[" + style + "m")
			}
		}
		b.WriteString(s)
		col += w
		textCol += w
	}
	b.WriteString(reset(style))
	p.rows = append(p.rows, row{b.String(), col})
	if p.v.pos == end {
		if col >= p.cols { // the cursor itself needs a place
			p.rows = append(p.rows, row{strings.Repeat(" ", indent), indent})
			col = indent
		}
		p.row, p.col = len(p.rows)-1, col
	}
}

func (p *painter) firstSpan(at int) int {
	lo, hi := 0, len(p.v.spans)
	for lo < hi {
		if mid := (lo + hi) / 2; p.v.spans[mid].To <= at {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

func reset(style string) string {
	if style == "" {
		return ""
	}
	return "\x1b[0m"
}

// screen draws frames, each over the one before, and writes no more than what differs.
type screen struct {
	w    io.Writer
	old  frame
	size int // rows that the frames have taken so far
}

// draw shows f.
func (s *screen) draw(f frame) {
	var b strings.Builder
	b.WriteString("\x1b[?25l")
	at := s.old.line
	for i, r := range f.rows {
		if i < len(s.old.rows) && s.old.rows[i] == r {
			continue
		}
		at = s.move(&b, at, i)
		b.WriteString("\r" + r.text + "\x1b[K")
	}
	if len(f.rows) < len(s.old.rows) {
		at = s.move(&b, at, len(f.rows))
		b.WriteString("\r\x1b[J")
	}
	s.size = max(s.size, len(f.rows))
	s.move(&b, at, f.line)
	b.WriteString("\r")
	if f.col > 0 {
		fmt.Fprintf(&b, "\x1b[%dC", f.col)
	}
	b.WriteString("\x1b[?25h")
	s.old = f
	_, _ = io.WriteString(s.w, b.String())
}

// move goes from a row of the frame to another; rows that are not there yet are made.
func (s *screen) move(b *strings.Builder, from, to int) int {
	if to < from {
		fmt.Fprintf(b, "\x1b[%dA", from-to)
		return to
	}
	if k := min(to, max(s.size-1, from)) - from; k > 0 {
		fmt.Fprintf(b, "\x1b[%dB", k)
		from += k
	}
	for ; from < to; from++ {
		b.WriteString("\r\n")
	}
	s.size = max(s.size, to+1)
	return to
}

// resized forgets the rows after the terminal took another width: it clears what they have become. Terminals that fold long rows anew
// make several of one.
func (s *screen) resized(cols int) {
	up := 0
	for _, r := range s.old.rows[:min(s.old.line, len(s.old.rows))] {
		up += max((r.width+cols-1)/max(cols, 1), 1)
	}
	up += s.old.col / max(cols, 1)
	s.clear(up)
}

// clear erases the frame and what is below, from up rows above the cursor on.
func (s *screen) clear(up int) {
	if up > 0 {
		fmt.Fprintf(s.w, "\x1b[%dA", up)
	}
	_, _ = io.WriteString(s.w, "\r\x1b[J")
	s.old, s.size = frame{}, 0
}

// leave puts the cursor on a fresh row below the frame.
func (s *screen) leave() {
	var b strings.Builder
	s.move(&b, s.old.line, max(len(s.old.rows)-1, 0))
	b.WriteString("\r\n")
	_, _ = io.WriteString(s.w, b.String())
	s.old, s.size = frame{}, 0
}
