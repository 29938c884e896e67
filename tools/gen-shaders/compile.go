package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"

	"github.com/tuff-ml/tuff/internal/glsl"
	"github.com/tuff-ml/tuff/internal/spirv"
	"github.com/tuff-ml/tuff/shaders"
)

// program is a compiled variant with what was read from its code.
type program struct {
	name, variant, hash string
	needs               shaders.Feature
	face                *spirv.Interface
}

func (o *options) run(tool string, args ...string) error {
	words := append([]string{}, o.tools...)
	words[len(words)-1] = filepath.Join(words[len(words)-1], tool)
	words = append(words, args...)
	out, err := exec.Command(words[0], words[1:]...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s %s: %w\n%s", tool, strings.Join(args, " "), err, bytes.TrimSpace(out))
	}
	return nil
}

// compiler says so where the compiler is not the pinned one; its output may then differ from what is
// committed.
func (o *options) compiler() {
	words := append([]string{}, o.tools...)
	words[len(words)-1] = filepath.Join(words[len(words)-1], "glslc")
	out, err := exec.Command(words[0], append(words[1:], "--version")...).Output()
	lines := strings.Split(string(out), "\n")
	if err == nil && len(lines) >= 3 {
		if got := strings.Join(lines[:3], "; "); got == glsl.Toolchain {
			return
		}
	}
	fmt.Fprintf(os.Stderr, "gen-shaders: wanted the compiler %q, got %q (%v); the code may differ from a clean checkout's\n", glsl.Toolchain, out, err)
}

// shader brings all variants of one shader up to date, then its Go file. It returns how many it compiled.
func (o *options) shader(s *glsl.Source) (int, error) {
	var programs []program
	compiled := 0
	for _, v := range s.Variants {
		path := filepath.Join(o.dir, "spv", s.Program(v)+".spv")
		old, _ := os.ReadFile(path)
		code := old
		if o.force || o.check || stamp(old) != s.Hash(v) {
			var err error
			if code, err = o.compile(s, v); err != nil {
				return compiled, err
			}
			compiled++
		}
		p, err := describe(s, v, code)
		if err != nil {
			return compiled, err
		}
		programs = append(programs, p)
		if err := o.put(path, old, code); err != nil {
			return compiled, err
		}
	}
	if _, err := os.Stat(filepath.Join(o.dir, "shaders.go")); err != nil {
		return compiled, nil
	}
	text, err := goFile(s, programs)
	if err != nil {
		return compiled, err
	}
	path := filepath.Join(o.dir, "gen_"+s.Stem+".go")
	old, _ := os.ReadFile(path)
	return compiled, o.put(path, old, text)
}

// put writes what changed, by rename so that no reader sees half a file; in a check it compares.
func (o *options) put(path string, old, now []byte) error {
	if bytes.Equal(old, now) {
		return nil
	}
	if o.check {
		return fmt.Errorf("%s: wanted what its sources compile to (%d bytes), got other %d bytes; run tools/shaderc.sh", path, len(now), len(old))
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	part := filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+".part")
	if err := os.WriteFile(part, now, 0o644); err != nil {
		return err
	}
	return os.Rename(part, path)
}

func stamp(code []byte) string {
	m, err := spirv.Parse(code)
	if err != nil {
		return ""
	}
	return m.Stamped()
}

