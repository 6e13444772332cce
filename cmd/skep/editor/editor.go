// Package editor reads statements from a terminal: texts of several lines that are edited as a whole, with a history of whole
// statements, completion, colours and pastes.
//
// An Editor belongs to one goroutine. The terminal is in raw mode only inside Read, and Read restores it on every way out: a return, a
// panic, a stop by Ctrl-Z, a signal to end.
package editor

import (
	"errors"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"
)

// Errors of Read besides io.EOF, which Ctrl-D on an empty text gives.
var (
	ErrCleared     = errors.New("cleared")     // Ctrl-C threw the text away
	ErrInterrupted = errors.New("interrupted") // Ctrl-C with nothing typed
)

// Editor reads from In and draws on Out, both the same terminal.
type Editor struct {
	In, Out *os.File
	Color   bool
	History *History

	// Done tells whether Enter ends the text. nil = always.
	Done func(text string) bool
	// Highlight gives the styles of a text; nil = none.
	Highlight func(text string, pos int) []Span
	// Complete gives what may stand from text[from] up to pos; nil = nothing.
	Complete func(text string, pos int) (from int, list []Candidate)
	// External edits the text elsewhere (Ctrl-X Ctrl-E); nil = no such thing.
	External func(text string) (string, error)

	buf     *Buffer
	scr     screen
	view    view
	dec     decoder
	menu    *menu
	search  *search
	hist    int    // the entry shown; len(entries) = the draft
	draft   string // what was typed before the history was looked at
	prefix  string // a key that waits for another: "ctrl-x"
	kills   []string
	saved   *term.State
	windows *windowWatch
}

// search is a Ctrl-R search under way.
type search struct {
	what   string
	at     int // the entry found
	forth  bool
	failed bool
	before string // the text to go back to
	pos    int
}

// Supported tells whether in and out are a terminal on which the editor works.
func Supported(in, out *os.File) bool {
	t := os.Getenv("TERM")
	return term.IsTerminal(int(in.Fd())) && term.IsTerminal(int(out.Fd())) && t != "dumb" && t != "cons25" && (t != "" || onWindows)
}

// Read reads a text that begins as initial.
func (e *Editor) Read(prompt, more, initial string) (text string, err error) {
	if e.History == nil {
		e.History = OpenHistory("")
	}
	e.buf = NewBuffer(initial)
	e.buf.kills = e.kills
	e.menu, e.search, e.prefix, e.draft, e.hist = nil, nil, "", "", len(e.History.entries)
	e.scr = screen{w: e.Out}
	e.view = view{prompt: prompt, more: more}
	if err := e.enter(); err != nil {
		return "", err
	}
	defer e.exit()
	if e.windows, err = watchWindow(); err != nil {
		return "", err
	}
	defer e.windows.stop()
	e.size()
	e.draw()
	for {
		k, err := e.key()
		if err != nil {
			e.finish()
			return "", err
		}
		if done, err := e.press(k); done || err != nil {
			e.finish()
			e.kills = e.buf.kills
			return e.buf.Text(), err
		}
		if !e.dec.pending() && e.dec.paste == nil { // else the next key comes at once
			e.draw()
		}
		if onWindows {
			e.redraw()
		}
	}
}

// enter takes the terminal.
func (e *Editor) enter() error {
	saved, err := term.MakeRaw(int(e.In.Fd()))
	if err != nil {
		return err
	}
	e.saved = saved
	_, err = io.WriteString(e.Out, "\x1b[?2004h")
	return err
}

// exit gives the terminal back. It may be called twice.
func (e *Editor) exit() {
	if e.saved == nil {
		return
	}
	_, _ = io.WriteString(e.Out, "\x1b[?2004l\x1b[?25h")
	_ = term.Restore(int(e.In.Fd()), e.saved)
	e.saved = nil
}

// finish shows the text a last time, without menu and marks, and leaves its rows.
func (e *Editor) finish() {
	e.menu, e.search = nil, nil
	pos := e.buf.pos
	e.buf.pos = len(e.buf.text)
	e.draw()
	e.buf.pos = pos
	e.scr.leave()
}

