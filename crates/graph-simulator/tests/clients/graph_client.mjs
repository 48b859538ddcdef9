// Microsoft's JavaScript client, unchanged, against the simulator.
// Run by tests/clients/run.sh with NODE_EXTRA_CA_CERTS set.

import assert from "node:assert/strict";
import { createRequire } from "node:module";

const require = createRequire(`${process.env.CLIENTS_NODE_ROOT}/`);
const { Client, PageIterator, BatchRequestContent, BatchResponseContent } = require("@microsoft/microsoft-graph-client");

const { url, tenant_id, client_id, client_secret } = JSON.parse(process.env.SIMULATOR);

async function getAccessToken(secret) {
  const answer = await fetch(`${url}/${tenant_id}/oauth2/v2.0/token`, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "client_credentials", client_id, client_secret: secret, scope: `${url}/.default`,
    }),
  });
  return [answer.status, await answer.json()];
}

const [refusedStatus, refused] = await getAccessToken("wrong");
assert.deepEqual([refusedStatus, refused.error, refused.error_codes], [401, "invalid_client", [7000215]]);
const [status, issued] = await getAccessToken(client_secret);
assert.equal(status, 200, JSON.stringify(issued));
const client = Client.initWithMiddleware({
  authProvider: { getAccessToken: async () => issued.access_token },
  baseUrl: url,
  customHosts: new Set([new URL(url).hostname]),
});

// What the simulator says there is.
const lines = async (set) => {
  const answer = await fetch(`${url}/simulator/truth/${set}`);
  return (await answer.text()).trim().split("\n").map((line) => JSON.parse(line));
};
const truth = await lines("users");
const names = new Map(truth.map((user) => [user.id, user.displayName]));

const users = new Map();
await new PageIterator(client, await client.api("/users").top(120).select("id,displayName").get(), (user) => {
  users.set(user.id, user.displayName);
  return true;
}).iterate();
assert.deepEqual(users, names);

const live = new Set();
const edges = new Set();
const apply = (group) => {
  if (group["@removed"]) live.delete(group.id);
  else live.add(group.id);
  for (const member of group["members@delta"] ?? []) {
    const edge = `${group.id} ${member.id}`;
    if (member["@removed"]) edges.delete(edge);
    else edges.add(edge);
  }
  return true;
};
let iterator = new PageIterator(client, await client.api("/groups/delta").get(), apply);
await iterator.iterate();
assert.ok(iterator.getDeltaLink().includes("$deltatoken="));
assert.deepEqual(live, new Set((await lines("groups")).map((group) => group.id)));
const memberships = new Set((await lines("memberships")).map(({ group, member }) => `${group} ${member}`));
assert.deepEqual(edges, memberships);

// The tenant moves on, and the link leads to what is new.
const created = await client.api("/groups").post({
  displayName: "Harbour crew", mailEnabled: false, mailNickname: "harbour-crew", securityEnabled: true,
});
iterator = new PageIterator(client, await client.api(iterator.getDeltaLink()).get(), apply);
await iterator.iterate();
assert.ok(live.has(created.id));

const [known] = users.keys();
const content = new BatchRequestContent([
  { id: "1", request: new Request(`${url}/users/${known}`, { method: "GET" }) },
  { id: "2", request: new Request(`${url}/users/nobody`, { method: "GET" }) },
]);
const batch = new BatchResponseContent(await client.api("/$batch").post(await content.getContent()));
assert.equal((await batch.getResponseById("1").json()).id, known);
assert.equal(batch.getResponseById("2").status, 404);

await assert.rejects(client.api("/users/nobody").get(), (error) => {
  assert.equal(error.statusCode, 404);
  assert.equal(error.code, "Request_ResourceNotFound");
  assert.ok(error.requestId);
  return true;
});
console.log("ok: @microsoft/microsoft-graph-client");
