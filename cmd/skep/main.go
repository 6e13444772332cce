// Command skep answers SQL over files.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/skep-sql/skep"
	"github.com/skep-sql/skep/exec/flow"
	"github.com/skep-sql/skep/exec/kernel"
)

func main() {
	db, err := skep.Open("")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	s := db.Session()
	for _, q := range os.Args[1:] {
		start := time.Now()
		res, err := s.Run(context.Background(), q)
		if err != nil {
			fmt.Fprintf(os.Stderr, "error: %v\n", err)
			os.Exit(1)
		}
		if res.Rows == nil {
			continue
		}
		for {
			b, err := res.Rows.Next(context.Background())
			if err != nil {
				fmt.Fprintf(os.Stderr, "error: %v\n", err)
				var pe *flow.PanicError
				if errors.As(err, &pe) {
					fmt.Fprintln(os.Stderr, string(pe.Stack))
				}
				os.Exit(1)
			}
			if b == nil {
				break
			}
			for i := range b.N {
				var line []byte
				for k, c := range b.Cols {
					if k > 0 {
						line = append(line, '|')
					}
					f, j := c.At(i)
					if !c.IsNull(i) {
						line = kernel.AppendText(line, f, j)
					}
				}
				fmt.Println(string(line))
			}
		}
		res.Rows.Close()
		fmt.Fprintln(os.Stderr, time.Since(start))
	}
}
