package main

import (
	"fmt"
	"maps"
	"os"
	"runtime"
	"strconv"
	"strings"

	"golang.org/x/term"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/cmd/skep/pipeline"
)

const usageRun = `skep run DIR runs the .sql files of a folder as a pipeline: each is a node, and what it reads and writes orders them.

  skep run DIR [--warehouse W] [--param K=V]… [--select NODE]… [--jobs N] [--resume] [--force] [--report FILE] [--set K=V]…
  skep dag DIR --format airflow|cron|dot|mermaid [--warehouse W] [--param K=V]…

  --warehouse W     the folder that keeps tables        --jobs N       nodes side by side; one a core by default
  --param K=V       ${K} in a script is its text, :K its value
  --select NODE     this node alone; NODE+ with all that depends on it, +NODE with all that it depends on
  --resume          go on where the last run failed: what was done then is not done again
  --force           run what is up to date too          --report FILE  write JSON about every node

A comment -- depends_on: NODE adds an edge. Files that begin with _ (ATTACH, USE, SET) run at the beginning of every node. Paths
in scripts start from DIR. A node whose script, parameters, inputs and outputs are as they were is not run again.
stdout has one line, a summary in JSON. Exit codes: 0 done, 1 an error of SQL or data, 2 a mistake on the command line or in the
pipeline, 3 a server was away: try again, 4 somebody else changed a table: try again, 99 nothing to do, 130 and 143 stopped by Ctrl-C
and SIGTERM.
`

// subcommand runs skep run and skep dag; ok is false if args begin with neither.
func subcommand(args []string) (code int, ok bool) {
	if len(args) == 0 || args[0] != "run" && args[0] != "dag" {
		return 0, false
	}
	f, err := parseSubcommand(args[0], args[1:])
	if err != nil {
		fmt.Fprintf(os.Stderr, "skep %s: %v\nskep %s -h shows how it is used\n", args[0], err, args[0])
		return pipeline.ExitUsage, true
	}
	if f.help {
		fmt.Print(usageRun)
		return 0, true
	}
	f.o.Args = func() []any { return typedParams(f.o.Params) }
	f.o.Out, f.o.Err = os.Stdout, os.Stderr
	if args[0] == "run" {
		f.o.Substitute = func(text string) (string, error) { return substitute(text, f.o.Params) }
		f.o.Live = term.IsTerminal(int(os.Stderr.Fd())) && os.Getenv("TERM") != "dumb"
		f.o.Size = func() (int, int) {
			cols, rows, err := term.GetSize(int(os.Stderr.Fd()))
			if err != nil {
				return 80, 24
			}
			return cols, rows
		}
		return pipeline.Run(&f.o), true
	}
	d := &pipeline.DAGOptions{Dir: f.o.Dir, Warehouse: f.o.Warehouse, Format: f.format, Params: f.o.Params, Out: os.Stdout, Err: os.Stderr}
	d.Substitute = func(text string) (string, error) { return substituteKnown(text, f.o.Params) }
	return pipeline.DAG(d), true
}

// substituteKnown puts the name of a parameter in its place where no value is given: a graph does not need it.
func substituteKnown(text string, params map[string]string) (string, error) {
	known := maps.Clone(params)
	for _, m := range strings.Split(text, "${")[1:] {
		if name, _, ok := strings.Cut(m, "}"); ok {
			if _, has := known[strings.ToLower(name)]; !has {
				known[strings.ToLower(name)] = name
			}
		}
	}
	return substitute(text, known)
}

type subFlags struct {
	o      pipeline.Options
	format string
	help   bool
}

// parseSubcommand reads the command line behind run or dag.
func parseSubcommand(command string, args []string) (*subFlags, error) {
	f := &subFlags{o: pipeline.Options{Params: map[string]string{}, Jobs: runtime.GOMAXPROCS(0)}}
	for i := 0; i < len(args); i++ {
		name, value, joined := strings.Cut(args[i], "=")
		if !strings.HasPrefix(args[i], "-") {
			if f.o.Dir != "" {
				return nil, fmt.Errorf("one folder only: '%s' comes after '%s'", args[i], f.o.Dir)
			}
			f.o.Dir = args[i]
			continue
		}
		switch name {
		case "-h", "--help":
			f.help = true
			return f, nil
		case "--resume":
			f.o.Resume = true
			continue
		case "--force":
			f.o.Force = true
			continue
		}
		if !joined {
			if i++; i >= len(args) {
				return nil, fmt.Errorf("%s needs a value", name)
			}
			value = args[i]
		}
		if err := f.take(command, name, value); err != nil {
			return nil, err
		}
	}
	if f.o.Dir == "" {
		return nil, fmt.Errorf("which folder?")
	}
	if command == "dag" && f.format == "" {
		return nil, fmt.Errorf("--format is missing: %s", strings.Join(pipeline.Formats, ", "))
	}
	return f, nil
}

var subNames = map[string][]string{
	"run": {"--warehouse", "--param", "--select", "--jobs", "--resume", "--force", "--report", "--set"},
	"dag": {"--format", "--warehouse", "--param"},
}

func (f *subFlags) take(command, name, value string) error {
	known := false
	for _, n := range subNames[command] {
		known = known || n == name
	}
	if !known {
		msg := "unknown option " + name
		if n := sqlerr.Nearest(name, subNames[command]); n != "" {
			msg += " (did you mean " + n + "?)"
		}
		return fmt.Errorf("%s", msg)
	}
	pair := func() (string, string, error) {
		k, v, ok := strings.Cut(value, "=")
		if !ok || k == "" {
			return "", "", fmt.Errorf("%s needs name=value, not '%s'", name, value)
		}
		return k, v, nil
	}
	switch name {
	case "--warehouse":
		f.o.Warehouse = value
	case "--format":
		f.format = strings.ToLower(value)
	case "--report":
		f.o.Report = value
	case "--select":
		f.o.Select = append(f.o.Select, strings.FieldsFunc(value, func(r rune) bool { return r == ',' || r == ' ' })...)
	case "--jobs":
		n, err := strconv.Atoi(value)
		if err != nil || n < 1 || n > 256 {
			return fmt.Errorf("--jobs is a number from 1 to 256, not '%s'", value)
		}
		f.o.Jobs = n
	case "--param":
		k, v, err := pair()
		if err != nil {
			return err
		}
		f.o.Params[strings.ToLower(k)] = v
	case "--set":
		k, v, err := pair()
		if err != nil {
			return err
		}
		f.o.Settings = append(f.o.Settings, [2]string{k, v})
	}
	return nil
}
