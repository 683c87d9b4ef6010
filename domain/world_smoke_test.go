package domain_test

import "testing"

func TestSmoke(t *testing.T) { ourWorld(t) }
