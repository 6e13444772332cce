package diff

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
)

// duckDB is a process that runs statements.
type duckDB struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

const duckScript = `
import sys, json, threading, duckdb
con = duckdb.connect()
con.execute("SET threads = 2; SET enable_progress_bar = false")
def show(v):
    if v is None: return "NULL"
    if isinstance(v, bool): return "true" if v else "false"
    if isinstance(v, list): return "[" + ", ".join(show(x) for x in v) + "]"
    return str(v)
for line in sys.stdin:
    clock = threading.Timer(10, con.interrupt)
    clock.start()
    try:
        r = con.execute(json.loads(line))
        print(json.dumps({"rows": [[show(v) for v in row] for row in r.fetchall()]}), flush=True)
    except Exception as e:
        print(json.dumps({"error": str(e)}), flush=True)
    clock.cancel()
`

// NewDuckDB starts DuckDB in a Python that has it.
func NewDuckDB(python string) (Other, func() error, error) {
	d := &duckDB{cmd: exec.Command(python, "-c", duckScript)}
	d.cmd.Stderr = os.Stderr
	var err error
	if d.in, err = d.cmd.StdinPipe(); err != nil {
		return nil, nil, err
	}
	out, err := d.cmd.StdoutPipe()
	if err != nil {
		return nil, nil, err
	}
	d.out = bufio.NewReaderSize(out, 1<<20)
	return d, func() error { _ = d.in.Close(); return d.cmd.Wait() }, d.cmd.Start()
}

// Ask runs a statement.
func (d *duckDB) Ask(sql string) ([][]string, error) {
	line, err := json.Marshal(sql)
	if err != nil {
		return nil, err
	}
	if _, err := d.in.Write(append(line, '\n')); err != nil {
		return nil, err
	}
	if line, err = d.out.ReadBytes('\n'); err != nil {
		return nil, err
	}
	var a struct {
		Rows  [][]string
		Error string
	}
	if err := json.Unmarshal(line, &a); err != nil {
		return nil, err
	}
	if a.Error != "" {
		return nil, errors.New(a.Error)
	}
	return a.Rows, nil
}
