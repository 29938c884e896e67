package data_test

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/tuff-ml/tuff/train/data"
)

// idx makes a file: type, dimensions and elements.
func idx(typ byte, dims []uint32, elements ...byte) []byte {
	b := []byte{0, 0, typ, byte(len(dims))}
	for _, d := range dims {
		b = binary.BigEndian.AppendUint32(b, d)
	}
	return append(b, elements...)
}

func zip(t testing.TB, raw []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(raw); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestIDX: every element type, gzip or not.
func TestIDX(t *testing.T) {
	for _, c := range []struct {
		raw  []byte
		typ  data.IDXType
		dims []int
		want []float64
	}{
		{idx(0x08, []uint32{2, 3}, 0, 1, 2, 253, 254, 255), data.IDXUint8, []int{2, 3}, []float64{0, 1, 2, 253, 254, 255}},
		{idx(0x09, []uint32{2}, 127, 128), data.IDXInt8, []int{2}, []float64{127, -128}},
		{idx(0x0B, []uint32{2}, 1, 2, 0xff, 0xfe), data.IDXInt16, []int{2}, []float64{258, -2}},
		{idx(0x0C, []uint32{1, 1}, 0xff, 0xff, 0xff, 0xfd), data.IDXInt32, []int{1, 1}, []float64{-3}},
		{idx(0x0D, []uint32{1}, 0x40, 0x49, 0x0f, 0xdb), data.IDXFloat32, []int{1}, []float64{float64(float32(math.Pi))}},
		{idx(0x0E, []uint32{1}, 0x40, 0x09, 0x21, 0xfb, 0x54, 0x44, 0x2d, 0x18), data.IDXFloat64, []int{1}, []float64{math.Pi}},
		{idx(0x08, []uint32{0, 28, 28}), data.IDXUint8, []int{0, 28, 28}, []float64{}},
	} {
		for _, raw := range [][]byte{c.raw, zip(t, c.raw)} {
			x, err := data.DecodeIDX(bytes.NewReader(raw), "crafted")
			if err != nil {
				t.Errorf("%v: %v", c.typ, err)
				continue
			}
			if x.Type != c.typ || !slices.Equal(x.Dims, c.dims) || !slices.Equal(x.Float64s(), c.want) || x.Len() != len(c.want) {
				t.Errorf("wanted %v%v %v, got %v%v %v", c.typ, c.dims, c.want, x.Type, x.Dims, x.Float64s())
			}
		}
	}
}

func TestIDXBroken(t *testing.T) {
	good := idx(0x08, []uint32{2, 2}, 1, 2, 3, 4)
	for want, raw := range map[string][]byte{
		"wanted a header of 4 bytes, got 0":                                      {},
		"wanted a header of 4 bytes, got 3":                                      good[:3],
		"wanted an IDX file, which starts with 00 00, got 01 00 08 02":           append([]byte{1}, good[1:]...),
		"wanted an IDX file, which starts with 00 00, got 50 4b 03 04":           []byte("PK\x03\x04 a zip archive"),
		"wanted an element type 08, 09, 0b, 0c, 0d or 0e, got 0a":                idx(0x0a, []uint32{1}, 1),
		"wanted at least 1 dimension, got 0":                                     idx(0x08, nil, 1),
		"wanted 2 dimensions, got 1: unexpected EOF":                             good[:11],
		"wanted 4 bytes of elements for u8[2 2], got 3: the file is cut off":     good[:15],
		"wanted 4 bytes of elements for u8[2 2], got 0: the file is cut off":     good[:12],
		"wanted 4 bytes of elements for u8[2 2], got more":                       append(slices.Clone(good), 5),
		"wanted at most 8589934592 bytes of elements, got f64[4294967295":        idx(0x0E, []uint32{math.MaxUint32, math.MaxUint32, math.MaxUint32}),
		"wanted 4294967295 bytes of elements for u8[4294967295], got 2":          idx(0x08, []uint32{math.MaxUint32}, 1, 2),
		"wanted a gzip file, got a broken one":                                   {0x1f, 0x8b, 0, 0},
		"wanted the end of the file behind the elements: gzip: invalid checksum": spoil(zip(t, good), -8),
		"wanted the end of the file behind the elements: gzip: invalid header":   append(zip(t, good), "garbage behind the archive"...),
		"unexpected EOF": zip(t, good)[:25],
	} {
		x, err := data.DecodeIDX(bytes.NewReader(raw), "bad.idx")
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "data: idx: bad.idx: ") {
			t.Errorf("wanted %q, got %v, %v", want, x, err)
		}
	}
	if _, err := data.ReadIDX(filepath.Join(t.TempDir(), "none")); !os.IsNotExist(unwrap(err)) {
		t.Errorf("wanted an error about a missing file, got %v", err)
	}
}

