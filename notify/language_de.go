package notify

import "github.com/licenseledger/licenseledger/domain"

// Readers are addressed as Sie. Names keep their form: they stand where no case
// shows, or after a colon.
var german = language{
	tag:   "de",
	forms: oneOrMore,

	thousands: ".",
	decimal:   ",",
	months: [12]string{
		"Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember",
	},
	date:  "{day}. {month} {year}",
	month: "{month} {year}",
	money: "{amount} {currency}",

	greeting:  "Guten Tag {name}," + or + "Guten Tag,",
	automatic: "LicenseLedger hat sie automatisch versendet.",
	attached:  "Im Anhang finden Sie das Dokument als PDF, als E-Rechnung im XML-Format (EN 16931) und als CSV-Datei mit allen Positionen.",
	more:      "und {count} weitere",

	what: whatWords{
		item:     "{quantity} {Lizenz|Lizenzen} „{product}“",
		and:      " und ",
		licenses: "{items}",
		many:     "{quantity} {Lizenz|Lizenzen} für {products} Produkte",
		seats:    "{quantity} {Platz|Plätze} „{product}“",
	},
	closing: closingWords{
		invoices: "{count} {Rechnung|Rechnungen}",
		credits:  "{count} {Gutschrift|Gutschriften}",
		and:      " und ",
		none:     "keine Rechnungen",

		attention:   "{count} {Punkt ist|Punkte sind} zu klären",
		missingRate: "Vertrag {contract}: Für {country} ist zum {on} kein Umsatzsteuersatz hinterlegt; die Rechnung wird erstellt, sobald er vorliegt",
		failed:      "Vertrag {contract}: Die Rechnung ließ sich nicht berechnen; das muss der Betreiber von LicenseLedger prüfen",
		ended:       "Vertrag {contract}: Das Abonnement {subscription} ist ausgelaufen, statt sich zu verlängern",
		unnamed:     "Vertrag {contract}: Hier ist etwas zu klären",
	},
	plans: map[domain.Plan]string{
		domain.Flexible:      "flexibel",
		domain.AnnualMonthly: "Jahrestarif mit monatlicher Zahlung",
		domain.AnnualYearly:  "Jahrestarif mit jährlicher Zahlung",
	},
	labels: labels{
		customer: "Kunde", owner: "Inhaber", reseller: "Reseller", product: "Produkt", quantity: "Anzahl", activeFrom: "Aktiv ab",
		lastDay: "Letzter gültiger Tag", license: "Lizenz", lot: "Posten", stockOf: "Bestand von", boughtOn: "Gekauft am",
		order: "Auftrag", purchaseOrder: "Bestellnummer", note: "Anmerkung", why: "Begründung", requestedBy: "Bestellt von", rejectedBy: "Abgelehnt von",
		soldBy: "Verkauft von", deployment: "Bereitstellung",
		takenFrom: "Übernommen von", nowWith: "Jetzt bei", takenBy: "Veranlasst von", takes: "Übernimmt Lizenzen", gives: "Gibt Lizenzen ab", linkedBy: "Verknüpft von",
		subscription: "Abonnement", plan: "Tarif", seats: "Plätze", newSeats: "Neue Plätze", seatsNow: "Plätze jetzt", seatsThen: "Plätze danach",
		seatsAsked: "Bestellte Plätze", seatsUntilNow: "Plätze bisher", termEnds: "Letzter Tag der Laufzeit", renewsOn: "Verlängert sich am",
		from: "Von", to: "An", seller: "Aussteller", contract: "Vertrag", month: "Monat", invoice: "Rechnung", creditNote: "Gutschrift",
		net: "Netto", vat: "Umsatzsteuer", total: "Gesamtbetrag", netCredited: "Netto", vatCredited: "Umsatzsteuer", totalCredited: "Gutgeschrieben",
		issuedOn: "Ausgestellt am", dueOn: "Zahlbar bis", invoices: "Rechnungen", attention: "Zu klären", totalIn: "Summe in {currency}",
	},
	rows: rowWords{
		license: "{quantity} × {product}", activeFrom: "aktiv ab {date}", lastDay: "letzter gültiger Tag {date}", licenseID: "Lizenz {license}",
		whose: "{reseller}, Vertrag {contract}",
		net:   "netto {net}, USt. {vat}",
		sum:   "{total} (netto {net}, USt. {vat})",
		invoice: "Rechnung {number} an {reseller}, Vertrag {contract}: {total} (netto {net}, USt. {vat}), zahlbar bis {due}" + or +
			"Rechnung {number} an {reseller}, Vertrag {contract}: {total} (netto {net}, USt. {vat}), nichts zu zahlen",
		credit:     "Gutschrift {number} an {reseller}, Vertrag {contract}: {total} (netto {net}, USt. {vat})",
		creditNote: "Gutschrift", nothingToPay: "nichts zu zahlen",
	},
	reasons: reasons{
		customer: "Sie erhalten diese Nachricht, weil Sie die Lizenzen von {account} betreuen.",
		manager:  "Sie erhalten diese Nachricht, weil Sie das Konto von {account} verwalten.",
		managerOfEither: "Sie erhalten diese Nachricht, weil Sie das Konto von {account} oder {reseller} verwalten." + or +
			"Sie erhalten diese Nachricht, weil Sie das Konto von {account} verwalten.",
		linked:   "Sie erhalten diese Nachricht, weil Sie das Konto von {receiver} oder {source} verwalten.",
		invoices: "Sie erhalten diese Nachricht, weil diese Adresse die Rechnungen zum Vertrag {contract} mit {reseller} erhält.",
		finance:  "Sie erhalten diese Nachricht, weil diese Adresse bei {account} als Finanzadresse hinterlegt ist.",
	},
	words: map[kind]words{
		domain.MailAssigned: {
			badge:   "Aktiv",
			subject: "{what} für {account} {ist|sind} aktiv",
			lead:    "{what} für {account} {ist|sind} aktiv.",
			next:    "Sie müssen nichts weiter tun: Die Nutzung ist ab sofort möglich.",
		},
		domain.MailSold: {
			badge:   "Aktiv",
			subject: "{what} an {account} verkauft",
			lead:    "{reseller} hat {what} an {account} verkauft." + or + "{what} {wurde|wurden} an {account} verkauft.",
			next:    "Sie müssen nichts weiter tun: Die Nutzung ist ab sofort möglich.",
		},
		soldAndDeployed: {
			badge:   "Aktiv",
			subject: "{what} an {account} verkauft und als „{deployment}“ bereitgestellt",
			lead: "{reseller} hat {what} an {account} verkauft und als „{deployment}“ bereitgestellt." + or +
				"{what} {wurde|wurden} an {account} verkauft und als „{deployment}“ bereitgestellt.",
			next: "Sie müssen nichts weiter tun: {Die Lizenz ist|Die Lizenzen sind} aktiv und bereitgestellt. " +
				"Sobald die Bereitstellung endet, {ist sie|sind sie} anderweitig verwendbar.",
		},
		domain.MailPulled: {
			badge:   "Übernommen",
			subject: "{receiver} hat {what} von {source} übernommen",
			lead:    "{receiver} hat {what} von {source} übernommen.",
			next: "Es wird nichts berechnet, und die letzten gültigen Tage bleiben unverändert. Solange die beiden Konten verknüpft sind, " +
				"kann {receiver} weitere Lizenzen übernehmen. Wenn Sie das nicht möchten, heben Sie die Verknüpfung bitte auf.",
		},
		domain.MailLinked: {
			badge:   "Verknüpft",
			subject: "{receiver} kann jetzt Lizenzen von {source} übernehmen",
			lead:    "{receiver} kann jetzt Lizenzen von {source} übernehmen.",
			next: "Sie müssen nichts weiter tun. Das gilt für den Bestand und für Lizenzen, die weder bereitgestellt noch zugeteilt sind. " +
				"Wer das Konto von {source} verwaltet, wird jedes Mal benachrichtigt, und beide Seiten können die Verknüpfung jederzeit aufheben.",
		},
		domain.MailRequested: {
			badge:   "Wartet auf Sie",
			subject: "Bestellung für {account}: {what}",
			lead:    "{by} hat {what} für {account} bestellt." + or + "Für {account} {wurde|wurden} {what} bestellt.",
			next: "Weisen Sie den Auftrag {order} zu, damit er wirksam wird, oder lehnen Sie ihn mit einer Begründung ab. " +
				"Bis dahin ändert sich nichts, und es wird nichts berechnet.",
		},
		domain.MailRejected: {
			badge:   "Abgelehnt",
			subject: "Bestellung abgelehnt: {what} für {account}",
			lead:    "{reseller} hat die Bestellung von {account} abgelehnt: {what}." + or + "Die Bestellung von {account} wurde abgelehnt: {what}.",
			next:    "Die Bestellung ist damit abgeschlossen; es kommt nichts hinzu und es wird nichts berechnet. Bei weiterem Bedarf bestellen Sie bitte erneut.",
		},
		domain.MailStockExpiring: {
			badge:   "Verfällt bald",
			subject: "{what} im Bestand {verfällt|verfallen} nach dem {last_day}",
			lead:    "{what} im Bestand von {account} {verfällt|verfallen} nach dem {last_day}.",
			next: "Geben Sie {die Lizenz|die Lizenzen} bis dahin durch Übertragung, Verkauf oder Bereitstellung an einen Kunden weiter: " +
				"{Sie läuft|Sie laufen} dann ab diesem Tag über die volle Laufzeit, und es wird nichts weiter berechnet. " +
				"Eine Übertragung an einen untergeordneten Reseller ändert den letzten Tag nicht. Was danach übrig ist, verfällt.",
		},
		domain.MailStockExpired: {
			badge:   "Verfallen",
			subject: "{what} im Bestand {ist|sind} verfallen",
			lead:    "{what} im Bestand von {account} {ist|sind} verfallen.",
			next:    "{Sie kann|Sie können} nicht mehr weitergegeben werden. Was zuvor an Kunden ging, ist davon nicht betroffen.",
		},
		domain.MailLicenseExpiring: {
			badge:   "Läuft bald ab",
			subject: "{what} von {account} {läuft|laufen} nach dem {last_day} ab",
			lead:    "{what} von {account} {läuft|laufen} nach dem {last_day} ab.",
			next: "{reseller} kann {die Lizenz|die Lizenzen} bis zu diesem Tag verlängern: Die neue Laufzeit beginnt am Tag danach, und was " +
				"bereitgestellt oder zugeteilt ist, bleibt es. Was nicht verlängert wird, läuft ab, auch wenn es in Gebrauch ist." + or +
				"Lassen Sie {die Lizenz|die Lizenzen} bei Bedarf bis zu diesem Tag verlängern: Die neue Laufzeit beginnt am Tag danach, und was " +
				"bereitgestellt oder zugeteilt ist, bleibt es. Was nicht verlängert wird, läuft ab, auch wenn es in Gebrauch ist.",
		},
		domain.MailLicenseExpired: {
			badge:   "Abgelaufen",
			subject: "{what} von {account} {ist|sind} abgelaufen",
			lead:    "{what} von {account} {ist|sind} abgelaufen.",
			next: "{Die Lizenz kann|Die Lizenzen können} nicht mehr genutzt werden; {ihre Bereitstellung oder Zuteilung ist|ihre Bereitstellungen und Zuteilungen sind} beendet. " +
				"Bei weiterem Bedarf kann {reseller} sie verlängern: Die neue Laufzeit beginnt dann am Tag der Verlängerung." + or +
				"{Die Lizenz kann|Die Lizenzen können} nicht mehr genutzt werden; {ihre Bereitstellung oder Zuteilung ist|ihre Bereitstellungen und Zuteilungen sind} beendet.",
		},
		domain.MailSubscriptionRenewing: {
			badge:   "Verlängert sich bald",
			subject: "Abonnement verlängert sich am {renews_on}: {what} für {account}",
			lead:    "Das Abonnement von {account} verlängert sich am {renews_on} um weitere 12 Monate: {what}.",
			next: "Wenn das so richtig ist, müssen Sie nichts tun. Bis zum {last_day} kann {reseller} die Zahl der Plätze für die nächste Laufzeit ändern; " +
				"{account} oder {reseller} kann das Abonnement stattdessen auslaufen lassen." + or +
				"Wenn das so richtig ist, müssen Sie nichts tun. Die Zahl der Plätze für die nächste Laufzeit lässt sich bis zum {last_day} ändern.",
		},
		domain.MailSubscriptionRenewed: {
			badge:   "Verlängert",
			subject: "Abonnement verlängert: {what} für {account}",
			lead:    "Das Abonnement von {account} wurde um 12 Monate verlängert: {what}.",
			next: "Sie müssen nichts weiter tun: {Der Platz bleibt|Die Plätze bleiben} nutzbar. " +
				"Während der Laufzeit können Plätze hinzukommen, aber nicht wegfallen.",
		},
		domain.MailSubscriptionEnded: {
			badge:   "Beendet",
			subject: "Abonnement beendet: {what} für {account}",
			lead:    "Das Abonnement von {account} ist beendet: {what}.",
			next: "{Der Platz kann|Die Plätze können} nicht mehr genutzt werden. Bei weiterem Bedarf kann {reseller} ein neues Abonnement beginnen." + or +
				"{Der Platz kann|Die Plätze können} nicht mehr genutzt werden.",
		},
		endedWithoutSeats: {
			badge:   "Beendet",
			subject: "Abonnement beendet: „{product}“ für {account}",
			lead:    "Das Abonnement „{product}“ von {account} ist beendet. Es hatte keine Plätze.",
			next:    "Sie müssen nichts weiter tun.",
		},
		domain.MailInvoiceIssued: {
			badge:   "Rechnung",
			subject: "Rechnung {number} für {month}: {total}, zahlbar bis {due}",
			lead:    "Die Rechnung {number} für {month} beläuft sich auf {total}, zahlbar bis {due}.",
			next:    "Bitte zahlen Sie bis zum {due} und geben Sie dabei die Rechnungsnummer {number} an.",
		},
		issuedForNothing: {
			badge:   "Rechnung",
			subject: "Rechnung {number} für {month}: {total}",
			lead:    "Die Rechnung {number} für {month} beläuft sich auf {total}. Es ist nichts zu zahlen.",
			next:    "Sie müssen nichts weiter tun.",
		},
		issuedCreditNote: {
			badge:   "Gutschrift",
			subject: "Gutschrift {number} für {month}: {total}",
			lead:    "Die Gutschrift {number} für {month} beläuft sich auf {total} zugunsten von {reseller}.",
			next:    "Es ist nichts zu zahlen: Der Betrag wird Ihnen gutgeschrieben.",
		},
		domain.MailMonthClosed: {
			badge:   "Monat abgerechnet",
			subject: "{month} für {account}: {documents}",
			lead:    "{account} hat {documents} für {month} ausgestellt.",
			next:    "Sie müssen nichts weiter tun. Was sich in einem abgerechneten Monat als falsch erweist, wird mit der nächsten Rechnung berichtigt.",
		},
		closedNeedingAttention: {
			badge:   "Bitte prüfen",
			subject: "{month} für {account}: {documents}, {attention}",
			lead:    "{account} hat {documents} für {month} ausgestellt. {attention}.",
			next:    "Eine Rechnung, die nicht erstellt werden konnte, bleibt offen und wird erstellt, sobald vorliegt, was ihr fehlt.",
		},
	},
}
