package tuff

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/tuff-ml/tuff/gpu"
)

func device(index int, name string, kind gpu.DeviceType, missing ...string) Candidate {
	return vulkanCandidate(gpu.Info{Index: index, Name: name, Type: kind, Software: kind == gpu.Software, Missing: missing, Memory: 1 << 30})
}

var (
	theCPU   = Candidate{ID: "cpu", Name: "cpu (plain Go, 2 threads)", Kind: CPU}
	discrete = device(0, "Radeon RX 7800 XT", gpu.Discrete)
	inside   = device(1, "Intel Iris Xe", gpu.Integrated)
	virtual  = device(2, "Virtio-GPU Venus", gpu.Virtual)
	software = device(3, "llvmpipe (LLVM 19)", gpu.Software)
	odd      = device(4, "Some accelerator", gpu.Other)
	old      = device(5, "GeForce GT 710", gpu.Discrete, "bufferDeviceAddress")
	noLoader = fmt.Errorf("gpu: %w: looked for libvulkan.so.1; install it", gpu.ErrNoLoader)
)

func TestChoose(t *testing.T) {
	all := []Candidate{odd, software, theCPU, virtual, inside, old, discrete}
	tests := []struct {
		name     string
		list     []Candidate
		want     string
		novulkan error
		id       string   // of the device taken; "": an error
		text     []string // what the line, or the error, says
	}{
		{"discrete first", all, "", nil, "vulkan:0", []string{"device vulkan:0 (Radeon RX 7800 XT, discrete): the best of 7 devices found"}},
		{"integrated before virtual", []Candidate{theCPU, virtual, inside}, "", nil, "vulkan:1", nil},
		{"virtual before cpu", []Candidate{theCPU, virtual}, "", nil, "vulkan:2", nil},
		{"cpu before software", []Candidate{software, theCPU}, "", nil, "cpu", []string{"vulkan:3 (llvmpipe (LLVM 19), software) is taken only by name"}},
		{"cpu before what is unknown", []Candidate{odd, theCPU}, "", nil, "cpu", []string{"Some accelerator"}},
		{"below the floor is passed over, and named", []Candidate{old, theCPU}, "", nil, "cpu", []string{"GeForce GT 710", "lacks bufferDeviceAddress"}},
		{"below the floor, another GPU", []Candidate{old, inside, theCPU}, "", nil, "vulkan:1", nil},
		{"cpu alone", []Candidate{theCPU}, "", nil, "cpu", []string{"no GPU found"}},
		{"no loader", []Candidate{theCPU}, "", noLoader, "cpu", []string{"no GPU to use: no Vulkan loader"}},

		{"cpu by name", all, "cpu", nil, "cpu", []string{"asked for by --device"}},
		{"case and spaces", all, "  CPU ", nil, "cpu", nil},
		{"vulkan takes the best", all, "vulkan", nil, "vulkan:0", []string{"the best Vulkan device", "the first of 5"}},
		{"vulkan takes software", []Candidate{theCPU, software}, "vulkan", nil, "vulkan:3", nil},
		{"vulkan never takes the cpu", []Candidate{theCPU}, "vulkan", noLoader, "", []string{"no Vulkan loader", "looked for libvulkan.so.1", "cpu (plain Go, 2 threads)"}},
		{"by number", all, "vulkan:2", nil, "vulkan:2", []string{"--device=vulkan:2"}},
		{"software by number", all, "Vulkan:3", nil, "vulkan:3", nil},
		{"no such number", all, "vulkan:9", nil, "", []string{`--device="vulkan:9"`, "vulkan:0 (Radeon", "give cpu, vulkan, vulkan:N"}},
		{"not a number", all, "vulkan:x", nil, "", []string{`wanted a number after "vulkan:"`}},
		{"negative", all, "vulkan:-1", nil, "", []string{"wanted a number"}},
		{"number below the floor", all, "vulkan:5", nil, "", []string{"lacks bufferDeviceAddress) cannot run Tuff"}},
		{"by name", all, "iris", nil, "vulkan:1", []string{"the only device with such a name"}},
		{"software by name", all, "LLVMpipe", nil, "vulkan:3", nil},
		{"name of two", all, "i", nil, "", []string{"the name fits 3 devices, give the number", "vulkan:1 (Intel"}},
		{"unknown name", all, "gtx", nil, "", []string{`"gtx"`, "found vulkan:0 (Radeon RX 7800 XT, discrete)", "cpu (plain Go"}},
		{"name below the floor", all, "geforce", nil, "", []string{"cannot run Tuff"}},
		{"name of the cpu backend is no Vulkan device", []Candidate{theCPU}, "plain", nil, "", []string{"wanted a device"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			list := append([]Candidate(nil), tt.list...)
			rank(list)
			c, err := choose(list, tt.want, "--device", tt.novulkan)
			got := c.String()
			if tt.id == "" {
				if !errors.Is(err, ErrNoDevice) {
					t.Fatalf("choose(%q): wanted ErrNoDevice, got %v, %v", tt.want, c, err)
				}
				if tt.novulkan != nil && !errors.Is(err, gpu.ErrNoLoader) {
					t.Errorf("wanted the cause within reach of errors.Is, got %v", err)
				}
				got = err.Error()
			} else if err != nil || c.ID != tt.id {
				t.Fatalf("choose(%q) = %v, %v; wanted %s", tt.want, c, err, tt.id)
			}
			for _, s := range tt.text {
				if !strings.Contains(got, s) {
					t.Errorf("wanted %q in %q", s, got)
				}
			}
			if strings.Contains(got, "\n") {
				t.Errorf("wanted one line, got %q", got)
			}
		})
	}
}

func TestRankPrefersMemoryAmongEquals(t *testing.T) {
	small, large := device(0, "small", gpu.Discrete), device(1, "large", gpu.Discrete)
	large.Caps.Memory = 8 << 30
	list := []Candidate{small, large, theCPU}
	rank(list)
	if list[0].Name != "large" || list[2].ID != "cpu" {
		t.Errorf("wanted large, small, cpu; got %v", list)
	}
}

func TestFeatureNames(t *testing.T) {
	got := strings.Join(featureNames(gpu.Features{Float16: true, SubgroupSizeControl: true, CoopMat: true}), " ")
	if want := "float16 subgroup_size_control coop_mat"; got != want {
		t.Errorf("got %q, wanted %q", got, want)
	}
}
