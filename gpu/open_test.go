//go:build cgo && (linux || windows || (darwin && vulkan)) && (amd64 || arm64 || ppc64le || riscv64 || loong64)

package gpu

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
)

func TestEnumerate(t *testing.T) {
	for i, info := range infos(t, nil) {
		if info.Index != i || info.Name == "" || info.Driver == "" || info.Memory == 0 {
			t.Errorf("wanted index, name, driver and memory, got %+v", info)
		}
		if info.Software != (info.Type == Software) {
			t.Errorf("%s: software %v, type %v", info.Name, info.Software, info.Type)
		}
		if len(info.Missing) > 0 {
			continue
		}
		l := info.Limits
		if l.MaxWorkgroupSize[0] < 128 || l.MaxWorkgroupCount[0] < 65535 || l.MaxPushConstants < 128 || l.MaxSharedMemory < 16384 ||
			l.SubgroupSize < 1 || l.MinSubgroupSize > l.SubgroupSize || l.MaxSubgroupSize < l.SubgroupSize || l.MaxAllocation < 1<<30 || l.MaxStorageBufferRange < 1<<27 {
			t.Errorf("%s: limits below Vulkan's own minimum: %+v", info.Name, l)
		}
		t.Logf("%s: %s, %s, %d MiB, features %+v, limits %+v, %d coopmat shapes, quirks %v",
			info.Name, info.Type, info.Driver, info.Memory>>20, info.Features, info.Limits, len(info.CoopMats), info.Quirks)
	}
}

func TestOpenErrors(t *testing.T) {
	list := infos(t, nil)
	gone := list[0]
	gone.Name = "a device that was unplugged"
	if _, err := Open(gone, nil); !errors.Is(err, ErrNoDevice) || !strings.Contains(err.Error(), gone.Name) {
		t.Errorf("wanted ErrNoDevice naming it, got %v", err)
	}
}

func TestNoLoader(t *testing.T) {
	t.Setenv("TUFF_VULKAN_LOADER", "/nowhere/libvulkan-missing.so")
	_, err := Enumerate(nil)
	if !errors.Is(err, ErrNoLoader) {
		t.Fatalf("wanted ErrNoLoader, got %v", err)
	}
	for _, w := range []string{"/nowhere/libvulkan-missing.so", "install", "TUFF_VULKAN_LOADER"} {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("wanted %q in %q", w, err)
		}
	}
}

func TestNoDriver(t *testing.T) {
	infos(t, nil)
	if os.Getenv("VK_DRIVER_FILES") == "" {
		t.Setenv("VK_ICD_FILENAMES", "/nowhere/none.json")
	}
	t.Setenv("VK_DRIVER_FILES", "/nowhere/none.json")
	_, err := Enumerate(nil)
	if !errors.Is(err, ErrNoDriver) && !errors.Is(err, ErrNoDevice) {
		t.Skipf("this loader does not heed changes of its environment: %v", err)
	}
	if !strings.Contains(err.Error(), "/nowhere/none.json (missing)") {
		t.Errorf("wanted the driver file named as missing in %q", err)
	}
}

func TestDisable(t *testing.T) {
	t.Setenv("TUFF_DISABLE", "coopmat, f64,avx512")
	for _, i := range infos(t, &Options{Disable: []string{"f16"}}) {
		if i.Features.CoopMat || i.CoopMats != nil || i.Features.Float64 || i.Features.Float16 {
			t.Errorf("wanted coopmat, f64 and f16 off, got %+v", i.Features)
		}
	}
	d := open(t, &Options{Disable: FeatureNames()})
	x := buffer(t, d, 64)
	must(t, x.Write(0, make([]byte, 64)))
	must(t, x.Read(bg, 0, make([]byte, 64)))
}

func TestQuirks(t *testing.T) {
	i := Info{DriverID: driverLavapipe, CoopMats: []CoopMat{{M: 8}}}
	i.Features.CoopMat = true
	i.Limits.SubgroupSize = 16
	applyQuirks(&i)
	if i.Features.CoopMat || i.CoopMats != nil || !slices.Contains(i.Quirks, "lavapipe: coopmat only at vector width 256") || !i.splitPack {
		t.Errorf("wanted coopmat off, 64-bit packing rewritten and the quirks named, got %+v", i)
	}
	old := Info{DriverID: driverLavapipe, Driver: "llvmpipe Mesa 22.3.6 (LLVM 15.0.6) (0.0.1)"}
	applyQuirks(&old)
	if old.Limits.MaxLoop != 65535 || len(old.Quirks) != 1 {
		t.Errorf("wanted the loop limit of old lavapipe, got %+v", old)
	}
	for _, keep := range []Info{{DriverID: driverLavapipe, Driver: "llvmpipe Mesa 26.1.6-1~bpo13+1 (LLVM 19.1.7)", Limits: Limits{SubgroupSize: 8}}, {DriverID: 4, Limits: Limits{SubgroupSize: 32}}} {
		keep.Features.CoopMat = true
		applyQuirks(&keep)
		if !keep.Features.CoopMat || keep.Quirks != nil {
			t.Errorf("wanted no quirk for driver %d at size %d", keep.DriverID, keep.Limits.SubgroupSize)
		}
	}
}

func TestBelowFloor(t *testing.T) {
	info := Info{APIVersion: api11}
	if m := missing(nil, &info); len(m) != 1 || m[0] != "Vulkan 1.2 (has 1.1.0)" {
		t.Errorf("wanted Vulkan 1.2 named, got %q", m)
	}
}

// TestLoops runs one long loop and compares it with Go's; where the driver cuts
// loops, Limits.MaxLoop has to say so.
func TestLoops(t *testing.T) {
	d := open(t, nil)
	x := buffer(t, d, 8)
	for _, rounds := range []uint32{60_000, 200_000} {
		s := stream(t, d)
		must(t, spinOnce(s, pipe(t, d, spinProgram), x, rounds, 9))
		want := uint32(9)
		for range rounds {
			want = want*1664525 + 1013904223
		}
		got := readWords(t, x, 2)[1]
		limit := d.Info().Limits.MaxLoop
		if cut := limit > 0 && int(rounds) > limit; !cut && got != want {
			t.Errorf("%d iterations: wanted %d, got %d, and no quirk of %s says why", rounds, want, got, d.Info().Driver)
		}
		must(t, s.Close())
	}
}
