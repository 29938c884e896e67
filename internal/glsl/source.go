// Package glsl reads the sources of compute shaders as far as the toolchain and its freshness tests need:
// the variants that the header declares, the files that are included, and the hash over all that decides
// what the compiler makes of them. It compiles nothing and knows nothing of SPIR-V.
//
// A variant is declared in the header by one line
//
//	// variant: NAME [MACRO[=VALUE]]... [needs FEATURE[,FEATURE]...]
//
// Where VALUE is an identifier, MACRO_VALUE is defined too, because GLSL cannot paste tokens in #if:
// "DT=f16" defines DT as f16 and DT_f16 as 1. A shader without such a line is compiled once, without macros.
package glsl

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
)

// Toolchain is the pinned compiler: the lines that "glslc --version" must print.
const Toolchain = "shaderc 2025.2-1; spirv-tools 2025.1~rc1-1; glslang 15.1.0+1.4.309.0-1"

// Flags are the compiler's flags, the same for every variant; the optimizer is run with OptFlags after it.
var (
	Flags    = []string{"--target-env=vulkan1.2", "-O0"}
	OptFlags = []string{"--target-env=vulkan1.2", "-O"}
)

// Variant is one declared variant. Defines holds NAME or NAME=VALUE in the order declared.
type Variant struct {
	Name    string
	Defines []string
	Needs   []string
}

// Source is a shader: Stem is its file name without .comp, Files the shader itself and all it includes, in
// the order first met.
type Source struct {
	Stem     string
	Path     string
	Variants []Variant
	Files    []string
	texts    [][]byte
}

var (
	stemRule    = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	variantRule = regexp.MustCompile(`^[a-z0-9][a-z0-9_]*$`)
	defineRule  = regexp.MustCompile(`^[A-Z][A-Z0-9_]*(=[A-Za-z0-9_.]+)?$`)
	wordRule    = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	includeRule = regexp.MustCompile(`(?m)^[ \t]*#[ \t]*include[ \t]+"([^"]+)"`)
	bannedStem  = regexp.MustCompile(`_(test|linux|windows|darwin|amd64|arm|arm64|js|wasm|android|ios)$`)
)

// Find lists the .comp files directly in dir, sorted.
func Find(dir string) ([]string, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*.comp"))
	sort.Strings(paths)
	return paths, err
}

// Read reads a shader and everything it includes: beside the including file first, then in the folders of
// include.
func Read(path string, include ...string) (*Source, error) {
	s := &Source{Stem: strings.TrimSuffix(filepath.Base(path), ".comp"), Path: path}
	if !stemRule.MatchString(s.Stem) || bannedStem.MatchString(s.Stem) {
		return nil, fmt.Errorf("glsl: %s: wanted a lower-case stem that does not end like a build constraint, got %q", path, s.Stem)
	}
	if err := s.add(path, include); err != nil {
		return nil, err
	}
	if err := s.header(string(s.texts[0])); err != nil {
		return nil, err
	}
	return s, s.sizeFirst()
}

func (s *Source) add(path string, include []string) error {
	for _, f := range s.Files {
		if f == path {
			return nil
		}
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("glsl: %s: %w", s.Path, err)
	}
	b = bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n"))
	s.Files, s.texts = append(s.Files, path), append(s.texts, b)
	for _, m := range includeRule.FindAllSubmatch(b, -1) {
		found := ""
		for _, dir := range append([]string{filepath.Dir(path)}, include...) {
			if _, err := os.Stat(filepath.Join(dir, string(m[1]))); err == nil {
				found = filepath.Join(dir, string(m[1]))
				break
			}
		}
		if found == "" {
			return fmt.Errorf("glsl: %s: wanted the included file %q beside it or in %v, found none", path, m[1], include)
		}
		if err := s.add(found, include); err != nil {
			return err
		}
	}
	return nil
}

var (
	layoutRule = regexp.MustCompile(`\blocal_size_[xyz]`)
	macroRule  = regexp.MustCompile(`^\s*#\s*define\s+(\w+)`)
	namesRule  = regexp.MustCompile(`\w+`)
)

