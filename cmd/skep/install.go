package main

import (
	"fmt"
	"sort"
	"strings"

	"github.com/skep-sql/skep/catalog/session"
	"github.com/skep-sql/skep/cmd/skep/render"
)

// completions gives the script with which a shell of the system completes the command line; "" for one that is not known.
func completions(sh string) string {
	var sets []string
	for _, s := range session.Settings {
		sets = append(sets, s.Name+"=")
	}
	flags := append([]string{"-h"}, flagNames...)
	sort.Strings(flags)
	fill := strings.NewReplacer("{flags}", strings.Join(flags, " "), "{formats}", strings.Join(render.Formats, " "), "{settings}", strings.Join(sets, " "))
	switch sh {
	case "bash":
		return fill.Replace(bashScript)
	case "zsh":
		return fill.Replace(zshScript)
	case "fish":
		return fishScript(sets)
	}
	return ""
}

const bashScript = `# bash completion of skep: skep --completions bash > ~/.local/share/bash-completion/completions/skep
_skep() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
  if [[ $cur == = ]]; then cur=; elif [[ $prev == = ]]; then prev=${COMP_WORDS[COMP_CWORD-2]}; fi
  COMPREPLY=()
  case $prev in
    --format) COMPREPLY=($(compgen -W "{formats}" -- "$cur")); return ;;
    --completions) COMPREPLY=($(compgen -W "bash zsh fish" -- "$cur")); return ;;
    --set) COMPREPLY=($(compgen -W "{settings}" -- "$cur")); compopt -o nospace 2>/dev/null; return ;;
    -c|--param) return ;;
  esac
  if [[ $cur == -* ]]; then
    COMPREPLY=($(compgen -W "{flags}" -- "$cur"))
    return
  fi
  compopt -o filenames 2>/dev/null
  COMPREPLY=($(compgen -f -- "$cur"))
}
complete -F _skep skep
`

const zshScript = `#compdef skep
# zsh completion of skep: skep --completions zsh > a folder of $fpath, as _skep
_skep() {
  _arguments -s \
    '*-c[run this SQL]:SQL:' \
    '*-f[run this script]:script:_files' \
    '(-o --output)'{-o,--output}'[results into a file]:file:_files' \
    '--format[how results look]:format:({formats})' \
    '*--set[a setting]:setting:({settings})' \
    '*--param[a parameter, name=value]:parameter:' \
    '--report[JSON about every statement]:file:_files' \
    '--keep-going[go on after errors]' \
    '--dry-run[plan every statement, run none]' \
    '--echo[show each statement]' \
    '--timer[tell the time and memory of each statement]' \
    '-X[start the shell without the config file]' \
    '--completions[a script for this shell]:shell:(bash zsh fish)' \
    '--man[the manual page]' \
    '(-h --help)'{-h,--help}'[help]' \
    '--version[the version]' \
    '1:warehouse or data file:_files'
}
if [ "$funcstack[1]" = "_skep" ]; then _skep "$@"; else compdef _skep skep; fi
`

func fishScript(sets []string) string {
	var b strings.Builder
	b.WriteString("# fish completion of skep: skep --completions fish > ~/.config/fish/completions/skep.fish\n")
	for _, l := range []string{
		"-s c -x -d 'run this SQL'", "-s f -r -F -d 'run this script'", "-s o -l output -r -F -d 'results into a file'",
		"-l format -x -a '" + strings.Join(render.Formats, " ") + "' -d 'how results look'", "-l set -x -a '" + strings.Join(sets, " ") + "' -d 'a setting'",
		"-l param -x -d 'a parameter, name=value'", "-l report -r -F -d 'JSON about every statement'", "-l keep-going -d 'go on after errors'",
		"-l dry-run -d 'plan every statement, run none'", "-l echo -d 'show each statement'", "-l timer -d 'tell time and memory of each statement'",
		"-s X -d 'start the shell without the config file'", "-l completions -x -a 'bash zsh fish' -d 'a script for this shell'", "-l man -d 'the manual page'",
		"-s h -l help -d 'help'", "-l version -d 'the version'",
	} {
		b.WriteString("complete -c skep " + l + "\n")
	}
	return b.String()
}

// manPage is the page of --help as man shows it.
func manPage() string {
	var b strings.Builder
	fmt.Fprintf(&b, ".TH SKEP 1 \"\" \"skep %s\" \"User Commands\"\n.SH NAME\nskep \\- answers SQL over files\n", version)
	escape := strings.NewReplacer(`\`, `\\`, "-", `\-`)
	section := ""
	start := func(name string) {
		if section != name {
			if section != "" {
				b.WriteString(".fi\n")
			}
			b.WriteString(".SH " + name + "\n.nf\n")
			section = name
		}
	}
	for i, l := range strings.Split(strings.TrimRight(usage, "\n"), "\n") {
		switch {
		case i == 0:
			continue
		case strings.HasPrefix(l, "  skep [WAREHOUSE]"):
			start("SYNOPSIS")
		case strings.HasPrefix(l, "WAREHOUSE is"):
			start("DESCRIPTION")
		case strings.HasPrefix(l, "  -c SQL "):
			start("OPTIONS")
		case l == "Examples":
			start("EXAMPLES")
			continue
		case strings.HasPrefix(l, "Exit codes:"):
			start("EXIT STATUS AND FILES")
		}
		if section == "" || l == "" && section != "EXAMPLES" {
			continue
		}
		l = escape.Replace(l)
		if strings.HasPrefix(l, ".") || strings.HasPrefix(l, "'") {
			l = `\&` + l
		}
		b.WriteString(l + "\n")
	}
	b.WriteString(".fi\n.SH SEE ALSO\nThe shell's commands: \\fB\\\\?\\fR within it.\n")
	return b.String()
}
