package packaging

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// The same sources give the same programs, wherever they lie. `make repro` says it
// of the package too, with an empty cache, which takes minutes.
func TestBuildsAreReproducible(t *testing.T) {
	need(t, "make", "make")
	var first map[string][]byte
	for _, name := range []string{"here", "in/another/folder"} {
		dir := filepath.Join(t.TempDir(), name)
		copySources(t, dir)
		build := exec.Command("make", "build")
		build.Dir = dir
		if out, err := build.CombinedOutput(); err != nil {
			t.Fatalf("building: %v\n%s", err, out)
		}
		built := map[string][]byte{}
		for _, program := range []string{"worker", "enqueue"} {
			built[program] = []byte(read(t, filepath.Join(dir, "bin", program)))
			if first != nil && !bytes.Equal(first[program], built[program]) {
				t.Errorf("%s is another in another folder", program)
			}
		}
		first = built
	}
}

func copySources(t *testing.T, dir string) {
	t.Helper()
	for _, folder := range []string{"cmd", "domain", "internal", "jobs", "migrations", "notify"} {
		if err := os.CopyFS(filepath.Join(dir, folder), os.DirFS(filepath.Join(root, folder))); err != nil {
			t.Fatal(err)
		}
	}
	for _, file := range []string{"go.mod", "go.sum", "Makefile"} {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(read(t, filepath.Join(root, file))), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
