package render

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/mattn/go-runewidth"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/exec/flow"
	"github.com/skep-sql/skep/storage/db"
)

// Source is the text that a statement was cut from.
type Source struct {
	File   string // of -f; "" otherwise
	Text   string // the whole text
	Offset int    // where the statement begins
}

// Place gives line and column, from 1 and in characters, of a byte of the text.
func (s Source) Place(offset int) (line, column int) {
	offset = min(max(offset, 0), len(s.Text))
	before := s.Text[:offset]
	return strings.Count(before, "\n") + 1, utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:]) + 1
}

// Error is what a person and a report want to know of an error.
type Error struct {
	Class        sqlerr.Class
	Message      string
	Hint         string
	Line, Column int // of the source; 0 without a place
	offset       int
	inside       []sqlerr.Inside
	stack        []byte
	data         *sqlerr.Excerpt
}

// Explain takes err apart. src is the text of the statement that failed.
func Explain(err error, src Source) Error {
	e := Error{Class: sqlerr.ClassOf(err), Message: Relative(err.Error())}
	if errors.Is(err, context.Canceled) {
		e.Class, e.Message = sqlerr.Cancelled, "the query was cancelled"
	}
	var se *sqlerr.Error
	if errors.As(err, &se) {
		e.Hint, e.inside, e.data = se.Hint, se.Inside, se.Data
		if se.Pos >= 0 {
			e.offset = src.Offset + se.Pos
			e.Line, e.Column = src.Place(e.offset)
		}
	}
	e.Message, e.Hint = db.RedactOf(e.Message, src.Text), db.RedactOf(e.Hint, src.Text)
	var p *flow.PanicError
	if errors.As(err, &p) {
		e.stack = p.Stack
		if e.Hint == "" {
			e.Hint = "this is a defect of skep, not of the query; SKEP_STACK=1 shows where"
		}
	}
	return e
}

// Relative shortens the paths in a text that lie below the working directory, which is how they were typed.
func Relative(text string) string {
	dir, err := os.Getwd()
	if err != nil || len(dir) < 2 {
		return text
	}
	return strings.ReplaceAll(text, dir+string(filepath.Separator), "")
}

// lineWidth is the most of a source line that is shown.
const lineWidth = 100

// PrintError writes err for people: the sentence, the line of the source with a caret, and the hint.
func PrintError(w io.Writer, err error, src Source) {
	e := Explain(err, src)
	src.Text = db.Redact(src.Text)
	place := ""
	if src.File != "" {
		place = src.File + ": "
		if e.Line > 0 {
			place = fmt.Sprintf("%s:%d:%d: ", src.File, e.Line, e.Column)
		}
	}
	var b strings.Builder
	b.WriteString(place + "ERROR: " + e.Message + "\n")
	for _, in := range e.inside {
		in.Text = db.Redact(in.Text)
		line, _ := Source{Text: in.Text}.Place(in.Pos)
		b.WriteString(caret(fmt.Sprintf("IN %s, LINE %d: ", in.Name, line), in.Text, in.Pos))
	}
	if e.Line > 0 {
		lead := ""
		if len(e.inside) > 0 {
			lead = "USED IN "
		}
		b.WriteString(caret(fmt.Sprintf("%sLINE %d: ", lead, e.Line), src.Text, e.offset))
	}
	if e.data != nil {
		b.WriteString(caret(fmt.Sprintf("DATA %d: ", e.data.Line), e.data.Text, e.data.Offset))
	}
	if e.Hint != "" {
		b.WriteString("HINT: " + e.Hint + "\n")
	}
	if len(e.stack) > 0 && os.Getenv("SKEP_STACK") != "" {
		b.Write(e.stack)
	}
	_, _ = io.WriteString(w, b.String())
}

// caret shows the line around byte offset, behind a label, with a caret under it. Tabs stay tabs in both lines; wide characters count twice.
func caret(label, text string, offset int) string {
	offset = min(offset, len(text))
	start := strings.LastIndexByte(text[:offset], '\n') + 1
	end := len(text)
	if i := strings.IndexByte(text[offset:], '\n'); i >= 0 {
		end = offset + i
	}
	before, after := text[start:offset], strings.TrimRight(text[offset:end], "\r")
	lead, trail := "", ""
	if r := []rune(before); len(r) > lineWidth*2/3 {
		before, lead = string(r[len(r)-lineWidth/2:]), "…"
	}
	if r := []rune(after); len(r) > lineWidth {
		after, trail = string(r[:lineWidth/2]), "…"
	}
	head := label + lead
	var under strings.Builder
	under.WriteString(strings.Repeat(" ", runewidth.StringWidth(head)))
	for _, part := range strings.SplitAfter(before, "\t") {
		tab := strings.HasSuffix(part, "\t")
		under.WriteString(strings.Repeat(" ", runewidth.StringWidth(shown(strings.TrimSuffix(part, "\t")))))
		if tab {
			under.WriteByte('\t')
		}
	}
	return head + shown(before) + shown(after) + trail + "\n" + under.String() + "^\n"
}

// shown is visible, with tabs left alone.
func shown(s string) string {
	parts := strings.Split(s, "\t")
	for i, p := range parts {
		parts[i] = visible(p)
	}
	return strings.Join(parts, "\t")
}
