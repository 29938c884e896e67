package kernels

import (
	"github.com/tuff-ml/tuff/gpu"
	"github.com/tuff-ml/tuff/shaders"
)

// wideSpec is the constant WIDE of shaders/include/addr.glsl: 1 where an
// element of some operand may lie at 2³¹ or beyond, n being the numbers of
// elements that they span.
func wideSpec(n ...int) gpu.SpecConst {
	for _, x := range n {
		if x > 1<<31 {
			return spec(shaders.MatmulSpecWide, 1)
		}
	}
	return spec(shaders.MatmulSpecWide, 0)
}

// loopsFit refuses kernels in which an invocation goes round loops more often
// than the device stands, see gpu.Limits.MaxLoop.
func loopsFit(info *gpu.Info, rounds int) error {
	if most := info.Limits.MaxLoop; most > 0 && rounds >= most {
		return unsupported("loops of %d rounds; %s stops after %d", rounds, info.Name, most)
	}
	return nil
}
