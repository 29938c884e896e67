package data

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Images is a Dataset of grey pictures of one size with a class each. Its
// examples are pixels between 0 and 1, row-major, and the class number.
type Images struct {
	Rows, Cols int     // pixels
	Classes    int     // class numbers are below
	Pixels     []uint8 // [N, Rows, Cols], 0 black
	Labels     []uint8 // [N]
}

// NewImages checks that pixels and labels belong together. Classes is the
// largest label plus 1.
func NewImages(rows, cols int, pixels, labels []uint8) (*Images, error) {
	if rows < 0 || cols < 0 || len(pixels) != rows*cols*len(labels) {
		return nil, fmt.Errorf("data: images: wanted %d pictures of %d×%d pixels, got %d pixels", len(labels), rows, cols, len(pixels))
	}
	m := &Images{Rows: rows, Cols: cols, Pixels: pixels, Labels: labels}
	for _, y := range labels {
		m.Classes = max(m.Classes, int(y)+1)
	}
	return m, nil
}

// Len is the number of pictures.
func (m *Images) Len() int { return len(m.Labels) }

// At is picture i: Rows·Cols values pixel/255, and its class.
func (m *Images) At(i int) (Pair[float32, int64], error) {
	if err := inRange(i, len(m.Labels)); err != nil {
		return Pair[float32, int64]{}, fmt.Errorf("data: images: %w", err)
	}
	n := m.Rows * m.Cols
	x := make([]float32, n)
	for k, v := range m.Pixels[i*n : (i+1)*n] {
		x[k] = float32(v) / 255
	}
	return Pair[float32, int64]{x, []int64{int64(m.Labels[i])}, 1}, nil
}

// Part is the pictures from start to end (not included), sharing memory.
func (m *Images) Part(start, end int) *Images {
	n := m.Rows * m.Cols
	return &Images{m.Rows, m.Cols, m.Classes, m.Pixels[start*n : end*n : end*n], m.Labels[start:end:end]}
}

// ReadImages reads pictures (IDX, u8 [N, rows, cols]) and labels (IDX, u8 [N]).
func ReadImages(images, labels string) (*Images, error) {
	x, err := ReadIDX(images)
	if err != nil {
		return nil, err
	}
	y, err := ReadIDX(labels)
	if err != nil {
		return nil, err
	}
	if x.Type != IDXUint8 || len(x.Dims) != 3 {
		return nil, fmt.Errorf("data: images: %s: wanted u8 [N, rows, cols], got %v %v", images, x.Type, x.Dims)
	}
	if y.Type != IDXUint8 || len(y.Dims) != 1 {
		return nil, fmt.Errorf("data: images: %s: wanted u8 [N], got %v %v", labels, y.Type, y.Dims)
	}
	if x.Dims[0] != y.Dims[0] {
		return nil, fmt.Errorf("data: images: wanted as many labels as pictures, got %d in %s and %d in %s", y.Dims[0], labels, x.Dims[0], images)
	}
	return NewImages(x.Dims[1], x.Dims[2], x.Data, y.Data)
}

// LoadMNIST reads MNIST's files, or others of the same format and names, from
// a folder: train-images-idx3-ubyte, train-labels-idx1-ubyte and the same with
// t10k, with or without .gz, and with a dot before idx. Where only one of the
// two sets is there, its first four fifths are for training and the rest for
// testing: 8,000 and 2,000 of MNIST's t10k.
func LoadMNIST(dir string) (train, test *Images, err error) {
	if st, err := os.Stat(dir); err != nil {
		return nil, nil, fmt.Errorf("data: mnist: %w", err)
	} else if !st.IsDir() {
		return nil, nil, fmt.Errorf("data: mnist: wanted a folder, got the file %s", dir)
	}
	if train, err = mnistSet(dir, "train"); err != nil {
		return nil, nil, err
	}
	if test, err = mnistSet(dir, "t10k"); err != nil {
		return nil, nil, err
	}
	switch {
	case train == nil && test == nil:
		return nil, nil, fmt.Errorf("data: mnist: wanted train-images-idx3-ubyte or t10k-images-idx3-ubyte (or .gz) in %s, got neither", dir)
	case train == nil || test == nil:
		all := train
		if all == nil {
			all = test
		}
		cut := all.Len() * 4 / 5
		train, test = all.Part(0, cut), all.Part(cut, all.Len())
	case train.Rows != test.Rows || train.Cols != test.Cols:
		return nil, nil, fmt.Errorf("data: mnist: %s: wanted one size of picture, got %d×%d for training and %d×%d for testing", dir, train.Rows, train.Cols, test.Rows, test.Cols)
	}
	classes := max(train.Classes, test.Classes)
	train.Classes, test.Classes = classes, classes
	return train, test, nil
}

// mnistSet reads one set; nil when its pictures are not there.
func mnistSet(dir, set string) (*Images, error) {
	images := mnistFile(dir, set+"-images-idx3-ubyte")
	if images == "" {
		return nil, nil
	}
	labels := mnistFile(dir, set+"-labels-idx1-ubyte")
	if labels == "" {
		return nil, fmt.Errorf("data: mnist: wanted %s-labels-idx1-ubyte (or .gz) beside %s, got none", set, images)
	}
	return ReadImages(images, labels)
}

// mnistFile is the path of a file under one of its names, or "".
func mnistFile(dir, name string) string {
	dotted := strings.Replace(name, "-idx", ".idx", 1)
	for _, n := range []string{name, name + ".gz", dotted, dotted + ".gz"} {
		path := filepath.Join(dir, n)
		if st, err := os.Stat(path); err == nil && st.Mode().IsRegular() {
			return path
		}
	}
	return ""
}
