// Package usage says what processes use of the machine.
package usage

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/prometheus/procfs"
)

// CPUSeconds is how many seconds a program and its children have computed so far.
func CPUSeconds(pid int) (float64, error) {
	total, err := OwnCPUSeconds(pid)
	if err != nil {
		return 0, err
	}
	children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%[1]d/children", pid))
	if err != nil {
		return 0, err
	}
	for child := range strings.FieldsSeq(string(children)) {
		number, err := strconv.Atoi(child)
		if err != nil {
			return 0, fmt.Errorf("the children of process %d: %w", pid, err)
		}
		used, err := OwnCPUSeconds(number)
		if err != nil {
			return 0, err
		}
		total += used
	}
	return total, nil
}

// OwnCPUSeconds is how many seconds all threads of a process have computed so far.
func OwnCPUSeconds(pid int) (float64, error) {
	process, err := procfs.NewProc(pid)
	if err != nil {
		return 0, err
	}
	stat, err := process.Stat()
	return stat.CPUTime(), err
}

// Memory is what a process has of memory, in bytes.
type Memory struct {
	// Resident is now (VmRSS), and Peak was the most so far (VmHWM).
	Resident int64 `json:"resident"`
	Peak     int64 `json:"peak"`
	// File is the part of Resident that is pages of files (RssFile), which is to say of
	// the program itself. How many there are is up to the page cache.
	File int64 `json:"file"`
}

// MemoryOf reads what a process has of memory.
func MemoryOf(pid int) (Memory, error) {
	process, err := procfs.NewProc(pid)
	if err != nil {
		return Memory{}, err
	}
	status, err := process.NewStatus()
	if err != nil {
		return Memory{}, err
	}
	if status.VmHWM == 0 {
		return Memory{}, fmt.Errorf("process %d has no memory: it has ended", pid)
	}
	return Memory{Resident: int64(status.VmRSS), Peak: int64(status.VmHWM), File: int64(status.RssFile)}, nil //nolint:gosec // memory fits
}
