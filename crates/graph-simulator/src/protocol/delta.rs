//! Delta queries: rounds over an entity set, first or incremental (facts: graph-protocol 5).

use super::call::Call;
use super::delta_item::{Budget, Progress, Round};
use super::errors::Refusal;
use super::filter::{self, Comparison, Filter, Literal, Operand};
use super::json::Json;
use super::reply::Reply;
use super::select::Selection;
use super::token::{self, DeltaToken};
use crate::directory::Directory;
use crate::directory::changes::Version;
use crate::tenant::{Kind, ObjectId};

/// Ids that a delta query may be filtered to.
const MOST_IDS: usize = 50;

/// Relationships that a delta query of a kind may select.
pub(crate) const fn relationships(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::User => &["manager"],
        Kind::Group => &["members", "owners"],
        Kind::Application | Kind::ServicePrincipal => &["owners"],
        Kind::AdministrativeUnit | Kind::DirectoryRole => &["members"],
        Kind::OrgContact => &[],
        Kind::Device => &["registeredOwners", "registeredUsers"],
    }
}

/// Answers a page of a delta round.
pub(crate) fn delta(
    call: &Call<'_>,
    directory: Directory<'_>,
    kind: Kind,
) -> Result<Reply, Refusal> {
    let now = Version { moment: directory.moment, sequence: directory.horizon };
    let mut token = match (&call.query.delta_token, &call.query.skip_token) {
        (Some(text), None) if text == "latest" => {
            let state = start(call, directory, kind)?;
            return Ok(latest(call, &state, now));
        }
        (Some(text), None) if text.is_empty() => start(call, directory, kind)?,
        (None, None) => start(call, directory, kind)?,
        (Some(text), None) | (None, Some(text)) => resume(call, directory, kind, text)?,
        (Some(_), Some(_)) => {
            return Err(Refusal::malformed("$skiptoken and $deltatoken cannot be used together."));
        }
    };
    let until = token.until.map_or(now, |(moment, sequence)| Version { moment, sequence });
    if token.until.is_none() {
        token.until = Some((until.moment, until.sequence));
        token.issued = call.now;
    }
    write_page(call, directory.at(until.moment), kind, &token)
}

/// The state of a first round.
fn start(call: &Call<'_>, directory: Directory<'_>, kind: Kind) -> Result<DeltaToken, Refusal> {
    let query = call.query;
    if query.expand.is_some() || query.order_by.is_some() || query.search.is_some() {
        return Err(Refusal::unsupported(
            "The query options $expand, $orderby and $search are not supported for delta queries.",
        ));
    }
    Selection::of(kind, query.select.as_deref(), relationships(kind))?;
    Ok(DeltaToken {
        t: directory.tenant.fingerprint(),
        e: kind.entity_set().to_owned(),
        since: None,
        until: None,
        slot: 0,
        member: 0,
        select: query.select.clone(),
        ids: query.filter.as_deref().map(ids).transpose()?,
        issued: call.now,
    })
}

/// The ids of `id eq 'a' or id eq 'b'`, the only filter there is.
fn ids(text: &str) -> Result<Vec<String>, Refusal> {
    let mut found = Vec::new();
    collect_ids(&filter::parse(text)?, &mut found)?;
    if found.len() > MOST_IDS {
        return Err(Refusal::unsupported(format!(
            "The delta query filter holds more than {MOST_IDS} ids."
        )));
    }
    Ok(found)
}

fn collect_ids(filter: &Filter, found: &mut Vec<String>) -> Result<(), Refusal> {
    match filter {
        Filter::Or(left, right) => {
            collect_ids(left, found)?;
            collect_ids(right, found)
        }
        Filter::Compare(Operand::Path(path), Comparison::Eq, Literal::Text(id))
            if path.len() == 1 && path[0] == "id" =>
        {
            found.push(id.to_lowercase());
            Ok(())
        }
        _ => Err(Refusal::unsupported(
            "Only 'id eq' clauses joined by 'or' are supported in the filter of a delta query.",
        )),
    }
}

