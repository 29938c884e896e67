package gpu_test

import (
	"errors"
	"fmt"

	"github.com/tuff-ml/tuff/gpu"
)

// An out-of-memory error says what was asked for and what there was.
func ExampleOutOfMemory() {
	var err error = &gpu.OutOfMemory{Device: "GPU", Asked: 3 << 30, InUse: 5 << 30, Pooled: 1 << 30, Largest: 512 << 20, Budget: 8 << 30}
	fmt.Println(errors.Is(err, gpu.ErrOutOfMemory))
	fmt.Println(err)
	// Output:
	// true
	// gpu: GPU: alloc: wanted 3221225472 bytes (3.00 GiB), got no memory: 5368709120 bytes (5.00 GiB) in use, 1073741824 bytes (1.00 GiB) pooled (largest free piece 536870912 bytes (512.0 MiB)), budget 8589934592 bytes (8.00 GiB)
}
