package editor

import (
	"strings"
	"testing"
)

// shown gives the text with | at the cursor.
func shown(b *Buffer) string { return b.text[:b.pos] + "|" + b.text[b.pos:] }

// at makes a buffer of a text with | at the cursor.
func at(s string) *Buffer {
	b := NewBuffer(strings.Replace(s, "|", "", 1))
	b.pos = strings.Index(s, "|")
	return b
}

func TestBuffer(t *testing.T) {
	up := func(b *Buffer) { b.Up() }
	down := func(b *Buffer) { b.Down() }
	for _, c := range []struct {
		from string
		do   []func(*Buffer)
		want string
	}{
		{"ab|c", []func(*Buffer){(*Buffer).Left, (*Buffer).Left, (*Buffer).Left}, "|abc"},
		{"日|本", []func(*Buffer){(*Buffer).Right}, "日本|"},
		{"👨‍👩‍👧|x", []func(*Buffer){(*Buffer).Left}, "|👨‍👩‍👧x"},
		{"e\u0301|", []func(*Buffer){(*Buffer).Backspace}, "|"},
		{"a\n|b", []func(*Buffer){(*Buffer).Left, (*Buffer).Left, (*Buffer).Right, (*Buffer).Right}, "a\n|b"},
		{"select\n  a,\n  lo|ng", []func(*Buffer){up, up}, "sele|ct\n  a,\n  long"},
		{"select\n  a\n  lo|ng", []func(*Buffer){up}, "select\n  a|\n  long"},
		{"select\n  a\n  lo|ng", []func(*Buffer){up, up, down, down}, "select\n  a\n  lo|ng"},
		{"日本語|\nabcdef", []func(*Buffer){down}, "日本語\nabcdef|"},
		{"ab\ncd|ef", []func(*Buffer){(*Buffer).Home}, "ab\n|cdef"},
		{"ab\ncd|ef", []func(*Buffer){(*Buffer).Home, (*Buffer).Home}, "|ab\ncdef"},
		{"a|b\ncdef", []func(*Buffer){(*Buffer).End}, "ab|\ncdef"},
		{"a|b\ncdef", []func(*Buffer){(*Buffer).End, (*Buffer).End}, "ab\ncdef|"},
		{"select col_a|", []func(*Buffer){(*Buffer).WordLeft}, "select |col_a"},
		{"|select col_a", []func(*Buffer){(*Buffer).WordRight, (*Buffer).WordRight}, "select col_a|"},
		{"a b|c\nd", []func(*Buffer){(*Buffer).KillEnd}, "a b|\nd"},
		{"a b|\nd", []func(*Buffer){(*Buffer).KillEnd}, "a b|d"},
		{"a b|c\nd", []func(*Buffer){(*Buffer).KillEnd, (*Buffer).KillEnd, (*Buffer).Yank}, "a bc\n|d"},
		{"one two|", []func(*Buffer){(*Buffer).KillWordLeft, (*Buffer).KillWordLeft, (*Buffer).Yank}, "one two|"},
		{"one two|", []func(*Buffer){(*Buffer).KillWordLeft, (*Buffer).Left, (*Buffer).KillWordLeft, (*Buffer).Yank, (*Buffer).YankPop}, "two| "},
		{"x a.b|", []func(*Buffer){(*Buffer).KillBlank}, "x |"},
		{"ab|", []func(*Buffer){(*Buffer).Transpose}, "ba|"},
		{"a|bc", []func(*Buffer){(*Buffer).Transpose}, "ba|c"},
		{"|from t", []func(*Buffer){func(b *Buffer) { b.Case(strings.ToUpper) }}, "FROM| t"},
		{"ab|", []func(*Buffer){(*Buffer).Backspace, (*Buffer).Undo}, "ab|"},
		{"ab|", []func(*Buffer){(*Buffer).Backspace, (*Buffer).Undo, (*Buffer).Redo}, "a|"},
		{"ab|\ncd", []func(*Buffer){(*Buffer).Delete}, "ab|cd"},
	} {
		b := at(c.from)
		for _, f := range c.do {
			f(b)
		}
		if got := shown(b); got != c.want {
			t.Errorf("%q: got %q, want %q", c.from, got, c.want)
		}
	}
}

func TestUndoTakesWords(t *testing.T) {
	b := NewBuffer("")
	for _, r := range "select 1" {
		b.Insert(string(r))
	}
	b.Undo()
	if b.text != "select " {
		t.Errorf("%q", b.text)
	}
	b.Undo()
	if b.text != "" {
		t.Errorf("%q", b.text)
	}
	b.Undo()
	b.Redo()
	b.Redo()
	if b.text != "select 1" {
		t.Errorf("%q", b.text)
	}
}

