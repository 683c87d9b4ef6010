#!/bin/sh
# Shows LicenseLedger at work on a Postgres and a Redis of its own, in a folder
# that is gone afterwards (KEEP=1 keeps it). It fails if anything is not as
# expected.
#
# A story is a file of commands, NAME.ndjson, and golden/NAME.ndjson, what
# becomes of them. It is told at length if NAME.story has a line about each.
set -eu

more_stories() {
	story 1-stock "Stock: bought ahead, moved, never more than there is"
	story 2-device-purchase "Purchases: under which contract, from stock or new, with which dates"
	story 3-sales-and-links "Sales, deployments, and licenses pulled from a linked account"
	story 4-orders-and-learners "Orders, and licenses for learners"
	story 5-subscriptions "Seats by the month and by the year"
	story year "A year of five contracts, invoiced every month"
}

examples=$(cd "$(dirname "$0")" && pwd)
bin=$examples/../bin
for program in worker enqueue; do
	[ -x "$bin/$program" ] || { echo "demo: bin/$program is missing; make build makes it" >&2; exit 1; }
done

# Nothing of the surroundings may lead to other servers, or send mail.
unset DATABASE_URL REDIS_URL SMTP_URL MAIL_FROM MAIL_REPLY_TO ADMIN_ADDR LOG_LEVEL LOG_FORMAT
started=$(date +%s)
dir=$(mktemp -d "${TMPDIR:-/tmp}/licenseledger-demo-XXXXXX")
worker=""
trap 'finish $?' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
cd "$dir" # where there is no .env either

finish() {
	trap - EXIT
	if [ -n "$worker" ]; then
		kill "$worker" 2>/dev/null || :
		wait "$worker" || :
	fi
	if [ "${KEEP:-}" = 1 ]; then
		kept
	else
		cd / && rm -rf "$dir"
	fi
	exit "$1"
}

kept() {
	heading "Kept"
	cat <<-END
		Everything lies in $dir:
		  data        Postgres, Redis, and env with their addresses
		  data/mail   the mails
		  worker.log  the log
		The servers have ended; to go on:
		  bin/worker --embedded --test-clock --data "$dir/data"
		  bin/enqueue --data "$dir/data" show history --account northwind
	END
}

bold="" green="" red="" dim="" plain=""
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ] && [ "${TERM:-dumb}" != dumb ]; then
	bold=$(printf '\033[1m') green=$(printf '\033[32m') red=$(printf '\033[31m')
	dim=$(printf '\033[2m') plain=$(printf '\033[0m')
fi

heading() { printf '\n%s== %s%s\n' "$bold" "$1" "$plain"; }

fail() {
	printf '\n%sdemo: %s%s\n' "$red" "$1" "$plain" >&2
	[ ! -s worker.log ] || { echo "The end of the worker's log:" && tail -n 20 worker.log; } >&2
	exit 1
}

enqueue() { "$bin/enqueue" --data data "$@"; }

