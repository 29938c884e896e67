//go:build cgo && (linux || windows || (darwin && vulkan)) && (amd64 || arm64 || ppc64le || riscv64 || loong64)

package gpu

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	vk "github.com/vulkan-go/vulkan"

	"github.com/tuff-ml/tuff/gpu/internal/vkx"
)

const (
	api11 = 1<<22 | 1<<12
	api12 = 1<<22 | 2<<12
	api13 = 1<<22 | 3<<12

	validationLayer = "VK_LAYER_KHRONOS_validation"
)

// The binding keeps its function pointers in C globals, so the process has one
// loader; this is its only state beside tables.
var loader struct {
	sync.Mutex
	open  *vkx.Loader
	ready bool // the binding's instance functions are loaded
}

func loaderNames() []string {
	if p := os.Getenv("TUFF_VULKAN_LOADER"); p != "" {
		return []string{p}
	}
	switch runtime.GOOS {
	case "windows":
		return []string{"vulkan-1.dll"}
	case "darwin":
		return []string{"libvulkan.1.dylib", "libvulkan.dylib", "libMoltenVK.dylib"}
	}
	return []string{"libvulkan.so.1", "libvulkan.so"}
}

// openLoader opens the loader. The first one that opens stays for the process;
// a TUFF_VULKAN_LOADER that cannot be opened is an error all the same.
func openLoader() (*vkx.Loader, error) {
	loader.Lock()
	defer loader.Unlock()
	names := loaderNames()
	if loader.open != nil && (len(names) > 1 || names[0] == loader.open.Name || os.Getenv("TUFF_VULKAN_LOADER") == "") {
		return loader.open, nil
	}
	var tried []string
	for _, n := range names {
		l, err := vkx.OpenLoader(n)
		if err != nil {
			tried = append(tried, err.Error())
			continue
		}
		if loader.open != nil {
			return loader.open, nil
		}
		vk.SetGetInstanceProcAddr(l.Proc())
		if err := vk.Init(); err != nil {
			return nil, fmt.Errorf("gpu: open loader %s: %w", n, err)
		}
		loader.open = l
		return l, nil
	}
	hint := "install the Vulkan loader (Debian, Ubuntu: libvulkan1; Fedora: vulkan-loader; Windows: the GPU's driver), or set TUFF_VULKAN_LOADER to its path"
	if runtime.GOOS == "darwin" {
		hint = "install MoltenVK or the Vulkan SDK, or set TUFF_VULKAN_LOADER to the library's path"
	}
	return nil, fmt.Errorf("gpu: %w: looked for %s (%s); %s", ErrNoLoader, strings.Join(names, ", "), strings.Join(tried, "; "), hint)
}

// newInstance creates an instance of its own for the caller.
func newInstance(opt *Options) (*vkx.Instance, error) {
	l, err := openLoader()
	if err != nil {
		return nil, err
	}
	if v := l.Version(); v < api11 {
		return nil, fmt.Errorf("gpu: %w: the loader %s speaks Vulkan %s, wanted 1.1 or newer; update it", ErrNoLoader, l.Name, versionText(v))
	}
	validate := opt.Validate
	if validate && !l.HasLayer(validationLayer) {
		return nil, fmt.Errorf("gpu: validation was asked for, but the layer %s is not installed (Debian: vulkan-validationlayers; VK_LAYER_PATH=%q)", validationLayer, os.Getenv("VK_LAYER_PATH"))
	}
	portability := runtime.GOOS == "darwin" && l.HasExtension("", "VK_KHR_portability_enumeration")
	in, r := l.NewInstance(api13, validate, portability)
	if r == vkx.IncompatibleDriver {
		return nil, fmt.Errorf("gpu: %w: the loader %s found none that works; %s; install the GPU's driver (Debian, Ubuntu: mesa-vulkan-drivers, or NVIDIA's own)", ErrNoDriver, l.Name, driverSearch())
	}
	if r != vkx.Success {
		return nil, fmt.Errorf("gpu: create instance: %w", r)
	}
	loader.Lock()
	defer loader.Unlock()
	if !loader.ready {
		if err := vk.InitInstance(handle[vk.Instance](in.Handle())); err != nil {
			in.Destroy()
			return nil, fmt.Errorf("gpu: load instance functions: %w", err)
		}
		loader.ready = true
	}
	return in, nil
}

// driverSearch tells where Vulkan looks for drivers and what lies there.
func driverSearch() string {
	for _, env := range []string{"VK_DRIVER_FILES", "VK_ICD_FILENAMES"} {
		if v := os.Getenv(env); v != "" {
			var parts []string
			for _, p := range filepath.SplitList(v) {
				state := "present"
				if _, err := os.Stat(p); err != nil {
					state = "missing"
				}
				parts = append(parts, p+" ("+state+")")
			}
			return env + " names " + strings.Join(parts, ", ")
		}
	}
	if runtime.GOOS == "windows" {
		return `drivers are registered under HKLM\SOFTWARE\Khronos\Vulkan\Drivers`
	}
	home, _ := os.UserHomeDir()
	var parts []string
	for _, dir := range []string{filepath.Join(home, ".local/share/vulkan/icd.d"), "/etc/vulkan/icd.d", "/usr/local/share/vulkan/icd.d", "/usr/share/vulkan/icd.d"} {
		files, _ := filepath.Glob(filepath.Join(dir, "*.json"))
		parts = append(parts, fmt.Sprintf("%s (%d files)", dir, len(files)))
	}
	return "VK_DRIVER_FILES is not set; looked in " + strings.Join(parts, ", ")
}

// withDefaults fills options from the environment, in a copy.
func withDefaults(opt *Options) *Options {
	o := Options{}
	if opt != nil {
		o = *opt
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	o.Validate = o.Validate || os.Getenv("TUFF_VALIDATE") == "1"
	o.ForceStaging = o.ForceStaging || os.Getenv("TUFF_FORCE_STAGING") == "1"
	if env := os.Getenv("TUFF_DISABLE"); env != "" {
		o.Disable = append(append([]string(nil), o.Disable...), strings.Split(env, ",")...)
	}
	if o.ProfilePath == "" {
		o.ProfilePath = os.Getenv("TUFF_PROFILE")
	}
	o.Profile = o.Profile || o.ProfilePath != ""
	if o.WaitLimit <= 0 {
		o.WaitLimit = defaultWaitLimit
	}
	if o.CacheDir == "" {
		if dir, err := os.UserCacheDir(); err == nil {
			o.CacheDir = filepath.Join(dir, "tuff", "pipelines")
		} else {
			o.CacheDir = "-"
		}
	}
	return &o
}

func versionText(v uint32) string { return fmt.Sprintf("%d.%d.%d", v>>22&0x7f, v>>12&0x3ff, v&0xfff) }
