//! The simulator's own pages, below `/simulator`: status, statistics, truth, and the moment.

use std::sync::Arc;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, Response, StatusCode};
use serde_json::{Value, json};

use crate::body::ResponseBody;
use crate::core::Core;
use crate::directory::Relation;
use crate::directory::truth::{Relationship, true_object};
use crate::identity::Decision;
use crate::protocol::json::Json;
use crate::protocol::sets;
use crate::site::Site;
use crate::tenant::view::write_id;
use crate::tenant::{Handle, Kind};
use crate::truth::{SetHash, Truth};

/// Slots that one chunk of a stream covers.
const CHUNK: u64 = 500;

/// Answers a request to one of the simulator's own pages; none if the path is not among them.
pub(crate) fn answer(
    site: &Site,
    method: &Method,
    target: &str,
    body: &Bytes,
) -> Option<Response<ResponseBody>> {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let rest = path.strip_prefix("/simulator")?;
    let segments: Vec<&str> = rest.split('/').filter(|segment| !segment.is_empty()).collect();
    let query = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect::<Vec<_>>();
    let asked = query.iter().find(|(name, _)| name == "tenant").map(|(_, name)| name.as_str());
    let Some(core) = asked.map_or(Some(site.first()), |name| site.core_named(name)) else {
        return Some(respond(StatusCode::NOT_FOUND, "text/plain", "no such tenant\n".into()));
    };
    Some(match (method.as_str(), segments.as_slice()) {
        ("GET", []) => respond(StatusCode::OK, "text/html; charset=utf-8", page(site, core).into()),
        ("GET", ["statistics"]) => value(&statistics(site, core)),
        ("GET", ["truth"]) => value(&hashes(core, &query)),
        ("GET", ["truth", "memberships"]) => stream(memberships(core)),
        ("GET", ["truth", set @ ..]) => truth(core, &set.join("/")),
        ("POST", ["moment"]) => move_on(core, body),
        ("GET", ["device"]) => {
            respond(StatusCode::OK, "text/html; charset=utf-8", device_page(site, "").into())
        }
        ("POST", ["device"]) => decide(site, body),
        _ => respond(StatusCode::NOT_FOUND, "text/plain", "no such page\n".into()),
    })
}

