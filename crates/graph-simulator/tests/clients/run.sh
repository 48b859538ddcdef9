#!/bin/sh
# Real Graph clients, unchanged, against the simulator over TLS. A client whose packages are missing is
# skipped loudly; with REQUIRE_CLIENTS=1, as in CI, that fails.
#
#   CLIENTS_NODE_ROOT   folder in which `npm install @microsoft/microsoft-graph-client` was run
#   CLIENTS_PYTHON      a Python with msgraph-sdk and azure-identity
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
cargo build --quiet -p graph-simulator --features tls --example serve
target=$(cargo metadata --format-version 1 --no-deps | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
"$target/debug/examples/serve" --tls "$work/ca.pem" >"$work/simulator.json" &
server=$!
trap 'kill "$server"; rm -r "$work"' EXIT
while [ ! -s "$work/simulator.json" ]; do
    kill -0 "$server"
    sleep 0.1
done
SIMULATOR=$(cat "$work/simulator.json")
export SIMULATOR

skipped() {
    echo "SKIPPED: $1" >&2
    [ "${REQUIRE_CLIENTS:-}" != 1 ]
}

if [ -d "${CLIENTS_NODE_ROOT:-/nonexistent}/node_modules/@microsoft/microsoft-graph-client" ]; then
    NODE_EXTRA_CA_CERTS="$work/ca.pem" node "$here/graph_client.mjs"
else
    skipped "set CLIENTS_NODE_ROOT to a folder with @microsoft/microsoft-graph-client"
fi
if "${CLIENTS_PYTHON:-false}" -c "import msgraph, azure.identity" 2>"$work/python.log"; then
    SSL_CERT_FILE="$work/ca.pem" REQUESTS_CA_BUNDLE="$work/ca.pem" "$CLIENTS_PYTHON" "$here/msgraph_sdk.py"
else
    skipped "set CLIENTS_PYTHON to a Python with msgraph-sdk and azure-identity"
fi