func TestClean(t *testing.T) {
	for in, want := range map[string]string{"a\x1b[31mb\tc\r\nd\re": "a[31mb\tc\nd\ne", "a\xffb": "a\ufffdb", "日": "日"} {
		if got := Clean(in); got != want {
			t.Errorf("%q: %q", in, got)
		}
	}
}

func TestKeys(t *testing.T) {
	for in, want := range map[string]string{
		"ab\r": "text:ab enter:", "\x1b[A\x1bOB": "up: down:", "\x1b[1;5C": "ctrl-right:", "\x1bb": "alt-b:", "\x1b": "esc:",
		"\x1b\x7f": "alt-backspace:", "\x1b\r": "alt-enter:", "\x1b[13;2u": "shift-enter:", "\x1b[3~\x1b[5~": "delete: pgup:", "\x1b[Z": "shift-tab:",
		"\x1b[200~a\x1b[A;\r\nb\x1b[201~x": "paste:a\x1b[A;\r\nb text:x", "\x12\x1f": "ctrl-r: ctrl-_:", "é日": "text:é日", "\x1b[99;99X": "unknown:",
	} {
		for _, step := range []int{len(in), 1} { // at once, and byte by byte
			var d decoder
			got := ""
			take := func(last bool) {
				for {
					k, ok := d.next(last)
					if !ok {
						return
					}
					if k.name == "text" && strings.Contains(got, "text:") && !strings.HasSuffix(got, " ") {
						got += k.text
						continue
					}
					got = strings.TrimSpace(got + " " + k.name + ":" + k.text)
				}
			}
			for i := 0; i < len(in); i += step {
				d.feed([]byte(in[i:min(i+step, len(in))]))
				take(false)
			}
			take(true)
			if step == 1 {
				got = strings.ReplaceAll(got, " text:", "")
				got = strings.TrimPrefix(got, "text:")
			}
			w := want
			if step == 1 {
				w = strings.TrimPrefix(strings.ReplaceAll(want, " text:", ""), "text:")
			}
			if got != w {
				t.Errorf("%q by %d: got %q, want %q", in, step, got, w)
			}
		}
	}
}

func TestHistory(t *testing.T) {
	path := t.TempDir() + "/h"
	h := OpenHistory(path)
	for _, s := range []string{"select 1;", "select\n  2;", "select 1;", "", "select 3;\n"} {
		h.Add(s)
	}
	h = OpenHistory(path)
	if got := strings.Join(h.Entries(), "|"); got != "select\n  2;|select 1;|select 3;" {
		t.Errorf("%q", got)
	}
	if h.Find("SELECT", 3) != -1 || h.Find("select", 3) != 2 || h.Find("2", 3) != 0 || h.FindNext("select", 0) != 1 {
		t.Error("find")
	}
	for range 500 {
		h.Add("a")
		h.Add("b")
	}
	if h = OpenHistory(path); len(h.Entries()) != 5 {
		t.Errorf("%q", h.Entries())
	}
}

func TestLayout(t *testing.T) {
	frameOf := func(s string, cols, height int) string {
		b := at(s)
		f := layout(&view{text: b.text, pos: b.pos, prompt: "=> ", more: "-> ", cols: cols, height: height})
		var out []string
		for i, r := range f.rows {
			if i == f.line {
				out = append(out, r.text+"@"+string(rune('0'+f.col)))
			} else {
				out = append(out, r.text)
			}
		}
		return strings.Join(out, "/")
	}
	for _, c := range []struct {
		text         string
		cols, height int
		want         string
	}{
		{"|", 20, 5, "=> @3"},
		{"ab|c\nd", 20, 5, "=> abc@5/-> d"},
		{"abcdefgh|", 9, 5, "=> abcde/   fgh@6"},
		{"abcde|", 9, 5, "=> abcde/   @3"},
		{"日本|語x", 10, 5, "=> 日本語@7/   x"},
		{"日本|語x", 9, 5, "=> 日本/   語x@3"},
		{"1\n2\n3\n4\n5|", 20, 3, "-> 3/-> 4/-> 5@4"},
		{"|1\n2\n3\n4\n5", 20, 3, "=> 1@3/-> 2/-> 3"},
		{"a\t|b", 20, 3, "=> a   b@7"},
	} {
		got := frameOf(c.text, c.cols, c.height)
		if got != c.want {
			t.Errorf("%q in %d×%d: got %q, want %q", c.text, c.cols, c.height, got, c.want)
		}
	}
	long := strings.Repeat("insert into t values (1, 'a text');\n", 5000) + "|"
	if got := frameOf(long, 80, 24); strings.Count(got, "/") != 23 || !strings.HasSuffix(got, "/-> @3") {
		t.Errorf("%q", got)
	}
}
