# One line for each line of demo.ndjson: what becomes of it, and what it is about.
applied                 | Ada buys 100 Professional licenses ahead, for the stock of Northwind
permission_denied       | Fay, who is in Northwind's finance, tries the same
purchase_order_required | Ada buys 20 under a contract that wants a purchase-order number
applied                 | Ada buys them with the number
applied                 | ten go to Acme, a customer, and become licenses for a full year
package_mismatch        | ten for Bluebird
trial_account           | ten for Cedar
applied                 | 95 go to Fjord, a sub-reseller: still stock, and expiring no later than before
applied                 | Finn of Fjord gives five of them to Elm, a customer of Fjord
account_not_found       | Finn tries Acme, which is Northwind's customer and none of his business
insufficient_stock      | Ada promises Acme a thousand
applied                 | Mia of Acme orders five
fulfil_required         | Ada assigns the order, without saying where the licenses come from
applied                 | Ada assigns it again: out of stock
applied                 | Ada orders eight Starter licenses on behalf of Delta, a customer
managing_mode           | Ada assigns that order while she still acts for Delta
applied                 | Ada assigns it for Northwind; there is no Starter in stock, so they are bought
applied                 | the first transfer arrives once more: same answer, nothing happens twice
id_reused               | its id arrives with other content
