// Package layers has what models are built of: modules with parameters under
// torch.nn's names and meanings, initialisers and losses.
//
// A module is any struct. Its exported fields that are tensors, modules, or
// slices, maps, arrays and interfaces of these are found by Params, Buffers
// and StateDict; there is nothing to register and nothing to embed. What a
// layer computes is composed of ops, so it runs on every device, records its
// gradient, and can be captured: nothing here reads back.
//
// Constructors take a scope, then the sizes that torch requires, then at most
// one options struct whose zero value is torch's default. Options that are
// true in torch are negated (NoBias). Forward belongs to the scope of its
// input, and in an Infer scope writes nothing to the module, so one model
// serves many goroutines.
//
// The package refuses to know devices, data and how a model is trained.
package layers
