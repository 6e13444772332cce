package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestSecrets looks for a password in all that the command writes about it, the file of the secret apart.
func TestSecrets(t *testing.T) {
	config := t.TempDir()
	t.Setenv("XDG_CONFIG_HOME", config)
	t.Setenv("XDG_STATE_HOME", filepath.Join(config, "state"))
	dir := t.TempDir()
	run := func(code int, want string, args ...string) {
		t.Helper()
		got := runSkep(t, dir, "", append([]string{"w", "--echo", "--report", "r.json"}, args...)...)
		report, err := os.ReadFile(filepath.Join(dir, "r.json"))
		if all := got.out + got.err; err != nil || got.code != code || !strings.Contains(all, want) || strings.Contains(all+string(report), "geheim") {
			t.Errorf("%q: exit %d, want %d and %s\n%s%s%v", args, got.code, code, want, all, report, err)
		}
	}
	const words = "(TYPE postgres, HOST '127.0.0.1', PORT 1, USER anna, DATABASE d, PASSWORD 'geheim 12')"
	run(0, "CREATE PERSISTENT SECRET Etl (TYPE postgres, HOST '127.0.0.1', PORT 1, USER anna, DATABASE d, PASSWORD '*********');", "-c", "CREATE PERSISTENT SECRET Etl "+words)
	file := filepath.Join(config, "skep", "secrets", "etl.json")
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Error(info, err)
	}
	run(0, "Etl,postgres,in a file,dbname=d host=127.0.0.1 password=*** port=1 user=anna", "-c", "SHOW SECRETS")
	run(1, "a secret named etl exists already", "-c", "CREATE SECRET etl "+words)
	run(0, "", "-c", "CREATE SECRET IF NOT EXISTS etl "+words)
	run(1, "no connection to Postgres at 127.0.0.1:1", "-c", "ATTACH '' AS pg (SECRET etl)")
	run(1, "no connection to Postgres at 127.0.0.1:2", "-c", "ATTACH 'postgres://anna@127.0.0.1:2' AS pg SECRET etl")
	run(1, "cannot read the address postgres:host=h sslmode=no", "-c", "ATTACH 'postgres:host=h sslmode=no' AS pg SECRET etl")
	run(1, "there is no secret elt", "-c", "ATTACH '' AS pg (SECRET elt)")
	run(1, "did you mean password?", "-c", "CREATE SECRET s (TYPE postgres, PASWORD 'geheim')")
	run(1, "there are no secrets of type s3", "-c", "CREATE SECRET s (TYPE s3, KEY 'geheim')")
	run(1, "the secret has no type", "-c", "CREATE SECRET s (PASSWORD 'geheim')")
	run(1, "ERROR", "-c", "CREATE SECRET s (TYPE postgres, PASSWORD 'a', 'geheim')")
	run(1, "ERROR", "-c", "CREATE SECRET s (TYPE postgres, PASSWORD 'geheim")
	run(1, "geh", "-c", "SELECT 'geh' + 'eim'")
	run(0, "s,postgres,in memory,password=***", "--param", "pw=geheim", "-c", "CREATE SECRET s (TYPE postgres, PASSWORD :pw); SHOW SECRETS", "-c", "CREATE TABLE t AS SELECT 1")
	run(0, "", "--param", "pw=geheim", "-c", "CREATE OR REPLACE SECRET s (TYPE postgres, PASSWORD '${pw}'); DROP SECRET s; DROP SECRET IF EXISTS s")
	run(1, "there is no secret s", "-c", "DROP SECRET s")
	if err := os.Chmod(file, 0o640); err != nil {
		t.Fatal(err)
	}
	run(1, "chmod 600", "-c", "ATTACH '' AS pg (SECRET etl)")
	run(0, "", "-c", "DROP PERSISTENT SECRET etl")
	if _, err := os.Stat(file); !os.IsNotExist(err) {
		t.Error(err)
	}

	pipeline := filepath.Join(dir, "p")
	if err := os.Mkdir(pipeline, 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, pipeline, "_attach.sql", "CREATE SECRET s (TYPE postgres, PASSWORD '${pw}', HOST '127.0.0.1', PORT 1);")
	write(t, pipeline, "a.sql", "CREATE TABLE a AS SELECT 1; ATTACH '' AS pg SECRET s; CREATE TABLE b AS FROM pg.t;")
	got := runSkep(t, dir, "", "run", pipeline, "--param", "pw=geheim", "--report", "r.json", "--warehouse", "w")
	if got.code != 3 {
		t.Errorf("%+v", got)
	}
	for _, root := range []string{dir, config} {
		for _, name := range strings.Fields(listing(t, root)) {
			text, err := os.ReadFile(filepath.Join(root, name))
			if err != nil || strings.Contains(string(text), "geheim") {
				t.Errorf("%s: %v\n%s", name, err, text)
			}
		}
	}
	if strings.Contains(got.out+got.err, "geheim") {
		t.Errorf("%s%s", got.out, got.err)
	}
}
