package main

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// versionReport is what `tuff version --json` prints.
type versionReport struct {
	Version  string `json:"version"`
	Revision string `json:"revision,omitempty"` // of the source, when it was built from a checkout
	Modified bool   `json:"modified,omitempty"` // with changes that are not in the revision
	Go       string `json:"go"`
	Platform string `json:"platform"`
	Cgo      bool   `json:"cgo"` // false: a build without Vulkan
}

func (a *app) versionCommand() *cobra.Command {
	c := a.command("version", "Print the version", a.version)
	a.jsonFlag(c, "print one JSON object")
	return c
}

func (a *app) version(context.Context) error {
	info, _ := debug.ReadBuildInfo()
	r := readVersion(info)
	if a.json {
		return a.printJSON(r)
	}
	revision := ""
	if r.Revision != "" {
		revision = " (" + r.Revision[:min(12, len(r.Revision))]
		if r.Modified {
			revision += ", modified"
		}
		revision += ")"
	}
	build := "with cgo"
	if !r.Cgo {
		build = "without cgo, so without Vulkan"
	}
	_, err := fmt.Fprintf(a.stdout, "tuff %s%s, %s, %s, %s\n", r.Version, revision, r.Go, r.Platform, build)
	return err
}

// readVersion takes what the Go tool wrote into the program.
func readVersion(info *debug.BuildInfo) versionReport {
	r := versionReport{Version: "(devel)", Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	if info == nil {
		return r
	}
	if info.Main.Version != "" {
		r.Version = info.Main.Version
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			r.Revision = s.Value
		case "vcs.modified":
			r.Modified = s.Value == "true"
		case "CGO_ENABLED":
			r.Cgo = s.Value == "1"
		}
	}
	return r
}
