package storage

import (
	"errors"
	"strconv"
	"strings"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
)

// Bool reads a switch: true, false, 1, 0, on, off; without a value it is on.
func (o Option) Bool(name string) (bool, error) {
	switch strings.ToLower(o.Text) {
	case "true", "1", "on", "":
		return true, nil
	case "false", "0", "off":
		return false, nil
	}
	return false, sqlerr.At(sqlerr.Bind, o.Pos, "option %s is true or false, not %s", name, o.Text)
}

// Int reads a whole number within bounds.
func (o Option) Int(name string, lo, hi int64) (int64, error) {
	n, err := strconv.ParseInt(strings.ReplaceAll(o.Text, "_", ""), 10, 64)
	if err != nil || n < lo || n > hi {
		return 0, sqlerr.At(sqlerr.Bind, o.Pos, "option %s is a whole number from %d to %d, not %s", name, lo, hi, o.Text)
	}
	return n, nil
}

// Fields reads names with types: {'a': 'INTEGER', 'b': 'VARCHAR'}.
func (o Option) Fields() ([]types.Field, error) {
	if len(o.List) == 0 || len(o.Keys) != len(o.List) {
		return nil, sqlerr.At(sqlerr.Bind, o.Pos, "columns names each column and its type: columns => {'a': 'INTEGER', 'b': 'VARCHAR'}")
	}
	var out []types.Field
	for i, x := range o.List {
		t, err := x.Type()
		if err != nil {
			return nil, err
		}
		out = append(out, types.Field{Name: o.Keys[i], Type: t})
	}
	return out, nil
}

// Type reads the name of a type, as types.Parse does.
func (o Option) Type() (types.Type, error) {
	t, err := types.Parse(o.Text)
	if err == nil {
		return t, nil
	}
	e := sqlerr.At(sqlerr.Bind, o.Pos, "%s", err)
	if u := (*types.UnknownError)(nil); errors.As(err, &u) {
		e.Class = sqlerr.NotFound
		return t, e.WithHint("%s", sqlerr.DidYouMean(u.Name, types.Names()))
	}
	return t, e
}
