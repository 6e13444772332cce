package editor

import (
	"strings"
	"unicode/utf8"
)

// key is one press: a name such as "left", "ctrl-a", "alt-b", or "text" and "paste" with what was typed or pasted.
type key struct {
	name string
	text string
}

// decoder makes keys of what a terminal sends.
type decoder struct {
	buf   []byte
	paste *strings.Builder // of a paste under way
}

const (
	pasteStart = "\x1b[200~"
	pasteEnd   = "\x1b[201~"
)

// feed adds bytes.
func (d *decoder) feed(p []byte) { d.buf = append(d.buf, p...) }

// pending tells whether bytes wait for more.
func (d *decoder) pending() bool { return len(d.buf) > 0 }

// next gives the next key. ok is false when more bytes are needed; last says that none will come soon, so that an ESC is the key.
func (d *decoder) next(last bool) (k key, ok bool) {
	if d.paste != nil {
		return d.pasted()
	}
	if len(d.buf) == 0 {
		return key{}, false
	}
	switch c := d.buf[0]; {
	case c == 0x1b:
		return d.escape(last)
	case c < 0x20 || c == 0x7f:
		d.buf = d.buf[1:]
		return control(c), true
	}
	n := 0
	for n < len(d.buf) && d.buf[n] >= 0x20 && d.buf[n] != 0x7f {
		if !utf8.FullRune(d.buf[n:]) && !last {
			break
		}
		_, size := utf8.DecodeRune(d.buf[n:])
		n += size
	}
	if n == 0 {
		return key{}, false
	}
	k = key{"text", string(d.buf[:n])}
	d.buf = d.buf[n:]
	return k, true
}

func control(c byte) key {
	switch c {
	case '\r', '\n':
		return key{name: "enter"}
	case '\t':
		return key{name: "tab"}
	case 0x7f, 0x08:
		return key{name: "backspace"}
	case 0:
		return key{name: "ctrl-space"}
	case 0x1f:
		return key{name: "ctrl-_"}
	}
	if c < 27 {
		return key{name: "ctrl-" + string(rune('a'+c-1))}
	}
	return key{name: "ctrl-" + string(rune('@'+c))}
}

// pasted takes the text up to the end of the paste.
func (d *decoder) pasted() (key, bool) {
	i := strings.Index(string(d.buf), pasteEnd)
	if i < 0 {
		keep := min(len(d.buf), len(pasteEnd)-1) // the end may have come in part
		d.paste.Write(d.buf[:len(d.buf)-keep])
		d.buf = append(d.buf[:0], d.buf[len(d.buf)-keep:]...)
		return key{}, false
	}
	d.paste.Write(d.buf[:i])
	d.buf = d.buf[i+len(pasteEnd):]
	k := key{"paste", d.paste.String()}
	d.paste = nil
	return k, true
}

// escape reads a sequence that begins with ESC.
func (d *decoder) escape(last bool) (key, bool) {
	b := d.buf
	if len(b) == 1 {
		if last {
			d.buf = b[1:]
			return key{name: "esc"}, true
		}
		return key{}, false
	}
	if b[1] != '[' && b[1] != 'O' {
		if !utf8.FullRune(b[1:]) && !last {
			return key{}, false
		}
		r, n := utf8.DecodeRune(b[1:])
		d.buf = b[1+n:]
		if r < 0x20 || r == 0x7f {
			return key{name: "alt-" + control(byte(r)).name}, true
		}
		return key{name: "alt-" + string(r)}, true
	}
	end := 2
	for end < len(b) && (b[end] < 0x40 || b[end] > 0x7e) && end < 32 {
		end++
	}
	if end >= len(b) {
		if !last {
			return key{}, false
		}
		d.buf = nil
		return key{name: "unknown"}, true
	}
	seq := string(b[:end+1])
	d.buf = b[end+1:]
	if seq == pasteStart {
		d.paste = &strings.Builder{}
		return d.pasted()
	}
	return key{name: named(seq[2:end], seq[end])}, true
}

// named gives the name of a control sequence with its parameters.
func named(params string, final byte) string {
	first, mods, _ := strings.Cut(params, ";")
	name := map[byte]string{'A': "up", 'B': "down", 'C': "right", 'D': "left", 'F': "end", 'H': "home", 'M': "enter", 'Z': "shift-tab"}[final]
	switch final {
	case '~':
		name = map[string]string{"1": "home", "3": "delete", "4": "end", "5": "pgup", "6": "pgdn", "7": "home", "8": "end"}[first]
		if first == "27" { // xterm: 27;modifier;code
			m, code, _ := strings.Cut(mods, ";")
			first, mods = code, m
			name = byCode(first)
		}
	case 'u':
		name = byCode(first)
	}
	if name == "" {
		return "unknown"
	}
	bits := 0
	for _, c := range mods {
		if c < '0' || c > '9' || bits > 100 {
			break
		}
		bits = bits*10 + int(c-'0')
	}
	if bits > 0 {
		bits--
	}
	if bits&1 != 0 && name != "shift-tab" {
		name = "shift-" + name
	}
	if bits&2 != 0 {
		name = "alt-" + name
	}
	if bits&4 != 0 {
		name = "ctrl-" + name
	}
	return name
}

// byCode names the keys that terminals send by number.
func byCode(code string) string {
	return map[string]string{"9": "tab", "13": "enter", "27": "esc", "32": "space", "127": "backspace"}[code]
}
