package e2e

import (
	"bytes"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/jackc/pgx/v5"
	"github.com/joho/godotenv"

	"github.com/licenseledger/licenseledger/jobs"
)

// canary stands in every text about people and in every secret of this test. It
// may come up in no log, nowhere in Redis, and in no list of processes.
const canary = "Kanarienvogel"

var mailAddress = regexp.MustCompile(`"([A-Za-z0-9.]+)@([a-z.-]+)"`)

// withCanaries is a file of commands in which every name, note, line of an address
// and mail address has a canary.
func withCanaries(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	check(t, err)
	var out strings.Builder
	for line := range strings.Lines(string(text)) {
		var command map[string]any
		check(t, json.Unmarshal([]byte(line), &command))
		sing(command["body"])
		raw, err := json.Marshal(command)
		check(t, err)
		out.WriteString(mailAddress.ReplaceAllString(string(raw), `"`+canary+`.$1@$2"`) + "\n")
	}
	return out.String()
}

// sing puts a canary into every text that people read.
func sing(v any) {
	switch v := v.(type) {
	case map[string]any:
		for name, value := range v {
			if s, ok := value.(string); ok && slices.Contains([]string{"name", "line1", "line2", "city", "note", "why", "purchase_order", "iban"}, name) {
				v[name] = s + " " + canary
			}
			sing(value)
		}
		if _, purchase := v["contract"]; purchase && v["quantity"] != nil {
			v["note"], v["print_note"] = canary+"\nnote", true
		}
	case []any:
		for _, element := range v {
			sing(element)
		}
	}
}

// dkimKey writes a key and returns what of it may be nowhere.
func dkimKey(t *testing.T, file string) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(ed25519.NewKeyFromSeed([]byte("Kanarienvogel Kanarienvogel 0123")))
	check(t, err)
	check(t, os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600))
	return base64.StdEncoding.EncodeToString(der)
}

// inRedis is everything that Redis holds: keys and values.
func inRedis(t *testing.T, url string) string {
	t.Helper()
	client, err := jobs.OpenRedis(url)
	check(t, err)
	defer client.Close()
	ctx := t.Context()
	keys, err := client.Keys(ctx, "*").Result()
	check(t, err)
	var all strings.Builder
	for _, key := range keys {
		var value any
		switch kind := client.Type(ctx, key).Val(); kind {
		case "string":
			value = client.Get(ctx, key).Val()
		case "hash":
			value = client.HGetAll(ctx, key).Val()
		case "list":
			value = client.LRange(ctx, key, 0, -1).Val()
		case "set":
			value = client.SMembers(ctx, key).Val()
		case "zset":
			value = client.ZRangeWithScores(ctx, key, 0, -1).Val()
		case "stream":
			value = client.XRange(ctx, key, "-", "+").Val()
		case "none": // gone meanwhile
		default:
			t.Errorf("%s is a %s", key, kind)
		}
		fmt.Fprintf(&all, "%s = %v\n", key, value)
	}
	return all.String()
}

// processes are the arguments of all processes, and the environment of the servers.
func processes(t *testing.T, dir string) string {
	t.Helper()
	var all strings.Builder
	files, err := filepath.Glob("/proc/[0-9]*/cmdline")
	check(t, err)
	for _, file := range files {
		arguments, _ := os.ReadFile(file) // it may have ended
		if !bytes.Contains(arguments, []byte(dir)) {
			continue
		}
		fmt.Fprintf(&all, "%s: %q\n", file, arguments)
		if name := string(arguments); strings.Contains(name, "postgres") || strings.Contains(name, "redis-server") {
			environment, _ := os.ReadFile(strings.TrimSuffix(file, "cmdline") + "environ")
			fmt.Fprintf(&all, "%q\n", environment)
		}
	}
	return all.String()
}

// silent wants no canary, and none of the other secrets, in a text.
func silent(t *testing.T, where, text string, secrets ...string) {
	t.Helper()
	for _, secret := range append(secrets, canary, base64.StdEncoding.EncodeToString([]byte(canary))[:16]) {
		for line := range strings.Lines(text) {
			if strings.Contains(line, secret) {
				t.Errorf("%s: %.600s", where, line)
				break
			}
		}
	}
}

