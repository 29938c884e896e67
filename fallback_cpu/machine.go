package cpu

import (
	"bytes"
	"os"
	"strconv"
)

// machineMemory is the size of the machine's memory in bytes, 0 where it is
// not known: Linux tells in /proc/meminfo, whose first line reads
// "MemTotal:       16384 kB".
func machineMemory() int64 {
	text, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return 0
	}
	line, _, _ := bytes.Cut(text, []byte("\n"))
	fields := bytes.Fields(line)
	if len(fields) != 3 || string(fields[0]) != "MemTotal:" {
		return 0
	}
	kib, err := strconv.ParseInt(string(fields[1]), 10, 53)
	if err != nil {
		return 0
	}
	return kib << 10
}
