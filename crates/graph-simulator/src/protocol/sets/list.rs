//! Lists of described entities: `$filter`, `$orderby`, `$search`, pages, `$count`, `$select`, `$expand`.

use std::cmp::Ordering;

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::scope::{Scope, seconds};
use super::{Paging, Set, rules, schema};
use crate::entities::Source;
use crate::protocol::call::Call;
use crate::protocol::errors::Refusal;
use crate::protocol::filter::{self, Comparison, Filter, Literal, Operand};
use crate::protocol::json::Json;
use crate::protocol::list::fingerprint;
use crate::protocol::read;
use crate::protocol::reply::Reply;
use crate::protocol::resource::Key;
use crate::protocol::token::{self, SkipToken};

type Entity = Map<String, Value>;

/// Answers a list.
pub(crate) fn list(call: &Call<'_>, scope: &Scope<'_>) -> Result<Reply, Refusal> {
    let set = scope.set;
    check_options(call, set)?;
    let matcher = Matcher::read(call, set)?;
    let size = page_size(call, set)?;
    let from = position(call, scope)?;
    let found = |from| {
        let entities = scope.entities(from, matcher.within);
        entities.filter(|(_, entity)| matcher.admits(entity, set))
    };
    let mut page = Map::new();
    page.insert("@odata.context".into(), json!(context(call, scope, "")));
    if call.query.count && call.query.skip_token.is_none() {
        page.insert("@odata.count".into(), json!(found(0).count()));
    }
    let (values, next) = match order(call, set)? {
        Some(order) => {
            let mut sorted: Vec<Entity> = found(0).map(|(_, entity)| entity).collect();
            sorted.sort_by(|a, b| order.compare(a, b));
            let skip = usize::try_from(from).unwrap_or(usize::MAX);
            take((1..).zip(sorted).skip(skip), size)
        }
        None => take(found(from), size),
    };
    let values: Result<Vec<Value>, Refusal> =
        values.into_iter().map(|entity| present(call, scope, entity)).collect();
    page.insert("value".into(), Value::Array(values?));
    if let Some(position) = next {
        let (t, q) = (scope.directory.tenant.fingerprint(), fingerprint(call));
        let token = token::seal(&SkipToken { t, q, p: position });
        page.insert("@odata.nextLink".into(), json!(call.link("$skiptoken", &token)));
    }
    Ok(answer(StatusCode::OK, &Value::Object(page)))
}

/// Answers `/$count`.
pub(crate) fn count(call: &Call<'_>, scope: &Scope<'_>) -> Result<Reply, Refusal> {
    let matcher = Matcher::read(call, scope.set)?;
    let entities = scope.entities(0, matcher.within);
    let found = entities.filter(|(_, entity)| matcher.admits(entity, scope.set)).count();
    Ok(Reply::text(found.to_string()))
}

/// Answers with one entity.
pub(crate) fn entity(
    call: &Call<'_>,
    scope: &Scope<'_>,
    entity: Entity,
    status: StatusCode,
) -> Result<Reply, Refusal> {
    let Value::Object(written) = present(call, scope, entity)? else {
        unreachable!("an entity is an object")
    };
    let suffix = if scope.set.paging == Paging::One { "" } else { "/$entity" };
    let mut body = Map::new();
    body.insert("@odata.context".into(), json!(context(call, scope, suffix)));
    body.extend(written);
    Ok(answer(status, &Value::Object(body)))
}

/// A value as an answer.
pub(crate) fn answer(status: StatusCode, value: &Value) -> Reply {
    let mut json = Json::with_capacity(4_096);
    json.value(value);
    Reply::json(status, json)
}

fn context(call: &Call<'_>, scope: &Scope<'_>, suffix: &str) -> String {
    let names = call.query.select.as_ref().map(|names| format!("({})", names.join(",")));
    let set = scope.store.replace("/{id}", "");
    let set = match &scope.owner {
        Some(owner) => {
            let key = scope.directory.object(*owner).key();
            set.replacen(&format!("/{key}"), &format!("('{key}')"), 1)
        }
        None => set,
    };
    call.context(&format!("{set}{}{suffix}", names.unwrap_or_default()))
}