# json gives awk a way to read one text or number out of a line of JSON.
json='
function field(line, name,    v) {
	if (!match(line, "\"" name "\":(\"([^\"\\\\]|\\\\.)*\"|-?[0-9]+)")) return ""
	v = substr(line, RSTART + length(name) + 3, RLENGTH - length(name) - 3)
	if (v !~ /^"/) return v
	v = substr(v, 2, length(v) - 2)
	gsub(/\\"/, "\"", v)
	return v
}
'

# report REPORT ACCOUNT COLUMN… shows some columns of a report, to fit most terminals.
report() {
	printf '\n%s$ enqueue show %s --account %s%s\n' "$dim" "$1" "$2" "$plain"
	enqueue show "$1" --account "$2" --json >report.out || fail "the report cannot be had"
	shift 2
	awk -v names="$*" "$json"'
		BEGIN { columns = split(names, name, " "); for (c = 1; c <= columns; c++) { cell[0, c] = name[c]; width[c] = length(name[c]) } }
		/"[a-z_]+":/ {
			rows++
			for (c = 1; c <= columns; c++) {
				cell[rows, c] = field($0, name[c])
				if (length(cell[rows, c]) > width[c]) width[c] = length(cell[rows, c])
			}
		}
		END {
			if (!rows) { print "(nothing)"; exit }
			for (r = 0; r <= rows; r++) {
				line = ""
				for (c = 1; c <= columns; c++) line = line sprintf("%-" width[c] "s  ", cell[r, c])
				sub(/ +$/, "", line)
				print line
			}
		}' report.out
}

start() {
	heading "A worker, with a Postgres and a Redis of its own"
	: >worker.out
	"$bin/worker" --embedded --test-clock --data data >worker.out 2>worker.log &
	worker=$!
	tries=0
	until grep -q '^ready$' worker.out; do
		kill -0 "$worker" 2>/dev/null || fail "the worker ended"
		[ "$tries" -lt 600 ] || fail "the worker does not get ready"
		tries=$((tries + 1))
		sleep 0.1
	done
	printf 'ready after %s s, in %s\n' $(($(date +%s) - started)) "$dir"
	enqueue clock.advance --id demo-clock --to 2026-03-02T09:00:00Z >clock.out || fail "the clock cannot be set"
	printf 'business time stands at 2 March 2026, 9:00 UTC, until it is moved\n'
}

catalog() {
	heading "The catalog: who sells what to whom, under which contract"
	enqueue run --serial --wait "$examples/catalog.ndjson" >catalog.out || fail "not all of the catalog was applied"
	awk "$json"'
		{ kind = field($0, "kind"); if (!count[kind]++) order[++kinds] = kind }
		END {
			for (i = 1; i <= kinds; i++) printf "%s%d %s", (i > 1 ? ", " : ""), count[order[i]], order[i]
			printf ": %d commands applied\n", NR
		}' catalog.out
}

# story runs NAME.ndjson and compares what becomes of it with golden/NAME.ndjson.
story() {
	heading "$2"
	code=0
	enqueue run --serial --wait "$examples/$1.ndjson" >"$1.out" || code=$?
	[ "$code" -le 1 ] || fail "examples/$1.ndjson could not be run" # 1: something was refused
	tell "$1" || fail "examples/$1.story has not one line for each command"
	diff "$examples/golden/$1.ndjson" "$1.out" || fail "$1 did not go as expected: (<) examples/golden/$1.ndjson, (>) now"
}

# tell says what became of a story's commands: of each with what it is about,
# or else how many there were, and why some were refused.
tell() {
	about=$examples/$1.story
	[ -e "$about" ] || about=/dev/null
	awk -v good="$green" -v bad="$red" -v plain="$plain" "$json"'
		FILENAME != ARGV[2] { if ($0 !~ /^#/) about[++lines] = $0; next }
		{
			id = field($0, "id"); kind = field($0, "kind"); status = field($0, "status"); detail = field($0, "detail")
			why = status == "applied" ? detail : field($0, "reason") ": " detail
			count[status]++
		}
		lines {
			word = status == "applied" ? good "applied" : status == "rejected" ? bad "refused" : bad status
			printf "%-9s %-16s %s%s  %s\n", id, kind, word, plain, about[FNR]
			if (why != "") printf "%36s %s\n", "", why
		}
		!lines && status != "applied" { refused = refused sprintf("%-9s %-19s %s\n", id, kind, why) }
		END {
			if (!lines) printf "%d commands applied, %d refused:\n%s", count["applied"], count["rejected"], refused
			exit (lines && lines != FNR)
		}
	' "$about" "$1.out"
}

mails() {
	heading "Mail"
	tries=0
	while enqueue show mail --json >mail.out && grep -qE '"state":"(pending|sending)"' mail.out; do
		[ "$tries" -lt 100 ] || fail "mails are still waiting"
		tries=$((tries + 1))
		sleep 0.1
	done
	awk "$json"'
		field($0, "id") != "" { printf "%-9s %-17s %-22s %s\n", field($0, "id") ".eml", field($0, "event"), field($0, "to"), field($0, "subject") }
	' mail.out
	written=$(find data/mail -name '*.eml' | wc -l)
	[ "$written" -gt 0 ] && [ "$written" -eq "$(grep -c '"id":' mail.out)" ] || fail "not every mail was written"
	last=$(awk "$json"'field($0, "id") != "" { id = field($0, "id") } END { print id }' mail.out)
	printf '\nThey lie in %s. The last one:\n\n' "$dir/data/mail"
	letter <"data/mail/$last.eml" || fail "mail $last has no text"
}

# letter prints the head of a mail and its text, decoded.
letter() {
	tr -d '\r' | LC_ALL=C awk '
		function hex(s) { return index("0123456789ABCDEF", substr(s, 1, 1)) * 16 + index("0123456789ABCDEF", substr(s, 2, 1)) - 17 }
		function decode(s,    out) {
			while (match(s, /=[0-9A-F][0-9A-F]/)) {
				out = out substr(s, 1, RSTART - 1) sprintf("%c", hex(substr(s, RSTART + 1, 2)))
				s = substr(s, RSTART + 3)
			}
			return out s
		}
		part == 0 && /^(From|To|Subject|Date): / { print "    " $0 }
		/^--/ { part++; body = 0; next }
		part == 1 && !body { if ($0 == "") body = 1; else next }
		part == 1 { if (sub(/=$/, "")) { held = held $0; next } print (held $0 == "" ? "" : "    " decode(held $0)); held = ""; found = 1 }
		END { exit !found }'
}

# invoices shows what was invoiced in the year: a row for each month, a column for each contract.
invoices() {
	heading "What was invoiced, with VAT (CN: a credit note)"
	enqueue show invoices --json >invoices.out || fail "the invoices cannot be had"
	awk "$json"'
		BEGIN { contracts = split("Y-CLARE Y-ELBE Y-HUDSON Y-SAKURA Y-BURREN", contract, " ") }
		/"contract":"Y-/ {
			period = field($0, "period"); c = field($0, "contract"); sub(/.*"vat_total":/, "")
			if (!(period in seen)) { seen[period] = 1; at = ++months; while (at > 1 && month[at - 1] > period) { month[at] = month[at - 1]; at-- } month[at] = period }
			total = field($0, "total")
			cell[period, c] = (total ~ /^-/ ? "CN " : "") total; count++
		}
		END {
			printf "%-7s", "month"
			for (i = 1; i <= contracts; i++) printf "  %12s", contract[i]
			print ""
			for (m = 1; m <= months; m++) {
				printf "%-7s", month[m]
				for (i = 1; i <= contracts; i++) printf "  %12s", cell[month[m], contract[i]]
				print ""
			}
			printf "%d invoices in EUR, EUR, USD, JPY and EUR; docs/billing.md works one out\n", count
			exit (count != 53)
		}' invoices.out || fail "the year has not 53 invoices"
}

# best_invoice keeps the files of the invoice that docs/billing.md works out, to look at afterwards.
best_invoice() {
	heading "As finance receives it"
	files=$bin/demo
	mkdir -p "$files"
	for format in pdf xml csv json; do
		enqueue invoice HRP-000003 --format $format -o "$files/HRP-000003.$format" || fail "invoice HRP-000003 is not there as $format"
		echo "bin/demo/HRP-000003.$format"
	done
}

start
catalog
heading "The stock of Northwind before"
report stock northwind lot product quantity remaining expires_on state
story demo "A reseller buys ahead, hands out, and takes orders"
heading "Stock and licenses afterwards"
report stock northwind lot product quantity remaining expires_on state
report stock fjord lot product quantity remaining expires_on state
report licenses acme license product quantity available starts_on expires_on state
heading "What Acme can look up: everything done and refused, and by whom"
report history acme command actor status summary
mails
more_stories
invoices
best_invoice
heading "Does the ledger add up?"
printf '%s$ worker check%s\n' "$dim" "$plain"
"$bin/worker" check --data data || fail "the ledger has discrepancies"

heading "All as expected, in $(($(date +%s) - started)) s"
cat <<-END
	The commands are in examples/*.ndjson, one JSON object a line.
	Play with it:  bin/worker --embedded    and in another terminal
	               bin/enqueue run --serial examples/catalog.ndjson
	               bin/enqueue --help
	Keep the data: KEEP=1 make demo
END