// TestLogsAndRedisNameNobody lives a year with everything that goes wrong, with
// the log at its most talkative.
func TestLogsAndRedisNameNobody(t *testing.T) {
	s := &stack{t: t, dir: t.TempDir(), flags: []string{"--test-clock"}, log: &bytes.Buffer{}}
	key := filepath.Join(s.dir, "dkim.pem")
	secrets := []string{dkimKey(t, key)[20:]}
	s.env = []string{
		"LOG_LEVEL=debug", "SMTP_URL=smtp://" + canary + ":" + canary + "@127.0.0.1:1", "MAIL_FROM=ledger@licenses.example",
		"DKIM_KEY_FILE=" + key, "DKIM_DOMAIN=licenses.example", "DKIM_SELECTOR=s1", "SOURCE_KEY=portal:k1:" + canary,
	}
	s.start()
	defer s.stop()
	vars, err := godotenv.Read(filepath.Join(s.dir, "data", "env"))
	check(t, err)

	_, sourceKey, _ := s.enqueue("", "source", "add", "portal")
	secrets = append(secrets, strings.TrimSpace(sourceKey[strings.LastIndex(sourceKey, ":")+1:]))
	if code, out, errs := s.enqueue(withCanaries(t, example("year")), "run", "-", "--wait", "--serial"); code == 3 || strings.Count(out, `"applied"`) < 60 {
		t.Fatalf("exit %d\n%s%s", code, out, errs)
	}
	s.die(vars["DATABASE_URL"])
	s.carry(vars["REDIS_URL"])

	var held string
	for until := time.Now().Add(30 * time.Second); time.Now().Before(until); time.Sleep(200 * time.Millisecond) {
		if held = inRedis(t, vars["REDIS_URL"]); !strings.Contains(held, canary) { // what is carried is gone when it is done
			break
		}
	}
	silent(t, "Redis", held, secrets...)
	silent(t, "a process", processes(t, s.dir), secrets...)
	s.stop()
	log := s.log.String()
	silent(t, "the log", log, secrets...)
	for _, said := range []string{"mail delayed", "command is dead", "refused", `"batch"`, `"msg":"rejected"`} {
		if !strings.Contains(log, said) {
			t.Errorf("%q was not logged: the test proves nothing about it", said)
		}
	}
	for _, server := range []string{"postgres", "redis"} {
		files, _ := filepath.Glob(filepath.Join(s.dir, "data", "*"+server+"*.log*"))
		for _, file := range files {
			text, err := os.ReadFile(file)
			check(t, err)
			silent(t, file, string(text), secrets...)
		}
	}
}

// die has a command fail until it is dead, with an error that quotes its content.
func (s *stack) die(databaseURL string) {
	s.t.Helper()
	db, err := pgx.Connect(s.t.Context(), databaseURL)
	check(s.t, err)
	defer db.Close(s.t.Context())
	_, err = db.Exec(s.t.Context(), `CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.product = 'dead' THEN PERFORM NEW.name::int; END IF; RETURN NEW; END $$;
		CREATE TRIGGER fail BEFORE INSERT OR UPDATE ON products FOR EACH ROW EXECUTE FUNCTION fail()`)
	check(s.t, err)
	command := `{"id":"dead","kind":"product.put","body":{"id":"dead","name":"` + canary + `","package":"starter"}}`
	if code, _, errs := s.enqueue(command, "run", "-"); code != 0 {
		s.t.Fatalf("exit %d: %s", code, errs)
	}
	for until := time.Now().Add(60 * time.Second); time.Now().Before(until); time.Sleep(100 * time.Millisecond) {
		_, err = db.Exec(s.t.Context(), "UPDATE pending SET next_at = clock_timestamp() - interval '1 second' WHERE dead_at IS NULL")
		check(s.t, err)
		var dead int
		check(s.t, db.QueryRow(s.t.Context(), "SELECT count(*) FROM pending WHERE dead_at IS NOT NULL").Scan(&dead))
		if dead == 1 {
			return
		}
	}
	s.t.Fatal("the command did not die")
}

// carry sends commands by Redis alone: good ones, ones signed by nobody, and nonsense.
func (s *stack) carry(redisURL string) {
	s.t.Helper()
	client, err := jobs.ConnectRedis(redisURL, nil)
	check(s.t, err)
	defer client.Close()
	body := json.RawMessage(`{"id":"carried","name":"` + canary + `","package":"starter"}`)
	check(s.t, client.Send(s.t.Context(), []jobs.Command{
		{ID: "carried", Kind: "product.put", Body: body}, {ID: "unsigned", Source: "portal", Kind: "product.put", Body: body},
	}))
	check(s.t, redisTask(s, redisURL, `{"id":"bad","kind":"user.put","`+canary+`":1,"body":{"id":"`+canary+`@","name":"`+canary+`","role":"`+canary+`"}}`))
	said := ""
	for until := time.Now().Add(20 * time.Second); time.Now().Before(until); time.Sleep(100 * time.Millisecond) {
		if _, out, errs := s.enqueue("", "show", "outcome", "bad", "--json"); strings.Contains(out, "invalid") {
			return
		} else {
			said = out + errs
		}
	}
	s.t.Fatalf("what was carried was not read: %s", said)
}

// redisTask queues a payload that no client of ours would send.
func redisTask(s *stack, redisURL, payload string) error {
	client, err := jobs.OpenRedis(redisURL)
	check(s.t, err)
	defer client.Close()
	_, err = asynq.NewClientFromRedisClient(client).EnqueueContext(s.t.Context(), asynq.NewTask("carry:batch", []byte(payload)), asynq.Queue(jobs.CommandQueue))
	return err
}
