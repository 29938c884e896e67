package main

import (
	"math/rand/v2"

	"github.com/tuff-ml/tuff/ops"
	"github.com/tuff-ml/tuff/train/data"
)

// logistic is logistic regression as a module of its own: y = sigmoid(w·x + b).
type logistic struct {
	W *ops.Tensor // [2], begins as ones
	B *ops.Tensor // [1], begins as zeros
}

func newLogistic(s *ops.Scope) *logistic {
	return &logistic{
		W: ops.NewParam(s, ops.Ones(s, ops.F32, 2)),
		B: ops.NewParam(s, ops.Zeros(s, ops.F32, 1)),
	}
}

// Forward takes points [n, 2] to probabilities [n].
func (m *logistic) Forward(x *ops.Tensor) *ops.Tensor {
	return ops.MatMul(x, m.W).Add(m.B).Sigmoid()
}

// point is a point of one of two classes.
type point struct {
	x     [2]float32
	class float32 // 0 or 1
}

// pair is a point as a loader takes it.
func (p point) pair() data.Pair[float32, float32] {
	return data.Pair[float32, float32]{X: p.x[:], Y: []float32{p.class}, N: 1}
}

const perClass = 100

// twoClasses draws 100 points around (−1, 1), class 0, and 100 around (1, −1),
// class 1, with a standard deviation of 1.5 along both axes.
func twoClasses(seed uint64) []point {
	r := rand.New(rand.NewPCG(seed, 0x70c1a55e5))
	var out []point
	for class, mean := range [][2]float64{{-1, 1}, {1, -1}} {
		for range perClass {
			p := point{class: float32(class)}
			for k := range p.x {
				p.x[k] = float32(mean[k] + 1.5*r.NormFloat64())
			}
			out = append(out, p)
		}
	}
	return out
}

// split shuffles the indices of the points: 60 to train on, 20 to validate,
// the other 120 to test.
func split(seed uint64) (train, validation, test []int) {
	order := data.RandomSampler{N: 2 * perClass, Seed: seed}.Indices(0)
	return order[:60], order[60:80], order[80:]
}
