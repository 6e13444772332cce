package sqlerr

import "testing"

func TestSources(t *testing.T) {
	s := NewSources("SELECT f(1)")
	f := s.Add("macro f", "g(x)", 7)
	g := s.Add("macro g", "x + y", f+0)
	got := s.Resolve(At(NotFound, g+4, "column y does not exist")).(*Error)
	if got.Pos != 7 || len(got.Inside) != 2 || got.Inside[0] != (Inside{"macro g", "x + y", 4}) || got.Inside[1] != (Inside{"macro f", "g(x)", 0}) {
		t.Errorf("%+v", got)
	}
	for _, pos := range []int{NoPos, 3, 11} {
		own := At(Bind, pos, "x")
		if s.Resolve(own) != own {
			t.Errorf("an error at %d is changed", pos)
		}
	}
}
