package integration

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestSecretLogin logs in with the passwords of secrets, right and wrong, and looks for them in all that is written.
func TestSecretLogin(t *testing.T) {
	d := database(t)
	psql(t, d, "CREATE TABLE t AS SELECT 1 AS a; DROP ROLE IF EXISTS anna; CREATE ROLE anna LOGIN PASSWORD 'geheim'; GRANT SELECT ON t TO anna")
	hba := filepath.Join(server.Dir, "pg_hba.conf")
	old, err := os.ReadFile(hba)
	if err != nil {
		t.Fatal(err)
	}
	reload := func(text string) {
		t.Helper()
		if err := os.WriteFile(hba, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		psql(t, d, "SELECT pg_reload_conf()")
		time.Sleep(100 * time.Millisecond)
	}
	reload("host all anna 127.0.0.1/32 scram-sha-256\n" + string(old))
	defer reload(string(old))
	home, dir := t.TempDir(), t.TempDir()
	run := func(ok bool, want, sql string) {
		t.Helper()
		x := exec.Command(skep, "w", "--echo", "--report", "r.json", "-c", sql)
		x.Dir, x.Env = dir, append(os.Environ(), "HOME="+home, "XDG_CONFIG_HOME=", "XDG_STATE_HOME=")
		out, err := x.CombinedOutput()
		if (err == nil) != ok || !strings.Contains(string(out), want) || strings.Contains(string(out), "geheim") {
			t.Errorf("%s\n%s%v", sql, out, err)
		}
	}
	words := fmt.Sprintf("TYPE postgres, HOST '127.0.0.1', PORT %d, USER anna, DATABASE %s, ", server.Port, d)
	run(false, "password authentication failed for user \"anna\"", "CREATE SECRET s ("+words+"PASSWORD 'geheim1'); ATTACH '' AS pg SECRET s")
	run(false, "CREATE SECRET", fmt.Sprintf("ATTACH 'postgres://anna@127.0.0.1:%d/%s' AS pg", server.Port, d))
	run(true, "a\n1", "CREATE PERSISTENT SECRET s ("+words+"PASSWORD 'geheim'); ATTACH '' AS pg SECRET s; FROM pg.t")
	run(true, "a\n1", "ATTACH 'postgres:dbname="+d+"' AS pg (SECRET s, READ_ONLY); CREATE OR REPLACE TABLE own AS FROM pg.t; FROM own; EXPLAIN FROM pg.t; DESCRIBE pg.t; SHOW VERSIONS OF own; SHOW SECRETS")
	run(true, "a\n1", fmt.Sprintf("ATTACH 'postgres://127.0.0.1:%d' AS pg SECRET s; FROM pg.t", server.Port))
	run(false, "permission denied", "ATTACH '' AS pg SECRET s; INSERT INTO pg.t VALUES (2)")
	run(false, "Postgres", "ATTACH '' AS pg SECRET s; EXECUTE IN pg $$ ALTER ROLE anna PASSWORD 'geheim' NOSUCH $$")
	for _, root := range []string{dir, home} {
		err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() || filepath.Base(filepath.Dir(path)) == "secrets" {
				return err
			}
			text, err := os.ReadFile(path)
			if strings.Contains(string(text), "geheim") {
				t.Errorf("%s has the password\n%s", path, text)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
}