/// Reads a token, and answers 410 for one that this tenant cannot go on from.
fn resume(
    call: &Call<'_>,
    directory: Directory<'_>,
    kind: Kind,
    text: &str,
) -> Result<DeltaToken, Refusal> {
    let token: DeltaToken = token::open(text)?;
    if token.e != kind.entity_set() {
        return Err(Refusal::invalid_token());
    }
    let ahead = [token.since, token.until].into_iter().flatten().any(|(moment, sequence)| {
        moment > directory.moment || sequence > directory.overlay.sequence()
    });
    let life = call.settings.delta_token_life;
    let expired = life.is_some_and(|life| call.now.saturating_sub(token.issued) > life.as_secs());
    if token.t != directory.tenant.fingerprint() || ahead || expired {
        return Err(gone(call, kind, token.select.as_deref()));
    }
    Ok(token)
}

/// 410 with the address of a fresh round (facts: graph-protocol 5.7).
pub(crate) fn gone(call: &Call<'_>, kind: Kind, select: Option<&[String]>) -> Refusal {
    let select = select.map_or_else(String::new, |names| format!("$select={}&", names.join(",")));
    let location = format!("{}/{}/delta?{select}$deltatoken=", call.root(), kind.path());
    Refusal::new(
        http::StatusCode::GONE,
        "syncStateNotFound",
        "The sync state generation is not found; a full synchronization is required.",
    )
    .header(http::header::LOCATION, &location)
}

fn latest(call: &Call<'_>, start: &DeltaToken, now: Version) -> Reply {
    let mut json = begin(call, start);
    json.end_array();
    finish(call, start, now, &mut json);
    Reply::ok(json)
}

fn begin(call: &Call<'_>, token: &DeltaToken) -> Json {
    let mut json = Json::with_capacity(64 * 1024);
    json.begin_object();
    json.key("@odata.context");
    json.string(&call.context(&match &token.select {
        Some(names) => format!("{}({})", token.e, names.join(",")),
        None => token.e.clone(),
    }));
    json.key("value");
    json.begin_array();
    json
}

/// Writes the deltaLink that ends a round.
fn finish(call: &Call<'_>, token: &DeltaToken, until: Version, json: &mut Json) {
    let next = DeltaToken {
        since: Some((until.moment, until.sequence)),
        until: None,
        slot: 0,
        member: 0,
        ..token.clone()
    };
    json.key("@odata.deltaLink");
    json.string(&link(call, token, "$deltatoken", &next));
    json.end_object();
}

fn link(call: &Call<'_>, token: &DeltaToken, option: &str, next: &DeltaToken) -> String {
    let path = Kind::of_entity_set(&token.e).map_or(token.e.as_str(), |kind| kind.path());
    format!("{}/{path}/delta?{option}={}", call.root(), token::seal(next))
}

fn write_page(
    call: &Call<'_>,
    directory: Directory<'_>,
    kind: Kind,
    token: &DeltaToken,
) -> Result<Reply, Refusal> {
    let selection = Selection::of(kind, token.select.as_deref(), relationships(kind))?;
    let since = token.since.map(|(moment, sequence)| Version { moment, sequence });
    let until =
        token.until.map_or(Version::default(), |(moment, sequence)| Version { moment, sequence });
    let mut json = begin(call, token);
    let round = Round::new(call, directory, kind, &selection, since);
    let mut budget = Budget::new(call.settings);
    let mut progress = Progress { slot: token.slot, member: token.member };
    let finished = match &token.ids {
        Some(ids) => {
            write_filtered(directory, kind, ids, &round, &mut budget, &mut progress, &mut json)
        }
        None => round.write_from(&mut progress, &mut budget, &mut json),
    };
    json.end_array();
    if finished {
        finish(call, token, until, &mut json);
    } else {
        let next = DeltaToken { slot: progress.slot, member: progress.member, ..token.clone() };
        json.key("@odata.nextLink");
        json.string(&link(call, token, "$skiptoken", &next));
        json.end_object();
    }
    Ok(Reply::ok(json))
}

/// Writes the objects of an id filter; the slot of the progress counts ids.
fn write_filtered(
    directory: Directory<'_>,
    kind: Kind,
    ids: &[String],
    round: &Round<'_>,
    budget: &mut Budget,
    progress: &mut Progress,
    json: &mut Json,
) -> bool {
    while let Some(id) = usize::try_from(progress.slot).ok().and_then(|at| ids.get(at)) {
        let handle = id
            .parse::<ObjectId>()
            .ok()
            .and_then(|id| directory.tenant.handle(id))
            .filter(|handle| handle.kind == kind);
        if let Some(handle) = handle
            && !round.write_object(handle, &mut progress.member, budget, json)
        {
            return false;
        }
        progress.slot += 1;
        progress.member = 0;
    }
    true
}
