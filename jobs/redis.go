package jobs

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"github.com/licenseledger/licenseledger/internal/link"
)

// OpenRedis makes a client for a REDIS_URL: redis, rediss, redis-sentinel,
// redis-cluster or unix. It does not connect yet.
func OpenRedis(redisURL string) (redis.UniversalClient, error) {
	if _, err := url.Parse(redisURL); err != nil {
		// The error itself repeats the address, which may hold a password.
		return nil, errors.New("reading REDIS_URL: not an address like redis://user:password@host:6379")
	}
	options, err := redisOptions(redisURL)
	if err != nil {
		return nil, fmt.Errorf("reading REDIS_URL: %w", err)
	}
	client := options.MakeRedisClient().(redis.UniversalClient)
	if cluster, ok := client.(*redis.ClusterClient); ok {
		cluster.OnNewNode(func(node *redis.Client) { node.AddHook(watched{}) })
	} else {
		client.AddHook(watched{})
	}
	return client, nil
}

// watched are connections to Redis of which it is noticed when they lead nowhere.
type watched struct{}

// DialHook watches over every new connection.
func (watched) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := next(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return conn, link.Watch(conn)
	}
}

// ProcessHook keeps what became of a command for whoever listens.
func (watched) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		err := next(ctx, cmd)
		if heard, ok := ctx.Value(listening{}).(*error); ok {
			*heard = err
		}
		return err
	}
}

type listening struct{}

// listen is a context whose last command leaves its error in heard: asynq makes
// mere text of what Redis says to its scripts.
func listen(ctx context.Context) (_ context.Context, heard *error) {
	heard = new(error)
	return context.WithValue(ctx, listening{}, heard), heard
}

// ProcessPipelineHook changes nothing.
func (watched) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

func redisOptions(redisURL string) (asynq.RedisConnOpt, error) {
	scheme, _, _ := strings.Cut(redisURL, ":")
	switch scheme {
	case "unix":
		return unixOptions(redisURL)
	case "redis-cluster":
		return clusterOptions(redisURL)
	case "redis-sentinel":
		return sentinelOptions(redisURL)
	}
	options, err := asynq.ParseRedisURI(redisURL)
	if o, ok := options.(asynq.RedisClientOpt); ok {
		o.DialTimeout = dialTimeout
		return o, err
	}
	return options, err
}

// clusterOptions reads redis-cluster://user:password@host:port,host:port?tls=true.
// Some of the nodes are enough; they tell of the others.
func clusterOptions(redisURL string) (asynq.RedisConnOpt, error) {
	u, err := url.Parse(redisURL)
	if err != nil {
		return nil, err
	}
	o := cluster{
		Addrs: strings.Split(u.Host, ","), Username: u.User.Username(), DialTimeout: dialTimeout, ClusterStateReloadInterval: stateAge,
	}
	o.Password, _ = u.User.Password()
	o.TLSConfig, err = tlsOf(u)
	return o, err
}

// cluster is what asynq's own options for a cluster leave no way to say:
// go-redis goes on calling a master that has died until it asks again who is.
type cluster redis.ClusterOptions

// stateAge is how old knowledge of a cluster may be.
const stateAge = time.Second

// MakeRedisClient is asked for by asynq.
func (c cluster) MakeRedisClient() any {
	o := redis.ClusterOptions(c)
	return redis.NewClusterClient(&o)
}

// sentinelOptions reads redis-sentinel://user:password@host:port,host:port/master?db=N&tls=true:
// the addresses of the sentinels, and user and password of Redis; those of the
// sentinels are sentinel_user and sentinel_password. asynq's ?master= is understood, too.
func sentinelOptions(redisURL string) (asynq.RedisConnOpt, error) {
	u, err := url.Parse(redisURL)
	if err != nil {
		return nil, err
	}
	query := u.Query()
	o := asynq.RedisFailoverClientOpt{
		SentinelAddrs: strings.Split(u.Host, ","), MasterName: strings.Trim(u.Path, "/"), Username: u.User.Username(),
		SentinelUsername: query.Get("sentinel_user"), SentinelPassword: query.Get("sentinel_password"), DialTimeout: dialTimeout,
	}
	if o.MasterName == "" {
		o.MasterName = query.Get("master")
	}
	if o.MasterName == "" {
		return nil, errors.New("it names no master: redis-sentinel://host:port,host:port/master")
	}
	o.Password, _ = u.User.Password()
	if o.DB, err = database(u); err != nil {
		return nil, err
	}
	o.TLSConfig, err = tlsOf(u)
	return o, err
}

// tlsOf reads ?tls=true. The servers prove the names by which they are called.
func tlsOf(u *url.URL) (*tls.Config, error) {
	value := u.Query().Get("tls")
	if value == "" {
		return nil, nil //nolint:nilnil // none wanted
	}
	wanted, err := strconv.ParseBool(value)
	if err != nil {
		return nil, fmt.Errorf("tls=%s is neither true nor false", value)
	}
	if !wanted {
		return nil, nil //nolint:nilnil // none wanted
	}
	return &tls.Config{MinVersion: tls.VersionTLS12}, nil
}

// database reads ?db=N.
func database(u *url.URL) (int, error) {
	db := u.Query().Get("db")
	if db == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(db)
	if err != nil {
		return 0, fmt.Errorf("db=%s is not a number", db)
	}
	return n, nil
}

const dialTimeout = 2 * time.Second

// unixOptions reads unix:/path/to/socket?db=N.
func unixOptions(redisURL string) (asynq.RedisConnOpt, error) {
	u, err := url.Parse(redisURL)
	if err != nil {
		return nil, err
	}
	o := asynq.RedisClientOpt{Network: "unix", Addr: u.Path, DialTimeout: dialTimeout, Username: u.User.Username()}
	if u.Opaque != "" {
		o.Addr = u.Opaque
	}
	o.Password, _ = u.User.Password()
	o.DB, err = database(u)
	return o, err
}
