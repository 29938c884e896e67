//go:build !(cgo && (linux || windows || (darwin && vulkan)) && (amd64 || arm64 || ppc64le || riscv64 || loong64))

package gpu

import "context"

// Device, Buffer, Pipeline and Stream exist in every build so that callers
// compile; here none can be made.
type (
	Device   struct{ _ [0]func() }
	Buffer   struct{ _ [0]func() }
	Pipeline struct{ _ [0]func() }
	Stream   struct{ _ [0]func() }
)

// Enumerate returns ErrUnavailable in this build.
func Enumerate(*Options) ([]Info, error) { return nil, ErrUnavailable }

// Open returns ErrUnavailable in this build.
func Open(Info, *Options) (*Device, error) { return nil, ErrUnavailable }

func (*Device) Info() Info                          { return Info{} }
func (*Device) NewBuffer(int) (*Buffer, error)      { return nil, ErrUnavailable }
func (*Device) Stats() Stats                        { return Stats{} }
func (*Device) Trim()                               {}
func (*Device) Pipeline(Program) (*Pipeline, error) { return nil, ErrUnavailable }
func (*Device) NewStream() (*Stream, error)         { return nil, ErrUnavailable }
func (*Device) Sync(context.Context) error          { return ErrUnavailable }
func (*Device) Err() error                          { return ErrUnavailable }
func (*Device) Profile() []OpStat                   { return nil }
func (*Device) ValidationMessages() []string        { return nil }
func (*Device) SimulateLoss()                       {}
func (*Device) Close() error                        { return ErrUnavailable }

func (*Pipeline) Name() string { return "" }

func (*Stream) Dispatch(*Pipeline, [3]uint32, []byte, []Range) error { return ErrUnavailable }
func (*Stream) Copy(*Buffer, int, *Buffer, int, int) error           { return ErrUnavailable }
func (*Stream) Fill(*Buffer, int, int, uint32) error                 { return ErrUnavailable }
func (*Stream) FaultAddr() uint64                                    { return 0 }
func (*Stream) Mark(string)                                          {}
func (*Stream) Cost(float64, float64)                                {}
func (*Stream) Flush() error                                         { return ErrUnavailable }
func (*Stream) Wait(context.Context) error                           { return ErrUnavailable }
func (*Stream) Close() error                                         { return ErrUnavailable }

func (*Buffer) Address() uint64                         { return 0 }
func (*Buffer) Bytes() int                              { return 0 }
func (*Buffer) Retain()                                 {}
func (*Buffer) Release()                                {}
func (*Buffer) Write(int, []byte) error                 { return ErrUnavailable }
func (*Buffer) Read(context.Context, int, []byte) error { return ErrUnavailable }
