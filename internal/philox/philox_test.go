package philox

import "testing"

// TestKnownAnswers: the vectors of Random123 1.14, file kat_vectors, lines
// "philox4x32 10".
func TestKnownAnswers(t *testing.T) {
	for _, c := range []struct {
		counter [4]uint32
		key     [2]uint32
		want    [4]uint32
	}{
		{
			[4]uint32{}, [2]uint32{},
			[4]uint32{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8},
		},
		{
			[4]uint32{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, [2]uint32{0xffffffff, 0xffffffff},
			[4]uint32{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd},
		},
		{ // digits of pi
			[4]uint32{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, [2]uint32{0xa4093822, 0x299f31d0},
			[4]uint32{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1},
		},
	} {
		if got := Block(c.counter, c.key); got != c.want {
			t.Errorf("Block(%x, %x): wanted %x, got %x", c.counter, c.key, c.want, got)
		}
	}
}

// TestAt holds the layout: the seed's and the counter's words, low first, and
// a carry from the counter's low into its high word.
func TestAt(t *testing.T) {
	seed, counter := int64(-0x123456789abcdef), int64(0xfffffffe)
	for b := range int64(4) {
		n := counter + b
		want := Block([4]uint32{uint32(n), uint32(n >> 32), 0, 0}, [2]uint32{0x76543211, 0xfedcba98})
		if got := At(seed, counter, b); got != want {
			t.Errorf("At(block %d): wanted %x, got %x", b, want, got)
		}
	}
}

func BenchmarkBlock(b *testing.B) {
	var c [4]uint32
	for b.Loop() {
		c = Block(c, [2]uint32{1, 2})
	}
	b.SetBytes(16)
}
