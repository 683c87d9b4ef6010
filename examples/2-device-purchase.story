# What each line of 2-device-purchase.ndjson is about: devices are bought, new or out of stock.
it is 20 March 2026
Ada buys ten gateways for Acme
almost a year later: the ten expire this month
meanwhile Northwind has gateways in stock
three more for Acme: the choice between stock and new is never made silently
she wants a new purchase; the note goes with the order, and the ten are untouched
two more out of stock: nothing to pay
one that ends with the old ten: 15 of 365 days are charged
a contract that is over
Fay has no permission under the contract
a product that the contract does not have
the old ten get a new year, from the day they would have ended
