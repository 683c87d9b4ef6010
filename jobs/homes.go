package jobs

import (
	"context"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/store"
)

// homes numbers the resellers without a parent in the order in which their
// users come, so that they are shared out evenly. An account that has moved
// meanwhile makes lanes wait for each other, no more.
type homes struct {
	store   *store.Store
	of      map[domain.UserID]int
	numbers map[domain.AccountID]int
}

// enoughUsers bounds the memory; then it begins anew.
const enoughUsers = 100_000

func newHomes(s *store.Store) *homes {
	return &homes{store: s, of: map[domain.UserID]int{}, numbers: map[domain.AccountID]int{}}
}

// look finds the homes of the commands' actors; an actor that does not exist
// belongs to the first.
func (h *homes) look(ctx context.Context, commands []*domain.Envelope) ([]int, error) {
	unknown := map[domain.UserID]bool{}
	for _, c := range commands {
		if _, known := h.of[c.Actor]; !known {
			unknown[c.Actor] = true
		}
	}
	if len(unknown) > 0 {
		found, err := h.store.Homes(ctx, unknown)
		if err != nil {
			return nil, err
		}
		h.remember(found)
	}
	list := make([]int, len(commands))
	for i, c := range commands {
		list[i] = h.of[c.Actor]
	}
	return list, nil
}

func (h *homes) remember(found map[domain.UserID]domain.AccountID) {
	if len(h.of)+len(found) > enoughUsers {
		clear(h.of)
		clear(h.numbers)
	}
	for user, account := range found {
		if _, numbered := h.numbers[account]; !numbered {
			h.numbers[account] = len(h.numbers)
		}
		h.of[user] = h.numbers[account]
	}
}