/// The entity as it is answered: whole, selected, with what was expanded.
fn present(call: &Call<'_>, scope: &Scope<'_>, entity: Entity) -> Result<Value, Refusal> {
    let declared = scope.set.entity;
    let entity = rules::dress(call, scope, schema::shape(entity, declared));
    let entity_type = schema::type_of(&entity, declared).to_owned();
    let mut expanded = Map::new();
    for name in call.query.expand.iter().flat_map(|text| expansions(text)) {
        expanded.insert(name.to_owned(), expand(scope, &entity, &entity_type, name)?);
    }
    let mut presented = match &call.query.select {
        None => entity,
        Some(names) => {
            for name in names {
                let known = name == "*"
                    || schema::field(&entity_type, name).is_some()
                    || schema::field(declared, name).is_some();
                if !known {
                    return Err(crate::protocol::select::unknown_property(name, declared));
                }
            }
            let wanted = |name: &str| {
                name.starts_with('@') || names.iter().any(|known| known == "*" || known == name)
            };
            entity.into_iter().filter(|(name, _)| wanted(name)).collect()
        }
    };
    presented.extend(expanded);
    Ok(Value::Object(presented))
}

/// The names in `principal,roleDefinition($select=id)`, options aside.
fn expansions(text: &str) -> Vec<&str> {
    let mut depth = 0_i32;
    let parts = text.split(move |char| {
        depth += i32::from(char == '(') - i32::from(char == ')');
        char == ',' && depth == 0
    });
    parts.map(|part| part.split('(').next().unwrap_or_default().trim()).collect()
}

/// What a relationship leads to: entities kept below this one, or the object that `{name}Id` names.
fn expand(
    scope: &Scope<'_>,
    entity: &Entity,
    entity_type: &str,
    name: &str,
) -> Result<Value, Refusal> {
    if !schema::is_relationship(entity_type, name) {
        return Err(Refusal::new(
            StatusCode::BAD_REQUEST,
            "ExpandNotSupported",
            format!("Expand is not supported for '{name}'."),
        ));
    }
    if let Some(value) = entity.get(name) {
        return Ok(value.clone());
    }
    let id = match name {
        "directoryScope" => entity.get("directoryScopeId").and_then(Value::as_str),
        name => entity.get(&format!("{name}Id")).and_then(Value::as_str),
    };
    let Some(id) = id.map(|id| id.rsplit('/').next().unwrap_or(id)) else {
        let many = schema::field(entity_type, name).is_some_and(|field| field.many);
        return Ok(if many { json!([]) } else { Value::Null });
    };
    if name == "roleDefinition" {
        let roles = scope.other("roleManagement/directory/roleDefinitions");
        let role = roles.find(&Key::Primary(id.to_owned()));
        return Ok(role.map_or(Value::Null, |role| {
            Value::Object(schema::shape(role, "unifiedRoleDefinition"))
        }));
    }
    Ok(read::any(scope.directory, id).map_or(Value::Null, |object| {
        let mut found = Map::new();
        found.insert("@odata.type".into(), json!(object.kind().odata_type()));
        for property in object.properties().iter().filter(|property| property.by_default) {
            found.insert(property.name.to_owned(), object.value(property));
        }
        Value::Object(found)
    }))
}

fn take(
    entities: impl Iterator<Item = (u64, Entity)>,
    size: Option<u64>,
) -> (Vec<Entity>, Option<u64>) {
    let mut values = Vec::new();
    let (mut last, mut taken) = (0, 0);
    for (next, entity) in entities {
        if Some(taken) == size {
            return (values, Some(last));
        }
        values.push(entity);
        taken += 1;
        last = next;
    }
    (values, None)
}

/// Refuses an option that the set does not take (facts: graph-protocol 10.1).
fn check_options(call: &Call<'_>, set: &Set) -> Result<(), Refusal> {
    let query = call.query;
    let given = [
        ("select", query.select.is_some()),
        ("filter", query.filter.is_some()),
        ("orderby", query.order_by.is_some()),
        ("search", query.search.is_some()),
        ("expand", query.expand.is_some()),
        ("skip", query.skip),
    ];
    let refused = given.into_iter().find(|(name, given)| {
        *given && (*name == "skip" || (!set.options.is_empty() && !set.options.contains(name)))
    });
    match refused {
        None => Ok(()),
        Some((name, _)) => Err(Refusal::malformed(format!(
            "The query specified in the URI is not valid. Query option '{name}' is not allowed. To allow it, set the 'AllowedQueryOptions' property on EnableQueryAttribute or QueryValidationSettings."
        ))),
    }
}

fn page_size(call: &Call<'_>, set: &Set) -> Result<Option<u64>, Refusal> {
    let Paging::Pages(default, most) = set.paging else { return Ok(None) };
    match call.query.top {
        None => Ok(Some(default)),
        Some(top) if (1..=most).contains(&top) => Ok(Some(top)),
        Some(_) if set.path.starts_with("auditLogs/") => Err(Refusal::malformed(format!(
            "The query specified in the URI is not valid. The limit of '{most}' for Top query has been exceeded."
        ))),
        Some(top) => Err(Refusal::unsupported(format!(
            "Invalid page size specified: '{top}'. Must be between 1 and {most} inclusive."
        ))),
    }
}

