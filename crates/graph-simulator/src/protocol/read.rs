//! Requests that read: collections, objects, relationships, the organization.

use http::StatusCode;
use serde_json::{Map, Value};

use super::call::Call;
use super::errors::Refusal;
use super::expand::Expansion;
use super::json::Json;
use super::list::{self, Listing, Source};
use super::path::ApiVersion;
use super::reply::Reply;
use super::resource::{Key, Link};
use super::select::Selection;
use super::{activity, attributes, extension, links, permissions};
use crate::directory::{Directory, Object};
use crate::tenant::{Kind, ObjectId, Stage, group};

/// Ids that one `getByIds` takes (facts: graph-protocol 4.2).
const MOST_IDS: usize = 1_000;

/// The live object of a key, or the 404 that names it.
pub(crate) fn find<'a>(
    directory: Directory<'a>,
    kind: Kind,
    key: &Key,
) -> Result<Object<'a>, Refusal> {
    match key {
        Key::Primary(text) => directory.by_key(kind, text).ok_or_else(|| Refusal::not_found(text)),
        Key::Alternate(name, value) => {
            let found = match name.as_str() {
                "appId" => {
                    value.parse().ok().and_then(|id: ObjectId| directory.by_app_id(kind, id))
                }
                "deviceId" => {
                    value.parse().ok().and_then(|id: ObjectId| directory.by_device_id(id))
                }
                "userPrincipalName" => directory.by_principal_name(value),
                "roleTemplateId" => directory.by_role_template(value),
                name => by_unique_value(directory, kind, name, value),
            };
            found.ok_or_else(|| Refusal::not_found(value))
        }
    }
}

/// The live directory object with an id, whatever its kind.
pub(crate) fn any<'a>(directory: Directory<'a>, id: &str) -> Result<Object<'a>, Refusal> {
    let found = id.parse().ok().and_then(|id| directory.live(id));
    found
        .filter(|object| Kind::OBJECTS.contains(&object.kind()))
        .ok_or_else(|| Refusal::not_found(id))
}

/// Values of `uniqueName` are only ever written, so that only objects with writes are looked at.
fn by_unique_value<'a>(
    directory: Directory<'a>,
    kind: Kind,
    name: &str,
    value: &str,
) -> Option<Object<'a>> {
    let found = directory
        .overlay
        .written(kind)
        .find(|(_, patch)| patch.properties.get(name).and_then(Value::as_str) == Some(value));
    found.map(|(handle, _)| directory.object(handle)).filter(Object::is_live)
}

/// `GET /{set}`.
pub(crate) fn collection(
    call: &Call<'_>,
    directory: Directory<'_>,
    kind: Kind,
) -> Result<Reply, Refusal> {
    list::list(call, directory, &listing(kind), &*handles(directory, kind))
}

/// `GET /{set}/$count`.
pub(crate) fn collection_count(
    call: &Call<'_>,
    directory: Directory<'_>,
    kind: Kind,
) -> Result<Reply, Refusal> {
    list::count(call, directory, &listing(kind), &*handles(directory, kind))
}

fn listing(kind: Kind) -> Listing {
    Listing {
        context: kind.entity_set(),
        kinds: vec![kind],
        typed: false,
        deleted: false,
        unpaged: kind == Kind::DirectoryRole,
    }
}

fn handles(directory: Directory<'_>, kind: Kind) -> Box<Source<'_>> {
    Box::new(move |from| {
        Box::new(directory.handles(kind, from).map(|handle| (handle.slot + 1, handle)))
    })
}

/// `GET /directory/deletedItems/microsoft.graph.{type}`.
pub(crate) fn deleted(
    call: &Call<'_>,
    directory: Directory<'_>,
    kind: Kind,
) -> Result<Reply, Refusal> {
    let listing = Listing { context: "directoryObjects", deleted: true, ..listing(kind) };
    list::list(call, directory, &listing, &*handles(directory, kind))
}

/// `GET /directory/deletedItems/{id}`.
pub(crate) fn deleted_item<'a>(directory: Directory<'a>, id: &str) -> Result<Object<'a>, Refusal> {
    let found = id.parse::<ObjectId>().ok().and_then(|id| directory.find(id));
    found
        .filter(|object| object.stage() == Stage::SoftDeleted)
        .ok_or_else(|| Refusal::not_found(id))
}

/// `GET` of one object.
pub(crate) fn object(
    call: &Call<'_>,
    directory: Directory<'_>,
    object: &Object<'_>,
    typed: bool,
) -> Result<Reply, Refusal> {
    write_object(call, directory, object, typed, StatusCode::OK)
}

/// Writes one object as an answer.
pub(crate) fn write_object(
    call: &Call<'_>,
    directory: Directory<'_>,
    object: &Object<'_>,
    typed: bool,
    status: StatusCode,
) -> Result<Reply, Refusal> {
    let select = call.query.select.as_deref();
    extension::check_names(directory, select, object.kind().entity_type())?;
    attributes::readable(call)?;
    activity::asked(call, directory)?;
    let selection =
        if typed { Selection::any(select)? } else { Selection::of(object.kind(), select, &[])? };
    let expansion = call
        .query
        .expand
        .as_deref()
        .map(|text| Expansion::parse(text, &[object.kind()]))
        .transpose()?;
    let set = if typed { "directoryObjects" } else { object.kind().entity_set() };
    let mut json = Json::with_capacity(2_048);
    json.begin_object();
    json.key("@odata.context");
    json.string(&call.context(&format!("{set}{}/$entity", selection.context())));
    if typed {
        json.key("@odata.type");
        json.string(object.kind().odata_type());
    }
    selection.write(object, &mut json);
    if let Some(expansion) = expansion {
        expansion.write(directory, object, &mut json);
    }
    json.end_object();
    Ok(Reply::json(status, json))
}

