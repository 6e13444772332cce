package postgres

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
)

// TestNumeric writes numbers of all lengths and scales in Postgres' format and reads them back; what is written is checked by hand for some.
func TestNumeric(t *testing.T) {
	if got, want := appendNumeric(nil, []byte("-1234567"), 2), "\x00\x03\x00\x01\x40\x00\x00\x02\x00\x01\x09\x29\x1a\x2c"; string(got) != want {
		t.Errorf("-12345.67 is %x, want %x", got, want)
	}
	if got, want := appendNumeric(nil, []byte("0"), 3), "\x00\x00\x00\x00\x00\x00\x00\x03"; string(got) != want {
		t.Errorf("0.000 is %x, want %x", got, want)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for range 20000 {
		digits := 1 + rng.IntN(38)
		scale := rng.IntN(digits + 1)
		x := vec.Int128{}
		for range rng.IntN(digits + 1) {
			x, _ = kernel.Mul128(x, kernel.I128(10))
			x, _ = kernel.Add128(x, kernel.I128(int64(rng.IntN(10)*rng.IntN(2))))
		}
		if rng.IntN(2) == 0 {
			x = kernel.Neg128(x)
		}
		p := pgType{oid: oidNumeric, t: types.NewDecimal(digits, scale)}
		b := vec.NewBuilder(p.t)
		if p.t.Phys() == types.PI128 {
			vec.AppendValue(b, x)
		} else {
			vec.AppendValue(b, int64(x.Lo))
		}
		raw, err := p.encoder()(nil, b.Vector(), 0)
		if err != nil {
			t.Fatal(err)
		}
		back := vec.NewBuilder(p.t)
		if err := p.decoder()(back, raw); err != nil {
			t.Fatalf("%s at scale %d: %v", kernel.AppendInt128(nil, x), scale, err)
		}
		if got := kernel.Int128At(back.Vector(), 0); got != x {
			t.Fatalf("%s at scale %d comes back as %s", kernel.AppendInt128(nil, x), scale, kernel.AppendInt128(nil, got))
		}
	}
}

// TestBrokenValues gives decoders what no server should send.
func TestBrokenValues(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	var list []pgType
	for oid := range simpleTypes {
		p := newType(oid, -1, false, 0, false)
		list = append(list, p, newType(1<<20, -1, false, oid, false))
	}
	list = append(list, newType(oidNumeric, (12<<16|3)+4, false, 0, false), newType(oidNumeric, -1, false, 0, false))
	for _, p := range list {
		d := p.decoder()
		for range 300 {
			raw := make([]byte, rng.IntN(40))
			for i := range raw {
				raw[i] = byte(rng.Uint32N(4) * rng.Uint32N(90))
			}
			_ = d(vec.NewBuilder(p.t), raw) // an error or a value, no panic
		}
	}
	for _, raw := range []string{"\x00\x00\x00\x00\xc0\x00\x00\x00", "\x00\x00\x00\x00\xd0\x00\x00\x00"} {
		p := newType(oidNumeric, -1, false, 0, false)
		if p.decoder()(vec.NewBuilder(p.t), []byte(raw)) == nil {
			t.Errorf("%x is taken for a DECIMAL", raw)
		}
	}
	for raw, want := range map[string]int{"\x00\x01\xff\xff\x00\x00\x00\x04\x03\xe8": 1, "\x00\x01\xff\xfe\x00\x00\x00\x08\x00\x01": 8} { // 0.1000, 0.00000001
		p := pgType{oid: oidNumeric, t: types.NewDecimal(10, want-1), open: true}
		var m *misfit
		if err := p.decoder()(vec.NewBuilder(p.t), []byte(raw)); !errors.As(err, &m) {
			t.Errorf("%x is cut to %s: %v", raw, p.t, err)
		}
		p.t = types.NewDecimal(10, want)
		if err := p.decoder()(vec.NewBuilder(p.t), []byte(raw)); err != nil {
			t.Errorf("%x: %v", raw, err)
		}
	}
	if decodeTimestamp(vec.NewBuilder(types.TTimestamp), be8(nil, math.MaxInt64-1)) == nil {
		t.Error("the last microsecond is taken for a TIMESTAMP")
	}
}
