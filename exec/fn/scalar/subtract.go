package scalar

import (
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/kernel"
)

var subtract = &fn.Function{
	Name: "subtract", Aliases: []string{"-"}, Category: "operator",
	Doc:        "The difference of two numbers or of two dates (days), timestamps or times (intervals); a date or time moved back.",
	Signatures: []string{"number - number", "DATE - DATE → BIGINT", "DATE - integer → DATE", "DATE - INTERVAL", "TIMESTAMP - TIMESTAMP → INTERVAL", "TIMESTAMP - INTERVAL", "TIME - INTERVAL", "INTERVAL - INTERVAL"},
	Examples: tex("5 - 7", "-2", "1 - 0.06", "0.94", "DATE '2024-03-01' - DATE '2024-02-01'", "29", "DATE '2024-03-01' - 1", "2024-02-29",
		"DATE '2024-03-31' - INTERVAL 1 MONTH", "2024-02-29", "TIMESTAMP '2024-01-03 01:00:00' - TIMESTAMP '2024-01-01 00:00:00'", "2 days 01:00:00",
		"DATE '1998-12-01' - INTERVAL '90' DAY", "1998-09-02"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) {
		if o := bindArith(kernel.Sub, "-", args); o != nil {
			return o, nil
		}
		if o := bindDifference(args); o != nil {
			return o, nil
		}
		return bindMove(args, -1), nil
	},
}
