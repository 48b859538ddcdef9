"""Microsoft's Python SDK with azure-identity, unchanged, against the simulator.

Run by tests/clients/run.sh with SSL_CERT_FILE and REQUESTS_CA_BUNDLE set.
"""

import asyncio
import json
import os
import ssl
import urllib.request
from urllib.parse import urlparse

from azure.core.exceptions import ClientAuthenticationError
from azure.identity import (
    CertificateCredential,
    ClientSecretCredential,
    DeviceCodeCredential,
    ManagedIdentityCredential,
)
from kiota_abstractions.api_error import APIError
from kiota_abstractions.base_request_configuration import RequestConfiguration
from kiota_authentication_azure.azure_identity_authentication_provider import AzureIdentityAuthenticationProvider
from msgraph import GraphRequestAdapter, GraphServiceClient
from msgraph.generated.users.users_request_builder import UsersRequestBuilder
from msgraph_core.requests.batch_request_content import BatchRequestContent
from msgraph_core.requests.batch_request_item import BatchRequestItem

simulator = json.loads(os.environ["SIMULATOR"])
url = simulator["url"]
trust = ssl.create_default_context(cafile=os.environ["SSL_CERT_FILE"])
common = {"authority": urlparse(url).netloc, "disable_instance_discovery": True}


def secret(value: str) -> ClientSecretCredential:
    return ClientSecretCredential(simulator["tenant_id"], simulator["client_id"], value, **common)


def fetch(path: str, body: dict | None = None, token: str | None = None):
    request = urllib.request.Request(f"{url}{path}", data=json.dumps(body).encode() if body else None)
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    with urllib.request.urlopen(request, context=trust) as answer:
        return answer.read().decode()


def truth(entity_set: str) -> list[dict]:
    return [json.loads(line) for line in fetch(f"/simulator/truth/{entity_set}").splitlines()]


def organization(token: str) -> str:
    return json.loads(fetch("/v1.0/organization", token=token))["value"][0]["id"]


def sign_in() -> None:
    """Each way in gives a token that opens the tenant."""
    try:
        secret("wrong").get_token(f"{url}/.default")
        raise AssertionError("a wrong secret was accepted")
    except ClientAuthenticationError as error:
        assert "AADSTS7000215" in str(error), error

    certificate = CertificateCredential(
        simulator["tenant_id"],
        simulator["certified"],
        certificate_path=os.environ["CLIENT_CERTIFICATE"],
        **common,
    )
    assert organization(certificate.get_token(f"{url}/.default").token) == simulator["tenant_id"]

    def approve(_uri: str, code: str, _expires) -> None:
        assert json.loads(fetch("/simulator/device", {"user_code": code}))["approved"]

    device = DeviceCodeCredential(
        simulator["client_id"], tenant_id=simulator["tenant_id"], prompt_callback=approve, **common
    )
    me = json.loads(fetch("/v1.0/me", token=device.get_token(f"{url}/User.Read").token))
    assert me["id"] in {user["id"] for user in truth("users")}

    os.environ["IDENTITY_ENDPOINT"] = f"{url}/msi/token"
    os.environ["IDENTITY_HEADER"] = simulator["identity_header"]
    managed = ManagedIdentityCredential().get_token("https://graph.microsoft.com/.default")
    assert organization(managed.token) == simulator["tenant_id"]


async def main() -> None:
    sign_in()
    provider = AzureIdentityAuthenticationProvider(
        secret(simulator["client_secret"]), scopes=[f"{url}/.default"], allowed_hosts=[urlparse(url).hostname]
    )
    adapter = GraphRequestAdapter(provider)
    adapter.base_url = f"{url}/v1.0"
    client = GraphServiceClient(request_adapter=adapter)

    query = UsersRequestBuilder.UsersRequestBuilderGetQueryParameters(top=120, select=["id", "displayName"])
    page = await client.users.get(request_configuration=RequestConfiguration(query_parameters=query))
    names: dict[str, str] = {}
    while True:
        names |= {user.id: user.display_name for user in page.value}
        if page.odata_next_link is None:
            break
        page = await client.users.with_url(page.odata_next_link).get()
    assert names == {user["id"]: user["displayName"] for user in truth("users")}

    live: set[str] = set()
    delta = await client.groups.delta.get()
    while True:
        for group in delta.value:
            (live.discard if "@removed" in group.additional_data else live.add)(group.id)
        if delta.odata_next_link is None:
            break
        delta = await client.groups.delta.with_url(delta.odata_next_link).get()
    assert live == {group["id"] for group in truth("groups")}
    assert "$deltatoken=" in delta.odata_delta_link

    known = next(iter(names))
    batch = BatchRequestContent()
    for key in (known, "nobody"):
        information = client.users.by_user_id(key).to_get_request_information()
        item = BatchRequestItem(information)
        # Below the version, as Graph documents it: this release of the SDK would send the whole address.
        item.url = information.url.removeprefix(adapter.base_url)
        batch.add_request(item.id, item)
    answer = await client.batch.post(batch)
    statuses = sorted(answer.get_response_status_codes().values())
    assert statuses == [200, 404], statuses

    try:
        await client.users.by_user_id("nobody").get()
        raise AssertionError("nobody was found")
    except APIError as error:
        assert error.response_status_code == 404
        assert error.error.code == "Request_ResourceNotFound", error

    print("ok: msgraph-sdk and azure-identity")


asyncio.run(main())
