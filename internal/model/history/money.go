package history

import (
	"fmt"
	"math/big"
)

func exact(text string) *big.Rat {
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		panic(fmt.Sprintf("%q is not a number", text)) // Draw wrote it
	}
	return r
}

// times multiplies an amount by n ÷ of.
func times(amount *big.Rat, n, of int) *big.Rat {
	return new(big.Rat).Mul(amount, big.NewRat(int64(n), int64(of)))
}

// rounded rounds to the minor unit, half away from zero.
func rounded(amount *big.Rat, minorDigits int) *big.Rat {
	unit := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(minorDigits)), nil))
	units := new(big.Rat).Mul(new(big.Rat).Abs(amount), unit)
	units.Add(units, big.NewRat(1, 2))
	whole := new(big.Rat).SetInt(new(big.Int).Quo(units.Num(), units.Denom()))
	if amount.Sign() < 0 {
		whole.Neg(whole)
	}
	return whole.Quo(whole, unit)
}
