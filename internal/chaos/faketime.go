package main

import "path/filepath"

// faketimeEnv lets Postgres see another time, if libfaketime is installed. Redis
// cannot be fooled by it (its allocator asks for the time too early), and need
// not be: all times of tasks come from asynq. Go does not hear of it either: a
// worker is built with a clock that can be put wrong.
func faketimeEnv(offset string) []string {
	library := faketimeLibrary()
	if offset == "" || library == "" {
		return nil
	}
	return []string{"LD_PRELOAD=" + library, "FAKETIME=" + offset, "FAKETIME_DONT_FAKE_MONOTONIC=1", "FAKETIME_NO_CACHE=0"}
}

func faketimeLibrary() string {
	found, _ := filepath.Glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
	if len(found) == 0 {
		return ""
	}
	return found[0]
}
