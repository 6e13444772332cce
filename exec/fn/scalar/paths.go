package scalar

import (
	"bytes"
	"strings"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/vec"
)

// separators gives the bytes that part a path: both, or the one that the argument names.
func separators(opt []byte) string {
	switch string(opt) {
	case "backslash":
		return `\`
	case "forward_slash":
		return "/"
	}
	return `/\`
}

// pathFn makes a function of a path and, after it, how its parts are separated: system, both_slash, forward_slash or backslash.
func pathFn(name, doc string, f func(dst, path []byte, seps string) []byte, examples ...string) *fn.Function {
	eval := rowFn(func(r *row, dst []byte) ([]byte, bool, error) {
		var opt []byte
		if r.has(1) {
			opt = r.str(1)
		}
		return f(dst, r.str(0), separators(opt)), true, nil
	})
	return &fn.Function{
		Name: name, Category: "string", Doc: doc, Examples: tex(examples...),
		Overloads: []*fn.Overload{sig(types.TVarchar, eval, types.TVarchar), sig(types.TVarchar, eval, types.TVarchar, types.TVarchar)},
	}
}

var (
	parseDirname = pathFn("parse_dirname", "The first folder of a path.", func(dst, p []byte, seps string) []byte {
		if k := bytes.IndexAny(p, seps); k > 0 {
			return append(dst, p[:k]...)
		} else if k == 0 {
			return append(dst, p[0])
		}
		return dst
	}, "parse_dirname('a/b/c.csv')", "a")
	parseDirpath = pathFn("parse_dirpath", "The folder of a path: all before its last separator.", func(dst, p []byte, seps string) []byte {
		if k := bytes.LastIndexAny(p, seps); k > 0 {
			return append(dst, p[:k]...)
		} else if k == 0 {
			return append(dst, p[0])
		}
		return dst
	}, "parse_dirpath('a/b/c.csv')", "a/b")
)

var parseFilename = &fn.Function{
	Name: "parse_filename", Category: "string", Doc: "The last part of a path; with TRUE without its ending.",
	Examples:  tex("parse_filename('a/b/c.csv')", "c.csv", "parse_filename('a/b/c.csv', true)", "c"),
	Overloads: filenameOverloads(),
}

func filenameOverloads() []*fn.Overload {
	eval := func(trim bool) fn.Eval {
		return rowFn(func(r *row, dst []byte) ([]byte, bool, error) {
			seps, short := separators(nil), trim && vec.ValueAt[uint8](r.args[1], r.i) != 0
			if n := len(r.args) - 1; n > 0 && !(trim && n == 1) {
				seps = separators(r.str(n))
			}
			p := r.str(0)
			p = p[bytes.LastIndexAny(p, seps)+1:]
			if k := bytes.LastIndexByte(p, '.'); short && k > 0 {
				p = p[:k]
			}
			return append(dst, p...), true, nil
		})
	}
	return []*fn.Overload{
		sig(types.TVarchar, eval(false), types.TVarchar),
		sig(types.TVarchar, eval(true), types.TVarchar, types.TBoolean),
		sig(types.TVarchar, eval(false), types.TVarchar, types.TVarchar),
		sig(types.TVarchar, eval(true), types.TVarchar, types.TBoolean, types.TVarchar),
	}
}

var parsePath = &fn.Function{
	Name: "parse_path", Category: "string", Doc: "The parts of a path; a separator at its beginning is a part.", Examples: tex("parse_path('/a/b.csv')", "[/, a, b.csv]"),
	Overloads: []*fn.Overload{sig(types.NewArray(types.TVarchar), pathParts, types.TVarchar), sig(types.NewArray(types.TVarchar), pathParts, types.TVarchar, types.TVarchar)},
}

func pathParts(_ *fn.Ctx, args []*vec.Vector, sel []int32, n int, out *vec.Vector) error {
	w := newListWriter(out, n)
	for _, i := range sel {
		seps := separators(nil)
		if len(args) > 1 {
			seps = separators(args[1].Bytes(int(i)))
		}
		p := args[0].Bytes(int(i))
		w.begin(i)
		if len(p) > 0 && bytes.IndexByte([]byte(seps), p[0]) >= 0 {
			w.b.AppendBytes(p[:1])
		}
		for len(p) > 0 {
			k := bytes.IndexAny(p, seps)
			if k < 0 {
				k = len(p)
			}
			if k > 0 {
				w.b.AppendBytes(p[:k])
			}
			p = p[min(k+1, len(p)):]
		}
		w.end()
	}
	w.done()
	return nil
}

var pathJoin = &fn.Function{
	Name: "path_join", Category: "string", Doc: "The paths one after the other, without what . and .. and doubled slashes do. All but the first must be relative.",
	Examples:  tex("path_join('dir//sub/', '../other', 'file.txt')", "dir/other/file.txt", "path_join('s3://bucket', 'a/b')", "s3://bucket/a/b", "path_join('a', '../..')", ".."),
	Overloads: []*fn.Overload{{Args: []types.Type{types.TVarchar, types.TVarchar}, Variadic: true, Result: types.TVarchar, CanFail: true, Eval: rowFn(joinPaths)}},
}

// pathRoot splits a path into what stands before its folders (a scheme with its host, a slash) and these.
func pathRoot(p string) (root, rest string) {
	if i := strings.Index(p, "://"); i > 0 {
		if j := strings.IndexByte(p[i+3:], '/'); j >= 0 {
			return p[:i+3+j] + "/", p[i+4+j:]
		}
		return p + "/", ""
	}
	if scheme, rest, ok := strings.Cut(p, ":/"); ok && !strings.Contains(scheme, "/") {
		return scheme + ":/", rest
	}
	if strings.HasPrefix(p, "/") {
		return "/", p
	}
	return "", p
}

func joinPaths(r *row, dst []byte) ([]byte, bool, error) {
	root, rest := pathRoot(string(r.str(0)))
	parts := strings.Split(rest, "/")
	for k := 1; k < len(r.args); k++ {
		p := string(r.str(k))
		if other, _ := pathRoot(p); other != "" {
			return nil, false, dataErr("incompatible paths: '%s' is not relative to '%s'", p, r.str(0))
		}
		parts = append(parts, strings.Split(p, "/")...)
	}
	var out []string
	for _, p := range parts {
		switch {
		case p == "" || p == ".":
		case p == ".." && len(out) > 0 && out[len(out)-1] != "..":
			out = out[:len(out)-1]
		case p == ".." && root != "": // above the root there is nothing
		default:
			out = append(out, p)
		}
	}
	dst = append(append(dst, root...), strings.Join(out, "/")...)
	if len(dst) == 0 {
		dst = append(dst, '.')
	}
	return dst, true, nil
}
