package main

import (
	"fmt"
	"strings"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/cmd/skep/render"
)

const usage = `skep answers SQL over files.

  skep [WAREHOUSE] [-c SQL]… [-f FILE]… [options]

WAREHOUSE (or --warehouse W) is a folder that keeps databases and tables. Without it tables live in memory; a data
file in its place is opened as a view named after it. -c and -f run in the order given, in one session; without them
SQL comes from stdin, or from you, when stdin is a terminal. With -c or -f, FROM '-' is data from stdin: CSV, JSON or
Parquet.

  skep run DIR      runs a folder of scripts as a pipeline; skep run -h       skep dag DIR --format F   draws or schedules it

  -c SQL            run this SQL                         -f FILE     run this script ('-' is stdin)
  -o FILE           results into a file, which is in its place when all is done, or stays as it was
  --format F        box (default on a terminal), csv (default otherwise), tsv, json, ndjson, markdown, line,
                    arrow, parquet
  --set K=V         a setting, such as threads=4 or memory_limit=2GB; SHOW SETTINGS lists them
  --param K=V       a parameter: ${K} in the SQL is its text, :K its value
  --keep-going      go on after errors                   --dry-run   plan every statement, run none
  --echo            show each statement on stderr        --timer     tell each one's time and memory
  --report FILE     write JSON about every statement: times, rows, errors
  -X                start the shell without the config file
  --completions S   a script for the shell S: bash, zsh, fish
  --man             the manual page, for man -l -
  -h, --help, --version

Examples

  skep -c "SELECT category, count(*) FROM 'movies.csv' GROUP BY ALL"
  skep movies.csv -c "SELECT * FROM movies WHERE year > :y" --param y=1990
  skep shop.skep -f load.sql -f report.sql --format json --report run.json
  skep -c "COPY (FROM 'log/*.csv.gz') TO 'log.parquet'" --timer

Exit codes: 0 done; 1 an error in SQL, data or files (with --keep-going: at least one); 2 a mistake on the command
line; 130 and 143 ended by Ctrl-C and SIGTERM. The shell reads $XDG_CONFIG_HOME/skep/skeprc (~/.config) when it
starts, and keeps its history in $XDG_STATE_HOME/skep (~/.local/state). NO_COLOR turns colours off, PAGER names the
pager.
`

// script is one -c or -f.
type script struct {
	file string // of -f
	text string
}

// options are what the command line says.
type options struct {
	warehouse string
	scripts   []script
	format    string
	settings  [][2]string
	params    map[string]string
	report    string
	noStdin   string // why stdin cannot be data; "" = it can
	timer     bool
	help      bool
	version   bool
	shell     bool

	output      string
	completions string
	keepGoing   bool
	dry         bool
	echo        bool
	man         bool
	plainStart  bool // without the config file
}

var flagNames = []string{"-c", "-f", "--format", "--set", "--param", "--warehouse", "--report", "--timer", "--help", "--version",
	"-o", "-X", "--keep-going", "--dry-run", "--echo", "--completions", "--man"}

// parseArgs reads the command line. Options may stand anywhere; the order of -c and -f is kept.
func parseArgs(args []string) (*options, error) {
	o := &options{params: map[string]string{}}
	for i := 0; i < len(args); i++ {
		a := args[i]
		if a == "" || a == "-" || a[0] != '-' {
			if o.warehouse != "" {
				return nil, fmt.Errorf("one WAREHOUSE only: '%s' comes after '%s'", a, o.warehouse)
			}
			o.warehouse = a
			continue
		}
		if a == "--" {
			if len(args)-i > 2 || len(args)-i == 2 && o.warehouse != "" {
				return nil, fmt.Errorf("one WAREHOUSE only")
			}
			if len(args)-i == 2 {
				o.warehouse = args[i+1]
			}
			return o, nil
		}
		name, value, joined := a, "", false
		if strings.HasPrefix(a, "--") {
			name, value, joined = strings.Cut(a, "=")
		} else if len(a) > 2 && (a[1] == 'c' || a[1] == 'f' || a[1] == 'o') {
			name, value, joined = a[:2], a[2:], true
		}
		flag, known := simple(o, name)
		switch {
		case known && joined:
			return nil, fmt.Errorf("%s takes no value", name)
		case known:
			*flag = true
			continue
		}
		if !valued(name) {
			msg := fmt.Sprintf("unknown option %s", name)
			if n := sqlerr.Nearest(name, flagNames); n != "" {
				msg += fmt.Sprintf(" (did you mean %s?)", n)
			}
			return nil, fmt.Errorf("%s", msg)
		}
		if !joined {
			if i++; i >= len(args) {
				return nil, fmt.Errorf("%s needs a value", name)
			}
			value = args[i]
		}
		if err := o.take(name, value); err != nil {
			return nil, err
		}
	}
	return o, nil
}

// simple gives the place of an option without a value.
func simple(o *options, name string) (*bool, bool) {
	switch name {
	case "-h", "--help":
		return &o.help, true
	case "--version":
		return &o.version, true
	case "--timer":
		return &o.timer, true
	case "--keep-going":
		return &o.keepGoing, true
	case "--dry-run":
		return &o.dry, true
	case "--echo":
		return &o.echo, true
	case "--man":
		return &o.man, true
	case "-X", "--no-config":
		return &o.plainStart, true
	}
	return nil, false
}

func valued(name string) bool {
	switch name {
	case "-c", "-f", "-o", "--output", "--format", "--set", "--param", "--warehouse", "--report", "--completions":
		return true
	}
	return false
}

// take keeps the value of an option.
func (o *options) take(name, value string) error {
	switch name {
	case "-c":
		o.scripts = append(o.scripts, script{text: value})
	case "-f":
		if value == "" {
			return fmt.Errorf("-f needs the name of a file")
		}
		o.scripts = append(o.scripts, script{file: value})
	case "--format":
		o.format = strings.ToLower(value)
		if err := render.Known(o.format); err != nil {
			return fmt.Errorf("unknown format %s: formats are %s", value, strings.Join(render.Formats, ", "))
		}
	case "-o", "--output":
		if value == "" {
			return fmt.Errorf("-o needs the name of a file")
		}
		o.output = value
	case "--warehouse": // as skep run calls it
		if o.warehouse != "" {
			return fmt.Errorf("one WAREHOUSE only: '%s' comes after '%s'", value, o.warehouse)
		}
		o.warehouse = value
	case "--completions":
		if completions(value) == "" {
			return fmt.Errorf("--completions knows bash, zsh and fish, not '%s'", value)
		}
		o.completions = value
	case "--report":
		if value == "" {
			return fmt.Errorf("--report needs the name of a file")
		}
		o.report = value
	default:
		k, v, ok := strings.Cut(value, "=")
		if !ok || k == "" {
			return fmt.Errorf("%s needs name=value, not '%s'", name, value)
		}
		if name == "--set" {
			o.settings = append(o.settings, [2]string{k, v})
		} else {
			o.params[strings.ToLower(k)] = v
		}
	}
	return nil
}
