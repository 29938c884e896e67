// Package bench says how fast Tuff is. Its benchmarks have key=value names, so
// that benchstat can compare runs and devices:
//
//	go test ./bench -bench . -run '^$'
//	go test ./bench -bench . -run '^$' -exec "$PWD/tools/vkrun"   # with software Vulkan
//
// Results worth keeping lie in results/, with machine, date and versions.
package bench
