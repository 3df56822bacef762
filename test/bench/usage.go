package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// clockTicks is how many ticks of /proc are a second; Linux has told programs this
// number on every platform for decades.
const clockTicks = 100

// cpuTime is how long a program and its children have computed so far.
func cpuTime(pid int) (time.Duration, error) {
	total, err := ownCPUTime(pid)
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
		used, err := ownCPUTime(number)
		if err != nil {
			return 0, err
		}
		total += used
	}
	return total, nil
}

// ownCPUTime is how long all threads of a process have computed so far (proc(5),
// /proc/pid/stat, fields 14 and 15).
func ownCPUTime(pid int) (time.Duration, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	return parseCPUTime(string(text))
}

func parseCPUTime(stat string) (time.Duration, error) {
	// The second field is a name in brackets, with whatever is in it.
	fields := strings.Fields(stat[strings.LastIndexByte(stat, ')')+1:])
	const utime, stime = 14 - 3, 15 - 3
	if len(fields) <= stime {
		return 0, fmt.Errorf("/proc/pid/stat has %d fields behind the name", len(fields))
	}
	var ticks int64
	for _, field := range []string{fields[utime], fields[stime]} {
		number, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("/proc/pid/stat: %w", err)
		}
		ticks += number
	}
	return time.Duration(ticks) * (time.Second / clockTicks), nil
}

// memory is what a process has of memory, in bytes.
type memory struct {
	// Resident is now (VmRSS), and Peak was the most so far (VmHWM).
	Resident int64 `json:"resident"`
	Peak     int64 `json:"peak"`
	// File is the part of Resident that is pages of files (RssFile), which is to say of
	// the program itself. How many there are is up to the page cache.
	File int64 `json:"file"`
}

// memoryOf reads what a process has of memory.
func memoryOf(pid int) (memory, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return memory{}, err
	}
	return parseMemory(string(text))
}

func parseMemory(status string) (memory, error) {
	var found memory
	wanted := map[string]*int64{"VmRSS": &found.Resident, "VmHWM": &found.Peak, "RssFile": &found.File}
	for line := range strings.Lines(status) {
		name, value, _ := strings.Cut(line, ":")
		place, ok := wanted[name]
		if !ok {
			continue
		}
		kibibytes, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(value), "kB")), 10, 64)
		if err != nil {
			return memory{}, fmt.Errorf("/proc/pid/status, %s: %w", name, err)
		}
		*place = kibibytes << 10
		delete(wanted, name)
	}
	if len(wanted) != 0 {
		return memory{}, fmt.Errorf("/proc/pid/status lacks %d of VmRSS, VmHWM and RssFile", len(wanted))
	}
	return found, nil
}
