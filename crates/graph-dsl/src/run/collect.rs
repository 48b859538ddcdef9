//! Following pages: every item of a collection in one answer, its delta link kept.

use graph_transport::{Error, GraphClient, GraphLink, GraphRequest, Page, PageError};
use http::HeaderMap;
use serde_json::{Map, Value};

const VALUE: &str = "value";
const NEXT_LINK: &str = "@odata.nextLink";
const DELTA_LINK: &str = "@odata.deltaLink";
const COUNT: &str = "@odata.count";

/// What a walk over the pages gave.
pub(super) struct Collected {
    pub(super) data: Value,
    pub(super) pages: u64,
    /// Why the walk ended early, with the link that failed.
    pub(super) failure: Option<(Error, GraphLink)>,
}

/// Whether an answer is a page of a collection.
pub(super) fn is_collection(data: &Value) -> bool {
    data.get(VALUE).is_some_and(Value::is_array)
}

/// Whether an answer says that there are further pages.
pub(super) fn has_next(data: &Value) -> bool {
    data.get(NEXT_LINK).and_then(Value::as_str).is_some_and(|link| !link.trim().is_empty())
}

/// Follows the pages after the first and consolidates all of them:
/// `{"@odata.count": …, "value": […], "@odata.deltaLink": …}`.
pub(super) async fn follow(
    client: &GraphClient,
    action: &str,
    first: Value,
    next: GraphLink,
    headers: &HeaderMap,
) -> Collected {
    let mut consolidated = Map::new();
    let mut items = Vec::new();
    if let Value::Object(mut page) = first {
        if let Some(count) = page.remove(COUNT) {
            consolidated.insert(COUNT.to_owned(), count);
        }
        if let Some(Value::Array(values)) = page.remove(VALUE) {
            items = values;
        }
    }
    let mut request = GraphRequest::get(next.clone()).action(action);
    for (name, value) in headers {
        request = request.header(name.clone(), value.clone());
    }
    let mut walk = client.pages(request);
    let mut collected = Collected { data: Value::Null, pages: 1, failure: None };
    let mut link = next;
    let mut delta = None;
    while let Some(page) = walk.next().await {
        let read = page.and_then(|page| values(&page).map(|values| (page, values)));
        match read {
            Ok((page, values)) => {
                collected.pages += 1;
                items.extend(values);
                delta = delta_link(&page).or(delta);
                link = page.next_link().cloned().unwrap_or(link);
            }
            Err(error) => {
                collected.failure = Some((counted(error), link));
                break;
            }
        }
    }
    consolidated.insert(VALUE.to_owned(), Value::Array(items));
    if let Some(delta) = delta {
        consolidated.insert(DELTA_LINK.to_owned(), Value::String(delta));
    }
    collected.data = Value::Object(consolidated);
    collected
}

/// The walk began at the second page: what it says about pages is one short.
fn counted(error: Error) -> Error {
    match error {
        Error::Page(PageError::Loop { pages }) => PageError::Loop { pages: pages + 1 }.into(),
        other => other,
    }
}

fn values(page: &Page) -> Result<Vec<Value>, Error> {
    let parsed = page.items().map(serde_json::from_str).collect::<Result<_, _>>();
    parsed.map_err(|source| Error::Body { what: "an item of a page", source })
}

/// The delta link as Graph wrote it.
fn delta_link(page: &Page) -> Option<String> {
    page.delta_link()?;
    let body: Value = serde_json::from_slice(page.body()).ok()?;
    body.get(DELTA_LINK)?.as_str().map(str::to_owned)
}
