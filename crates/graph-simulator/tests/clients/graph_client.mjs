// Microsoft's JavaScript client, unchanged, against the simulator: sign in, list with paging, delta,
// batch, errors. Run by tests/clients/run.sh with NODE_EXTRA_CA_CERTS set.
import assert from "node:assert/strict";
import { createRequire } from "node:module";

const require = createRequire(`${process.env.CLIENTS_NODE_ROOT}/`);
const { Client, PageIterator, BatchRequestContent, BatchResponseContent } = require("@microsoft/microsoft-graph-client");

const { url, tenant_id, client_id, client_secret } = JSON.parse(process.env.SIMULATOR);

async function getAccessToken() {
  const answer = await fetch(`${url}/${tenant_id}/oauth2/v2.0/token`, {
    method: "POST",
    body: new URLSearchParams({ grant_type: "client_credentials", client_id, client_secret, scope: `${url}/.default` }),
  });
  const body = await answer.json();
  assert.equal(answer.status, 200, JSON.stringify(body));
  return body.access_token;
}

const token = await getAccessToken();
const client = Client.initWithMiddleware({
  authProvider: { getAccessToken: async () => token },
  baseUrl: url,
  customHosts: new Set([new URL(url).hostname]),
});

const users = [];
await new PageIterator(client, await client.api("/users").top(120).select("id,displayName").get(), (user) => {
  users.push(user.id);
  return true;
}).iterate();
assert.equal(new Set(users).size, 1000);

const items = [];
const iterator = new PageIterator(client, await client.api("/groups/delta").get(), (group) => {
  items.push(group);
  return true;
});
await iterator.iterate();
assert.ok(iterator.getDeltaLink().includes("$deltatoken="));
assert.ok(items.some((group) => group["members@delta"]?.length > 0));

const content = new BatchRequestContent([
  { id: "1", request: new Request(`${url}/users/${users[0]}`, { method: "GET" }) },
  { id: "2", request: new Request(`${url}/users/nobody`, { method: "GET" }) },
]);
const batch = new BatchResponseContent(await client.api("/$batch").post(await content.getContent()));
assert.equal((await batch.getResponseById("1").json()).id, users[0]);
assert.equal(batch.getResponseById("2").status, 404);

await assert.rejects(client.api("/users/nobody").get(), (error) => {
  assert.equal(error.statusCode, 404);
  assert.equal(error.code, "Request_ResourceNotFound");
  assert.ok(error.requestId);
  return true;
});
console.log("ok: @microsoft/microsoft-graph-client");
