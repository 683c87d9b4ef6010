package e2e

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// authority makes certificates.
type authority struct {
	t    *testing.T
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	file string // what clients trust
}

func newAuthority(t *testing.T, file string) *authority {
	t.Helper()
	a := &authority{t: t, file: file}
	var err error
	a.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(t, err)
	a.cert = &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "authority of a test"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	writePEM(t, file, "CERTIFICATE", a.sign(a.cert, &a.key.PublicKey))
	return a
}

func (a *authority) sign(cert *x509.Certificate, public *ecdsa.PublicKey) []byte {
	a.t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, cert, a.cert, public, a.key)
	check(a.t, err)
	return der
}

// server writes a certificate for 127.0.0.1 and its key.
func (a *authority) server(certFile, keyFile string) {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(a.t, err)
	writePEM(a.t, certFile, "CERTIFICATE", a.sign(&x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "127.0.0.1"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}, &key.PublicKey))
	der, err := x509.MarshalPKCS8PrivateKey(key)
	check(a.t, err)
	writePEM(a.t, keyFile, "PRIVATE KEY", der)
}

func writePEM(t *testing.T, file, kind string, der []byte) {
	t.Helper()
	check(t, os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600))
}

// tlsServers are a Postgres and a Redis that take connections by TLS alone.
type tlsServers struct {
	t      *testing.T
	dir    string
	uid    *syscall.Credential // Postgres does not run as root
	pgPort int
	rdPort int
}

const secret = "s3cr3t-never-in-the-clear"

func newTLSServers(t *testing.T) (*tlsServers, *authority) {
	t.Helper()
	dir, err := os.MkdirTemp("", "tls")
	check(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	check(t, os.Chmod(dir, 0o755))
	s := &tlsServers{t: t, dir: dir, pgPort: freePort(t), rdPort: freePort(t)}
	ca := newAuthority(t, filepath.Join(dir, "ca.pem"))
	check(t, os.Chmod(ca.file, 0o644))
	ca.server(filepath.Join(dir, "server.pem"), filepath.Join(dir, "server.key"))
	s.startRedis()
	s.startPostgres()
	return s, ca
}

func freePort(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}

// run starts a server that ends with the test, and waits until its port answers.
func (s *tlsServers) run(cmd *exec.Cmd, port int) {
	s.t.Helper()
	var log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &log, &log
	check(s.t, cmd.Start())
	s.t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGINT)
		_ = cmd.Wait() // it was told to end
	})
	for until := time.Now().Add(20 * time.Second); time.Now().Before(until); time.Sleep(20 * time.Millisecond) {
		if conn, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port))); err == nil {
			_ = conn.Close()
			return
		}
	}
	s.t.Fatalf("%s does not answer:\n%s", cmd.Path, log.String())
}

func (s *tlsServers) startRedis() {
	s.t.Helper()
	cmd := exec.Command("redis-server", "--port", "0", "--tls-port", strconv.Itoa(s.rdPort), "--bind", "127.0.0.1", "--save", "", "--requirepass", secret,
		"--tls-cert-file", "server.pem", "--tls-key-file", "server.key", "--tls-ca-cert-file", "ca.pem", "--tls-auth-clients", "no")
	cmd.Dir = s.dir
	s.run(cmd, s.rdPort)
}

func (s *tlsServers) startPostgres() {
	s.t.Helper()
	folders, _ := filepath.Glob("/usr/lib/postgresql/*/bin") // the pattern is well-formed
	if len(folders) == 0 {
		s.t.Fatal("no Postgres is installed")
	}
	bin := slices.Max(folders)
	data := filepath.Join(s.dir, "postgres")
	check(s.t, os.Mkdir(data, 0o700))
	for _, name := range []string{"server.pem", "server.key"} {
		text, err := os.ReadFile(filepath.Join(s.dir, name))
		check(s.t, err)
		check(s.t, os.WriteFile(filepath.Join(s.dir, "pg-"+name), text, 0o600))
	}
	check(s.t, os.WriteFile(filepath.Join(s.dir, "password"), []byte(secret), 0o600))
	s.own(data, filepath.Join(s.dir, "pg-server.pem"), filepath.Join(s.dir, "pg-server.key"), filepath.Join(s.dir, "password"))
	initdb := s.unprivileged(filepath.Join(bin, "initdb"), "-D", data, "-U", "ledger", "-A", "scram-sha-256", "--pwfile", filepath.Join(s.dir, "password"), "--no-sync")
	if out, err := initdb.CombinedOutput(); err != nil {
		s.t.Fatalf("initdb: %v\n%s", err, out)
	}
	check(s.t, os.WriteFile(filepath.Join(data, "pg_hba.conf"), []byte("hostssl all all 127.0.0.1/32 scram-sha-256\n"), 0o644))
	s.run(s.unprivileged(filepath.Join(bin, "postgres"), "-D", data, "-p", strconv.Itoa(s.pgPort), "-c", "listen_addresses=127.0.0.1",
		"-c", "unix_socket_directories=", "-c", "ssl=on", "-c", "ssl_cert_file="+filepath.Join(s.dir, "pg-server.pem"),
		"-c", "ssl_key_file="+filepath.Join(s.dir, "pg-server.key"), "-c", "fsync=off"), s.pgPort)
}

// own gives files to whom Postgres runs as.
func (s *tlsServers) own(files ...string) {
	s.t.Helper()
	if os.Getuid() != 0 {
		return
	}
	nobody, err := user.Lookup("nobody")
	check(s.t, err)
	uid, err := strconv.Atoi(nobody.Uid)
	check(s.t, err)
	s.uid = &syscall.Credential{Uid: uint32(uid), Gid: uint32(uid)}
	for _, file := range files {
		check(s.t, os.Chown(file, uid, uid))
	}
}

