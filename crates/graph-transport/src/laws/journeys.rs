//! Every kind of call, against a server that may answer anything and point anywhere.

use bytes::Bytes;
use http::{HeaderName, Method, Uri};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use crate::fake::Asked;
use crate::request::GraphRequest;
use crate::script::{Reply, reply};
use crate::{ApiVersion, BatchItem, Error, GraphClient, UploadSession};

pub(super) const GRAPH: &str = "https://graph.microsoft.us";
pub(super) const LOGIN: &str = "https://login.microsoftonline.us";

/// Where a server may point: inside, almost inside, and far away.
const TARGETS: [&str; 18] = [
    "/v1.0/users?$skiptoken=2",
    "https://graph.microsoft.us/v1.0/users?$skiptoken=3",
    "https://GRAPH.microsoft.us/v1.0/users?$skiptoken=4",
    "https://graph.microsoft.us:443/v1.0/users?$skiptoken=5",
    "https://graph.microsoft.us:444/v1.0/users",
    "http://graph.microsoft.us/v1.0/users",
    "https://graph.microsoft.us.evil.example/v1.0/users",
    "https://graph.microsoft.us@evil.example/v1.0/users",
    "https://evil.example\\@graph.microsoft.us/v1.0/users",
    "https://xgraph.microsoft.us/v1.0/users",
    "https://graph.microsoft.com/v1.0/users",
    "https://login.microsoftonline.us/contoso/oauth2/v2.0/token",
    "https://evil.example/v1.0/users?at=https://graph.microsoft.us",
    "//evil.example/v1.0/users",
    "https:\\\\evil.example/v1.0/users",
    "https://169.254.169.254/metadata",
    "http://evil.example/v1.0/users",
    "javascript:alert(1)",
];

