package shell

import (
	"fmt"
	"os"
	"sort"
	"strconv"
	"strings"

	"github.com/skep-sql/skep/cmd/skep/render"
)

// toggle sets a switch from "on" and "off"; without a word it turns it over.
func toggle(at *bool, arg string) error {
	switch strings.ToLower(arg) {
	case "":
		*at = !*at
	case "on", "true", "1", "yes":
		*at = true
	case "off", "false", "0", "no":
		*at = false
	default:
		return fmt.Errorf("on or off, not '%s'", arg)
	}
	return nil
}

func onoff(b bool) string {
	if b {
		return "on"
	}
	return "off"
}

// results does the commands that say how results are shown.
func (s *Shell) results(id, name, arg string) error {
	st := s.State
	say := func(what, how string) { fmt.Fprintln(s.Screen, what+" "+how) }
	switch id {
	case ".mode":
		if arg == "" {
			say("mode", st.Format)
			return nil
		}
		return s.mode(arg)
	case `\x`:
		switch arg = strings.ToLower(arg); arg {
		case "on", "off", "auto":
			st.Expanded = arg
		case "":
			st.Expanded = map[string]string{"off": "on"}[st.Expanded]
			if st.Expanded == "" {
				st.Expanded = "off"
			}
		default:
			return fmt.Errorf("on, off or auto, not '%s'", arg)
		}
		say("expanded", st.Expanded)
	case `\o`, ".once":
		err := st.Redirect(arg)
		st.Once = err == nil && id == ".once" && st.Out != nil
		return err
	case `\pager`:
		on := st.Pager == "auto"
		if arg == "auto" {
			arg = "on"
		}
		if err := toggle(&on, arg); err != nil {
			return err
		}
		if st.Pager = "off"; on {
			st.Pager = "auto"
		}
		say("pager", onoff(on))
	case ".maxrows", ".width":
		n, err := strconv.Atoi(arg)
		if err != nil || n < 0 || n > 1e6 {
			return fmt.Errorf("%s needs a number, not '%s'", name, arg)
		}
		if id == ".width" {
			st.Width = n
		} else {
			st.MaxRows = n
		}
	case ".nullvalue":
		st.Null = unquote(arg)
	case ".headers":
		if name == `\t` && arg == "" {
			st.Headers = !st.Headers
		} else if err := toggle(&st.Headers, arg); err != nil {
			return err
		}
		say("headers", onoff(st.Headers))
	case `\timing`:
		if err := toggle(&st.Timer, arg); err != nil {
			return err
		}
		say("timer", onoff(st.Timer))
	case ".progress":
		if err := toggle(&st.Progress, arg); err != nil {
			return err
		}
		say("progress", onoff(st.Progress))
	case `\pset`:
		return s.pset(arg)
	}
	return nil
}

// alike are names of formats in other shells.
var alike = map[string]string{"aligned": "box", "duckbox": "box", "table": "box", "unicode": "box", "column": "box", "tabs": "tsv", "list": "tsv", "unaligned": "csv",
	"jsonlines": "ndjson", "vertical": "line", "md": "markdown"}

func (s *Shell) mode(format string) error {
	format = strings.ToLower(format)
	if a := alike[format]; a != "" {
		format = a
	}
	if err := render.Known(format); err != nil || format == "arrow" || format == "parquet" {
		return fmt.Errorf("formats are %s", strings.Join(render.Formats[:7], ", "))
	}
	s.State.Format = format
	return nil
}

// pset is psql's command for all of them.
func (s *Shell) pset(arg string) error {
	name, value, _ := strings.Cut(arg, " ")
	value = strings.TrimSpace(value)
	switch strings.ToLower(name) {
	case "":
		s.show()
		return nil
	case "format":
		return s.mode(value)
	case "null":
		return s.results(".nullvalue", name, value)
	case "x", "expanded":
		return s.results(`\x`, name, value)
	case "pager":
		return s.results(`\pager`, name, value)
	case "t", "tuples_only":
		tuples := !s.State.Headers
		if err := toggle(&tuples, value); err != nil {
			return err
		}
		s.State.Headers = !tuples
		return nil
	case "columns":
		return s.results(".width", name, value)
	case "border", "linestyle", "footer":
		fmt.Fprintf(s.Screen, "%s is always the same here\n", name)
		return nil
	}
	return fmt.Errorf("unknown: %s; format, null, expanded, pager, tuples_only and columns can be set", name)
}

