# What each line of 5-subscriptions.ndjson is about: flexible and annual plans.
ten flexible seats for Acme, up to a cap of twenty
Mia of Acme adds ten herself
one more would be above the cap
the cap is the reseller's to change
Ada raises it
and removes five seats
an annual plan, paid for the year at once
Mia requests five more, but Northwind has not set up its purchase link
Northwind sets it up
now the request goes through
Ada assigns it; the five are charged for what is left of the year
more than the contract allows per customer
annual seats stay until the renewal
there will be no renewal
Mia ends the flexible plan: all seats go now
finance puts a charge right; it goes on the next invoice
