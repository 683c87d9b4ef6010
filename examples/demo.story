# What each line of demo.ndjson is about, for the demo.
Ada buys 100 Professional licenses ahead, for the stock of Northwind
Fay, who is in Northwind's finance, tries the same
Ada buys 20 under a contract that wants a purchase-order number
Ada buys them with the number
ten go to Acme, a customer, and become licenses for a full year
ten for Bluebird
ten for Cedar
95 go to Fjord, a sub-reseller: still stock, and expiring no later than before
Finn of Fjord gives five of them to Elm, a customer of Fjord
Finn tries Acme, which is Northwind's customer and none of his business
Ada promises Acme a thousand
Mia of Acme orders five
Ada assigns the order, without saying where the licenses come from
Ada assigns it again: out of stock
Ada orders eight Starter licenses on behalf of Delta, a customer
Ada assigns that order while she still acts for Delta
Ada assigns it for Northwind; there is no Starter in stock, so they are bought
the first transfer arrives once more: same answer, nothing happens twice
its id arrives with other content
