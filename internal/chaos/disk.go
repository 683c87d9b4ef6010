package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// disk is a small one in memory that can be filled up.
type disk struct{ dir string }

const diskSize = 192 << 20

// mountDisk needs root.
func mountDisk(dir string) (*disk, error) {
	if os.Geteuid() != 0 {
		return nil, errors.New("only root can mount one")
	}
	d := &disk{dir: filepath.Join(dir, "disk")}
	if err := os.Mkdir(d.dir, 0o755); err != nil { //nolint:gosec // Postgres is somebody else and must get through
		return nil, err
	}
	if err := syscall.Mount("tmpfs", d.dir, "tmpfs", 0, fmt.Sprintf("size=%d,mode=755", diskSize)); err != nil {
		return nil, err
	}
	return d, nil
}

func unmount(dir string) { _ = syscall.Unmount(dir, syscall.MNT_DETACH) }

func (d *disk) ballast() string { return filepath.Join(d.dir, "ballast") }

// fill takes all space there is.
func (d *disk) fill() error {
	file, err := os.Create(d.ballast())
	if err != nil {
		return err
	}
	defer file.Close()
	block := make([]byte, 64<<10)
	for size := len(block); size > 0; size /= 2 {
		for {
			if _, err := file.Write(block[:size]); err != nil {
				break
			}
		}
	}
	return nil
}

func (d *disk) empty() { _ = os.Remove(d.ballast()) }
