package jobs

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
)

// OpenRedis makes a client for a REDIS_URL: redis, rediss, redis-sentinel,
// redis-cluster or unix. It does not connect yet.
func OpenRedis(redisURL string) (redis.UniversalClient, error) {
	options, err := redisOptions(redisURL)
	if err != nil {
		return nil, fmt.Errorf("reading REDIS_URL: %w", err)
	}
	return options.MakeRedisClient().(redis.UniversalClient), nil
}

func redisOptions(redisURL string) (asynq.RedisConnOpt, error) {
	scheme, _, _ := strings.Cut(redisURL, ":")
	switch scheme {
	case "unix":
		return unixOptions(redisURL)
	case "redis-cluster":
		u, err := url.Parse(redisURL)
		if err != nil {
			return nil, err
		}
		password, _ := u.User.Password()
		return asynq.RedisClusterClientOpt{
			Addrs: strings.Split(u.Host, ","), Username: u.User.Username(), Password: password, DialTimeout: dialTimeout,
		}, nil
	}
	options, err := asynq.ParseRedisURI(redisURL)
	if o, ok := options.(asynq.RedisClientOpt); ok {
		o.DialTimeout = dialTimeout
		return o, err
	}
	return options, err
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
	if db := u.Query().Get("db"); db != "" {
		if o.DB, err = strconv.Atoi(db); err != nil {
			return nil, fmt.Errorf("db=%s is not a number", db)
		}
	}
	return o, nil
}
