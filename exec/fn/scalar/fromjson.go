package scalar

import (
	"errors"
	"strings"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/jsonval"
	"github.com/skep-sql/skep/exec/vec"
)

var (
	fromJSON = jsonInto("from_json", []string{"json_transform"}, false, "A JSON text as a value of a type; what does not fit is NULL. The type is written as in DDL, or as JSON.",
		`from_json('{"a": 1, "b": ["x", null]}', 'a INT, b ARRAY<STRING>')`, "{'a': 1, 'b': [x, NULL]}", `from_json('[1, "x", 3]', 'INTEGER[]')`, "[1, NULL, 3]",
		`json_transform('{"a": "2024-01-01"}', '{"a": "DATE"}')`, "{'a': 2024-01-01}", `from_json('{"k": 1.5}', 'MAP(VARCHAR, DOUBLE)')`, "{k=1.5}", "from_json('{', 'a INT')", "NULL")
	fromJSONStrict = jsonInto("from_json_strict", []string{"json_transform_strict"}, true, "from_json, but what does not fit is an error.", `from_json_strict('{"a": 1}', 'a INT')`, "{'a': 1}")
)

// jsonInto makes a function of a JSON text and a type.
func jsonInto(name string, aliases []string, strict bool, doc string, examples ...string) *fn.Function {
	return &fn.Function{
		Name: name, Aliases: aliases, Category: "json", Doc: doc, Signatures: []string{name + "(json, type)"}, Examples: tex(examples...),
		Bind: func(args []fn.Arg) (*fn.Overload, error) {
			if len(args) != 2 || !args[0].Type.IsString() && args[0].Type.Kind != types.JSON && args[0].Type.Kind != types.Null {
				return nil, nil
			}
			text, ok := constText(args, 1)
			if !ok {
				return nil, sqlerr.New(sqlerr.Bind, "the type that %s makes is a constant text", name).WithHint("%s(text, 'a INT, b VARCHAR[]')", name)
			}
			t, err := jsonTarget(text)
			if err != nil {
				e := sqlerr.New(sqlerr.Bind, "%s: '%s' is no type: %s", name, text, err)
				if u := (*types.UnknownError)(nil); errors.As(err, &u) {
					return nil, e.WithHint("%s", sqlerr.DidYouMean(u.Name, types.Names()))
				}
				return nil, e.WithHint("'a INT, b VARCHAR[]', 'STRUCT(a INT)', 'INTEGER[]', 'MAP(VARCHAR, DATE)' or '{\"a\": \"INT\"}'")
			}
			o := nullAware(sig(t, jsonIntoEval(name, t, strict), args[0].Type, types.TVarchar))
			o.CanFail = strict
			return o, nil
		},
	}
}

func jsonIntoEval(name string, t types.Type, strict bool) fn.Eval {
	return func(c *fn.Ctx, args []*vec.Vector, sel []int32, n int, out *vec.Vector) error {
		rows := vec.NewBuilder(t)
		r := &jsonval.Reader{Scanner: &jsonval.Scanner{}, Loc: c.Location}
		b := jsonval.NewBuilder(r, rows, t)
		var buf []byte
		for _, i := range sel {
			for rows.Len() < int(i) {
				rows.AppendNull()
			}
			if args[0].IsNull(int(i)) {
				rows.AppendNull()
				continue
			}
			text := args[0].Bytes(int(i))
			buf = append(append(buf[:0], text...), make([]byte, jsonval.Slack)...)
			*r.Scanner = jsonval.Scanner{Buf: buf, N: len(text)}
			sp, ok := r.Scanner.Whole()
			why := r.Scanner.Why
			if ok {
				why = b.Add(sp)
			} else {
				rows.AppendNull()
			}
			if strict && why != "" {
				return dataErr("%s: %s", name, why)
			}
		}
		for rows.Len() < n {
			rows.AppendNull()
		}
		vec.Gather(out, rows.Vector(), vec.Identity(n))
		return nil
	}
}

// jsonTarget reads a type: as DDL has it, the fields of a STRUCT alone, or JSON whose strings are types.
func jsonTarget(text string) (types.Type, error) {
	if s := strings.TrimSpace(text); s != "" && strings.ContainsRune(`{["`, rune(s[0])) {
		sc := &jsonval.Scanner{Buf: append([]byte(s), make([]byte, jsonval.Slack)...), N: len(s)}
		if _, ok := sc.Whole(); !ok {
			return types.Type{}, errors.New(sc.Why)
		}
		return jsonStructure(sc, sc.Space(0), 0)
	}
	t, err := types.Parse(text)
	if err != nil {
		if s, e := types.Parse("STRUCT(" + text + ")"); e == nil {
			return s, nil
		} else if strings.ContainsAny(strings.TrimSpace(text), " :") {
			return s, e
		}
	}
	return t, err
}

// jsonStructure reads the type that the JSON value at i says: a name, {"key": type, …} or [type].
func jsonStructure(sc *jsonval.Scanner, i, depth int) (types.Type, error) {
	if depth > 64 {
		return types.Type{}, errors.New("it is nested too deep")
	}
	var fields []types.Field
	end, sp := sc.Value(i, 0)
	switch sc.Buf[i] {
	case '"':
		b, _, _ := jsonval.Content(sc.Buf, sp, nil)
		return types.Parse(string(b))
	case '[':
		if i = sc.Space(i + 1); sc.Buf[i] == ']' {
			return types.Type{}, errors.New("a list needs a type: [\"INTEGER\"]")
		}
		t, err := jsonStructure(sc, i, depth+1)
		return types.NewArray(t), err
	case '{':
		for i = sc.Space(i + 1); i < end-1; {
			var key jsonval.Span
			i, key = sc.Text(i)
			b, _, _ := jsonval.Content(sc.Buf, key, nil)
			i = sc.Colon(i)
			t, err := jsonStructure(sc, i, depth+1)
			if err != nil {
				return t, err
			}
			fields = append(fields, types.Field{Name: string(b), Type: t})
			if i, _ = sc.Value(i, 0); sc.Buf[sc.Space(i)] == ',' {
				i = sc.Space(i) + 1
			}
			i = sc.Space(i)
		}
	}
	if fields == nil {
		return types.Type{}, errors.New("{\"key\": \"type\"} is expected")
	}
	return types.NewStruct(fields...), nil
}
