package editor

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/graphemes"
	"github.com/mattn/go-runewidth"
)

// Buffer is the text being edited and what can be done to it. It knows nothing of a terminal. The cursor is a byte offset that always
// stands between two characters as people count them (grapheme clusters); lines are what newlines make of the text.
type Buffer struct {
	text string
	pos  int
	goal int // the column that moves up and down aim at; -1 = the cursor's own

	kills   []string // the last one is what Yank gives
	yanked  int      // index into kills of what was yanked last
	yankEnd int      // where it ends; 0 = the last change was no yank
	undo    []state
	redo    []state
	last    change
}

// state is what undo goes back to.
type state struct {
	text string
	pos  int
}

// change is the kind of the last change: typing of one word is undone at once, and kills in a row make one.
type change uint8

const (
	changeOther change = iota
	changeType
	changeKill
)

const (
	maxUndo  = 500
	maxKills = 30
)

// NewBuffer makes a buffer of text with the cursor at the end.
func NewBuffer(text string) *Buffer { return &Buffer{text: text, pos: len(text), goal: -1} }

// Text gives the text.
func (b *Buffer) Text() string { return b.text }

// Pos gives the cursor.
func (b *Buffer) Pos() int { return b.pos }

// edit keeps the state for undo before a change of a kind.
func (b *Buffer) edit(kind change) {
	if kind != changeType || b.last != changeType || len(b.undo) == 0 {
		b.undo = append(b.undo, state{b.text, b.pos})
		if len(b.undo) > maxUndo {
			b.undo = b.undo[len(b.undo)-maxUndo:]
		}
	}
	b.last, b.redo, b.goal, b.yankEnd = kind, nil, -1, 0
}

func (b *Buffer) replace(from, to int, with string) {
	b.text = b.text[:from] + with + b.text[to:]
	b.pos = from + len(with)
}

// moved ends a run of typing.
func (b *Buffer) moved() { b.goal, b.last, b.yankEnd = -1, changeOther, 0 }

// Set puts another text in the place of the whole, with the cursor at pos.
func (b *Buffer) Set(text string, pos int) {
	if text == b.text {
		b.pos = min(pos, len(text))
		b.moved()
		return
	}
	b.edit(changeOther)
	b.text, b.pos = text, min(pos, len(text))
}

// Insert puts clean text at the cursor.
func (b *Buffer) Insert(s string) {
	s = Clean(s)
	if s == "" {
		return
	}
	kind := changeType
	if utf8.RuneCountInString(s) > 1 {
		kind = changeOther
	}
	b.edit(kind)
	b.replace(b.pos, b.pos, s)
	if kind == changeType && (s == " " || s == "\n") { // the next word is undone by itself
		b.last = changeOther
	}
}

// Replace puts s in the place of the bytes from … to.
func (b *Buffer) Replace(from, to int, s string) {
	b.edit(changeOther)
	b.replace(from, to, s)
}