fn position(call: &Call<'_>, scope: &Scope<'_>) -> Result<u64, Refusal> {
    let Some(text) = &call.query.skip_token else { return Ok(0) };
    let token: SkipToken = token::open(text)?;
    if token.t != scope.directory.tenant.fingerprint() || token.q != fingerprint(call) {
        return Err(Refusal::invalid_token());
    }
    Ok(token.p)
}

/// What entities must match.
struct Matcher {
    filter: Option<Filter>,
    words: Option<String>,
    /// The times that the filter leaves, where the set is in order of time.
    within: Option<(u64, u64)>,
}

impl Matcher {
    fn read(call: &Call<'_>, set: &Set) -> Result<Self, Refusal> {
        let filter = call.query.filter.as_deref().map(filter::parse).transpose()?;
        if let Some(filter) = &filter {
            let mut paths = Vec::new();
            filter.paths(&mut paths);
            for path in paths {
                if schema::field(set.entity, &path[0]).is_none() && path[0] != "@odata.type" {
                    return Err(Refusal::malformed(format!(
                        "Invalid filter clause: Could not find a property named '{}' on type 'microsoft.graph.{}'.",
                        path[0], set.entity
                    )));
                }
                rules::filterable(set, path)?;
            }
        }
        let within = match (set.source, &filter) {
            (Source::Places { time, .. }, Some(filter)) if !time.is_empty() => {
                let mut within = (0, u64::MAX);
                narrow(filter, time, &mut within);
                Some(within)
            }
            _ => None,
        };
        let words = call.query.search.as_ref().map(|text| text.trim_matches('"').to_lowercase());
        Ok(Self { filter, words, within })
    }

    fn admits(&self, entity: &Entity, set: &Set) -> bool {
        let text = |name: &str| entity.get(name).and_then(Value::as_str).map(str::to_lowercase);
        self.filter.as_ref().is_none_or(|filter| filter::matches_entity(filter, entity, set.entity))
            && self.words.as_ref().is_none_or(|words| {
                ["displayName", "description"]
                    .iter()
                    .any(|name| text(name).is_some_and(|text| text.contains(words.as_str())))
            })
    }
}

/// The seconds that clauses about a time, joined by `and`, leave.
fn narrow(filter: &Filter, time: &str, (from, to): &mut (u64, u64)) {
    match filter {
        Filter::And(left, right) => {
            let mut within = (*from, *to);
            narrow(left, time, &mut within);
            narrow(right, time, &mut within);
            (*from, *to) = within;
        }
        Filter::Compare(Operand::Path(path), comparison, literal)
            if path.len() == 1 && path[0] == time =>
        {
            let (Literal::Bare(text) | Literal::Text(text)) = literal else { return };
            let Some(at) = seconds(text) else { return };
            // The times of a second's events lie in it, fractions included.
            match comparison {
                Comparison::Ge | Comparison::Gt => *from = at.max(*from),
                Comparison::Lt | Comparison::Le => *to = (at + 1).min(*to),
                Comparison::Eq => (*from, *to) = (at.max(*from), (at + 1).min(*to)),
                Comparison::Ne => {}
            }
        }
        _ => {}
    }
}

/// An order by one property.
struct Order {
    path: Vec<String>,
    descending: bool,
}

fn order(call: &Call<'_>, set: &Set) -> Result<Option<Order>, Refusal> {
    let Some(text) = &call.query.order_by else { return Ok(None) };
    let mut words = text.split_whitespace();
    let path: Vec<String> =
        words.next().unwrap_or_default().split('/').map(str::to_owned).collect();
    let descending = match (words.next(), words.next()) {
        (None | Some("asc"), None) => false,
        (Some("desc"), None) => true,
        _ => return Err(Refusal::malformed(format!("Syntax error in $orderby '{text}'."))),
    };
    if schema::field(set.entity, &path[0]).is_none() {
        return Err(Refusal::malformed(format!(
            "Could not find a property named '{}' on type 'microsoft.graph.{}'.",
            path[0], set.entity
        )));
    }
    // The logs are in this order anyway.
    if let Source::Places { time, .. } = set.source
        && descending
        && path == [time]
    {
        return Ok(None);
    }
    Ok(Some(Order { path, descending }))
}

impl Order {
    fn compare(&self, a: &Entity, b: &Entity) -> Ordering {
        let order = key(a, &self.path).cmp(&key(b, &self.path));
        if self.descending { order.reverse() } else { order }
    }
}

fn key(entity: &Entity, path: &[String]) -> Option<String> {
    let mut value = entity.get(&path[0])?;
    for name in &path[1..] {
        value = value.get(name)?;
    }
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.to_lowercase()),
        other => Some(other.to_string()),
    }
}