func (s *tlsServers) unprivileged(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: s.uid}
	return cmd
}

// settings lead to the servers, trusting an authority.
func (s *tlsServers) settings(trusted string) []string {
	return append(clean(), "ADMIN_ADDR=off", "SSL_CERT_FILE="+trusted,
		fmt.Sprintf("DATABASE_URL=postgres://ledger:%s@127.0.0.1:%d/postgres?sslmode=verify-full&sslrootcert=%s", secret, s.pgPort, trusted),
		fmt.Sprintf("REDIS_URL=rediss://:%s@127.0.0.1:%d", secret, s.rdPort))
}

func runIn(t *testing.T, env []string, input, name string, args ...string) (code int, output string) {
	t.Helper()
	cmd := exec.Command(filepath.Join(bin, name), args...)
	cmd.Dir, cmd.Env, cmd.Stdin = t.TempDir(), env, strings.NewReader(input)
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), string(out)
}

// within repeats until it succeeds.
func within(t *testing.T, try func() (done bool, output string)) {
	t.Helper()
	for until := time.Now().Add(30 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		done, output := try()
		if done {
			return
		}
		if time.Now().After(until) {
			t.Fatal(output)
		}
	}
}

const oneProduct = `{"id":%q,"kind":"product.put","body":{"id":"pro","name":"Pro","package":"professional"}}`

// Both servers take TLS alone; their certificates are believed if the authority
// is trusted, and only then.
func TestTLS(t *testing.T) {
	t.Parallel()
	s, ca := newTLSServers(t)
	trusting := s.settings(ca.file)
	within(t, func() (bool, string) { // a port that answers may be that of a server still starting
		code, out := runIn(t, trusting, "", "worker", "migrate")
		return code == 0, out
	})
	worker := exec.Command(filepath.Join(bin, "worker"), "--no-migrate")
	worker.Dir, worker.Env = t.TempDir(), trusting
	var log bytes.Buffer
	worker.Stderr = &log
	check(t, worker.Start())
	t.Cleanup(func() {
		_ = worker.Process.Signal(syscall.SIGTERM)
		if err := worker.Wait(); err != nil {
			t.Errorf("the worker: %v\n%s", err, log.String())
		}
	})
	if code, out := runIn(t, trusting, fmt.Sprintf(oneProduct, "1"), "enqueue", "run", "--wait", "-"); code != 0 || !strings.Contains(out, `"applied"`) || strings.Contains(out, "Redis") {
		t.Errorf("through Postgres: exit %d\n%s", code, out)
	}
	if code, out := runIn(t, trusting, fmt.Sprintf(oneProduct, "2"), "enqueue", "run", "--via", "redis", "-"); code != 0 {
		t.Errorf("through Redis: exit %d\n%s", code, out)
	}
	within(t, func() (bool, string) {
		code, out := runIn(t, trusting, "", "enqueue", "show", "outcome", "2")
		return code == 0 && strings.Contains(out, `"applied"`), out
	})

	stranger := s.settings(newAuthority(t, filepath.Join(t.TempDir(), "stranger.pem")).file)
	for _, args := range [][]string{{"enqueue", "run", "-"}, {"enqueue", "run", "--via", "redis", "-"}, {"worker", "migrate"}} {
		code, out := runIn(t, stranger, fmt.Sprintf(oneProduct, "3"), args[0], args[1:]...)
		if code == 0 || !strings.Contains(out, "certificate") || strings.Contains(out, secret) {
			t.Errorf("%v believes a certificate of a stranger: exit %d\n%s", args, code, out)
		}
	}
}

// eavesdropper takes connections, refuses TLS, and keeps what it hears.
type eavesdropper struct {
	address string
	mu      sync.Mutex
	heard   bytes.Buffer
}

func listen(t *testing.T, answer string) *eavesdropper {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	e := &eavesdropper{address: listener.Addr().String()}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return // the test has ended
			}
			go func() {
				defer conn.Close()
				_ = conn.SetDeadline(time.Now().Add(2 * time.Second))
				buffer := make([]byte, 4096)
				for {
					n, err := conn.Read(buffer)
					e.mu.Lock()
					e.heard.Write(buffer[:n])
					e.mu.Unlock()
					if err != nil {
						return
					}
					_, _ = conn.Write([]byte(answer))
				}
			}()
		}
	}()
	return e
}

// Whoever stands where the servers should and speaks no TLS hears no password.
func TestNoPasswordInTheClear(t *testing.T) {
	t.Parallel()
	postgres, redis := listen(t, "N"), listen(t, "-ERR no\r\n")
	env := append(clean(),
		fmt.Sprintf("DATABASE_URL=postgres://ledger:%s@%s/postgres?sslmode=verify-full&connect_timeout=2", secret, postgres.address),
		fmt.Sprintf("REDIS_URL=rediss://user:%s@%s", secret, redis.address))
	for _, args := range [][]string{{"run", "-"}, {"run", "--via", "redis", "-"}} {
		if code, out := runIn(t, env, fmt.Sprintf(oneProduct, "1"), "enqueue", args...); code != 3 || strings.Contains(out, secret) {
			t.Errorf("%v: exit %d\n%s", args, code, out)
		}
	}
	for name, e := range map[string]*eavesdropper{"Postgres": postgres, "Redis": redis} {
		e.mu.Lock()
		heard := e.heard.String()
		e.mu.Unlock()
		if heard == "" {
			t.Errorf("nobody has asked for %s", name)
		}
		for _, word := range []string{secret, "AUTH", "ledger", "user", "HELLO"} {
			if strings.Contains(strings.ToUpper(heard), strings.ToUpper(word)) {
				t.Errorf("%s was told %q in the clear", name, word)
			}
		}
	}
}