// Clean takes out of s what has no place in a statement: control characters but newlines and tabs, and bytes that are no UTF-8.
func Clean(s string) string {
	if !strings.ContainsFunc(s, func(r rune) bool { return r != '\n' && r != '\t' && unicode.IsControl(r) }) && utf8.ValidString(s) {
		return s
	}
	s = strings.ReplaceAll(s, "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\r':
			return '\n'
		case r != '\n' && r != '\t' && unicode.IsControl(r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
}

// lineStart gives the beginning of the line at offset at.
func (b *Buffer) lineStart(at int) int { return strings.LastIndexByte(b.text[:at], '\n') + 1 }

// lineEnd gives the end of the line at offset at, before its newline.
func (b *Buffer) lineEnd(at int) int {
	if i := strings.IndexByte(b.text[at:], '\n'); i >= 0 {
		return at + i
	}
	return len(b.text)
}

// before gives the start of the character before at.
func (b *Buffer) before(at int) int {
	if at == 0 {
		return 0
	}
	if c := b.text[at-1]; c < utf8.RuneSelf {
		return at - 1
	}
	start, last := b.lineStart(at), at
	for g := graphemes.FromString(b.text[start:at]); g.Next(); {
		last = start + g.Start()
	}
	return last
}

// after gives the end of the character at at.
func (b *Buffer) after(at int) int {
	if at >= len(b.text) {
		return len(b.text)
	}
	g := graphemes.FromString(b.text[at:b.lineEnd(at)])
	if !g.Next() {
		return at + 1 // a newline
	}
	return at + g.End()
}

// Left moves one character back.
func (b *Buffer) Left() { b.pos = b.before(b.pos); b.moved() }

// Right moves one character on.
func (b *Buffer) Right() { b.pos = b.after(b.pos); b.moved() }

// Home moves to the beginning of the line, or, being there, of the text.
func (b *Buffer) Home() {
	if start := b.lineStart(b.pos); start != b.pos {
		b.pos = start
	} else {
		b.pos = 0
	}
	b.moved()
}

// End moves to the end of the line, or, being there, of the text.
func (b *Buffer) End() {
	if end := b.lineEnd(b.pos); end != b.pos {
		b.pos = end
	} else {
		b.pos = len(b.text)
	}
	b.moved()
}

// Top moves to the beginning of the text.
func (b *Buffer) Top() { b.pos = 0; b.moved() }

// Bottom moves to the end of the text.
func (b *Buffer) Bottom() { b.pos = len(b.text); b.moved() }

func isWord(r rune) bool {
	return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)
}

// wordBefore gives the beginning of the word before at.
func (b *Buffer) wordBefore(at int) int {
	i := strings.LastIndexFunc(b.text[:at], isWord)
	if i < 0 {
		return 0
	}
	i = strings.LastIndexFunc(b.text[:i], func(r rune) bool { return !isWord(r) })
	if i < 0 {
		return 0
	}
	_, n := utf8.DecodeRuneInString(b.text[i:])
	return i + n
}

// wordAfter gives the end of the word after at.
func (b *Buffer) wordAfter(at int) int {
	i := strings.IndexFunc(b.text[at:], isWord)
	if i < 0 {
		return len(b.text)
	}
	at += i
	if i = strings.IndexFunc(b.text[at:], func(r rune) bool { return !isWord(r) }); i < 0 {
		return len(b.text)
	}
	return at + i
}

// WordLeft moves to the beginning of the word before.
func (b *Buffer) WordLeft() { b.pos = b.wordBefore(b.pos); b.moved() }

// WordRight moves to the end of the word after.
func (b *Buffer) WordRight() { b.pos = b.wordAfter(b.pos); b.moved() }

// Up moves to the line above and tells whether there is one.
func (b *Buffer) Up() bool {
	start := b.lineStart(b.pos)
	if start == 0 {
		return false
	}
	b.toLine(b.lineStart(start - 1))
	return true
}

// Down moves to the line below and tells whether there is one.
func (b *Buffer) Down() bool {
	end := b.lineEnd(b.pos)
	if end == len(b.text) {
		return false
	}
	b.toLine(end + 1)
	return true
}

// toLine moves to the goal column of the line that begins at start.
func (b *Buffer) toLine(start int) {
	goal := b.goal
	if goal < 0 {
		goal = width(b.text[b.lineStart(b.pos):b.pos], 0)
	}
	at, col, line := start, 0, b.text[start:b.lineEnd(start)]
	for g := graphemes.FromString(line); g.Next(); {
		w := width(g.Value(), col)
		if col+w > goal {
			break
		}
		col += w
		at = start + g.End()
	}
	b.pos = at
	b.moved()
	b.goal = goal
}

// tabStop is the distance of the columns that tabs go to.
const tabStop = 4

// width is the number of terminal columns of s, which has no newline, from a column on.
func width(s string, col int) int {
	if strings.IndexByte(s, '\t') < 0 {
		return runewidth.StringWidth(s)
	}
	n := 0
	for i, part := range strings.Split(s, "\t") {
		if i > 0 {
			n += tabStop - (col+n)%tabStop
		}
		n += runewidth.StringWidth(part)
	}
	return n
}

// Backspace deletes the character before the cursor.
func (b *Buffer) Backspace() { b.cut(b.before(b.pos), b.pos, false) }

// Delete deletes the character under the cursor.
func (b *Buffer) Delete() { b.cut(b.pos, b.after(b.pos), false) }

// cut takes away the bytes from … to, and keeps them for Yank if kill says so.
func (b *Buffer) cut(from, to int, kill bool) {
	if from >= to {
		return
	}
	gone, again := b.text[from:to], b.last == changeKill
	kind := changeOther
	if kill {
		kind = changeKill
	}
	back := to == b.pos
	b.edit(kind)
	b.replace(from, to, "")
	if !kill {
		return
	}
	switch n := len(b.kills); {
	case again && n > 0 && back:
		b.kills[n-1] = gone + b.kills[n-1]
	case again && n > 0:
		b.kills[n-1] += gone
	default:
		if b.kills = append(b.kills, gone); len(b.kills) > maxKills {
			b.kills = b.kills[1:]
		}
	}
}

// KillEnd kills up to the end of the line, or the newline there.
func (b *Buffer) KillEnd() {
	end := b.lineEnd(b.pos)
	if end == b.pos && end < len(b.text) {
		end++
	}
	b.cut(b.pos, end, true)
}

// KillStart kills back to the beginning of the line, or the newline before it.
func (b *Buffer) KillStart() {
	start := b.lineStart(b.pos)
	if start == b.pos && start > 0 {
		start--
	}
	b.cut(start, b.pos, true)
}

// KillWordLeft kills the word before the cursor.
func (b *Buffer) KillWordLeft() { b.cut(b.wordBefore(b.pos), b.pos, true) }

// KillWordRight kills the word after the cursor.
func (b *Buffer) KillWordRight() { b.cut(b.pos, b.wordAfter(b.pos), true) }

// KillBlank kills back to the blank before the word.
func (b *Buffer) KillBlank() {
	t := strings.TrimRightFunc(b.text[:b.pos], unicode.IsSpace)
	i := strings.LastIndexFunc(t, unicode.IsSpace)
	if i >= 0 {
		_, n := utf8.DecodeRuneInString(t[i:])
		i += n
	}
	b.cut(max(i, 0), b.pos, true)
}

// Yank puts back what was killed last.
func (b *Buffer) Yank() {
	if len(b.kills) == 0 {
		return
	}
	b.yank(len(b.kills)-1, b.pos)
}

// YankPop replaces what was just yanked by the kill before it.
func (b *Buffer) YankPop() {
	if b.yankEnd == 0 || b.yankEnd != b.pos {
		return
	}
	from := b.pos - len(b.kills[b.yanked])
	b.yank((b.yanked+len(b.kills)-1)%len(b.kills), from)
}

func (b *Buffer) yank(which, from int) {
	b.edit(changeOther)
	b.replace(from, b.pos, b.kills[which])
	b.yanked, b.yankEnd = which, b.pos
}

// Transpose swaps the characters around the cursor.
func (b *Buffer) Transpose() {
	mid := b.pos
	if mid == b.lineEnd(mid) {
		mid = b.before(mid)
	}
	from, to := b.before(mid), b.after(mid)
	if mid == b.lineStart(mid) || from == mid || to == mid {
		return
	}
	b.edit(changeOther)
	b.replace(from, to, b.text[mid:to]+b.text[from:mid])
}

// Case changes the word after the cursor with f.
func (b *Buffer) Case(f func(string) string) {
	end := b.wordAfter(b.pos)
	if end == b.pos {
		return
	}
	word := b.text[b.pos:end]
	b.edit(changeOther)
	b.replace(b.pos, end, f(word))
}

// Undo takes back the last change.
func (b *Buffer) Undo() { b.undo, b.redo = b.swap(b.undo, b.redo) }

// Redo does again what Undo took back.
func (b *Buffer) Redo() { b.redo, b.undo = b.swap(b.redo, b.undo) }

func (b *Buffer) swap(from, to []state) (newFrom, newTo []state) {
	if len(from) == 0 {
		return from, to
	}
	s := from[len(from)-1]
	to = append(to, state{b.text, b.pos})
	b.text, b.pos = s.text, s.pos
	b.moved()
	return from[:len(from)-1], to
}
