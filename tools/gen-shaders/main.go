// Command gen-shaders compiles the compute shaders of a folder and writes the Go side of them. It is run by
// tools/shaderc.sh, which finds the compiler; see package shaders for what shaders may hold.
//
//	gen-shaders -tools "PREFIX" [-dir shaders] [-check|-force] [stem...]
//
// PREFIX/glslc, PREFIX/spirv-opt and PREFIX/spirv-val are run; PREFIX may hold arguments, as in
// "ROOT/ld.so --library-path ROOT/lib ROOT/bin". For every variant it runs glslc, adds the float modes,
// runs spirv-opt, drops names, stamps the module with the hash of its sources and has spirv-val look at it.
// A variant whose stamp is current is not compiled again. In the folder that holds shaders.go it then writes
// gen_<stem>.go for every shader.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/tuff-ml/tuff/internal/glsl"
)

type options struct {
	tools   []string // how to run a tool: the last element is the folder it lies in
	dir     string
	include string
	check   bool
	force   bool
	only    map[string]bool
	temp    string
}

func main() {
	var o options
	tools := flag.String("tools", "", "how to run glslc and its friends, up to the folder they lie in")
	flag.StringVar(&o.dir, "dir", "shaders", "folder of the shaders")
	flag.StringVar(&o.include, "include", "shaders/include", "folder of the shared includes")
	flag.BoolVar(&o.check, "check", false, "compile everything and compare with what is there; write nothing")
	flag.BoolVar(&o.force, "force", false, "compile everything")
	flag.Parse()
	o.tools = strings.Fields(*tools)
	o.only = map[string]bool{}
	for _, s := range flag.Args() {
		o.only[strings.TrimSuffix(filepath.Base(s), ".comp")] = true
	}
	if err := run(&o); err != nil {
		fmt.Fprintln(os.Stderr, "gen-shaders:", err)
		os.Exit(1)
	}
}

// run goes on after a shader that fails, so that one broken shader does not stop the others.
func run(o *options) error {
	if len(o.tools) == 0 {
		return fmt.Errorf("wanted -tools, got none")
	}
	temp, err := os.MkdirTemp("", "gen-shaders")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	o.temp = temp
	o.compiler()
	paths, err := glsl.Find(o.dir)
	if err != nil {
		return err
	}
	failed, compiled, sources := 0, 0, []*glsl.Source{}
	for _, path := range paths {
		stem := strings.TrimSuffix(filepath.Base(path), ".comp")
		if len(o.only) > 0 && !o.only[stem] {
			continue
		}
		delete(o.only, stem)
		s, err := glsl.Read(path, o.include)
		if err == nil {
			var n int
			n, err = o.shader(s)
			compiled += n
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			failed++
			continue
		}
		sources = append(sources, s)
	}
	if o.only != nil && len(flag.Args()) > 0 && len(o.only) > 0 {
		return fmt.Errorf("wanted stems of %s, got %v too", o.dir, flag.Args())
	}
	if len(flag.Args()) == 0 {
		if err := o.strays(paths); err != nil {
			fmt.Fprintln(os.Stderr, err)
			failed++
		}
	}
	fmt.Printf("%s: %d shaders, %d programs compiled, %d shaders failed\n", o.dir, len(sources)+failed, compiled, failed)
	if failed > 0 {
		return fmt.Errorf("%d shaders failed", failed)
	}
	return nil
}

// strays removes what was generated from shaders or variants that are gone; in a check it reports them.
func (o *options) strays(paths []string) error {
	want := map[string]bool{}
	for _, path := range paths {
		s, err := glsl.Read(path, o.include)
		if err != nil {
			return err
		}
		want["gen_"+s.Stem+".go"] = true
		for _, v := range s.Variants {
			want[s.Program(v)+".spv"] = true
		}
	}
	spv, _ := filepath.Glob(filepath.Join(o.dir, "spv", "*.spv"))
	gen, _ := filepath.Glob(filepath.Join(o.dir, "gen_*.go"))
	for _, f := range append(spv, gen...) {
		if want[filepath.Base(f)] {
			continue
		}
		if o.check {
			return fmt.Errorf("%s: wanted a shader that it comes from, found none", f)
		}
		fmt.Println("removed", f)
		if err := os.Remove(f); err != nil {
			return err
		}
	}
	return nil
}
