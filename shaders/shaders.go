package shaders

import (
	"embed"
	"fmt"
	"sort"
	"strings"
)

// Feature is a set of device features that a program needs beyond the engine's floor (Vulkan 1.2 with buffer
// addresses, 8 and 16 bit storage, subgroup basic and arithmetic operations).
type Feature uint32

// The features, by the name that a variant line gives them.
const (
	Float16         Feature = 1 << iota // float16: shaderFloat16
	Float64                             // float64: shaderFloat64
	Int8                                // int8: shaderInt8
	Int16                               // int16: shaderInt16
	Int64                               // int64: shaderInt64
	Int64Atomics                        // int64_atomics: shaderBufferInt64Atomics
	FloatAtomicAdd                      // float_atomic_add: shaderBufferFloat32AtomicAdd
	SubgroupVote                        // subgroup_vote
	SubgroupBallot                      // subgroup_ballot
	SubgroupShuffle                     // subgroup_shuffle, with the relative ones
	MemoryModel                         // memory_model: vulkanMemoryModel
	CoopMat                             // coopmat: cooperativeMatrix of VK_KHR_cooperative_matrix
	CoopMat2                            // coopmat2: VK_NV_cooperative_matrix2
	BFloat16                            // bfloat16: VK_KHR_shader_bfloat16
	DotProduct                          // dot_product: shaderIntegerDotProduct
)

var featureNames = []string{
	"float16", "float64", "int8", "int16", "int64", "int64_atomics", "float_atomic_add", "subgroup_vote",
	"subgroup_ballot", "subgroup_shuffle", "memory_model", "coopmat", "coopmat2", "bfloat16", "dot_product",
}

// FeatureOf returns the feature of that name, 0 where there is none.
func FeatureOf(name string) Feature {
	for i, n := range featureNames {
		if n == name {
			return 1 << i
		}
	}
	return 0
}

// Has reports whether all of want are in f.
func (f Feature) Has(want Feature) bool { return f&want == want }

// String lists the names, separated by commas.
func (f Feature) String() string {
	var s []string
	for i, n := range featureNames {
		if f.Has(1 << i) {
			s = append(s, n)
		}
	}
	return strings.Join(s, ",")
}

// Spec is a specialization constant: Kind is "uint", "int", "float" or "bool", Default its 32 bits.
type Spec struct {
	ID      uint32
	Name    string // as the shader names it; LOCAL_X, LOCAL_Y, LOCAL_Z for unnamed local_size ids
	Kind    string
	Default uint32
}

// Program is one compiled variant of a shader.
type Program struct {
	Name    string    // stem.variant, or the stem alone
	Stem    string    // the op or family
	Variant string    // as the header names it
	Hash    string    // SHA-256 in hex over compiler, flags, macros, source and includes
	Needs   Feature   // beyond the floor
	Push    int       // bytes of push constants, a multiple of 4
	Block   any       // a nil pointer to the generated struct of the push constants; nil without any
	Local   [3]uint32 // workgroup size, where no specialization constant changes it
	LocalID [3]int    // ids of the constants that change it, −1 where it is fixed
	Specs   []Spec    // by id; constants that the optimizer found unused are not listed
}

//go:embed spv
var files embed.FS

var programs = map[string]*Program{}

// register is called by the generated files.
func register(p *Program) {
	if programs[p.Name] != nil {
		panic("shaders: register: wanted distinct programs, got " + p.Name + " twice")
	}
	programs[p.Name] = p
}

// Lookup returns the program of that name. The caller must not change it.
func Lookup(name string) (*Program, error) {
	if p := programs[name]; p != nil {
		return p, nil
	}
	return nil, fmt.Errorf("shaders: lookup: wanted one of %d programs, got %q", len(programs), name)
}

// Names lists all programs, sorted.
func Names() []string {
	names := make([]string, 0, len(programs))
	for n := range programs {
		names = append(names, n)
	}
	sort.Strings(names)
	return names
}

// SPIRV returns the program's code in little-endian words, as a fresh slice.
func (p *Program) SPIRV() ([]byte, error) {
	b, err := files.ReadFile("spv/" + p.Name + ".spv")
	if err != nil {
		return nil, fmt.Errorf("shaders: %s: wanted its SPIR-V among the embedded files: %w", p.Name, err)
	}
	return b, nil
}
