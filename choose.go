package tuff

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/tuff-ml/tuff/gpu"
)

// ErrNoDevice is wrapped by errors of Open when no device is as it was asked
// for.
var ErrNoDevice = errors.New("no such device")

// Choice is the device that Open takes.
type Choice struct {
	Candidate
	Why string // the reason, in half a sentence
}

// String is one line for people: which device, and why.
func (c Choice) String() string { return fmt.Sprintf("device %s: %s", c.Candidate, c.Why) }

func isCPU(want string) bool { return strings.EqualFold(strings.TrimSpace(want), "cpu") }

// choose takes a candidate of list, which is ranked best first. want is what
// was asked for, by source; novulkan is why Vulkan could not be asked.
func choose(list []Candidate, want, source string, novulkan error) (Choice, error) {
	want = strings.ToLower(strings.TrimSpace(want))
	number, numbered := strings.CutPrefix(want, "vulkan:")
	switch {
	case want == "":
		return best(list, novulkan)
	case want == "cpu":
		for _, c := range list {
			if c.Kind == CPU {
				return Choice{c, "asked for by " + source}, nil
			}
		}
		return Choice{}, refuse(list, want, source, "", novulkan)
	case want == "vulkan":
		return pick(list, want, source, novulkan, "the best Vulkan device", func(c Candidate) bool { return c.Kind != CPU })
	case numbered:
		if n, err := strconv.Atoi(number); err != nil || n < 0 {
			return Choice{}, refuse(list, want, source, "wanted a number after \"vulkan:\", ", novulkan)
		}
		return pick(list, want, source, novulkan, "", func(c Candidate) bool { return c.ID == want })
	}
	named := func(c Candidate) bool { return c.Kind != CPU && strings.Contains(strings.ToLower(c.Name), want) }
	if n := countOf(list, named); n > 1 {
		return Choice{}, refuse(list, want, source, fmt.Sprintf("the name fits %d devices, give the number; ", n), novulkan)
	}
	return pick(list, want, source, novulkan, "the only device with such a name", named)
}

// best is the choice when nobody asked for a device.
func best(list []Candidate, novulkan error) (Choice, error) {
	var passed []string // better devices, or GPUs, that cannot be taken
	if novulkan != nil {
		passed = append(passed, short(novulkan))
	}
	for _, c := range list {
		if len(c.Missing) > 0 {
			passed = append(passed, c.String())
			continue
		}
		if c.Kind.byNameOnly() {
			continue
		}
		if c.Kind != CPU {
			return Choice{c, fmt.Sprintf("the best of %s found", count(len(list), "device"))}, nil
		}
		for _, o := range list {
			if o.Kind.byNameOnly() && len(o.Missing) == 0 {
				passed = append(passed, fmt.Sprintf("%s is taken only by name", o))
			}
		}
		if len(passed) == 0 {
			return Choice{c, "no GPU found"}, nil
		}
		return Choice{c, "no GPU to use: " + strings.Join(passed, "; ")}, nil
	}
	return Choice{}, refuse(list, "", "", "", novulkan)
}

// pick takes the first candidate that fits and has what is needed.
func pick(list []Candidate, want, source string, novulkan error, why string, fits func(Candidate) bool) (Choice, error) {
	var found, short []Candidate
	for _, c := range list {
		switch {
		case !fits(c):
		case len(c.Missing) > 0:
			short = append(short, c)
		default:
			found = append(found, c)
		}
	}
	switch {
	case len(found) > 0:
		text := fmt.Sprintf("asked for by %s=%s", source, want)
		if why != "" {
			text += ", " + why
		}
		if len(found) > 1 {
			text += fmt.Sprintf(" (the first of %d)", len(found))
		}
		return Choice{found[0], text}, nil
	case len(short) > 0:
		return Choice{}, refuse(list, want, source, fmt.Sprintf("%s cannot run Tuff; ", short[0]), novulkan)
	}
	return Choice{}, refuse(list, want, source, "", novulkan)
}

// refuse says what was wanted, what there is and what to do.
func refuse(list []Candidate, want, source, detail string, novulkan error) error {
	var b strings.Builder
	fmt.Fprintf(&b, "wanted a device for %s=%q: %s", source, want, detail)
	fmt.Fprintf(&b, "found %s", others(list, ""))
	if novulkan != nil {
		fmt.Fprintf(&b, "; Vulkan: %s", reason(novulkan))
	}
	b.WriteString("; give cpu, vulkan, vulkan:N or a part of a name, or leave it empty for the best")
	err := fmt.Errorf("tuff: open: %w: %s", ErrNoDevice, b.String())
	if novulkan != nil && !isCPU(want) {
		return &vulkanError{err, novulkan}
	}
	return err
}

// vulkanError is err, whose text has the reason of cause in short already.
type vulkanError struct{ err, cause error }

func (e *vulkanError) Error() string   { return e.err.Error() }
func (e *vulkanError) Unwrap() []error { return []error{e.err, e.cause} }

// others lists candidates but for one.
func others(list []Candidate, but string) string {
	var out []string
	for _, c := range list {
		if c.ID != but {
			out = append(out, c.String())
		}
	}
	if len(out) == 0 {
		return "none"
	}
	return strings.Join(out, ", ")
}

// short is the kind of an error of gpu.Enumerate, for the one line of a
// choice; the errors' own texts say what was looked for and what to do.
func short(err error) string {
	for _, kind := range []error{gpu.ErrNoLoader, gpu.ErrNoDriver, gpu.ErrNoDevice} {
		if errors.Is(err, kind) {
			return kind.Error()
		}
	}
	return reason(err)
}

// reason is an error's text without the package's name.
func reason(err error) string {
	return strings.TrimPrefix(err.Error(), "gpu: ")
}

// countOf counts the candidates that fit and have what is needed.
func countOf(list []Candidate, fits func(Candidate) bool) (n int) {
	for _, c := range list {
		if fits(c) && len(c.Missing) == 0 {
			n++
		}
	}
	return n
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