// spoil changes a byte, counted from the end.
func spoil(b []byte, at int) []byte {
	b[len(b)+at] ^= 0xff
	return b
}

func unwrap(err error) error {
	for {
		u, ok := err.(interface{ Unwrap() error })
		if !ok {
			return err
		}
		err = u.Unwrap()
	}
}

// TestIDXTakesNoPromises: a header that promises 4 GiB costs no memory.
func TestIDXTakesNoPromises(t *testing.T) {
	raw := idx(0x08, []uint32{math.MaxUint32}, make([]byte, 1000)...)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := data.DecodeIDX(bytes.NewReader(raw), "promises")
	runtime.ReadMemStats(&after)
	if err == nil || after.TotalAlloc-before.TotalAlloc > 1<<20 {
		t.Errorf("wanted an error and less than 1 MiB, got %v and %d bytes", err, after.TotalAlloc-before.TotalAlloc)
	}
}

func FuzzIDX(f *testing.F) {
	f.Add(idx(0x08, []uint32{2, 2}, 1, 2, 3, 4))
	f.Add(idx(0x0D, []uint32{1}, 1, 2, 3, 4))
	f.Add(zip(f, idx(0x0B, []uint32{1, 1, 2}, 1, 2, 3, 4)))
	f.Add(idx(0x08, []uint32{0xffffffff, 0xffffffff, 0}))
	f.Fuzz(func(t *testing.T, raw []byte) {
		x, err := data.DecodeIDX(bytes.NewReader(raw), "fuzz")
		if err != nil {
			if !strings.HasPrefix(err.Error(), "data: idx: fuzz: ") {
				t.Errorf("wanted an error that names the file, got %v", err)
			}
			return
		}
		n := 1
		for _, d := range x.Dims {
			n *= d
		}
		if len(x.Data) != n*x.Type.Size() || len(x.Float64s()) != n {
			t.Errorf("wanted %d elements of %v, got %d bytes", n, x.Type, len(x.Data))
		}
	})
}

