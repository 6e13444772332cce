package editor

import (
	"strings"
	"unicode"

	"github.com/mattn/go-runewidth"
)

// moves are the keys that only change the buffer.
var moves = map[string]func(*Buffer){
	"left": (*Buffer).Left, "ctrl-b": (*Buffer).Left, "right": (*Buffer).Right, "ctrl-f": (*Buffer).Right,
	"home": (*Buffer).Home, "ctrl-a": (*Buffer).Home, "end": (*Buffer).End, "ctrl-e": (*Buffer).End,
	"ctrl-left": (*Buffer).WordLeft, "alt-left": (*Buffer).WordLeft, "alt-b": (*Buffer).WordLeft,
	"ctrl-right": (*Buffer).WordRight, "alt-right": (*Buffer).WordRight, "alt-f": (*Buffer).WordRight,
	"ctrl-home": (*Buffer).Top, "alt-<": (*Buffer).Top, "ctrl-end": (*Buffer).Bottom, "alt->": (*Buffer).Bottom,
	"backspace": (*Buffer).Backspace, "delete": (*Buffer).Delete,
	"ctrl-k": (*Buffer).KillEnd, "ctrl-u": (*Buffer).KillStart, "ctrl-w": (*Buffer).KillBlank,
	"alt-backspace": (*Buffer).KillWordLeft, "ctrl-backspace": (*Buffer).KillWordLeft,
	"alt-d": (*Buffer).KillWordRight, "ctrl-delete": (*Buffer).KillWordRight, "alt-delete": (*Buffer).KillWordRight,
	"ctrl-y": (*Buffer).Yank, "alt-y": (*Buffer).YankPop, "ctrl-t": (*Buffer).Transpose,
	"ctrl-_": (*Buffer).Undo, "alt-_": (*Buffer).Redo, "alt-/": (*Buffer).Redo,
	"alt-u": func(b *Buffer) { b.Case(strings.ToUpper) },
	"alt-l": func(b *Buffer) { b.Case(strings.ToLower) },
	"alt-c": func(b *Buffer) {
		b.Case(func(s string) string {
			first := true
			return strings.Map(func(r rune) rune {
				if !isWord(r) || !first {
					return unicode.ToLower(r)
				}
				first = false
				return unicode.ToUpper(r)
			}, s)
		})
	},
	"alt-enter": func(b *Buffer) { b.Insert("\n") }, "shift-enter": func(b *Buffer) { b.Insert("\n") },
	"ctrl-enter": func(b *Buffer) { b.Insert("\n") }, "ctrl-o": func(b *Buffer) { b.Insert("\n") },
}

// move does what a key without text says.
func (e *Editor) move(name string) {
	if f := moves[name]; f != nil {
		f(e.buf)
		return
	}
	switch name {
	case "tab":
		e.complete(1)
	case "up", "ctrl-p":
		if !e.buf.Up() {
			e.recall(-1)
		}
	case "down", "ctrl-n":
		if !e.buf.Down() {
			e.recall(1)
		}
	case "pgup", "alt-up", "ctrl-up":
		e.recall(-1)
	case "pgdn", "alt-down", "ctrl-down":
		e.recall(1)
	case "ctrl-r":
		e.startSearch(false)
	case "ctrl-s":
		e.startSearch(true)
	case "ctrl-l":
		_, _ = e.Out.WriteString("\x1b[H\x1b[2J")
		e.scr.old, e.scr.size = frame{}, 0
	case "ctrl-x":
		e.prefix = name
	case "ctrl-z":
		e.suspend()
	}
}

// recall shows the statement before (-1) or after (1) in the history.
func (e *Editor) recall(step int) {
	list := e.History.entries
	to := e.hist + step
	if to < 0 || to > len(list) {
		e.bell()
		return
	}
	if e.hist == len(list) {
		e.draft = e.buf.text
	}
	text := e.draft
	if to < len(list) {
		text = list[to]
	}
	e.hist = to
	pos := len(text)
	if i := strings.IndexByte(text, '\n'); i >= 0 && step < 0 {
		pos = i // on the first line, so that Up again goes on
	}
	e.buf.Set(text, pos)
	e.view.top = 0
}

func (e *Editor) startSearch(forth bool) {
	e.search = &search{at: e.hist, forth: forth, before: e.buf.text, pos: e.buf.pos}
}

// searching takes a key of the search, and tells whether it was one. Others end the search and do what they do.
func (e *Editor) searching(k key) bool {
	s := e.search
	switch k.name {
	case "text", "paste":
		s.what += Clean(k.text)
		s.forth = false
		e.find(s.at + 1)
	case "backspace":
		if r := []rune(s.what); len(r) > 0 {
			s.what = string(r[:len(r)-1])
			e.find(len(e.History.entries))
		}
	case "ctrl-r":
		s.forth = false
		e.find(s.at)
	case "ctrl-s":
		s.forth = true
		e.find(s.at)
	case "ctrl-g", "ctrl-c":
		e.buf.Set(s.before, s.pos)
		e.search = nil
	case "esc":
		e.search = nil
	default:
		e.search = nil
		return false
	}
	return true
}

// find looks for what is searched from an entry on, and shows what it finds.
func (e *Editor) find(from int) {
	s := e.search
	if s.what == "" {
		s.failed = false
		return
	}
	i := -1
	if s.forth {
		i = e.History.FindNext(s.what, from)
	} else {
		i = e.History.Find(s.what, from)
	}
	if s.failed = i < 0; s.failed {
		return
	}
	s.at, e.hist = i, i
	text := e.History.entries[i]
	e.buf.Set(text, max(matchAt(text, s.what, s.what == strings.ToLower(s.what)), 0))
	e.view.top = 0
}

func (s *search) row(cols int, color bool) row {
	label := "history"
	if s.forth {
		label = "history, forth"
	}
	if s.failed {
		label = "not in the history"
	}
	text := runewidth.Truncate(label+": "+s.what+"▏  Ctrl-R older, Ctrl-S newer, Enter runs, arrows edit, Ctrl-G goes back", max(cols-1, 1), "…")
	return row{dim(text, color), runewidth.StringWidth(text)}
}
