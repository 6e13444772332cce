package db

import "testing"

func TestRedact(t *testing.T) {
	for in, want := range map[string]string{
		"ATTACH 'postgres://u:geheim@h/d' AS pg":         "ATTACH 'postgres://u:******@h/d' AS pg",
		"ATTACH 'postgres://u@h/d' AS pg":                "ATTACH 'postgres://u@h/d' AS pg",
		"ATTACH 'host=h password=abc dbname=d' AS pg":    "ATTACH 'host=h password=*** dbname=d' AS pg",
		"ATTACH 'postgres://h/d?password=abc&x=1' AS p":  "ATTACH 'postgres://h/d?password=***&x=1' AS p",
		"ATTACH 'password=''a b'' host=h' AS pg":         "ATTACH 'password=''***'' host=h' AS pg",
		"EXECUTE IN pg $$ CREATE ROLE r PASSWORD 'x' $$": "EXECUTE IN pg $$ CREATE ROLE r PASSWORD '*' $$",
		"SELECT 'http://a:b' AS x, passengers = 4":       "SELECT 'http://a:b' AS x, passengers = 4",
		"ATTACH 'postgres://u:a@b@h/d' AS pg":            "ATTACH 'postgres://u:***@h/d' AS pg",
	} {
		if got := Redact(in); got != want {
			t.Errorf("%s\n got %s\nwant %s", in, got, want)
		}
	}
}
