# What each line of 3-sales-and-links.ndjson is about: sales, deployments, linked accounts.
Ada fills the stock
with Starter licenses too
two products are sold to Acme in one sale, and its manager gets one mail
too many of the second product: the whole sale is refused
Elm is somebody else's customer
Ada deploys four of her own
what is deployed cannot be sold
a deployment owned by Acme is a sale of all its licenses
the id of a deployment is never used again
her own deployment is retired; its licenses are available again
Lena buys stock for Northwind Labs, another company of the same owners
Ada cannot see Northwind Labs, so for her it does not exist
nor can she approve a link herself
a manager of Northwind Labs approves
ten licenses come over, with their expiry
only the receiving side pulls
Lena ends the link
and Northwind Labs is out of sight again
