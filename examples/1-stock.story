# What each line of 1-stock.ndjson is about: stock is bought, moved to a customer and to a sub-reseller.
Ada picks a contract and her own account, and buys 100 into stock, to be used within a year
ten go to Acme: licenses, active at once
ten for Bluebird, whose package is another
ten for Cedar, which is on trial
twenty go to the sub-reseller Fjord; their life does not begin anew
five for Elm, which is Fjord's customer
one more than what is left of the lot