// show is .show.
func (s *Shell) show() {
	st := s.State
	out := st.OutName
	if out == "" {
		out = "the screen"
	}
	null := st.Null
	if null == "" {
		null = "NULL"
	}
	for _, l := range [][2]string{
		{"mode", st.Format}, {"expanded", st.Expanded}, {"headers", onoff(st.Headers)}, {"nullvalue", null}, {"maxrows", strconv.Itoa(st.MaxRows)},
		{"width", strconv.Itoa(st.Width)}, {"pager", st.Pager}, {"timer", onoff(st.Timer)}, {"progress", onoff(st.Progress)}, {"echo", onoff(st.Echo)},
		{"output", out}, {"database", s.Database()},
	} {
		fmt.Fprintf(s.Screen, "%10s  %s\n", l[0], l[1])
	}
}

// own does the commands about the shell itself.
func (s *Shell) own(id, arg string) (leave bool) {
	switch id {
	case `\set`:
		s.set(arg)
	case `\unset`:
		delete(s.State.Vars, strings.ToLower(arg))
	case ".set":
		if name, value, ok := strings.Cut(strings.TrimSuffix(arg, ";"), " "); ok {
			value = strings.TrimPrefix(strings.TrimSpace(value), "= ")
			s.run("SET " + name + " = '" + strings.ReplaceAll(unquote(value), "'", "''") + "'")
		} else {
			s.run("SHOW SETTINGS")
		}
	case ".show":
		s.show()
	case `\echo`:
		fmt.Fprintln(s.Screen, unquote(arg))
	case ".echo":
		if err := toggle(&s.State.Echo, arg); err != nil {
			fmt.Fprintln(s.Screen, "ERROR: "+err.Error())
		}
	case `\!`:
		c := shellCommand(arg)
		c.Stdin, c.Stdout, c.Stderr = os.Stdin, os.Stdout, os.Stderr
		if err := c.Run(); err != nil {
			fmt.Fprintln(s.Screen, err)
		}
	case `\cd`:
		s.cd(unquote(arg))
	case `\h`:
		s.sqlHelp(strings.TrimSuffix(arg, ";"))
	case `\?`:
		s.page(help())
	case `\q`:
		return true
	}
	return false
}

func (s *Shell) set(arg string) {
	name, value, ok := strings.Cut(arg, " ")
	switch {
	case arg == "":
		var names []string
		for n := range s.State.Vars {
			names = append(names, n)
		}
		sort.Strings(names)
		for _, n := range names {
			fmt.Fprintf(s.Screen, "%s = %s\n", n, s.State.Vars[n])
		}
	case !isName(name):
		fmt.Fprintf(s.Screen, "'%s' is no name of a variable\n", name)
	case !ok:
		s.State.Vars[strings.ToLower(name)] = ""
	default:
		s.State.Vars[strings.ToLower(name)] = strings.TrimSpace(value)
	}
}

func (s *Shell) cd(dir string) {
	if dir == "" {
		if home, err := os.UserHomeDir(); err == nil {
			dir = home
		}
	}
	err := os.Chdir(dir)
	if err == nil && s.Rebase != nil {
		dir, err = os.Getwd()
		s.Rebase(dir)
	}
	if err != nil {
		fmt.Fprintln(s.Screen, "ERROR: "+err.Error())
		return
	}
	fmt.Fprintln(s.Screen, dir)
}

// sqlHelp is \h.
func (s *Shell) sqlHelp(arg string) {
	arg = strings.ToUpper(arg)
	var b strings.Builder
	for _, f := range forms {
		if arg == "" {
			fmt.Fprintf(&b, "%s\n", f[0])
		} else if strings.HasPrefix(f[0], arg) || strings.HasPrefix(arg, f[0]) {
			fmt.Fprintf(&b, "%s\n", f[1])
		}
	}
	if b.Len() == 0 {
		fmt.Fprintf(s.Screen, "no help on %s; \\h lists the statements\n", arg)
		return
	}
	s.page(b.String())
}
