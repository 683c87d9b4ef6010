# What each line of year.ndjson is about: a year of five contracts in four time zones and three currencies.
it is 10 March 2027, and a year begins
Harp of Dublin sells in euro, dollars and yen
Polder of Utrecht sells too; the Dutch VAT rate is not on file yet
the Irish rate
one product
another product
a reseller in Ireland, like its seller: Irish VAT
one in Germany, with a VAT number: reverse charge
one in the United States: an export
one in Japan
and Burren, a sub-reseller of Clare without a VAT number
a customer of Clare
a customer of Elbe
a customer of Hudson
a customer of Sakura
a customer of Burren
Cora buys for Clare
Emil buys for Elbe
Hank buys for Hudson
Saki buys for Sakura
Bren buys for Burren
the contract with Clare: euro, Dublin time
the one with Elbe: euro, Berlin time, to be paid in 14 days
the one with Hudson: dollars, New York time
the one with Sakura: yen, Tokyo time, and a seat pays for the day it is added, not for the day it goes
and Burren buys from Polder
Clare buys 40 into stock: charged in March, to be used before 10 March 2028
ten become licenses of Tara
ten flexible seats, charged from tomorrow on: 21 of 31 days
six seats for a year, paid at once; the year has 366 days
twenty for a year, paid by the month
fifteen flexible seats in New York, where it is four in the morning
three for a year in Tokyo, and no longer
20 March
twelve go to Burren; they stay stock
five of them become licenses of Shannon, for a full year from this day
Elbe buys 25 licenses for Rhine
the last day of March, but in Tokyo it is 1 April
eight flexible seats there: March owes nothing for them, April all of its days
five more in New York on the last day of March: charged from 1 April on
20 April
ten more for Tara: ten days of thirty
Rhine starts with ten: ten days of thirty
in Berlin May begins at this very instant; in Dublin it is still 30 April
four more for Rhine, there as 1 May starts: charged for it
Tara gives back three on the last day of April: it is charged, May is not
12 May
six more for Bronx
and back on the same day: nothing to pay
17 May
a flexible seat for Clare costs 13.20, from tomorrow on
31 May
Bronx takes five for a year, until 31 May 2028
10 June
ten seats in April were promised for nothing; April is closed, so the invoice of June puts it right
15 July
more than July costs is given back to Sakura: a credit note
10 August
Burren buys five from Polder; there is no Dutch rate to invoice it with
15 September; all others have their invoices of August
and two more
5 October
the Dutch rate arrives
what was due is done: August and September of Burren, numbers 1 and 2
in New York November begins at this very instant
five of Bronx go as 1 November starts: not charged for it
15 November
four more for Tara's year: 116 of its 366 days
annual seats do not go down within a term
10 January 2028
an annual seat of Elbe will cost 10.40; the running term keeps its price
Rhine will need 24 after the renewal
29 February; in New York still the 28th
two more in Tokyo: one day of 29
three more in New York: one day of 29
one more for Tara: none, as the day has begun
two more for Tara's year: ten of 366 days
a year from 29 February is over as 28 February 2029 begins: 365 days
six of Tara's licenses get another year, from 10 March on
10 March: the other four have expired, and so has the stock; seats were renewed or ended
there is no stock left
what has ended takes no more seats
April begins in Dublin: March is invoiced everywhere but in New York