func (e *Editor) size() (changed bool) {
	cols, rows, err := term.GetSize(int(e.Out.Fd()))
	if err != nil || cols < 1 || rows < 1 {
		cols, rows = 80, 24
	}
	changed = cols != e.view.cols || rows != e.view.height
	e.view.cols, e.view.height = cols, rows
	return changed
}

func (e *Editor) draw() {
	v := &e.view
	v.text, v.pos, v.spans = e.buf.text, e.buf.pos, nil
	if e.Highlight != nil && e.Color {
		v.spans = e.Highlight(v.text, v.pos)
	}
	v.below = nil
	switch {
	case e.menu != nil:
		v.below = e.menu.lay(v.cols, e.Color)
	case e.search != nil:
		v.below = []row{e.search.row(v.cols, e.Color)}
	}
	e.scr.draw(layout(v))
}

func (e *Editor) bell() { _, _ = io.WriteString(e.Out, "\a") }

// key waits for the next key. A change of the window is drawn meanwhile.
func (e *Editor) key() (key, error) {
	for {
		if k, ok := e.dec.next(false); ok {
			return k, nil
		}
		wait := time.Duration(-1)
		if e.dec.pending() && e.dec.paste == nil {
			wait = 40 * time.Millisecond // what follows an ESC comes at once, if it is a key's sequence
		}
		p, what, err := e.windows.read(e.In, wait)
		switch {
		case err != nil:
			return key{}, err
		case what == timedOut:
			if k, ok := e.dec.next(true); ok {
				return k, nil
			}
		case what == windowChanged:
			e.redraw()
		case what == toStop:
			e.suspend()
		case what == toEnd:
			e.exit()
			os.Exit(143)
		}
		e.dec.feed(p)
	}
}

// redraw draws anew after the window changed.
func (e *Editor) redraw() {
	if e.size() {
		e.scr.resized(e.view.cols)
		e.draw()
	}
}

// suspend stops the process as Ctrl-Z does everywhere, and goes on where it was.
func (e *Editor) suspend() {
	e.scr.leave()
	e.exit()
	stopSelf()
	if e.enter() != nil {
		return
	}
	e.size()
	e.draw()
}

// press does what a key says, and tells whether the text is finished.
func (e *Editor) press(k key) (done bool, err error) {
	if e.search != nil {
		if e.searching(k) {
			return false, nil
		}
	}
	if e.menu != nil {
		switch k.name {
		case "tab", "shift-tab", "down", "up", "right", "left":
			e.menuKey(k)
			return false, nil
		case "enter":
			if e.menu.chosen >= 0 {
				e.menu = nil
				return false, nil
			}
		case "esc", "ctrl-g":
			m := e.menu
			e.buf.Replace(m.from, m.to, m.origin)
			e.menu = nil
			return false, nil
		}
		e.menu = nil
	}
	if e.prefix == "ctrl-x" {
		e.prefix = ""
		switch k.name {
		case "ctrl-e":
			e.external()
		case "ctrl-u":
			e.buf.Undo()
		}
		return false, nil
	}
	switch k.name {
	case "text", "paste":
		text := k.text
		if k.name == "paste" {
			text = strings.TrimRight(strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n"), "\n")
		}
		e.buf.Insert(text)
	case "enter":
		if e.Done == nil || e.Done(e.buf.text) {
			return true, nil
		}
		e.buf.Insert("\n")
	case "ctrl-c":
		if e.buf.text == "" {
			return true, ErrInterrupted
		}
		return true, ErrCleared
	case "ctrl-d":
		if e.buf.text == "" {
			return true, io.EOF
		}
		e.buf.Delete()
	default:
		e.move(k.name)
	}
	return false, nil
}

// menuKey moves in the menu.
func (e *Editor) menuKey(k key) {
	switch k.name {
	case "tab", "right", "down":
		e.complete(1)
	default:
		if e.menu.chosen < 0 {
			e.menu.chosen = 0
		}
		e.complete(-1)
	}
}

// external lets another program edit the text.
func (e *Editor) external() {
	if e.External == nil {
		return
	}
	e.scr.leave()
	e.exit()
	text, err := e.External(e.buf.text)
	if e.enter() != nil {
		return
	}
	if err == nil {
		e.buf.Set(strings.TrimRight(Clean(text), "\n"), len(text))
	}
	e.size()
}
