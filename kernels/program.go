package kernels

import (
	"strings"

	"github.com/tuff-ml/tuff/gpu"
	"github.com/tuff-ml/tuff/ops"
	"github.com/tuff-ml/tuff/shaders"
)

// spec is one specialization constant.
func spec(id, value uint32) gpu.SpecConst { return gpu.SpecConst{ID: id, Value: value} }

// program makes a shader of package shaders ready for a device. Where the
// device lacks a feature that the shader needs it fails with ErrUnsupported.
func program(info *gpu.Info, name string, consts ...gpu.SpecConst) (gpu.Program, error) {
	p, err := shaders.Lookup(name)
	if err != nil {
		return gpu.Program{}, unsupported("%v", err)
	}
	if lack := p.Needs &^ features(info); lack != 0 {
		return gpu.Program{}, unsupported("%s needs %s, which %s lacks", name, deviceNames(lack), info.Name)
	}
	code, err := p.SPIRV()
	if err != nil {
		return gpu.Program{}, err
	}
	return gpu.Program{Name: name, SPIRV: code, Hash: p.Hash, PushBytes: p.Push, Spec: consts}, nil
}

// features are those of a device in the words of package shaders.
func features(info *gpu.Info) shaders.Feature {
	f := &info.Features
	var out shaders.Feature
	for _, x := range [...]struct {
		has  bool
		name shaders.Feature
	}{
		{f.Float16, shaders.Float16}, {f.Float64, shaders.Float64},
		{f.Int8, shaders.Int8}, {f.Int16, shaders.Int16}, {f.Int64, shaders.Int64},
		{f.SubgroupShuffle, shaders.SubgroupShuffle}, {f.SubgroupBallot, shaders.SubgroupBallot},
		{f.MemoryModel, shaders.MemoryModel}, {f.CoopMat, shaders.CoopMat}, {f.IntDot, shaders.DotProduct},
	} {
		if x.has {
			out |= x.name
		}
	}
	return out
}

// deviceNames are the features as Vulkan calls them, where it has a name for
// the whole of one.
func deviceNames(f shaders.Feature) string {
	s := f.String()
	for _, x := range [...][2]string{
		{"float16", "shaderFloat16"}, {"float64", "shaderFloat64"}, {"int16", "shaderInt16"}, {"int64", "shaderInt64"}, {"int8", "shaderInt8"},
	} {
		s = strings.ReplaceAll(s, x[0], x[1])
	}
	return s
}

// groupSize is the workgroup size of elementwise kernels.
func groupSize(info *gpu.Info) int { return min(256, max(1, info.Limits.MaxWorkgroupInvocations)) }

// Groups is how many workgroups of size cover n.
func Groups(n, size int) int { return (n + size - 1) / size }

// Grid folds n workgroups over three dimensions, none longer than the device
// allows; kernels find their linear index with group_index() of buf.glsl, and
// must leave when it is n or more.
func Grid(info *gpu.Info, n int) [3]uint32 {
	var most [3]int
	for i, l := range info.Limits.MaxWorkgroupCount {
		most[i] = min(max(l, 65535), 1<<31-1)
	}
	if n <= most[0] {
		return [3]uint32{uint32(max(n, 1)), 1, 1}
	}
	// As even as possible, so that few groups stand over.
	y := Groups(n, most[0])
	z := 1
	if y > most[1] {
		z = Groups(y, most[1])
		y = Groups(y, z)
	}
	x := Groups(n, y*z)
	return [3]uint32{uint32(x), uint32(y), uint32(z)}
}

// storage is the name of a dtype in buf.glsl: bool is u8.
func storage(d ops.DType) string {
	if d == ops.Bool {
		return "u8"
	}
	return d.String()
}

// sized is the name of the unsigned type with a dtype's size, for kernels that
// only move elements.
func sized(d ops.DType) string {
	return [...]string{1: "b1", 2: "b2", 4: "b4", 8: "b8"}[d.Size()]
}
