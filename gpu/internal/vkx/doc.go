// Package vkx is the thin cgo shim under package gpu. It finds the Vulkan
// loader, creates instances, devices and compute pipelines, queries what needs
// extension chains, submits work, and replays a recorded list of commands into
// a command buffer in one call.
//
// It exists because github.com/vulkan-go/vulkan ties the C arrays it builds
// from Go slices to finalizers on dead variables, so a collection during a call
// frees memory that the driver is reading. Every call that takes an array of
// structs or strings, and every function newer than Vulkan 1.0, goes through
// here; all chains live in C memory for the length of the call.
//
// The package knows no buffer pool, no stream and no hazard: it passes on what
// it is told. Handles are uint64 everywhere.
package vkx