#[derive(Clone, Copy, Debug)]
pub(super) enum Journey {
    Read,
    Create,
    Walk,
    Batch,
    Upload,
    Operation,
    Tenant,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum What {
    Status(u16),
    Redirect(u16),
    Lost,
    Html,
    Page,
    LastPage,
    Session,
    Uploaded,
    Accepted,
    Challenge,
}

/// One answer, and where it points.
#[derive(Clone, Copy, Debug)]
pub(super) struct Given {
    pub(super) what: What,
    target: &'static str,
}

pub(super) fn journeys() -> impl Strategy<Value = Vec<Journey>> {
    let all = [
        Journey::Read,
        Journey::Create,
        Journey::Walk,
        Journey::Batch,
        Journey::Upload,
        Journey::Operation,
        Journey::Tenant,
    ];
    proptest::collection::vec(select(all.to_vec()), 1..6)
}

pub(super) fn answers() -> impl Strategy<Value = Vec<Given>> {
    let redirect = select(vec![301_u16, 302, 303, 307, 308]).prop_map(What::Redirect);
    let status = select(vec![200_u16, 204, 404, 429, 500, 503]).prop_map(What::Status);
    let rest = select(vec![
        What::Lost,
        What::Html,
        What::Page,
        What::LastPage,
        What::Session,
        What::Uploaded,
        What::Accepted,
        What::Challenge,
    ]);
    let what = prop_oneof![2 => redirect, 2 => status, 6 => rest];
    let given = (what, select(TARGETS.to_vec()));
    proptest::collection::vec(given.prop_map(|(what, target)| Given { what, target }), 1..30)
}

impl Given {
    pub(super) fn reply(self, asked: &Asked, token: &str) -> Reply {
        let to = [("location", self.target)];
        if asked.target.starts_with(LOGIN) && !matches!(self.what, What::Redirect(_)) {
            return login(asked, token);
        }
        match self.what {
            What::Lost => Err("connection reset".into()),
            What::Redirect(status) => reply(status, &to, ""),
            What::Status(429) => reply(429, &[("retry-after", "1")], ""),
            What::Status(status) => reply(status, &[], ""),
            What::Html => reply(200, &[], "<html>gateway</html>"),
            What::Accepted => reply(202, &to, ""),
            What::Challenge => {
                reply(401, &[("www-authenticate", r#"Bearer error="insufficient_claims""#)], "")
            }
            _ if asked.target.ends_with("/$batch") => batched(asked, self.target),
            What::Page => {
                let page = json!({ "value": [{ "id": 1 }], "@odata.nextLink": self.target });
                reply(200, &[], &page.to_string())
            }
            What::LastPage => reply(200, &[], r#"{"value":[]}"#),
            What::Session => {
                let state = json!({ "uploadUrl": self.target, "nextExpectedRanges": ["0-"] });
                reply(200, &[], &state.to_string())
            }
            What::Uploaded => reply(201, &[], r#"{"id":"file"}"#),
        }
    }
}

fn login(asked: &Asked, token: &str) -> Reply {
    if asked.method == Method::GET {
        let issuer = format!("{LOGIN}/11111111-1111-4111-8111-111111111111/v2.0");
        return reply(200, &[], &json!({ "issuer": issuer }).to_string());
    }
    let answer = json!({ "token_type": "Bearer", "expires_in": 3599, "access_token": token });
    reply(200, &[], &answer.to_string())
}

/// Items are answered, redirected or refused by their ids.
fn batched(asked: &Asked, target: &str) -> Reply {
    let body: Value = serde_json::from_slice(&asked.body).unwrap();
    let one = |item: &Value| {
        let (status, headers) = match item["id"].as_str().unwrap() {
            "0" => (302, json!({ "Location": target })),
            "1" if asked.earlier.is_multiple_of(2) => (429, json!({ "Retry-After": "1" })),
            _ => (200, json!({})),
        };
        let body = json!({ "value": [], "@odata.nextLink": target });
        json!({ "id": item["id"], "status": status, "headers": headers, "body": body })
    };
    let all: Vec<_> = body["requests"].as_array().unwrap().iter().map(one).collect();
    reply(200, &[], &json!({ "responses": all }).to_string())
}

/// Scheme, host and port of a request, without user-info.
pub(super) fn origin(asked: &Asked) -> String {
    let uri: Uri = asked.target.parse().unwrap();
    let authority = uri.authority().unwrap().as_str().to_ascii_lowercase();
    let authority = authority.strip_suffix(":443").unwrap_or(&authority);
    format!("{}://{authority}", uri.scheme_str().unwrap())
}

/// Makes one call with everything that follows from its answer; `own` is the caller's own secret.
pub(super) async fn make(client: &GraphClient, journey: Journey, own: &str) -> Result<(), Error> {
    let request = |method: Method, path: &str| {
        let link = client.cloud().link(path).unwrap();
        let request = GraphRequest::new(method, link);
        request
            .header(HeaderName::from_static("x-own"), own.parse().unwrap())
            .header(http::header::COOKIE, own.parse().unwrap())
    };
    match journey {
        Journey::Read => drop(client.send(request(Method::GET, "/v1.0/me")).await?),
        Journey::Create => {
            let request = request(Method::POST, "/v1.0/users").json(&json!({ "p": own })).unwrap();
            client.send(request).await?;
        }
        Journey::Walk => {
            let mut pages = client.pages(request(Method::GET, "/v1.0/users"));
            while let Some(page) = pages.next().await {
                page?;
            }
        }
        Journey::Batch => {
            let items = (0..4).map(|n| BatchItem::get(n.to_string(), "/users")).collect();
            for answer in client.batch(ApiVersion::V1_0, items).await? {
                if let Some(link) = answer.next_link(client)? {
                    client.send(GraphRequest::get(link)).await?;
                }
            }
        }
        Journey::Upload => {
            let request = request(Method::POST, "/v1.0/me/drive/root:/x:/createUploadSession");
            let mut session = UploadSession::create(client, request, 10).await?;
            session.upload(&mut Bytes::from_static(&[0; 10]), |_| ()).await?;
        }
        Journey::Operation => {
            let answer = client.send(request(Method::POST, "/v1.0/teams")).await?;
            let mut operation = client.long_running(&answer)?;
            for _ in 0..3 {
                operation.poll().await?;
            }
        }
        Journey::Tenant => drop(client.tenant_id().await?),
    }
    Ok(())
}
