package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"sort"
	"strconv"
	"strings"
)

// request asks a worker to run one statement. Rows are sent back only when wanted.
type request struct {
	SQL  string `json:"sql"`
	Rows bool   `json:"rows"`
}

// answer is what a worker says: one line of JSON.
type answer struct {
	MS     float64    `json:"ms"`
	CPUMS  float64    `json:"cpu_ms"`
	PeakKB int64      `json:"peak_kb"`
	Rows   [][]string `json:"rows"`
	Error  string     `json:"error"`
}

// process is a worker: a process that answers requests, one at a time.
type process struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

func start(name string, args ...string) (*process, error) {
	p := &process{cmd: exec.Command(name, args...)}
	p.cmd.Stderr = os.Stderr
	var err error
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.out = bufio.NewReaderSize(out, 1<<20)
	return p, p.cmd.Start()
}

func (p *process) ask(sql string, rows bool) (*answer, error) {
	line, err := json.Marshal(request{sql, rows})
	if err != nil {
		return nil, err
	}
	if _, err := p.in.Write(append(line, '\n')); err != nil {
		return nil, err
	}
	if line, err = p.out.ReadBytes('\n'); err != nil {
		return nil, fmt.Errorf("the worker ended: %w", err)
	}
	a := &answer{}
	if err := json.Unmarshal(line, a); err != nil {
		return nil, err
	}
	if a.Error != "" {
		return nil, errors.New(a.Error)
	}
	return a, nil
}

func (p *process) stop() error {
	_ = p.in.Close()
	return p.cmd.Wait()
}

// differ compares two answers: "" or how they differ. Rows that ORDER BY leaves equal may come in any order.
func differ(a, b [][]string) string {
	if len(a) != len(b) {
		return fmt.Sprintf("%d rows and %d", len(a), len(b))
	}
	if equalRows(a, b) < 0 {
		return ""
	}
	for _, rows := range [][][]string{a, b} {
		sort.Slice(rows, func(i, k int) bool { return strings.Join(rows[i], "\x00") < strings.Join(rows[k], "\x00") })
	}
	if i := equalRows(a, b); i >= 0 {
		return fmt.Sprintf("%q and %q", a[i], b[i])
	}
	return ""
}

// equalRows gives the first row that differs, or -1.
func equalRows(a, b [][]string) int {
	for i := range a {
		if len(a[i]) != len(b[i]) {
			return i
		}
		for k := range a[i] {
			if !equalValues(a[i][k], b[i][k]) {
				return i
			}
		}
	}
	return -1
}

// equalValues takes numbers as equal that differ by less than half of the last digit that both have, or by 1e-9 of their size: the quotient
// of two decimals is a decimal on one side and a double on the other.
func equalValues(a, b string) bool {
	if a == b {
		return true
	}
	x, err1 := strconv.ParseFloat(a, 64)
	y, err2 := strconv.ParseFloat(b, 64)
	if err1 != nil || err2 != nil {
		return false
	}
	_, da, _ := strings.Cut(a, ".")
	_, db, _ := strings.Cut(b, ".")
	digits := min(len(da), len(db))
	if digits == 0 {
		return x == y
	}
	return math.Abs(x-y) <= math.Max(0.500001*math.Pow10(-digits), 1e-9*math.Abs(y))
}