// sizeFirst fails where gl_WorkGroupSize, or a macro that holds it, is used before the layout of the workgroup
// size: there glslang takes it for (1, 1, 1) without a word.
func (s *Source) sizeFirst() error {
	sized := map[string]bool{"gl_WorkGroupSize": true}
	declared := false
	seen := map[int]bool{}
	var walk func(file int) error
	walk = func(file int) error {
		seen[file] = true
		text := strings.ReplaceAll(string(s.texts[file]), "\\\n", " ")
		for _, line := range strings.Split(text, "\n") {
			line, _, _ = strings.Cut(line, "//")
			if m := includeRule.FindStringSubmatch(line); m != nil {
				for k, f := range s.Files {
					if !seen[k] && filepath.Base(f) == filepath.Base(m[1]) {
						if err := walk(k); err != nil {
							return err
						}
					}
				}
				continue
			}
			declared = declared || layoutRule.MatchString(line)
			macro := macroRule.FindStringSubmatch(line)
			for _, word := range namesRule.FindAllString(line, -1) {
				if !sized[word] {
					continue
				}
				if macro != nil {
					sized[macro[1]] = true
				} else if !declared {
					return fmt.Errorf("glsl: %s: wanted the layout of the workgroup size before %s is used in %s", s.Path, word, filepath.Base(s.Files[file]))
				}
			}
		}
		return nil
	}
	return walk(0)
}

// header reads the comment lines that the shader begins with.
func (s *Source) header(text string) error {
	if !strings.HasPrefix(text, "//") {
		return fmt.Errorf("glsl: %s: wanted a header comment on the first line (formula, bindings, push constants, variants), got none", s.Path)
	}
	seen := map[string]bool{}
	for _, line := range strings.Split(text, "\n") {
		comment, ok := strings.CutPrefix(line, "//")
		if !ok {
			break
		}
		rest, ok := strings.CutPrefix(strings.TrimSpace(comment), "variant:")
		if !ok {
			continue
		}
		v, err := parseVariant(rest)
		if err != nil {
			return fmt.Errorf("glsl: %s: variant line %q: %w", s.Path, strings.TrimSpace(rest), err)
		}
		if seen[v.Name] {
			return fmt.Errorf("glsl: %s: wanted distinct variants, got %q twice", s.Path, v.Name)
		}
		seen[v.Name] = true
		s.Variants = append(s.Variants, v)
	}
	if len(s.Variants) == 0 {
		s.Variants = []Variant{{}}
	}
	return nil
}

func parseVariant(text string) (Variant, error) {
	f := strings.Fields(text)
	if len(f) == 0 || !variantRule.MatchString(f[0]) {
		return Variant{}, fmt.Errorf("wanted a lower-case name first")
	}
	v := Variant{Name: f[0]}
	for i := 1; i < len(f); i++ {
		if f[i] == "needs" {
			if i != len(f)-2 {
				return v, fmt.Errorf("wanted one list of features after needs, got %q", f[i+1:])
			}
			v.Needs = strings.Split(f[i+1], ",")
			break
		}
		if !defineRule.MatchString(f[i]) {
			return v, fmt.Errorf("wanted MACRO or MACRO=VALUE, got %q", f[i])
		}
		v.Defines = append(v.Defines, f[i])
	}
	return v, nil
}

// Program is the name of a variant's program: stem.variant, or the stem alone.
func (s *Source) Program(v Variant) string {
	if v.Name == "" {
		return s.Stem
	}
	return s.Stem + "." + v.Name
}

// Macros are the -D flags of a variant.
func (v Variant) Macros() []string {
	var flags []string
	for _, d := range v.Defines {
		name, value, _ := strings.Cut(d, "=")
		if value == "" {
			value = "1"
		}
		flags = append(flags, "-D"+name+"="+value)
		if wordRule.MatchString(value) {
			flags = append(flags, "-D"+name+"_"+value+"=1")
		}
	}
	return flags
}

// Hash is the SHA-256, in hex, over the pinned compiler, its flags, the variant's macros and the text of
// every file, line ends as in Unix.
func (s *Source) Hash(v Variant) string {
	h := sha256.New()
	fmt.Fprintln(h, Toolchain, Flags, OptFlags, v.Macros())
	for i, f := range s.Files {
		fmt.Fprintln(h, filepath.Base(f), len(s.texts[i]))
		h.Write(s.texts[i])
	}
	return hex.EncodeToString(h.Sum(nil))
}
