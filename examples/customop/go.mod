module github.com/tuff-ml/tuff/examples/customop

go 1.25.0

require github.com/tuff-ml/tuff v0.0.0

require (
	github.com/vulkan-go/vulkan v0.0.0-20221209234627-c0a353ae26c8 // indirect
	golang.org/x/sys v0.38.0 // indirect
)

replace github.com/tuff-ml/tuff => ../..
