package notify

import "github.com/licenseledger/licenseledger/domain"

var english = language{
	tag:   "en",
	forms: oneOrMore,

	thousands: ",",
	decimal:   ".",
	months: [12]string{
		"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
	},
	date:  "{day} {month} {year}",
	month: "{month} {year}",
	money: "{currency} {amount}",

	greeting:  "Hello {name}," + or + "Hello,",
	automatic: "LicenseLedger sent it automatically.",
	attached:  "The document is attached as a PDF, as an e-invoice in XML (EN 16931), and as a CSV file with all lines.",
	more:      "and {count} more",

	what: whatWords{
		item:     "{quantity} {product}",
		and:      " and ",
		licenses: "{items} {license|licenses}",
		many:     "{quantity} {license|licenses} of {products} products",
		seats:    "{quantity} {product} {seat|seats}",
	},
	closing: closingWords{
		invoices: "{count} {invoice|invoices}",
		credits:  "{count} {credit note|credit notes}",
		and:      " and ",
		none:     "no invoices",

		attention:   "{count} {thing needs|things need} attention",
		missingRate: "contract {contract}: no VAT rate of {country} for {on} is on file; the invoice is made when it is",
		failed:      "contract {contract}: the invoice could not be computed; whoever runs LicenseLedger has to look into it",
		ended:       "contract {contract}: subscription {subscription} ended instead of renewing",
		unnamed:     "contract {contract}: something needs attention",
	},
	plans: map[domain.Plan]string{
		domain.Flexible:      "flexible",
		domain.AnnualMonthly: "annual, paid by the month",
		domain.AnnualYearly:  "annual, paid by the year",
	},
	labels: labels{
		customer: "Customer", owner: "Owner", reseller: "Provided by", product: "Product", quantity: "Quantity", activeFrom: "Active from",
		lastDay: "Last valid day", license: "License", lot: "Lot", stockOf: "Stock of", boughtOn: "Bought on",
		order: "Order", purchaseOrder: "Purchase order", note: "Note", why: "Reason", requestedBy: "Requested by", rejectedBy: "Rejected by",
		soldBy: "Sold by", deployment: "Deployment",
		takenFrom: "Taken from", nowWith: "Now with", takenBy: "Taken by", takes: "Takes licenses", gives: "Gives licenses", linkedBy: "Linked by",
		subscription: "Subscription", plan: "Plan", seats: "Seats", newSeats: "New seats", seatsNow: "Seats now", seatsThen: "Seats then",
		seatsAsked: "Seats asked for", seatsUntilNow: "Seats until now", termEnds: "Last day of the term", renewsOn: "Renews on",
		from: "From", to: "To", seller: "Seller", contract: "Contract", month: "Month", invoice: "Invoice", creditNote: "Credit note",
		net: "Net", vat: "VAT", total: "Total", netCredited: "Net credited", vatCredited: "VAT credited", totalCredited: "Total credited",
		issuedOn: "Issued on", dueOn: "Due on", invoices: "Invoices", attention: "What needs attention", totalIn: "Total in {currency}",
	},
	rows: rowWords{
		license: "{quantity} {product}", activeFrom: "active from {date}", lastDay: "last valid day {date}", licenseID: "license {license}",
		whose: "{reseller}, contract {contract}",
		net:   "net {net}, VAT {vat}",
		sum:   "{total} (net {net}, VAT {vat})",
		invoice: "invoice {number} to {reseller}, contract {contract}: {total} (net {net}, VAT {vat}), due on {due}" + or +
			"invoice {number} to {reseller}, contract {contract}: {total} (net {net}, VAT {vat}), nothing to pay",
		credit:     "credit note {number} to {reseller}, contract {contract}: {total} (net {net}, VAT {vat})",
		creditNote: "credit note", nothingToPay: "nothing to pay",
	},
	reasons: reasons{
		customer: "You receive this message because you look after the licenses of {account}.",
		manager:  "You receive this message because you are a manager of {account}.",
		managerOfEither: "You receive this message because you are a manager of {account} or {reseller}." + or +
			"You receive this message because you are a manager of {account}.",
		linked:   "You receive this message because you are a manager of {receiver} or {source}.",
		invoices: "You receive this message because this address gets the invoices under contract {contract} of {reseller}.",
		finance:  "You receive this message because this is the finance address of {account}.",
	},
	words: map[kind]words{
		domain.MailAssigned: {
			badge:   "Active",
			subject: "{what} for {account} {is|are} active",
			lead:    "{what} for {account} {is|are} active.",
			next:    "No action is needed: {it|they} can be used at once.",
		},
		domain.MailSold: {
			badge:   "Active",
			subject: "{what} sold to {account}",
			lead:    "{reseller} sold {what} to {account}." + or + "{what} {was|were} sold to {account}.",
			next:    "No action is needed: {it|they} can be used at once.",
		},
		soldAndDeployed: {
			badge:   "Active",
			subject: "{what} sold to {account} and deployed as {deployment}",
			lead: "{reseller} sold {what} to {account} and deployed {it|them} as {deployment}." + or +
				"{what} {was|were} sold to {account} and deployed as {deployment}.",
			next: "No action is needed: {the license is|the licenses are} active and deployed. " +
				"Once the deployment is retired, {it is|they are} available for something else.",
		},
		domain.MailPulled: {
			badge:   "Taken",
			subject: "{receiver} took {what} from {source}",
			lead:    "{receiver} took {what} from {source}.",
			next: "Nothing is charged, and the last valid days stay as they are. As long as the two accounts are linked, " +
				"{receiver} can take more; to stop that, end the link.",
		},
		domain.MailLinked: {
			badge:   "Linked",
			subject: "{receiver} can now take licenses from {source}",
			lead:    "{receiver} can now take licenses from {source}.",
			next: "No action is needed. This holds for stock and for licenses that are neither deployed nor allocated. " +
				"The managers of {source} are told every time, and either side can end the link at any time.",
		},
		domain.MailRequested: {
			badge:   "Waiting for you",
			subject: "{what} requested for {account}",
			lead:    "{by} requested {what} for {account}." + or + "{what} {was|were} requested for {account}.",
			next: "Assign order {order} to make {it|them} active, or reject it and say why. " +
				"Until then nothing changes and nothing is charged.",
		},
		domain.MailRejected: {
			badge:   "Rejected",
			subject: "Order rejected: {what} for {account}",
			lead:    "{reseller} rejected the order of {account} for {what}." + or + "The order of {account} for {what} was rejected.",
			next:    "The order is closed; nothing was added and nothing is charged. If you still need {it|them}, place a new order.",
		},
		domain.MailStockExpiring: {
			badge:   "Expires soon",
			subject: "{what} in stock {expires|expire} after {last_day}",
			lead:    "{what} in the stock of {account} {expires|expire} after {last_day}.",
			next: "Move {it|them} to a customer by then, by transfer, sale or deployment: moved licenses run for a full term from that day, " +
				"and nothing more is charged. A transfer to a sub-reseller does not change the last day. What is left afterwards expires.",
		},
		domain.MailStockExpired: {
			badge:   "Expired",
			subject: "{what} in stock {has|have} expired",
			lead:    "{what} in the stock of {account} {has|have} expired.",
			next:    "{It|They} can no longer be moved. What was moved to customers before is not affected.",
		},
		domain.MailLicenseExpiring: {
			badge:   "Expires soon",
			subject: "{what} of {account} {expires|expire} after {last_day}",
			lead:    "{what} of {account} {expires|expire} after {last_day}.",
			next: "{reseller} can renew {it|them} until that day: the new term begins the day after, and whatever is deployed or " +
				"allocated stays so. What is not renewed expires, also where it is in use." + or +
				"To keep {it|them}, have {it|them} renewed by that day: the new term begins the day after, and whatever is deployed or " +
				"allocated stays so. What is not renewed expires, also where it is in use.",
		},
		domain.MailLicenseExpired: {
			badge:   "Expired",
			subject: "{what} of {account} {has|have} expired",
			lead:    "{what} of {account} {has|have} expired.",
			next: "The {license|licenses} can no longer be used, and {its deployment or allocation has|their deployments and allocations have} ended. " +
				"If {it is|they are} still needed, {reseller} can renew {it|them}: the new term begins on that day." + or +
				"The {license|licenses} can no longer be used, and {its deployment or allocation has|their deployments and allocations have} ended.",
		},
		domain.MailSubscriptionRenewing: {
			badge:   "Renews soon",
			subject: "Subscription renews on {renews_on}: {what} for {account}",
			lead:    "The subscription of {account} renews on {renews_on} with {what} for another 12 months.",
			next: "If that is right, no action is needed. Until {last_day}, {reseller} can change the seats of the next term, " +
				"and {account} or {reseller} can let the subscription end instead." + or +
				"If that is right, no action is needed. The seats of the next term can be changed until {last_day}.",
		},
		domain.MailSubscriptionRenewed: {
			badge:   "Renewed",
			subject: "Subscription renewed: {what} for {account}",
			lead:    "The subscription of {account} for {what} has been renewed for 12 months.",
			next:    "No action is needed: the {seat stays|seats stay} in use. During the term seats can be added but not taken away.",
		},
		domain.MailSubscriptionEnded: {
			badge:   "Ended",
			subject: "Subscription ended: {what} for {account}",
			lead:    "The subscription of {account} for {what} has ended.",
			next: "The {seat|seats} can no longer be used. If {it is|they are} still needed, {reseller} can start a new subscription." + or +
				"The {seat|seats} can no longer be used.",
		},
		endedWithoutSeats: {
			badge:   "Ended",
			subject: "Subscription ended: {product} for {account}",
			lead:    "The {product} subscription of {account} has ended. It had no seats.",
			next:    "No action is needed.",
		},
		domain.MailInvoiceIssued: {
			badge:   "Invoice",
			subject: "Invoice {number} for {month}: {total}, due on {due}",
			lead:    "Invoice {number} for {month} comes to {total}, due on {due}.",
			next:    "Please pay by {due} and give the invoice number, {number}.",
		},
		issuedForNothing: {
			badge:   "Invoice",
			subject: "Invoice {number} for {month}: {total}",
			lead:    "Invoice {number} for {month} comes to {total}. There is nothing to pay.",
			next:    "No action is needed.",
		},
		issuedCreditNote: {
			badge:   "Credit note",
			subject: "Credit note {number} for {month}: {total}",
			lead:    "Credit note {number} for {month} credits {reseller} with {total}.",
			next:    "There is nothing to pay: the amount is in your favour.",
		},
		// It does not say that the whole month is closed: contracts in other
		// zones, or without a rate, may follow.
		domain.MailMonthClosed: {
			badge:   "Month closed",
			subject: "{month} for {account}: {documents}",
			lead:    "{account} issued {documents} for {month}.",
			next:    "No action is needed. What turns out to be wrong in a closed month is put right on the next invoice.",
		},
		closedNeedingAttention: {
			badge:   "Needs attention",
			subject: "{month} for {account}: {documents}, {attention}",
			lead:    "{account} issued {documents} for {month}. {attention}.",
			next:    "An invoice that could not be made stays due, and is made as soon as what it lacks is on file.",
		},
	},
}
