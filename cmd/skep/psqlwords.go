package main

import "regexp"

var psqlLine = regexp.MustCompile(`(?m)^([ \t]*)\\(copy|c|connect)([ \t]+[^\n;]*?)[ \t]*;?[ \t]*$`)

// psqlWords makes SQL of the lines of a script that are psql's: \copy becomes COPY, and \c USE. As in psql such a line ends at its end.
func psqlWords(text string) string {
	return psqlLine.ReplaceAllStringFunc(text, func(line string) string {
		m := psqlLine.FindStringSubmatch(line)
		word := "COPY"
		if m[2] != "copy" {
			word = "USE"
		}
		return m[1] + word + m[3] + ";"
	})
}
