package render

import (
	"bufio"

	"github.com/apache/arrow-go/v18/arrow/ipc"

	"github.com/skep-sql/skep"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/vec"
)

// arrowStream writes Arrow's IPC stream format.
type arrowStream struct {
	w   *bufio.Writer
	enc *skep.ArrowEncoder
	out *ipc.Writer
}

func (a *arrowStream) Begin(fields []types.Field) error {
	a.enc = skep.NewArrowEncoder(fields)
	a.out = ipc.NewWriter(a.w, ipc.WithSchema(a.enc.Schema()))
	return nil
}

func (a *arrowStream) Batch(b *vec.Batch) error {
	rec, err := a.enc.Encode(b, false)
	if err != nil {
		return err
	}
	defer rec.Release()
	return a.out.Write(rec)
}

func (a *arrowStream) End() error { return a.out.Close() }
