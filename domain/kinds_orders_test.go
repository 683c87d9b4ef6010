package domain_test

import "maps"

func init() { maps.Copy(kindCases, orderCases) }

// orderCases continue kindCases.
var orderCases = map[string]string{
	"order.request": `
		works by=mia@acme contract=C-1 account=acme product=pro quantity=3
		works by=ada@north contract=C-1 account=acme product=pro quantity=3
		wrong by=nobody@north preview=stale for=nowhere contract=C-NONE account=nowhere product=nothing quantity=1
		  preview_stale: preview=
		  actor_not_found: by=fay@north
		  account_not_found: for= account=wreck
		  contract_not_found: contract=C-BAD
		  product_not_found: product=pro
		  permission_denied: by=sam@north
		  contract_inactive: | change contract C-BAD status=active
		  product_not_in_contract: | change contract C-BAD products=pro:flexible=9.00
		  plan_not_in_contract: | change contract C-BAD products=pro:term=90.00
		  purchase_order_required: purchase_order=PO-1
		  quantity_below_minimum: quantity=5
		  account_closed: | change account wreck status=active
		  not_own_customer: account=cedar
		  trial_account: | change account cedar trial=false
		  package_mismatch: | change account cedar package=professional
		also not_own_account: account=elm`,
	"order.assign": `
		works by=ada@north order=order fulfil=stock
		works by=ada@north order=seatorder
		begin change account cedar status=closed
		wrong by=nobody@north preview=stale for=nowhere order=nothing fulfil=new
		  preview_stale: preview=
		  actor_not_found: by=fay@north
		  account_not_found: for=cedar
		  order_not_found: order=cedarlost
		  permission_denied: by=ada@north
		  managing_mode: for=
		  contract_inactive: | change contract C-BAD status=active
		  product_not_in_contract: | change contract C-BAD products=pro:flexible=9.00
		  plan_not_in_contract: | change contract C-BAD products=pro:term=90.00
		  purchase_order_required: | change contract C-BAD purchase_order_required=false
		  quantity_below_minimum: | change contract C-BAD minimum_quantity=1
		  account_closed: | change account cedar status=active
		  trial_account: | change account cedar trial=false
		  package_mismatch: | change account cedar package=professional
		  order_not_requested: order=cedarorder
		# an order for seats
		begin change account cedar status=closed
		begin expire cedaryear
		wrong by=fay@north order=cedarnoseats fulfil=new
		  permission_denied: by=ada@north
		  contract_inactive: | change contract C-BAD status=active
		  account_closed: | change account cedar status=active
		  trial_account: | change account cedar trial=false
		  package_mismatch: | change account cedar package=professional
		  plan_mismatch: fulfil=
		  order_not_requested: order=cedarseats
		  contract_limit_exceeded: | change contract C-BAD max_seats_per_customer=30
		  subscription_ended: order=seatorder
		also fulfil_required: fulfil=
		also insufficient_stock: order=bigorder
		also permission_denied: by=sam@north`,
	"order.reject": `
		works by=sam@north order=order why=no
		wrong by=nobody@north preview=stale for=nowhere order=nothing why=no
		  preview_stale: preview=
		  actor_not_found: by=fay@north
		  account_not_found: for=acme
		  order_not_found: order=lost
		  permission_denied: by=sam@north
		  managing_mode: for= order=elmorder
		  not_own_customer: order=lost
		  order_not_requested: order=order
		also order_not_requested: | order.assign by=ada@north order=order fulfil=new`,
	"order.cancel": `
		works by=mia@acme order=order
		works by=ada@north for=acme order=order
		wrong by=nobody@north preview=stale for=nowhere order=nothing
		  preview_stale: preview=
		  actor_not_found: by=fay@north
		  account_not_found: for=acme
		  order_not_found: order=elmorder
		  permission_denied: by=sam@north
		  not_own_account: order=lost
		  order_not_requested: order=order
		also not_own_customer: by=ada@north for=elm order=elmorder
		also not_own_customer: by=ada@north for=fjord order=elmorder
		also permission_denied: by=ada@north
		also order_not_requested: | order.assign by=ada@north order=order fulfil=new`,

	"license.allocate": `
		works by=mia@acme account=acme product=pro learner=l3 license=lic~1
		works by=sam@north account=acme product=pro learner=l3
		wrong by=nobody@north preview=stale for=nowhere account=nowhere product=nothing learner=nobody license=nothing
		  preview_stale: preview=
		  actor_not_found: by=fay@north
		  account_not_found: for= account=elm
		  product_not_found: product=pro
		  license_not_found: license=elms~1
		  learner_not_found: learner=le1
		  permission_denied: by=sam@north
		  not_own_customer: account=acme license=full~1 learner=l1
		  insufficient_available: license=acmeold~1
		  license_expired: license=lic~1
		  already_allocated: learner=l3
		also license_not_found: product=basic
		also learner_not_found: | change learner l3 status=left
		also not_own_account: account=elm learner=le1 license=
		also insufficient_available: license= product=basic`,
	"license.reallocate": `
		works by=mia@acme account=acme product=pro from=l2 to=l3
		wrong by=nobody@north preview=stale for=nowhere account=nowhere product=nothing from=nobody to=noone
		  preview_stale: preview=
		  actor_not_found: by=fay@north
		  account_not_found: for= account=elm
		  product_not_found: product=basic from=le1 to=noone
		  license_not_found: product=pro
		  learner_not_found: to=le2
		  permission_denied: by=sam@north
		  not_own_customer: account=acme from=l1 to=l2
		  already_allocated: to=l3
		  learner_active: | change learner l1 status=left
		also not_own_account: account=elm from=le1 to=le2
		also learner_not_found: | change learner l3 status=left`,

	"subscription.start": `
		works by=ada@north subscription=new contract=C-1 account=acme product=pro plan=flexible seats=3 cap=8
		works by=ada@north subscription=new contract=C-1 account=acme product=pro plan=annual_yearly seats=3
		wrong by=nobody@north preview=stale for=nowhere subscription=wreckflex contract=C-NONE account=nowhere product=nothing plan=annual_monthly seats=9 cap=5
		  preview_stale: preview=
		  actor_not_found: by=fay@north
		  account_not_found: for=acme account=acme
		  contract_not_found: contract=C-BAD
		  product_not_found: product=pro
		  permission_denied: by=ada@north
		  managing_mode: for= account=wreck
		  contract_inactive: | change contract C-BAD status=active
		  product_not_in_contract: | change contract C-BAD products=pro:term=90.00
		  plan_not_in_contract: | change contract C-BAD products=pro:annual_monthly=9.00:flexible=9.00
		  already_exists: subscription=new
		  account_closed: | change account wreck status=active
		  not_own_customer: account=cedar
		  trial_account: | change account cedar trial=false
		  package_mismatch: | change account cedar package=professional
		  plan_mismatch: plan=flexible
		  cap_exceeded: cap=9
		  contract_limit_exceeded: | change contract C-BAD max_seats_per_customer=30
		also plan_mismatch: renewal=end
		also not_own_customer: account=north`,
	"seats.change": `
		works by=mia@acme subscription=flex delta=2
		works by=ada@north subscription=year delta=2
		wrong by=nobody@north preview=stale for=nowhere subscription=nothing delta=9
		  preview_stale: preview=
		  actor_not_found: by=fay@north
		  account_not_found: for=
		  subscription_not_found: subscription=wreckflex
		  permission_denied: by=sam@north
		  contract_inactive: | change contract C-BAD status=active
		  product_not_in_contract: | change contract C-BAD products=pro:term=90.00
		  plan_not_in_contract: | change contract C-BAD products=pro:flexible=9.00
		  account_closed: | change account wreck status=active
		  not_own_customer: subscription=cedargone
		  trial_account: | change account cedar trial=false
		  package_mismatch: | change account cedar package=professional
		  cap_exceeded: delta=1
		  contract_limit_exceeded: | change contract C-BAD max_seats_per_customer=30
		  subscription_ended: subscription=cedarflex
		# an annual subscription
		wrong by=fay@north for=cedar subscription=cedarwas delta=9
		  permission_denied: by=ada@north
		  managing_mode: for= subscription=wreckyear
		  contract_inactive: | change contract C-BAD status=active
		  account_closed: | change account wreck status=active
		  not_own_customer: subscription=cedarwas
		  trial_account: | change account cedar trial=false
		  package_mismatch: | change account cedar package=professional
		  contract_limit_exceeded: | change contract C-BAD max_seats_per_customer=30
		  subscription_ended: subscription=cedaryear
		also not_own_account: subscription=elmflex
		also insufficient_available: delta=-4
		also seats_committed: subscription=year delta=-1
		also permission_denied: subscription=year
		also permission_denied: subscription=year by=sam@north`,
	"seats.request": `
		works by=mia@acme subscription=year quantity=2
		works by=ada@north for=acme subscription=year quantity=2
		begin change account cedar status=closed
		begin change account north purchase_link=null
		wrong by=nobody@north preview=stale for=nowhere subscription=nothing quantity=9
		  preview_stale: preview=
		  actor_not_found: by=fay@north
		  account_not_found: for=cedar
		  subscription_not_found: subscription=cedargone
		  permission_denied: by=sam@north
		  contract_inactive: | change contract C-BAD status=active
		  account_closed: | change account cedar status=active
		  trial_account: | change account cedar trial=false
		  package_mismatch: | change account cedar package=professional
		  links_not_configured: | change account north purchase_link=https://north.example
		  plan_mismatch: subscription=cedarwas
		  contract_limit_exceeded: | change contract C-BAD max_seats_per_customer=30
		  subscription_ended: subscription=cedaryear
		also not_own_account: subscription=elmyear
		also not_own_customer: by=ada@north for=elm subscription=elmyear
		also permission_denied: by=ada@north`,
	"cap.change": `
		works by=sam@north subscription=flex cap=20
		wrong by=nobody@north preview=stale for=nowhere subscription=nothing cap=40
		  preview_stale: preview=
		  actor_not_found: by=fay@north
		  account_not_found: for=cedar
		  subscription_not_found: subscription=cedargone
		  permission_denied: by=sam@north
		  managing_mode: for= subscription=wreckflex
		  contract_inactive: | change contract C-BAD status=active
		  not_own_customer: subscription=cedargone
		  contract_limit_exceeded: | change contract C-BAD max_seats_per_customer=40
		  subscription_ended: subscription=cedarflex
		also plan_mismatch: subscription=year
		also cap_below_seats: cap=2
		also not_own_customer: subscription=elmflex`,
	"renewal.change": `
		works by=ada@north subscription=year renewal=renew seats=9
		works by=ada@north subscription=year renewal=end
		wrong by=nobody@north preview=stale for=nowhere subscription=nothing renewal=renew seats=9
		  preview_stale: preview=
		  actor_not_found: by=fay@north
		  account_not_found: for=cedar
		  subscription_not_found: subscription=cedargone
		  permission_denied: by=ada@north
		  managing_mode: for= subscription=wreckflex
		  not_own_customer: subscription=cedargone
		  plan_mismatch: subscription=cedarwas
		  contract_limit_exceeded: | change contract C-BAD max_seats_per_customer=30
		  subscription_ended: subscription=cedaryear
		also permission_denied: by=sam@north`,
	"subscription.end": `
		works by=mia@acme subscription=flex
		works by=ada@north subscription=year
		wrong by=nobody@north preview=stale for=nowhere subscription=nothing
		  preview_stale: preview=
		  actor_not_found: by=fay@north
		  account_not_found: for=
		  subscription_not_found: subscription=wreckflex
		  permission_denied: by=sam@north
		  not_own_customer: subscription=cedargone
		  subscription_ended: subscription=cedarflex
		also not_own_account: subscription=elmflex`,

	"clock.advance": `
		works to=2027-04-01T00:00:00Z
		wrong to=2027-03-01T00:00:00Z
		  clock_not_adjustable: to=2027-03-02T09:00:00Z`,
}
