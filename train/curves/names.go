package curves

import (
	"sort"
	"strings"
)

func isLoss(name string) bool { return strings.Contains(strings.ToLower(name), "loss") }

func sortedKeys(m map[string]float64) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}
