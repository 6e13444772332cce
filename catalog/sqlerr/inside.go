package sqlerr

import "errors"

// Inside is a place in a text that the statement uses without showing it: the body of a macro, the query of a view.
type Inside struct {
	Name string // what the text is: "macro f"
	Text string
	Pos  int // byte offset into Text
}

// Sources are the texts of one statement: its own, and those that it uses. Positions in all of them are counted on, one text after the other, so
// that a position tells its text. The zero Sources knows only a statement's own text of any length.
type Sources struct {
	next int
	list []source
}

type source struct {
	base, call int
	name, text string
}

// NewSources begins with the statement's own text.
func NewSources(own string) *Sources { return &Sources{next: len(own) + 1} }

// Add adds a text that is used at position call, and gives what is to be added to positions in it.
func (s *Sources) Add(name, text string, call int) (base int) {
	base = s.next
	s.next += len(text) + 1
	s.list = append(s.list, source{base, call, name, text})
	return base
}

// Resolve gives err its place in the statement's own text, and those inside of the texts that lead there.
func (s *Sources) Resolve(err error) error {
	var e *Error
	if s == nil || len(s.list) == 0 || !errors.As(err, &e) || e.Pos < s.list[0].base {
		return err
	}
	c := *e
	if outer, ok := err.(*Error); !ok || outer != e {
		c.Msg = err.Error()
		c.Cause = nil
	}
	for c.Pos >= s.list[0].base {
		in := s.list[0]
		for _, x := range s.list {
			if x.base <= c.Pos {
				in = x
			}
		}
		c.Inside = append(c.Inside, Inside{in.name, in.text, c.Pos - in.base})
		c.Pos = in.call
	}
	return &c
}
