package optest_test

import (
	"fmt"

	cpu "github.com/tuff-ml/tuff/fallback_cpu"
	"github.com/tuff-ml/tuff/ops"
	"github.com/tuff-ml/tuff/ops/optest"
)

// A device is checked against the references, op by op; the device's own
// float64 gradients serve as reference where none other is at hand.
func ExampleRun() {
	backend, err := cpu.New(cpu.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	dev := ops.NewDevice(backend, nil)
	defer dev.Close()
	rep, err := optest.Run(dev, dev, optest.Options{Pattern: "tanh,softmax", Short: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, o := range rep.Ops {
		fmt.Println(o.Op, "failed:", o.Failed, "skipped:", o.Skipped, "within 8 ULP:", o.WorstULP <= 8)
	}
	// Output:
	// softmax failed: 0 skipped: 0 within 8 ULP: true
	// tanh failed: 0 skipped: 0 within 8 ULP: true
}