/// `GET` along a relationship.
pub(crate) fn linked(
    call: &Call<'_>,
    directory: Directory<'_>,
    of: &Object<'_>,
    link: Link,
    cast: Option<Kind>,
) -> Result<Reply, Refusal> {
    readable(call, directory, of, link)?;
    if link == Link::Manager {
        let manager =
            directory.manager(of.handle()).ok_or_else(|| Refusal::not_found("manager"))?;
        return object(call, directory, &directory.object(manager), true);
    }
    let source = links::source(directory, of.handle(), link);
    list::list(call, directory, &linked_listing(call, of.kind(), link, cast), &*source)
}

/// `/$count` of a relationship.
pub(crate) fn linked_count(
    call: &Call<'_>,
    directory: Directory<'_>,
    of: &Object<'_>,
    link: Link,
    cast: Option<Kind>,
) -> Result<Reply, Refusal> {
    readable(call, directory, of, link)?;
    let source = links::source(directory, of.handle(), link);
    list::count(call, directory, &linked_listing(call, of.kind(), link, cast), &*source)
}

fn linked_listing(call: &Call<'_>, of: Kind, link: Link, cast: Option<Kind>) -> Listing {
    let unpaged = of == Kind::DirectoryRole;
    // facts: graph-protocol 12, row 31.
    let partial = call.path.version == ApiVersion::V1
        && !call.settings.v1_service_principals
        && matches!(link, Link::Members | Link::TransitiveMembers | Link::Owners);
    let kinds = match cast {
        Some(kind) => vec![kind],
        None => link
            .connections()
            .map_or(Kind::OBJECTS.to_vec(), |kind| vec![kind])
            .into_iter()
            .filter(|kind| !partial || *kind != Kind::ServicePrincipal)
            .collect(),
    };
    let context = cast.map_or("directoryObjects", Kind::entity_set);
    let context = link.connections().map_or(context, Kind::entity_set);
    let typed = cast.is_none() && link.connections().is_none();
    Listing { context, kinds, typed, deleted: false, unpaged }
}

/// Hidden members need a permission of their own; without it the list is empty (facts: graph-protocol 10.10).
fn readable(
    call: &Call<'_>,
    directory: Directory<'_>,
    of: &Object<'_>,
    link: Link,
) -> Result<(), Refusal> {
    let members = matches!(link, Link::Members | Link::TransitiveMembers);
    if !members || of.kind() != Kind::Group || call.roles.has_any(permissions::HIDDEN) {
        return Ok(());
    }
    let hidden = match of.value_of("visibility") {
        Value::String(visibility) => visibility == "HiddenMembership",
        _ => !of.handle().is_created() && group::hides_members(directory.tenant, of.handle()),
    };
    if hidden { Err(Refusal::forbidden()) } else { Ok(()) }
}

/// `POST /directoryObjects/getByIds`.
pub(crate) fn by_ids(call: &Call<'_>, directory: Directory<'_>) -> Result<Reply, Refusal> {
    let body = call.json_body()?;
    let ids = texts(&body, "ids")?;
    if ids.len() > MOST_IDS {
        return Err(Refusal::bad_request(format!(
            "Too many values in the 'ids' collection: at most {MOST_IDS} are allowed."
        )));
    }
    let types = if body.contains_key("types") { Some(texts(&body, "types")?) } else { None };
    let wanted =
        |kind: Kind| types.as_ref().is_none_or(|types| types.iter().any(|name| names(name, kind)));
    let selection = Selection::any(call.query.select.as_deref())?;
    let mut json = Json::with_capacity(64 + ids.len() * 600);
    json.begin_object();
    json.key("@odata.context");
    json.string(&call.context(&format!("directoryObjects{}", selection.context())));
    json.key("value");
    json.begin_array();
    for id in ids {
        let id: ObjectId =
            id.parse().map_err(|_| Refusal::bad_request(format!("Invalid GUID:{id}")))?;
        if let Some(object) = directory.live(id).filter(|object| wanted(object.kind())) {
            json.begin_object();
            json.key("@odata.type");
            json.string(object.kind().odata_type());
            selection.write(&object, &mut json);
            json.end_object();
        }
    }
    json.end_array();
    json.end_object();
    Ok(Reply::ok(json))
}

fn names(name: &str, kind: Kind) -> bool {
    name.eq_ignore_ascii_case("directoryObject") || name.eq_ignore_ascii_case(kind.entity_type())
}

/// A member of a body that is a list of texts.
pub(crate) fn texts<'b>(body: &'b Map<String, Value>, name: &str) -> Result<Vec<&'b str>, Refusal> {
    let refusal =
        || Refusal::bad_request(format!("The '{name}' parameter must be a collection of strings."));
    let values = body.get(name).and_then(Value::as_array).ok_or_else(refusal)?;
    values.iter().map(|value| value.as_str().ok_or_else(refusal)).collect()
}
