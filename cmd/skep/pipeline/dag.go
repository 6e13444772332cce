package pipeline

import (
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/skep-sql/skep/catalog/sqlerr"
)

// Formats are those of skep dag.
var Formats = []string{"airflow", "cron", "dot", "mermaid"}

// DAGOptions are those of skep dag.
type DAGOptions struct {
	Dir, Warehouse, Format string
	Params                 map[string]string
	Substitute             func(string) (string, error)
	Out, Err               io.Writer
}

// DAG writes a folder's graph for a scheduler, or as a picture, and gives the exit code.
func DAG(o *DAGOptions) int {
	if !slices.Contains(Formats, o.Format) {
		msg := fmt.Sprintf("skep: there is no format %s: formats are %s", o.Format, strings.Join(Formats, ", "))
		if h := sqlerr.DidYouMean(o.Format, Formats); h != "" {
			msg += " (" + h + ")"
		}
		fmt.Fprintln(o.Err, msg)
		return ExitUsage
	}
	g, err := Load(o.Dir, o.Substitute)
	if err != nil {
		printMistake(o.Err, err)
		return ExitUsage
	}
	switch o.Format {
	case "airflow":
		g.airflow(o)
	case "cron":
		fmt.Fprintf(o.Out, "# every day at 05:00, for the day before; exit 99 says that nothing was to be done\n0 5 * * * %s\n",
			strings.ReplaceAll(g.command(o, "", `$(date -d yesterday +%F)`), "%", `\%`))
	case "dot":
		fmt.Fprintf(o.Out, "digraph %q {\n  rankdir=LR;\n  node [shape=box];\n", filepath.Base(g.Dir))
		for _, n := range g.Nodes {
			fmt.Fprintf(o.Out, "  %q;\n", n.Name)
			for _, d := range n.Needs {
				fmt.Fprintf(o.Out, "  %q -> %q;\n", d.Name, n.Name)
			}
		}
		fmt.Fprintln(o.Out, "}")
	case "mermaid":
		fmt.Fprintln(o.Out, "flowchart LR")
		for i, n := range g.Nodes {
			fmt.Fprintf(o.Out, "  n%d[\"%s\"]\n", i, strings.ReplaceAll(n.Name, `"`, "#quot;"))
			for _, d := range n.Needs {
				fmt.Fprintf(o.Out, "  n%d --> n%d\n", slices.Index(g.Nodes, d), i)
			}
		}
	}
	return ExitDone
}

// command is the command line that runs a node, or with "" all. ds is the value of the parameter ds, in shell words.
func (g *Graph) command(o *DAGOptions, node, ds string) string {
	words := []string{"skep", "run", shellQuote(g.Dir)}
	if o.Warehouse != "" {
		path, err := filepath.Abs(o.Warehouse)
		if err != nil {
			path = o.Warehouse
		}
		words = append(words, "--warehouse", shellQuote(path))
	}
	var names []string
	for k := range o.Params {
		if k != "ds" {
			names = append(names, k)
		}
	}
	slices.Sort(names)
	for _, k := range names {
		words = append(words, "--param", shellQuote(k+"="+o.Params[k]))
	}
	if slices.ContainsFunc(g.Nodes, func(n *Node) bool { return slices.Contains(n.Params, "ds") }) {
		words = append(words, "--param", `"ds=`+ds+`"`)
	}
	if node != "" {
		words = append(words, "--select", shellQuote(node))
	}
	return strings.Join(words, " ")
}

var plainWord = regexp.MustCompile(`^[A-Za-z0-9_./=:,+-]+$`)

func shellQuote(s string) string {
	if plainWord.MatchString(s) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

var noID = regexp.MustCompile(`[^A-Za-z0-9_.-]+`)
var noVariable = regexp.MustCompile(`[^A-Za-z0-9_]+`)

func pythonQuote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`).Replace(s) + `"`
}

const airflowHead = `# Written by skep dag. One task a script; what they read and write orders them.
from datetime import datetime, timedelta

from airflow import DAG
from airflow.exceptions import AirflowException, AirflowFailException, AirflowSkipException

try:
    from airflow.providers.standard.operators.bash import BashOperator
except ImportError:  # Airflow 2
    from airflow.operators.bash import BashOperator


class Skep(BashOperator):
    """Exit 3 (a server was away) and 4 (somebody else changed the table) are tried again, 99 (up to date) is skipped, others fail at once."""

    def execute(self, context):
        try:
            return super().execute(context)
        except AirflowSkipException:
            raise
        except AirflowException as e:
            if str(e).rstrip(".").endswith((" 3", " 4")):
                raise
            raise AirflowFailException(str(e))


`

// airflow writes a file for Airflow's dags folder.
func (g *Graph) airflow(o *DAGOptions) {
	fmt.Fprint(o.Out, airflowHead)
	fmt.Fprintf(o.Out, "with DAG(\n    dag_id=%s,\n    start_date=datetime(2024, 1, 1),\n    schedule=\"@daily\",\n    catchup=False,\n    max_active_runs=1,\n"+
		"    default_args={\"retries\": 3, \"retry_delay\": timedelta(minutes=1), \"skip_on_exit_code\": 99, \"trigger_rule\": \"none_failed\"},\n) as dag:\n",
		pythonQuote(noID.ReplaceAllString(filepath.Base(g.Dir), "_")))
	for _, n := range g.Nodes {
		// a value of Airflow's stands in the command; braces of paths would be taken for one
		cmd := g.command(o, n.Name, "{{ ds }}")
		fmt.Fprintf(o.Out, "    %s = Skep(task_id=%s, bash_command=%s, append_env=True)\n", variable(n), pythonQuote(noID.ReplaceAllString(n.Name, "_")), pythonQuote(cmd))
	}
	for _, n := range g.Nodes {
		if len(n.Needs) > 0 {
			var list []string
			for _, d := range n.Needs {
				list = append(list, variable(d))
			}
			fmt.Fprintf(o.Out, "    [%s] >> %s\n", strings.Join(list, ", "), variable(n))
		}
	}
}

func variable(n *Node) string { return "task_" + noVariable.ReplaceAllString(n.Name, "_") }
