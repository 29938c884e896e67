package main

import (
	"sync"

	"github.com/tuff-ml/tuff/ops"
	"github.com/tuff-ml/tuff/ops/optest"
)

// addFailingCase registers a case that wants −1 to be its own negative. It
// does so when called, so that other tests' patterns do not find it.
var addFailingCase = sync.OnceFunc(func() {
	spec := ops.NewSpec(ops.F32, 1)
	wrong := optest.Array{Spec: spec, F: []float64{-1}}
	optest.Add(optest.Case{
		Name: "op=neg/case=made_to_fail", Op: "neg", Want: []optest.Array{wrong}, Source: "made to fail",
		In: []optest.Input{{Spec: spec, Data: &wrong}},
	})
})
