package json

import (
	"bytes"
	stdjson "encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/jsonval"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/storage"
)

// written gives fields of all kinds and a batch of two rows: texts say the first, the second is NULL.
func written(t *testing.T) ([]types.Field, *vec.Batch, []string) {
	t.Helper()
	var fields []types.Field
	var texts []string
	b := &vec.Batch{N: 2}
	for _, c := range []struct {
		typ  types.Type
		text string
	}{
		{types.TBoolean, "true"}, {types.TInteger, "-7"}, {types.TBigInt, "9223372036854775807"}, {types.Type{Kind: types.UBigInt}, "18446744073709551615"},
		{types.NewDecimal(10, 2), "-1.50"}, {types.NewDecimal(38, 0), "12345678901234567890123456789012345678"}, {types.TDouble, "0.1"}, {types.TDouble, "NaN"},
		{types.TDouble, "-Infinity"}, {types.TDouble, "1e-300"}, {types.TReal, "0.5"}, {types.TVarchar, "a\"b\\c\nd\te\x01é😀"}, {types.TVarchar, ""}, {types.TVarchar, "null"},
		{types.TDate, "2024-02-29"}, {types.TTime, "12:34:56.789"}, {types.TTimestamp, "2024-02-29 12:34:56.789012"}, {types.TTimestampTZ, "2024-02-29 12:34:56+00"},
		{types.TUUID, "01234567-89ab-cdef-0123-456789abcdef"}, {types.TJSON, `{"a": [1]}`}, {types.TBinary, `\x00a\xFF`}, {types.TInterval, "1 month 2 days"},
	} {
		v := vec.New(c.typ, 2)
		if why := kernel.ParseInto([]byte(c.text), c.typ, nil, v, 0); why != "" {
			t.Fatal(c.typ, c.text, why)
		}
		v.SetNull(1)
		fields = append(fields, types.Field{Name: c.typ.String() + c.text, Type: c.typ})
		b.Cols = append(b.Cols, v)
		texts = append(texts, string(kernel.AppendText(nil, v, 0)))
	}
	return fields, b, texts
}

// TestRoundTrip writes values of all types and reads them as the same types.
func TestRoundTrip(t *testing.T) {
	fields, b, texts := written(t)
	for _, opts := range []storage.Options{nil, opt("array", "true"), opt("compression", "gzip"), opt("array", "true", "compression", "zstd")} {
		var out bytes.Buffer
		w, err := New().Create(&out, nil, fields, opts)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Write(b); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if opts == nil {
			for _, line := range strings.Split(strings.TrimSpace(out.String()), "\n") {
				if !stdjson.Valid([]byte(line)) {
					t.Errorf("%s is not JSON", line)
				}
			}
		}
		path := write(t, "f.json", out.String())
		got, err := read(path, nil, how{declared: fields})
		if err != nil {
			t.Fatal(err)
		}
		if len(got.rows) != 2 {
			t.Fatalf("%d rows", len(got.rows))
		}
		for i, text := range texts {
			if got.rows[0][i] != text || got.rows[1][i] != null {
				t.Errorf("%s: %q and %q, not %q", fields[i].Type, got.rows[0][i], got.rows[1][i], text)
			}
		}
		if guessed, err := read(path, nil, how{}); err != nil || guessed.rows[0][2] != texts[2] || guessed.rows[0][5] != texts[5] || guessed.rows[0][11] != texts[11] {
			t.Error(err, guessed)
		}
	}
}

// TestWriterErrors holds what is said of wrong options.
func TestWriterErrors(t *testing.T) {
	for want, opts := range map[string]storage.Options{
		"unknown option aray for writing JSON": opt("aray", "true"), "option array is true or false, not 7": opt("array", "7"), "unknown compression lz": opt("compression", "lz"),
	} {
		if _, err := New().Create(os.Stderr, nil, nil, opts); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, not %s", err, want)
		}
	}
	if len(jsonval.AppendString(nil, []byte("\xff"))) != 5 {
		t.Error("bytes that are no UTF-8 become U+FFFD")
	}
	var out bytes.Buffer
	w, err := New().Create(&out, nil, nil, opt("array", "true"))
	if err == nil {
		err = w.Close()
	}
	if err != nil || !stdjson.Valid(out.Bytes()) {
		t.Error(err, out.String())
	}
}
