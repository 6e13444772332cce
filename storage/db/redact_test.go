package db

import "testing"

func TestRedact(t *testing.T) {
	for in, want := range map[string]string{
		"ATTACH 'postgres://u:geheim@h/d' AS pg":                                                               "ATTACH 'postgres://u:******@h/d' AS pg",
		"ATTACH 'postgres://u@h/d' AS pg":                                                                      "ATTACH 'postgres://u@h/d' AS pg",
		"ATTACH 'host=h password=abc dbname=d' AS pg":                                                          "ATTACH 'host=h password=*** dbname=d' AS pg",
		"ATTACH 'postgres://h/d?password=abc&x=1' AS p":                                                        "ATTACH 'postgres://h/d?password=***&x=1' AS p",
		"ATTACH 'password=''a b'' host=h' AS pg":                                                               "ATTACH 'password=''***'' host=h' AS pg",
		"EXECUTE IN pg $$ CREATE ROLE r PASSWORD 'x' $$":                                                       "EXECUTE IN pg $$ CREATE ROLE r PASSWORD '*' $$",
		"SELECT 'http://a:b' AS x, passengers = 4":                                                             "SELECT 'http://a:b' AS x, passengers = 4",
		"ATTACH 'postgres://u:a@b@h/d' AS pg":                                                                  "ATTACH 'postgres://u:***@h/d' AS pg",
		"ATTACH \"host=h password='a b'\" AS pg":                                                               "ATTACH \"host=h password='***'\" AS pg",
		"create or replace /* a */ persistent secret s (type postgres, host 'h', password 'it''s; x', user u)": "create or replace /* a */ persistent secret s (type postgres, host 'h', password '********', user u)",
		"CREATE SECRET IF NOT EXISTS \"a b\" (PASSWORD $x$p$x$, USER 'u');":                                    "CREATE SECRET IF NOT EXISTS \"a b\" (PASSWORD $x$*$x$, USER 'u');",
		"CREATE SECRET s (TYPE postgres, PASWORD 'geheim', PASSWORD geheim, PASSWORD 'geheim":                  "CREATE SECRET s (TYPE postgres, PASWORD '******', PASSWORD ******, PASSWORD '******",
		"EXECUTE IMMEDIATE 'CREATE SECRET s (HOST ''h'', PASSWORD ''abc'')'; SELECT 'abc'":                     "EXECUTE IMMEDIATE 'CREATE SECRET s (HOST ''h'', PASSWORD ''***'')'; SELECT 'abc'",
		"CREATE TABLE secret (a INT, b TEXT DEFAULT 'x')":                                                      "CREATE TABLE secret (a INT, b TEXT DEFAULT 'x')",
	} {
		if got := Redact(in); got != want {
			t.Errorf("%s\n got %s\nwant %s", in, got, want)
		}
	}
}

func TestRedactOf(t *testing.T) {
	if got := RedactOf("expected ), found 'geheim'", "CREATE SECRET s (PASSWORD 'a' 'geheim')"); got != "expected ), found '***'" {
		t.Error(got)
	}
	if got := RedactOf("table a has no a", "CREATE SECRET s (PASSWORD 'a')"); got != "table *** has no ***" {
		t.Error(got)
	}
}
