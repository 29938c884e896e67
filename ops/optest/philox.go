package optest

// philox is Philox4x32-10 (Salmon, Moraes, Dror and Shaw 2011, section 3.3),
// written from the paper: ten rounds of two 32-bit multiplications whose high
// and low words are crossed, with a Weyl sequence as round keys.
func philox(counter [4]uint32, key [2]uint32) [4]uint32 {
	const (
		m0, m1 = 0xD2511F53, 0xCD9E8D57
		w0, w1 = 0x9E3779B9, 0xBB67AE85
	)
	for range 10 {
		p0, p1 := uint64(m0)*uint64(counter[0]), uint64(m1)*uint64(counter[2])
		counter = [4]uint32{
			uint32(p1>>32) ^ counter[1] ^ key[0], uint32(p1),
			uint32(p0>>32) ^ counter[3] ^ key[1], uint32(p0),
		}
		key[0] += w0
		key[1] += w1
	}
	return counter
}

// words gives n words of the stream that starts at a state (seed, counter).
func words(state []int64, n int) []uint32 {
	seed, at := uint64(state[0]), uint64(state[1])
	key := [2]uint32{uint32(seed), uint32(seed >> 32)}
	var out []uint32
	for len(out) < n {
		block := philox([4]uint32{uint32(at), uint32(at >> 32), 0, 0}, key)
		out = append(out, block[:]...)
		at++
	}
	return out[:n]
}

// unit turns a word into u in [0, 1) with 24 bits.
func unit(w uint32) float64 { return float64(w>>8) * 0x1p-24 }
