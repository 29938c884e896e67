// Package philox is the counter-based random number generator Philox4x32-10
// of Salmon, Moraes, Dror and Shaw, "Parallel Random Numbers: As Easy as
// 1, 2, 3" (SC 2011), and the layout of the stream that our random ops draw
// from it. It holds no state: the same numbers come out for the same key and
// counter, wherever and in whatever order they are asked for.
package philox

const (
	mul0  = 0xD2511F53
	mul1  = 0xCD9E8D57
	weyl0 = 0x9E3779B9
	weyl1 = 0xBB67AE85
)

// Block is the function itself: ten rounds on a counter of four words with a
// key of two.
func Block(c [4]uint32, k [2]uint32) [4]uint32 {
	c0, c1, c2, c3, k0, k1 := c[0], c[1], c[2], c[3], k[0], k[1]
	for range 10 {
		p0, p1 := mul0*uint64(c0), mul1*uint64(c2)
		c0, c1, c2, c3 = uint32(p1>>32)^c1^k0, uint32(p1), uint32(p0>>32)^c3^k1, uint32(p0)
		k0 += weyl0
		k1 += weyl1
	}
	return [4]uint32{c0, c1, c2, c3}
}

// At is block b of the stream of a generator (seed, counter): the key is the
// seed, low word first, and the counter is (low, high) of counter + b, 0, 0.
func At(seed, counter, b int64) [4]uint32 {
	n := uint64(counter + b)
	return Block([4]uint32{uint32(n), uint32(n >> 32)}, [2]uint32{uint32(seed), uint32(seed >> 32)})
}
