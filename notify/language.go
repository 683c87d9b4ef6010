package notify

import (
	"regexp"
	"strings"

	"github.com/licenseledger/licenseledger/domain"
)

// languages are all there are; a new one is a file and a line here.
var languages = byTag(&english, &german, &turkish)

// language is everything that is said in one language. A test makes sure that
// nothing of it is missing.
type language struct {
	tag   string
	forms func(n int64) form

	// Figures.
	thousands, decimal string
	months             [12]string
	date, month, money message

	// What stands in every mail.
	greeting  message // with {name}, or without
	automatic string
	attached  string // with an invoice
	more      message

	what    whatWords
	closing closingWords
	plans   map[domain.Plan]string
	labels  labels
	rows    rowWords
	reasons reasons
	words   map[kind]words
}

// words are what one kind of mail says.
type words struct{ badge, subject, lead, next message }

// whatWords make {what}: how many licenses or seats of what.
type whatWords struct {
	item     message // one of several products, with its {quantity}
	and      string
	licenses message // of up to two products, as {items}
	many     message // of more {products}
	seats    message
}

// closingWords make {documents} and {attention}, and say what needs attention.
type closingWords struct {
	invoices, credits message
	and, none         string

	attention                           message
	missingRate, failed, ended, unnamed message
}

// rowWords are the rows of a list. In plain text a row is a sentence.
type rowWords struct {
	license, activeFrom, lastDay, licenseID message

	whose, net, sum, invoice, credit message
	creditNote, nothingToPay         string
}

// reasons say why somebody gets a mail.
type reasons struct{ customer, manager, managerOfEither, linked, invoices, finance message }

// labels name facts and columns.
type labels struct {
	customer, owner, reseller, product, quantity, activeFrom, lastDay, license, lot, stockOf, boughtOn string
	order, purchaseOrder, note, why, requestedBy, rejectedBy, soldBy, deployment                       string
	takenFrom, nowWith, takenBy, takes, gives, linkedBy                                                string
	subscription, plan, seats, newSeats, seatsNow, seatsThen, seatsAsked, seatsUntilNow                string
	termEnds, renewsOn                                                                                 string
	from, to, seller, contract, month, invoice, creditNote, net, vat, total                            string
	netCredited, vatCredited, totalCredited, issuedOn, dueOn, invoices, attention                      string
	totalIn                                                                                            message
}

// message is a text with facts in braces, "{what} for {account}". Where words
// depend on how many it is about, the forms stand side by side: "{it is|they are}".
// Of several alternatives, the first is said whose facts are all known.
type message string

// or stands between the alternatives of a message.
const or = "\n"

// known are the facts a message may use.
type known map[string]string

// form is which of several forms of a word goes with a number, from 0.
type form int

// oneOrMore are the forms of English, German and many others.
func oneOrMore(n int64) form {
	if n == 1 {
		return 0
	}
	return 1
}

var braces = regexp.MustCompile(`\{[^{}]*\}`)

// say fills in a message about n things. What is filled in is not looked at again.
func (l *language) say(m message, n int64, facts known) string {
	said := ""
	for alternative := range strings.SplitSeq(string(m), or) {
		missing := false
		said = braces.ReplaceAllStringFunc(alternative, func(s string) string {
			s = s[1 : len(s)-1]
			if forms := strings.Split(s, "|"); len(forms) > 1 {
				return forms[min(int(l.forms(n)), len(forms)-1)]
			}
			missing = missing || facts[s] == ""
			return facts[s]
		})
		if !missing {
			break
		}
	}
	return said
}

func byTag(all ...*language) map[string]*language {
	found := map[string]*language{}
	for _, l := range all {
		found[l.tag] = l
	}
	return found
}

// speak finds the language of a locale: de-AT is served by de, and what nobody
// has translated yet by English.
func speak(locale domain.Locale) *language {
	tag, _, _ := strings.Cut(string(locale), "-")
	if l, known := languages[tag]; known {
		return l
	}
	return &english
}
