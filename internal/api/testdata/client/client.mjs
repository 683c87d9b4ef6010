// @ts-check
// A client in another language than the server's, as small as one can be: types
// from openapi.d.ts, which is made from docs/openapi.json, and fetch. It is
// checked by tsc and run against a real server by the tests.

/** @typedef {import("./openapi").components["schemas"]} Schemas */
/** @typedef {import("./openapi").paths} Paths */

/** What the server says instead of an answer. */
export class Refused extends Error {
	/** @param {Schemas["Problem"]} problem */
	constructor(problem) {
		super(problem.detail);
		this.problem = problem;
	}
}

export class Ledger {
	/**
	 * @param {string} url
	 * @param {string} token
	 */
	constructor(url, token) {
		this.url = url;
		this.headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
	}

	/**
	 * Asks, and asks again while the server is busy or away: that is safe, also
	 * for commands, because they keep their ids.
	 * @param {string} path
	 * @param {string} [body]
	 * @param {number} [tries]
	 * @returns {Promise<any>}
	 */
	async ask(path, body, tries = 5) {
		for (;;) {
			const answer = await fetch(this.url + path, { method: body === undefined ? "GET" : "POST", headers: this.headers, body });
			if (answer.ok) return answer.json();
			if (![429, 503].includes(answer.status) || --tries === 0) throw new Refused(await answer.json());
			await new Promise((resolve) => setTimeout(resolve, 1000 * Number(answer.headers.get("retry-after") ?? 1)));
		}
	}

	/**
	 * Returns when the command cannot be lost any more.
	 * @param {Schemas["Command"]} command
	 * @returns {Promise<Schemas["Accepted"]>}
	 */
	send(command) {
		return this.ask("/v1/commands", JSON.stringify(command));
	}

	/**
	 * @param {Schemas["Command"]} command
	 * @returns {Promise<Schemas["Preview"]>}
	 */
	preview(command) {
		return this.ask("/v1/previews", JSON.stringify(command));
	}

	/**
	 * Waits until there is an outcome.
	 * @param {string} id
	 * @returns {Promise<Schemas["Outcome"]>}
	 */
	async outcome(id) {
		for (;;) {
			/** @type {Schemas["Outcome"]} */
			const outcome = await this.ask(`/v1/commands/${encodeURIComponent(id)}?wait=10s`);
			if (outcome.status !== "waiting") return outcome;
		}
	}

	/**
	 * All lots of an account, page by page.
	 * @param {Paths["/v1/stock"]["get"]["parameters"]["query"]} query
	 * @returns {AsyncGenerator<Schemas["StockRow"]>}
	 */
	async *stock(query) {
		/** @type {string | null} */
		let next = `/v1/stock?${new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]))}`;
		while (next !== null) {
			/** @type {Schemas["RowsStockRow"]} */
			const page = await this.ask(next);
			yield* page.rows;
			next = page.next;
		}
	}

	/**
	 * What happened behind a cursor, and then what happens, without end.
	 * @param {string} [after]
	 * @returns {AsyncGenerator<Schemas["Event"]>}
	 */
	async *events(after = "0-0") {
		let next = `/v1/events?after=${after}&wait=10s`;
		for (;;) {
			/** @type {Schemas["EventPage"]} */
			const page = await this.ask(next);
			yield* page.rows;
			next = page.next;
		}
	}
}
