"""Microsoft's Python SDK with azure-identity, unchanged, against the simulator.

Run by tests/clients/run.sh with SSL_CERT_FILE and REQUESTS_CA_BUNDLE set.
"""

import asyncio
import json
import os
from urllib.parse import urlparse

from azure.core.exceptions import ClientAuthenticationError
from azure.identity import ClientSecretCredential
from kiota_authentication_azure.azure_identity_authentication_provider import AzureIdentityAuthenticationProvider
from kiota_abstractions.api_error import APIError
from msgraph import GraphRequestAdapter, GraphServiceClient
from msgraph.generated.users.users_request_builder import UsersRequestBuilder

simulator = json.loads(os.environ["SIMULATOR"])
url = simulator["url"]


def credential(secret: str) -> ClientSecretCredential:
    return ClientSecretCredential(
        simulator["tenant_id"],
        simulator["client_id"],
        secret,
        authority=urlparse(url).netloc,
        disable_instance_discovery=True,
    )


async def main() -> None:
    try:
        credential("wrong").get_token(f"{url}/.default")
        raise AssertionError("a wrong secret was accepted")
    except ClientAuthenticationError as error:
        assert "AADSTS7000215" in str(error), error

    provider = AzureIdentityAuthenticationProvider(
        credential(simulator["client_secret"]), scopes=[f"{url}/.default"], allowed_hosts=[urlparse(url).hostname]
    )
    adapter = GraphRequestAdapter(provider)
    adapter.base_url = f"{url}/v1.0"
    client = GraphServiceClient(request_adapter=adapter)

    query = UsersRequestBuilder.UsersRequestBuilderGetQueryParameters(top=120, select=["id", "displayName"])
    configuration = UsersRequestBuilder.UsersRequestBuilderGetRequestConfiguration(query_parameters=query)
    page = await client.users.get(request_configuration=configuration)
    ids: set[str] = set()
    while True:
        ids.update(user.id for user in page.value)
        if page.odata_next_link is None:
            break
        page = await client.users.with_url(page.odata_next_link).get()
    assert len(ids) == 1000, len(ids)

    delta = await client.groups.delta.get()
    seen = 0
    while True:
        seen += len(delta.value)
        if delta.odata_next_link is None:
            break
        delta = await client.groups.delta.with_url(delta.odata_next_link).get()
    assert seen >= 200 and "$deltatoken=" in delta.odata_delta_link

    try:
        await client.users.by_user_id("nobody").get()
        raise AssertionError("nobody was found")
    except APIError as error:
        assert error.response_status_code == 404
        assert error.error.code == "Request_ResourceNotFound", error

    print("ok: msgraph-sdk and azure-identity")


asyncio.run(main())
