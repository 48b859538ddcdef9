#!/bin/sh
# Real Graph clients, unchanged, against the simulator. A client whose packages are missing is skipped
# loudly; with REQUIRE_CLIENTS=1, as in CI, that fails.
#
#   CLIENTS_NODE_ROOT   folder in which `npm install @microsoft/microsoft-graph-client` was run
#   CLIENTS_PYTHON      a Python with msgraph-sdk and azure-identity
#   CLIENTS_RUST=1      build and run graph-rs-sdk too: some 240 crates, below CLIENTS_RUST_TARGET
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
cargo build --quiet -p graph-simulator --features tls --example serve
target=$(cargo metadata --format-version 1 --no-deps | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
servers=
trap 'kill $servers 2>/dev/null; rm -r "$work"' EXIT

# Starts a server whose line of JSON goes to a file.
serve() {
    out=$1
    shift
    "$target/debug/examples/serve" "$@" >"$out" &
    servers="$servers $!"
    while [ ! -s "$out" ]; do
        kill -0 $!
        sleep 0.1
    done
}

openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=daemon \
    -keyout "$work/key.pem" -out "$work/cert.pem" 2>"$work/openssl.log" || {
    cat "$work/openssl.log"
    exit 1
}
cat "$work/key.pem" "$work/cert.pem" >"$work/daemon.pem"
serve "$work/tls.json" --tls "$work/ca.pem" --certificate "$work/cert.pem"
SIMULATOR=$(cat "$work/tls.json")
export SIMULATOR CLIENT_CERTIFICATE="$work/daemon.pem"

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
if [ "${CLIENTS_RUST:-}" = 1 ]; then
    # It trusts only the public authorities: over plain loopback.
    serve "$work/plain.json"
    SIMULATOR_PLAIN=$(cat "$work/plain.json")
    export SIMULATOR_PLAIN
    cd "$here/graph_rs_sdk"
    CARGO_TARGET_DIR="${CLIENTS_RUST_TARGET:-$target/clients}" cargo run --quiet --locked
else
    skipped "set CLIENTS_RUST=1 to build and run graph-rs-sdk"
fi