// folder writes files to a new folder.
func folder(t *testing.T, files map[string][]byte) string {
	t.Helper()
	dir := t.TempDir()
	for name, raw := range files {
		if err := os.WriteFile(filepath.Join(dir, name), raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// set makes n pictures of 2×3 whose pixels hold the picture's number.
func set(n int) (images, labels []byte) {
	images, labels = idx(0x08, []uint32{uint32(n), 2, 3}), idx(0x08, []uint32{uint32(n)})
	for i := range n {
		images = append(images, bytes.Repeat([]byte{byte(i)}, 6)...)
		labels = append(labels, byte(i%7))
	}
	return images, labels
}

func TestLoadMNIST(t *testing.T) {
	ai, al := set(10)
	bi, bl := set(5)
	for name, c := range map[string]struct {
		files       map[string][]byte
		train, test int
		first       uint8 // pixel of the first test picture
	}{
		"both":                        {map[string][]byte{"train-images-idx3-ubyte": ai, "train-labels-idx1-ubyte.gz": zip(t, al), "t10k-images.idx3-ubyte": bi, "t10k-labels-idx1-ubyte": bl}, 10, 5, 0},
		"test":                        {map[string][]byte{"t10k-images-idx3-ubyte.gz": zip(t, ai), "t10k-labels-idx1-ubyte.gz": zip(t, al)}, 8, 2, 8},
		"train":                       {map[string][]byte{"train-images-idx3-ubyte": bi, "train-labels-idx1-ubyte": bl}, 4, 1, 4},
		"zipped under the plain name": {map[string][]byte{"t10k-images-idx3-ubyte": zip(t, ai), "t10k-labels-idx1-ubyte": zip(t, al)}, 8, 2, 8},
	} {
		train, test, err := data.LoadMNIST(folder(t, c.files))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if train.Len() != c.train || test.Len() != c.test || test.Pixels[0] != c.first || train.Rows != 2 || train.Cols != 3 || train.Classes != test.Classes {
			t.Errorf("%s: wanted %d and %d pictures, got %d and %d (%+v)", name, c.train, c.test, train.Len(), test.Len(), test)
		}
		p, err := test.At(0)
		if err != nil || len(p.X) != 6 || p.X[0] != float32(c.first)/255 || p.Y[0] != int64(c.first%7) {
			t.Errorf("%s: wanted picture %d, got %v, %v", name, c.first, p, err)
		}
	}
}

func TestLoadMNISTBroken(t *testing.T) {
	ai, al := set(10)
	bi, bl := set(5)
	for want, files := range map[string]map[string][]byte{
		"wanted train-images-idx3-ubyte or t10k-images-idx3-ubyte": {},
		"wanted t10k-labels-idx1-ubyte (or .gz) beside":            {"t10k-images-idx3-ubyte": ai},
		"wanted as many labels as pictures, got 5 in":              {"t10k-images-idx3-ubyte": ai, "t10k-labels-idx1-ubyte": bl},
		"wanted u8 [N, rows, cols], got u8 [10]":                   {"t10k-images-idx3-ubyte": al, "t10k-labels-idx1-ubyte": al},
		"wanted u8 [N], got u8 [5 2 3]":                            {"train-images-idx3-ubyte": bi, "train-labels-idx1-ubyte": bi},
		"the file is cut off":                                      {"train-images-idx3-ubyte": bi[:20], "train-labels-idx1-ubyte": bl},
		"wanted one size of picture, got 2×3 for training and 1×1 for testing": {
			"train-images-idx3-ubyte": bi, "train-labels-idx1-ubyte": bl,
			"t10k-images-idx3-ubyte": idx(0x08, []uint32{1, 1, 1}, 9), "t10k-labels-idx1-ubyte": idx(0x08, []uint32{1}, 0),
		},
	} {
		if _, _, err := data.LoadMNIST(folder(t, files)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("wanted %q, got %v", want, err)
		}
	}
	if _, _, err := data.LoadMNIST(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("wanted an error for a folder that is not there")
	}
}

// TestRealMNIST reads MNIST's test set where it is at hand.
func TestRealMNIST(t *testing.T) {
	root := os.Getenv("TUFF_DATA")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared", "data")
	}
	dir := filepath.Join(root, "mnist10k")
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("no MNIST at %s; TUFF_DATA names the folder that has mnist10k", dir)
	}
	train, test, err := data.LoadMNIST(dir)
	if err != nil {
		t.Fatal(err)
	}
	if train.Len() != 8000 || test.Len() != 2000 || train.Rows != 28 || train.Cols != 28 || train.Classes != 10 {
		t.Fatalf("wanted 8,000 and 2,000 pictures of 28×28 in 10 classes, got %d, %d, %d×%d, %d", train.Len(), test.Len(), train.Rows, train.Cols, train.Classes)
	}
	// The first labels as od -An -tu1 -j8 -N10 prints them.
	if want := []uint8{7, 2, 1, 0, 4, 1, 4, 9, 5, 9}; !bytes.Equal(train.Labels[:10], want) {
		t.Errorf("wanted labels %v, got %v", want, train.Labels[:10])
	}
}
