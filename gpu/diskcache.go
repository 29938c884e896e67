//go:build cgo && (linux || windows || (darwin && vulkan)) && (amd64 || arm64 || ppc64le || riscv64 || loong64)

package gpu

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	vk "github.com/vulkan-go/vulkan"

	"github.com/tuff-ml/tuff/gpu/internal/vkx"
)

// cacheMagic begins every cache file; a SHA-256 of the rest follows. Drivers
// check little of what they are handed, so damage is found here.
const cacheMagic = "TUFFPC1\n"

// diskCache is one program's VkPipelineCache and its file.
type diskCache struct {
	once   sync.Once
	mu     sync.Mutex
	handle uint64
	path   string // "": not kept
	saved  int    // payload bytes on disk
}

// cachePath is the file of a program: device, driver version and program name
// it, so a new driver or shader never meets old contents.
func (d *Device) cachePath(hash string) string {
	if d.opt.CacheDir == "-" {
		return ""
	}
	for _, c := range hash {
		if (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
			return "" // not a plain hash: not a file name
		}
	}
	dir := fmt.Sprintf("%x-%08x", d.info.UUID, d.info.DriverVersion)
	return filepath.Join(d.opt.CacheDir, dir, hash+".bin")
}

func (c *diskCache) open(d *Device) {
	data := c.load(d)
	ci := vk.PipelineCacheCreateInfo{SType: vk.StructureTypePipelineCacheCreateInfo}
	if len(data) > 0 {
		p := vkx.Alloc(data)
		defer vkx.Free(p)
		ci.PInitialData, ci.InitialDataSize = p, uint(len(data))
	}
	var h vk.PipelineCache
	r := vk.CreatePipelineCache(d.vk, &ci, nil, &h)
	ci.Free()
	if r != vk.Success {
		d.log.Warn("gpu: no pipeline cache", "error", vkx.Result(r))
		return
	}
	c.handle, c.saved = raw(h), len(data)
}

// load reads the file and returns its payload; a damaged one is reported and
// ignored.
func (c *diskCache) load(d *Device) []byte {
	if c.path == "" {
		return nil
	}
	file, err := os.ReadFile(c.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		var payload []byte
		if payload, err = unpackCache(file); err == nil {
			d.nHit.Add(1)
			return payload
		}
	}
	d.log.Warn("gpu: pipeline cache file ignored", "file", c.path, "error", err)
	return nil
}

func unpackCache(file []byte) ([]byte, error) {
	head := len(cacheMagic) + sha256.Size
	if len(file) < head || string(file[:len(cacheMagic)]) != cacheMagic {
		return nil, fmt.Errorf("wanted a file that starts with %q, got %d other bytes", cacheMagic, len(file))
	}
	if sum := sha256.Sum256(file[head:]); !bytes.Equal(sum[:], file[len(cacheMagic):head]) {
		return nil, errors.New("its checksum does not match")
	}
	return file[head:], nil
}

// save writes the cache when it has grown: to a new file beside the old one,
// which it then replaces, so that readers see one or the other.
func (c *diskCache) save(d *Device) {
	if c.path == "" || c.handle == 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	h := handle[vk.PipelineCache](c.handle)
	var n uint
	if vk.GetPipelineCacheData(d.vk, h, &n, nil) != vk.Success || n == 0 || int(n) == c.saved {
		return
	}
	data := make([]byte, n)
	buf := vkx.Alloc(data)
	defer vkx.Free(buf)
	if vk.GetPipelineCacheData(d.vk, h, &n, buf) != vk.Success {
		return
	}
	data = vkx.Bytes(buf, int(n))
	sum := sha256.Sum256(data)
	file := append(append([]byte(cacheMagic), sum[:]...), data...)
	if err := writeAtomic(c.path, file); err != nil {
		d.log.Warn("gpu: pipeline cache not written", "error", err)
		return
	}
	c.saved = len(data)
}

func writeAtomic(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}
