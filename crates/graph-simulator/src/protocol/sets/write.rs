//! Creating, changing and deleting described entities.

use http::{Method, StatusCode};
use serde_json::{Map, Value, json};

use super::address::Target;
use super::{Scope, list, rules, schema};
use crate::protocol::call::Call;
use crate::protocol::errors::Refusal;
use crate::protocol::reply::Reply;
use crate::protocol::resource::Key;
use crate::protocol::write::Writer;
use crate::tenant::view::timestamp;

/// `POST` to a set.
pub(crate) fn create(
    call: &Call<'_>,
    writer: &mut Writer<'_>,
    target: &Target,
) -> Result<Reply, Refusal> {
    let status = target.set.answers(&Method::POST).ok_or_else(Refusal::method_not_allowed)?;
    let body = call.json_body()?;
    let entity = make(call, writer, target, body)?;
    answer(call, writer, target, entity, status)
}

fn answer(
    call: &Call<'_>,
    writer: &Writer<'_>,
    target: &Target,
    entity: Map<String, Value>,
    status: StatusCode,
) -> Result<Reply, Refusal> {
    let scope = Scope::open(writer.directory(), target.set, &target.parents, call.now)?;
    let location = format!("{}/{}/{}", call.root(), scope.store, Scope::key_of(&entity));
    let reply = list::entity(call, &scope, entity, status)?;
    Ok(reply.header(http::header::LOCATION, &location))
}

fn make(
    call: &Call<'_>,
    writer: &mut Writer<'_>,
    target: &Target,
    mut body: Map<String, Value>,
) -> Result<Map<String, Value>, Refusal> {
    let set = target.set;
    let number = writer.overlay.sequence();
    let fresh = writer.tenant.draw_guid(b'E', number).to_string();
    let store = {
        let scope = Scope::open(writer.directory(), set, &target.parents, call.now)?;
        for name in &set.required {
            if body.get(*name).is_none_or(Value::is_null) {
                return Err(Refusal::bad_request(format!(
                    "A value is required for property '{name}' of resource '{}'.",
                    set.entity
                )));
            }
        }
        if !set.required.contains(&"id") {
            body.remove("id");
        }
        rules::normalize(&scope, &mut body);
        schema::check(set.entity, &body)?;
        if let Some(name) = set.unique {
            unique(&scope, name, &body)?;
        }
        rules::complete(&scope, &mut body, call)?;
        scope.store
    };
    if let Some(entity) = rules::create(call, writer, target, &body)? {
        return Ok(entity);
    }
    if schema::field(schema::type_of(&body, set.entity), "id").is_some() {
        body.entry("id").or_insert(json!(fresh));
    }
    for name in ["createdDateTime", "registeredDateTime"] {
        if schema::field(schema::type_of(&body, set.entity), name).is_some() {
            body.entry(name).or_insert(json!(timestamp(call.now)));
        }
    }
    let answered = rules::take_secret(set, &mut body);
    writer.overlay.create_document(&store, Scope::key_of(&body).to_owned().as_str(), body.clone());
    body.extend(answered);
    Ok(body)
}

fn unique(scope: &Scope<'_>, name: &str, body: &Map<String, Value>) -> Result<(), Refusal> {
    let Some(wanted) = body.get(name).and_then(Value::as_str) else { return Ok(()) };
    let mut known = scope.entities(0, None);
    let taken = known.any(|(_, entity)| {
        let value = entity.get(name).and_then(Value::as_str);
        value.is_some_and(|value| value.eq_ignore_ascii_case(wanted))
    });
    if taken {
        return Err(Refusal::new(
            StatusCode::CONFLICT,
            "Request_MultipleObjectsWithSameKeyValue",
            format!("Another object with the same value for property {name} already exists."),
        ));
    }
    Ok(())
}

/// `PATCH`, or `PUT` of what is replaced as a whole.
pub(crate) fn update(
    call: &Call<'_>,
    writer: &mut Writer<'_>,
    target: &Target,
    key: Option<&Key>,
) -> Result<Reply, Refusal> {
    let status = target.set.answers(call.method).ok_or_else(Refusal::method_not_allowed)?;
    let mut body = call.json_body()?;
    let (store, id) = {
        let scope = Scope::open(writer.directory(), target.set, &target.parents, call.now)?;
        let found = key.map_or_else(|| scope.single(), |key| scope.find(key));
        let entity = match (found, key) {
            (Err(refusal), Some(Key::Alternate(name, value)))
                if refusal.status == StatusCode::NOT_FOUND && call.prefers("create-if-missing") =>
            {
                body.insert(name.clone(), json!(value));
                let entity = make(call, writer, target, body)?;
                return answer(call, writer, target, entity, StatusCode::CREATED);
            }
            (found, _) => found?,
        };
        if let Some(known) = entity.get("@odata.type") {
            body.entry("@odata.type").or_insert_with(|| known.clone());
        }
        rules::normalize(&scope, &mut body);
        schema::check(target.set.entity, &body)?;
        if body.get("id").is_some_and(|id| Some(id) != entity.get("id")) {
            return Err(Refusal::bad_request("Property 'id' is read-only and cannot be set."));
        }
        rules::change(&scope, &entity, &mut body)?;
        for name in ["modifiedDateTime", "lastModifiedDateTime"] {
            if schema::field(schema::type_of(&entity, target.set.entity), name).is_some() {
                body.insert(name.to_owned(), json!(timestamp(call.now)));
            }
        }
        (scope.store.clone(), Scope::key_of(&entity).to_owned())
    };
    writer.overlay.update_document(&store, &id, body);
    if status == StatusCode::NO_CONTENT {
        return Ok(Reply::no_content());
    }
    let scope = Scope::open(writer.directory(), target.set, &target.parents, call.now)?;
    let entity = key.map_or_else(|| scope.single(), |key| scope.find(key))?;
    list::entity(call, &scope, entity, status)
}

/// `DELETE` of an entity.
pub(crate) fn delete(
    call: &Call<'_>,
    writer: &mut Writer<'_>,
    target: &Target,
    key: &Key,
) -> Result<Reply, Refusal> {
    target.set.answers(&Method::DELETE).ok_or_else(Refusal::method_not_allowed)?;
    let (store, entity) = {
        let scope = Scope::open(writer.directory(), target.set, &target.parents, call.now)?;
        let entity = scope.find(key)?;
        rules::removable(&scope, &entity)?;
        (scope.store.clone(), entity)
    };
    if !rules::remove(writer, target, &entity)? {
        writer.overlay.delete_document(&store, Scope::key_of(&entity));
    }
    Ok(Reply::no_content())
}
