package gpu

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
)

// bindingCalls are the functions of the binding that package gpu may call:
// those that take handles and single create-infos without slices of structs or
// strings, and those that load it. Everything else frees memory under the call
// or leaks, and goes through internal/vkx.
var bindingCalls = map[string]bool{
	"SetGetInstanceProcAddr": true, "Init": true, "InitInstance": true, "ToString": true,
	"GetPhysicalDeviceProperties": true, "GetDeviceQueue": true, "DestroyDevice": true,
	"CreateBuffer": true, "DestroyBuffer": true, "GetBufferMemoryRequirements": true, "BindBufferMemory": true,
	"AllocateMemory": true, "FreeMemory": true, "MapMemory": true,
	"CreateFence": true, "DestroyFence": true, "GetFenceStatus": true,
	"CreateSemaphore": true, "DestroySemaphore": true,
	"CreateQueryPool": true, "DestroyQueryPool": true,
	"CreateCommandPool": true, "DestroyCommandPool": true, "AllocateCommandBuffers": true,
	"CreatePipelineCache": true, "DestroyPipelineCache": true, "GetPipelineCacheData": true,
	"DestroyPipeline": true, "DestroyPipelineLayout": true,
}

// unsafeCalls lists the calls in a file that are not allowed. Conversions to the
// binding's types (names of its flags) are.
func unsafeCalls(fset *token.FileSet, f *ast.File) []string {
	name := ""
	for _, im := range f.Imports {
		if strings.Trim(im.Path.Value, `"`) == "github.com/vulkan-go/vulkan" {
			name = "vulkan"
			if im.Name != nil {
				name = im.Name.Name
			}
		}
	}
	if name == "" {
		return nil
	}
	if name == "." || name == "_" {
		return []string{"the binding is imported as " + name}
	}
	var out []string
	ast.Inspect(f, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		pkg, ok := sel.X.(*ast.Ident)
		if !ok || pkg.Name != name || bindingCalls[sel.Sel.Name] {
			return true
		}
		for _, verb := range []string{"Create", "Destroy", "Allocate", "Free", "Get", "Set", "Enumerate", "Queue", "Cmd", "Update",
			"Flush", "Invalidate", "Wait", "Reset", "Begin", "End", "Bind", "Merge", "Map", "Unmap"} {
			// A function is a verb and a noun; a type or constant of such a
			// name ends in Info, Bit, Flags or the like.
			if strings.HasPrefix(sel.Sel.Name, verb) && !isType(sel.Sel.Name) {
				out = append(out, fmt.Sprintf("%s: %s.%s", fset.Position(sel.Pos()), name, sel.Sel.Name))
				break
			}
		}
		return true
	})
	return out
}

func isType(name string) bool {
	for _, suffix := range []string{"Info", "Bit", "Flags", "Properties", "Requirements", "Range", "Descriptor"} {
		if strings.HasSuffix(name, suffix) {
			return !strings.HasPrefix(name, "Get") && !strings.HasPrefix(name, "Enumerate")
		}
	}
	switch name {
	case "Queue", "QueueFlagBits", "MapFlags", "Event":
		return true
	}
	return strings.HasPrefix(name, "QueryType") || strings.HasPrefix(name, "EventSet")
}

// TestBindingCalls holds gpu to the safe part of the binding.
func TestBindingCalls(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) < 10 {
		t.Fatalf("wanted this package's sources, got %d files, %v", len(files), err)
	}
	shim, _ := filepath.Glob("internal/vkx/*.go")
	seen := 0
	for _, path := range append(files, shim...) {
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, im := range f.Imports {
			if strings.Contains(im.Path.Value, "vulkan-go") {
				seen++
			}
		}
		for _, c := range unsafeCalls(fset, f) {
			t.Errorf("%s is not safe to call: it belongs in internal/vkx", c)
		}
	}
	if seen == 0 {
		t.Error("no file imports the binding: the check has nothing to check")
	}
}

// TestBindingCallsFinds proves that the check can fail.
func TestBindingCallsFinds(t *testing.T) {
	for _, call := range []string{"CreateComputePipelines", "QueueSubmit", "UpdateDescriptorSets", "CmdPipelineBarrier", "CmdCopyBuffer",
		"FlushMappedMemoryRanges", "InvalidateMappedMemoryRanges", "EnumeratePhysicalDevices", "EnumerateDeviceExtensionProperties",
		"CreateInstance", "CreateDevice", "CreatePipelineLayout", "CreateShaderModule", "GetPhysicalDeviceQueueFamilyProperties",
		"SetDefaultGetInstanceProcAddr", "WaitForFences", "ResetFences"} {
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, "x.go", "package x\nimport v \"github.com/vulkan-go/vulkan\"\nvar f = v."+call+"\nvar _ = v.QueryTypeTimestamp\n", 0)
		if err != nil {
			t.Fatal(err)
		}
		if got := unsafeCalls(fset, f); len(got) != 1 || !strings.Contains(got[0], "v."+call) {
			t.Errorf("%s: wanted it found, got %v", call, got)
		}
	}
}
