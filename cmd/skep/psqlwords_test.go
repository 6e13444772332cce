package main

import "testing"

func TestPsqlWords(t *testing.T) {
	for in, want := range map[string]string{
		"\\c etl\nSELECT 1;": "USE etl;\nSELECT 1;",
		"\\copy m FROM \"a.csv\" DELIMITER ',' CSV HEADER": "COPY m FROM \"a.csv\" DELIMITER ',' CSV HEADER;",
		"SELECT '\\c';\n  \\connect x ;\n":                 "SELECT '\\c';\n  USE x;\n",
		"SELECT 1 -- \\copy":                               "SELECT 1 -- \\copy",
	} {
		if got := psqlWords(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}
