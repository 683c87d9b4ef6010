// All that is needed of Node's own types.
declare const process: { env: Record<string, string | undefined> };
