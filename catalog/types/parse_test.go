package types

import (
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for text, want := range map[string]string{
		"int": "INTEGER", " BIGINT ": "BIGINT", "double precision": "DOUBLE", "timestamp with time zone": "TIMESTAMPTZ", "decimal(10, 2)": "DECIMAL(10,2)", "varchar(5)[]": "VARCHAR(5)[]", "INT[3][]": "INTEGER[3][]", "timestamp(3)": "TIMESTAMP_MS", "TIMESTAMPTZ(2)": "TIMESTAMPTZ(2)", "enum('a', 'it''s')": "ENUM('a', 'it''s')",
		"INTEGER[][]": "INTEGER[][]", "array<struct<a:int,b:map<string,date>>>": "STRUCT(a INTEGER, b MAP(VARCHAR, DATE))[]", `STRUCT("x y" INT, z CHAR(3))`: "STRUCT(x y INTEGER, z CHAR(3))",
	} {
		got, err := Parse(text)
		if err != nil || got.String() != want {
			t.Errorf("%s: %s, %v; not %s", text, got, err, want)
		}
	}
	for _, text := range []string{"", "integr", "INT x", "DECIMAL(2,3)", "DECIMAL(x)", "STRUCT(a", "STRUCT()", "MAP(INT)", "INT[0]", "INT[x]", "TIMESTAMP(7)", "ENUM()", "ENUM('a)", "INT(3)", strings.Repeat("ARRAY<", 200)} {
		if got, err := Parse(text); err == nil {
			t.Errorf("%s is %s", text, got)
		}
	}
}