fn respond(status: StatusCode, content_type: &'static str, body: Bytes) -> Response<ResponseBody> {
    let mut response = Response::new(ResponseBody::whole(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

fn value(value: &Value) -> Response<ResponseBody> {
    respond(StatusCode::OK, "application/json", value.to_string().into())
}

fn stream(chunks: impl Iterator<Item = Bytes> + Send + 'static) -> Response<ResponseBody> {
    let mut response = Response::new(ResponseBody::generated(Box::new(chunks)));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/x-ndjson"));
    response
}

fn statistics(site: &Site, core: &Core) -> Value {
    let tenants: Vec<Value> = site
        .cores
        .iter()
        .map(|core| json!({ "id": core.identity.tenant.to_string(), "domains": core.identity.domains, "moment": core.moment() }))
        .collect();
    let throttled = core
        .limiter
        .as_ref()
        .map(|limiter| limiter.lock().expect("no code panics while it holds this lock").refused());
    json!({
        "cloud": site.cloud.name(),
        "tenant": core.identity.tenant.to_string(),
        "domain": core.tenant.domain(),
        "moment": core.moment(),
        "tenants": tenants,
        "statistics": core.recorder.statistics(),
        "throttled_by_budget": throttled,
    })
}

/// The lines of one set: objects, edges, or entities of a described set.
fn truth(core: &Arc<Core>, name: &str) -> Response<ResponseBody> {
    if let Some(kind) = Kind::of_entity_set(name) {
        return stream(objects(core, kind));
    }
    if let Some(relationship) = Relationship::named(name) {
        let (kinds, relation) = relationship.parts();
        let core = Arc::clone(core);
        return stream(kinds.iter().flat_map(move |kind| edges(&core, *kind, relation)));
    }
    match sets::named(name) {
        Some(set) if !set.path.contains("{id}") => stream(entities(core, set)),
        _ => respond(StatusCode::NOT_FOUND, "text/plain", "no such entity set\n".into()),
    }
}

/// Every edge that starts from objects of a kind as a line of JSON.
fn edges(
    core: &Arc<Core>,
    kind: Kind,
    relation: Relation,
) -> impl Iterator<Item = Bytes> + Send + use<> {
    let core = Arc::clone(core);
    chunks(&core, kind).map(move |slots| {
        let mut lines = String::new();
        core.read(|directory| {
            for slot in slots {
                directory.each_edge_of(relation, Handle::new(kind, slot), |edge| {
                    let (source, target) = (edge.source.to_string(), edge.target.to_string());
                    let line = json!({ "source": source, "target": target, "type": edge.kind.entity_type() });
                    lines.push_str(&line.to_string());
                    lines.push('\n');
                });
            }
        });
        lines.into()
    })
}

/// Every entity of a described set as a line of JSON, some at a time.
fn entities(
    core: &Arc<Core>,
    set: &'static sets::Set,
) -> impl Iterator<Item = Bytes> + Send + use<> {
    let core = Arc::clone(core);
    let mut from = Some(0);
    std::iter::from_fn(move || {
        let start = from.take()?;
        let mut lines = String::new();
        core.read(|directory| {
            let Ok(scope) = sets::Scope::open(directory, set, &[], directory.now) else { return };
            for (number, (next, entity)) in (1..).zip(scope.entities(start, None)) {
                let entity = sets::schema::shape(entity, set.entity);
                lines.push_str(&Value::Object(entity).to_string());
                lines.push('\n');
                if number == CHUNK {
                    from = Some(next);
                    return;
                }
            }
        });
        Some(lines.into())
    })
}

/// Count and hash of every set; `set=a/b` adds a described one, and `select=a,b` names the properties
/// that the hashes cover.
fn hashes(core: &Core, query: &[(String, String)]) -> Value {
    let select = query.iter().find(|(name, _)| name == "select");
    let select = select.map_or("", |(_, names)| names.as_str());
    let names: Vec<&str> = select.split(',').filter(|name| !name.is_empty()).collect();
    let truth = Truth::new(core);
    let write =
        |hash: SetHash| json!({ "count": hash.count, "hash": format!("{:016x}", hash.hash) });
    let mut sets: serde_json::Map<String, Value> = Kind::ALL
        .into_iter()
        .map(|kind| (kind.entity_set().to_owned(), write(truth.objects_hash(kind, &names))))
        .collect();
    sets.insert("memberships".into(), write(truth.memberships_hash()));
    for relationship in Relationship::ALL {
        sets.insert(relationship.name().into(), write(truth.edges_hash(relationship)));
    }
    for (_, path) in query.iter().filter(|(name, _)| name == "set") {
        if let Some(hash) = truth.entities_hash(path, &names) {
            sets.insert(path.clone(), write(hash));
        }
    }
    json!({ "moment": core.moment(), "properties": names, "sets": sets })
}

/// Every live object of a kind as a line of JSON; the directory is read anew for each chunk.
fn objects(core: &Arc<Core>, kind: Kind) -> impl Iterator<Item = Bytes> + Send + use<> {
    let core = Arc::clone(core);
    chunks(&core, kind).map(move |slots| {
        let mut lines = Vec::new();
        core.read(|directory| {
            for slot in slots {
                let object = directory.object(Handle::new(kind, slot));
                if object.is_live() {
                    lines.extend_from_slice(
                        Value::Object(true_object(&object).properties).to_string().as_bytes(),
                    );
                    lines.push(b'\n');
                }
            }
        });
        lines.into()
    })
}

/// Every membership as a line of JSON.
fn memberships(core: &Arc<Core>) -> impl Iterator<Item = Bytes> + Send + use<> {
    let core = Arc::clone(core);
    chunks(&core, Kind::Group).map(move |slots| {
        let mut lines = Vec::new();
        core.read(|directory| {
            for slot in slots {
                directory.each_membership_of(Handle::new(Kind::Group, slot), |edge| {
                    let mut json = Json::with_capacity(128);
                    json.begin_object();
                    json.key("group");
                    write_id(edge.group, &mut json);
                    json.key("member");
                    write_id(edge.member, &mut json);
                    json.key("type");
                    json.string(edge.kind.entity_type());
                    json.end_object();
                    lines.extend_from_slice(json.as_bytes());
                    lines.push(b'\n');
                });
            }
        });
        lines.into()
    })
}

/// The slots of a kind in ranges.
fn chunks(core: &Core, kind: Kind) -> impl Iterator<Item = std::ops::Range<u64>> + Send + use<> {
    let ranges = core.read(|directory| directory.handle_range(kind));
    ranges.into_iter().flat_map(|range| {
        let end = range.end;
        range
            .step_by(usize::try_from(CHUNK).expect("a small number"))
            .map(move |start| start..end.min(start + CHUNK))
    })
}

/// `{"advance": 1}` or `{"moment": 7}`.
fn move_on(core: &Core, body: &Bytes) -> Response<ResponseBody> {
    let wanted: Value = serde_json::from_slice(body).unwrap_or_default();
    match (wanted["advance"].as_u64(), wanted["moment"].as_u64()) {
        (Some(moments), None) => core.set_moment(core.moment().saturating_add(moments)),
        (None, Some(moment)) => core.set_moment(moment),
        _ => {
            let help = "send {\"advance\": 1} or {\"moment\": 7}\n";
            return respond(StatusCode::BAD_REQUEST, "text/plain", help.into());
        }
    }
    value(&json!({ "moment": core.moment() }))
}

/// `{"user_code": "…", "approve": true, "user": "mara@…"}`, or the same as a form.
fn decide(site: &Site, body: &Bytes) -> Response<ResponseBody> {
    let json = serde_json::from_slice::<Value>(body).ok().filter(Value::is_object);
    let form = json.is_none();
    let sent = json.unwrap_or_else(|| {
        url::form_urlencoded::parse(body)
            .into_owned()
            .map(|(name, value)| (name, Value::String(value)))
            .collect()
    });
    let code = sent["user_code"].as_str().unwrap_or_default();
    let user = sent["user"].as_str().filter(|name| !name.is_empty()).map(str::to_owned);
    let declined = sent["approve"] == false || sent["approve"] == "false";
    let decision = if declined { Decision::Decline } else { Decision::Approve(user) };
    match site.decide_device(code, &decision) {
        Ok(()) if form => {
            let page = device_page(site, "Done: you may close this page.");
            respond(StatusCode::OK, "text/html; charset=utf-8", page.into())
        }
        Ok(()) => value(&json!({ "approved": !declined })),
        Err(reason) if form => {
            let page = device_page(site, &reason);
            respond(StatusCode::BAD_REQUEST, "text/html; charset=utf-8", page.into())
        }
        Err(reason) => {
            let mut response = value(&json!({ "error": reason }));
            *response.status_mut() = StatusCode::BAD_REQUEST;
            response
        }
    }
}

/// Where a person approves the code that a device shows.
fn device_page(site: &Site, note: &str) -> String {
    let waiting = site
        .waiting_devices()
        .iter()
        .map(|code| format!("<option value=\"{}\">", escape(code)))
        .collect::<Vec<_>>()
        .concat();
    format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Enter code</title></head><body>\
         <h1>Enter code</h1><p>{}</p><form method=\"post\"><label>Code <input name=\"user_code\" list=\"waiting\"></label>\
         <datalist id=\"waiting\">{waiting}</datalist> <label>User <input name=\"user\" placeholder=\"the first enabled user\"></label>\
         <button name=\"approve\" value=\"true\">Approve</button> <button name=\"approve\" value=\"false\">Decline</button></form></body></html>",
        escape(note)
    )
}

/// A small page for people who watch.
fn page(site: &Site, core: &Core) -> String {
    let statistics = core.recorder.statistics();
    let rows: String = statistics
        .by_kind
        .iter()
        .map(|(kind, count)| format!("<tr><td>{}</td><td>{count}</td></tr>", escape(kind)))
        .chain(
            statistics
                .by_status
                .iter()
                .map(|(status, count)| format!("<tr><td>{status}</td><td>{count}</td></tr>")),
        )
        .collect();
    format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta http-equiv=\"refresh\" content=\"2\">\
         <title>graph-simulator</title></head><body><h1>Simulated tenant {tenant}</h1>\
         <p>{domain}, {cloud}, moment {moment}. {requests} requests, {items} batch items, {units} resource units.</p>\
         <p><a href=\"/simulator/statistics\">statistics</a> &middot; <a href=\"/simulator/truth\">truth</a> &middot; <a href=\"/simulator/device\">device codes</a></p>\
         <table>{rows}</table></body></html>",
        tenant = core.identity.tenant,
        domain = escape(core.tenant.domain()),
        cloud = site.cloud.name(),
        moment = core.moment(),
        requests = statistics.requests,
        items = statistics.batch_items,
        units = statistics.resource_units,
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