func (o *options) compile(s *glsl.Source, v glsl.Variant) ([]byte, error) {
	raw, opt, out := filepath.Join(o.temp, "raw.spv"), filepath.Join(o.temp, "opt.spv"), filepath.Join(o.temp, "out.spv")
	args := append([]string{}, glsl.Flags...)
	args = append(args, v.Macros()...)
	args = append(args, "-I"+o.include, s.Path, "-o", raw)
	if err := o.run("glslc", args...); err != nil {
		return nil, fmt.Errorf("%s: %w", s.Program(v), err)
	}
	// Before the optimizer, which folds less where infinities and NaNs are to be kept.
	if err := edit(raw, raw, (*spirv.Module).KeepNaN); err != nil {
		return nil, fmt.Errorf("%s: %w", s.Program(v), err)
	}
	if err := o.run("spirv-opt", append(append([]string{}, glsl.OptFlags...), raw, "-o", opt)...); err != nil {
		return nil, fmt.Errorf("%s: %w", s.Program(v), err)
	}
	finish := func(m *spirv.Module) {
		m.DropNames()
		m.Stamp(s.Hash(v))
	}
	if err := edit(opt, out, finish); err != nil {
		return nil, fmt.Errorf("%s: %w", s.Program(v), err)
	}
	if err := o.run("spirv-val", "--target-env", "vulkan1.2", out); err != nil {
		return nil, fmt.Errorf("%s: %w", s.Program(v), err)
	}
	return os.ReadFile(out)
}

func edit(from, to string, change func(*spirv.Module)) error {
	b, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	m, err := spirv.Parse(b)
	if err != nil {
		return err
	}
	change(m)
	return os.WriteFile(to, m.Bytes(), 0o644)
}

// floor are the capabilities that every device we open has; the others are features to be declared.
var floor = map[uint32]bool{
	0: true, 1: true, // Matrix, Shader
	61: true, 63: true, // GroupNonUniform, GroupNonUniformArithmetic
	4433: true, 4434: true, 4448: true, 4449: true, // 16 and 8 bit storage
	4466: true, // SignedZeroInfNanPreserve
	5347: true, // PhysicalStorageBufferAddresses
}

var featureOf = map[uint32]shaders.Feature{
	9: shaders.Float16, 10: shaders.Float64, 11: shaders.Int64, 12: shaders.Int64Atomics,
	22: shaders.Int16, 39: shaders.Int8, 62: shaders.SubgroupVote, 64: shaders.SubgroupBallot,
	65: shaders.SubgroupShuffle, 66: shaders.SubgroupShuffle, 5345: shaders.MemoryModel,
	5346: shaders.MemoryModel, 6022: shaders.CoopMat, 6033: shaders.FloatAtomicAdd,
	5116: shaders.BFloat16, 5117: shaders.BFloat16, 5118: shaders.BFloat16 | shaders.CoopMat,
	6016: shaders.DotProduct, 6017: shaders.DotProduct, 6018: shaders.DotProduct, 6019: shaders.DotProduct,
	5430: shaders.CoopMat2, 5431: shaders.CoopMat2, 5432: shaders.CoopMat2, 5433: shaders.CoopMat2,
	5434: shaders.CoopMat2, 5435: shaders.CoopMat2, 5439: shaders.CoopMat2,
}

// describe reflects the code and holds the header to it: the declared features are exactly those that the
// code's capabilities ask for.
func describe(s *glsl.Source, v glsl.Variant, code []byte) (program, error) {
	name := s.Program(v)
	m, err := spirv.Parse(code)
	if err != nil {
		return program{}, fmt.Errorf("%s: %w", name, err)
	}
	face, err := m.Reflect()
	if err != nil {
		return program{}, fmt.Errorf("%s: %w", name, err)
	}
	var needs, declared shaders.Feature
	for _, c := range face.Capabilities {
		f, known := featureOf[c]
		if !known && !floor[c] {
			return program{}, fmt.Errorf("%s: wanted capabilities that map to a feature, got SPIR-V capability %d", name, c)
		}
		needs |= f
	}
	for _, n := range v.Needs {
		f := shaders.FeatureOf(n)
		if f == 0 {
			return program{}, fmt.Errorf("%s: wanted a known feature after needs, got %q", name, n)
		}
		declared |= f
	}
	if needs != declared {
		return program{}, fmt.Errorf("%s: its code needs [%s], its variant line declares [%s]", name, needs, declared)
	}
	sort.Slice(face.Specs, func(a, b int) bool { return face.Specs[a].ID < face.Specs[b].ID })
	return program{name: name, variant: v.Name, hash: m.Stamped(), needs: needs, face: face}, nil
}
