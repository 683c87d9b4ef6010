// @ts-check
// What the tests run: it prints one line of JSON a step.
import { Ledger, Refused } from "./client.mjs";

const ledger = new Ledger(String(process.env.LEDGER_URL), String(process.env.LEDGER_TOKEN));

/** @param {string} id @param {number} quantity @returns {import("./openapi").components["schemas"]["stock.purchase"]} */
const purchase = (id, quantity) => ({
	id,
	kind: "stock.purchase",
	actor: "ada@northwind.example",
	body: { contract: "C-NORTH", account: "northwind", product: "pro", quantity },
});

/** @param {() => Promise<unknown>} step */
async function show(step) {
	try {
		console.log(JSON.stringify(await step()));
	} catch (refused) {
		if (!(refused instanceof Refused)) throw refused;
		const { status, reason, errors } = refused.problem;
		console.log(JSON.stringify({ status, reason, fields: errors?.map((e) => e.field) }));
	}
}

await show(async () => (await ledger.preview(purchase("js/1", 3))).would);
for (const id of ["js/1", "js/2", "js/3", "js/1"]) await show(() => ledger.send(purchase(id, 3)));
await show(() => ledger.send(purchase("js/1", 4)));
await show(() => ledger.send(purchase("js/4", 0)));
await show(async () => {
	const outcome = await ledger.outcome("js/1");
	return { status: outcome.status, charged: outcome.result?.charges?.[0].amount };
});
for (const id of ["js/2", "js/3"]) await ledger.outcome(id);
await show(async () => {
	const lots = [];
	for await (const row of ledger.stock({ account: "northwind", limit: 2 })) lots.push(row.lot);
	return lots;
});
await show(async () => {
	for await (const event of ledger.events())
		if (event.type === "stock.purchased") return { account: event.subject, quantity: event.data.quantity, command: event.data.command };
});
