#!/bin/sh
# Makes openapi.d.ts from docs/openapi.json. Needs npm and its registry; the tests
# need neither.
set -eu
cd "$(dirname "$0")"
document=../../../../docs/openapi.json
npx --yes --package typescript@5.9.3 --package openapi-typescript@7.13.0 \
	openapi-typescript "$document" --default-non-nullable false --output openapi.d.ts
{
	echo "// Made by generate.sh from docs/openapi.json with the SHA-256 $(sha256sum <"$document" | cut -d ' ' -f 1)."
	cat openapi.d.ts
} >openapi.d.ts.new
mv openapi.d.ts.new openapi.d.ts
