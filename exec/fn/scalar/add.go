package scalar

import (
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/kernel"
)

var add = &fn.Function{
	Name: "add", Aliases: []string{"+"}, Category: "operator",
	Doc:        "The sum of two numbers; a date, time or timestamp moved by days or an interval; the sum of two intervals.",
	Signatures: []string{"number + number", "DATE + integer → DATE", "DATE + INTERVAL", "DATE + TIME → TIMESTAMP", "TIMESTAMP + INTERVAL", "TIME + INTERVAL", "INTERVAL + INTERVAL"},
	Examples: tex("1 + 2", "3", "1.5 + 2", "3.5", "1e0 + 2", "3.0", "DATE '2024-01-31' + 1", "2024-02-01",
		"DATE '2024-01-31' + INTERVAL 1 MONTH", "2024-02-29", "DATE '2024-01-31' + INTERVAL 2 HOUR", "2024-01-31 02:00:00",
		"TIMESTAMP '2024-01-01 10:00:00' + INTERVAL 90 MINUTE", "2024-01-01 11:30:00", "INTERVAL 1 DAY + INTERVAL 2 DAY", "3 days",
		"NULL + 1", "NULL", "DATE '2024-01-01' + TIME '10:30:00'", "2024-01-01 10:30:00"),
	Bind: func(args []fn.Arg) (*fn.Overload, error) {
		if o := bindArith(kernel.Add, "+", args); o != nil {
			return o, nil
		}
		return bindMove(args, 1), nil
	},
}
