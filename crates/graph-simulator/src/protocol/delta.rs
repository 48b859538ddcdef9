//! Delta queries: rounds over an entity set, first or incremental (facts: graph-protocol 5).

use super::call::Call;
use super::delta_item::{Budget, Progress, Round};
use super::errors::Refusal;
use super::extension;
use super::filter::{self, Comparison, Filter, Literal, Operand};
use super::json::Json;
use super::permissions;
use super::reply::Reply;
use super::select::{self, Selection};
use super::token::{self, DeltaToken};
use crate::directory::Directory;
use crate::directory::changes::Version;
use crate::tenant::{Kind, ObjectId, property};

/// Ids that a delta query may be filtered to.
const MOST_IDS: usize = 50;

/// Relationships that a delta query of a kind may select.
pub(crate) const fn relationships(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::User => &["manager"],
        Kind::Group => &["members", "owners"],
        Kind::Application | Kind::ServicePrincipal => &["owners"],
        Kind::AdministrativeUnit | Kind::DirectoryRole => &["members"],
        Kind::OrgContact | Kind::OAuth2PermissionGrant | Kind::AppRoleAssignment => &[],
        Kind::Device => &["registeredOwners", "registeredUsers"],
    }
}

/// What a delta query runs over.
#[derive(Clone, Debug)]
pub(crate) struct Subject {
    /// The entity set.
    set: &'static str,
    /// Its path below the version.
    path: &'static str,
    kinds: Vec<Kind>,
    /// Items carry `@odata.type`.
    typed: bool,
}

/// Kinds that a delta over directory objects may hold (facts: graph-protocol 5.1).
const OBJECTS: [Kind; 9] = [
    Kind::User,
    Kind::Group,
    Kind::Device,
    Kind::Application,
    Kind::ServicePrincipal,
    Kind::OrgContact,
    Kind::AdministrativeUnit,
    Kind::DirectoryRole,
    Kind::AppRoleAssignment,
];

impl Subject {
    /// One entity set.
    pub(crate) fn of(kind: Kind) -> Self {
        Self { set: kind.entity_set(), path: kind.path(), kinds: vec![kind], typed: false }
    }

    /// Directory objects of every kind.
    pub(crate) fn objects() -> Self {
        let kinds = OBJECTS.to_vec();
        Self { set: "directoryObjects", path: "directoryObjects", kinds, typed: true }
    }

    /// The kinds that a token is filtered to.
    fn kinds(&self, token: &DeltaToken) -> Vec<Kind> {
        let wanted = |kind: &Kind| {
            token
                .types
                .as_ref()
                .is_none_or(|types| types.iter().any(|name| name == kind.entity_type()))
        };
        self.kinds.iter().copied().filter(wanted).collect()
    }

    /// The part of a `$select` that is a kind's; `microsoft.graph.user/surname` is for users alone.
    fn selection(&self, kind: Kind, select: Option<&[String]>) -> Result<Selection, Refusal> {
        if !self.typed {
            return Selection::of(kind, select, relationships(kind));
        }
        let Some(names) = select else { return Selection::of(kind, None, relationships(kind)) };
        let mut own = Vec::new();
        for name in names {
            match name.rsplit_once('/') {
                Some((of, name)) if Kind::of_entity_type(of) == Some(kind) => {
                    own.push(name.to_owned());
                }
                Some((of, _)) if Kind::of_entity_type(of).is_some() => {}
                Some((of, _)) => return Err(Refusal::no_segment(of)),
                None if is_known(kind, name) => own.push(name.clone()),
                None if self.kinds.iter().any(|kind| is_known(*kind, name)) => {}
                None => return Err(select::unknown_property(name, "directoryObject")),
            }
        }
        Selection::of(kind, Some(&own), relationships(kind))
    }
}

fn is_known(kind: Kind, name: &str) -> bool {
    property(kind, name).is_some()
        || relationships(kind).contains(&name)
        || extension::is_name(name)
}

/// Answers a page of a delta round.
pub(crate) fn delta(
    call: &Call<'_>,
    directory: Directory<'_>,
    subject: &Subject,
) -> Result<Reply, Refusal> {
    let now = Version { moment: directory.moment, sequence: directory.overlay.sequence() };
    let mut token = match (&call.query.delta_token, &call.query.skip_token) {
        (Some(text), None) if text == "latest" => {
            let state = start(call, directory, subject)?;
            return Ok(latest(call, subject, &state, now));
        }
        (Some(text), None) if text.is_empty() => start(call, directory, subject)?,
        (None, None) => start(call, directory, subject)?,
        (Some(text), None) | (None, Some(text)) => resume(call, directory, subject, text)?,
        (Some(_), Some(_)) => {
            return Err(Refusal::malformed("$skiptoken and $deltatoken cannot be used together."));
        }
    };
    let until = token.until.map_or(now, |(moment, sequence)| Version { moment, sequence });
    if token.until.is_none() {
        token.until = Some((until.moment, until.sequence));
        token.issued = call.now;
    }
    write_page(call, directory.at(until.moment), subject, &token)
}

/// The state of a first round.
fn start(
    call: &Call<'_>,
    directory: Directory<'_>,
    subject: &Subject,
) -> Result<DeltaToken, Refusal> {
    let query = call.query;
    if query.expand.is_some() || query.order_by.is_some() || query.search.is_some() {
        return Err(Refusal::unsupported(
            "The query options $expand, $orderby and $search are not supported for delta queries.",
        ));
    }
    let filter = query.filter.as_deref().map(|text| Wanted::parse(text, subject)).transpose()?;
    let filter = filter.unwrap_or_default();
    let token = DeltaToken {
        t: directory.tenant.fingerprint(),
        e: subject.set.to_owned(),
        since: None,
        until: None,
        kind: 0,
        types: (!filter.types.is_empty()).then_some(filter.types),
        slot: 0,
        member: 0,
        select: query.select.clone(),
        ids: (!filter.ids.is_empty()).then_some(filter.ids),
        issued: call.now,
    };
    extension::check_names(directory, query.select.as_deref(), subject.set)?;
    for kind in subject.kinds(&token) {
        subject.selection(kind, query.select.as_deref())?;
        if subject.typed && !call.roles.has_any(permissions::read(kind)) {
            return Err(Refusal::forbidden());
        }
    }
    Ok(token)
}

/// The filter of a delta query: ids and, over directory objects, types; both together intersect.
#[derive(Debug, Default)]
struct Wanted {
    ids: Vec<String>,
    types: Vec<String>,
}

impl Wanted {
    fn parse(text: &str, subject: &Subject) -> Result<Self, Refusal> {
        let mut wanted = Self::default();
        wanted.collect(&filter::parse(text)?, subject)?;
        if wanted.ids.len() > MOST_IDS {
            return Err(Refusal::unsupported(format!(
                "The delta query filter holds more than {MOST_IDS} ids."
            )));
        }
        Ok(wanted)
    }

    fn collect(&mut self, filter: &Filter, subject: &Subject) -> Result<(), Refusal> {
        match filter {
            Filter::Or(left, right) => {
                self.collect(left, subject)?;
                self.collect(right, subject)
            }
            Filter::And(left, right) if subject.typed => {
                self.collect(left, subject)?;
                self.collect(right, subject)
            }
            Filter::Compare(Operand::Path(path), Comparison::Eq, Literal::Text(id))
                if path.len() == 1 && path[0] == "id" =>
            {
                self.ids.push(if id.len() == 36 { id.to_lowercase() } else { id.clone() });
                Ok(())
            }
            Filter::IsOf(name) if subject.typed => {
                let kind = Kind::of_entity_type(name).filter(|kind| subject.kinds.contains(kind));
                let kind = kind.ok_or_else(|| {
                    Refusal::bad_request(format!("The type '{name}' is not a directory object."))
                })?;
                self.types.push(kind.entity_type().to_owned());
                Ok(())
            }
            _ => Err(Refusal::unsupported(
                "Only 'id eq' clauses joined by 'or' are supported in the filter of a delta query.",
            )),
        }
    }
}

/// Reads a token, and answers 410 for one that this tenant cannot go on from.
fn resume(
    call: &Call<'_>,
    directory: Directory<'_>,
    subject: &Subject,
    text: &str,
) -> Result<DeltaToken, Refusal> {
    let token: DeltaToken = token::open(text)?;
    if token.e != subject.set {
        return Err(Refusal::invalid_token());
    }
    let ahead = [token.since, token.until].into_iter().flatten().any(|(moment, sequence)| {
        moment > directory.moment || sequence > directory.overlay.sequence()
    });
    let life = call.settings.delta_token_life;
    let expired = life.is_some_and(|life| call.now.saturating_sub(token.issued) > life.as_secs());
    if token.t != directory.tenant.fingerprint() || ahead || expired {
        return Err(gone(call, subject, token.select.as_deref()));
    }
    Ok(token)
}

/// The version of the directory that the token of a request speaks of; the beginning without one.
pub(crate) fn known(call: &Call<'_>) -> Version {
    let text = call.query.skip_token.as_ref().or(call.query.delta_token.as_ref());
    let token: Option<DeltaToken> = text.and_then(|text| token::open(text).ok());
    let version = token.and_then(|token| token.until.or(token.since)).unwrap_or_default();
    Version { moment: version.0, sequence: version.1 }
}

/// 410 with the address of a fresh round (facts: graph-protocol 5.7).
pub(crate) fn gone(call: &Call<'_>, subject: &Subject, select: Option<&[String]>) -> Refusal {
    let select = select.map_or_else(String::new, |names| format!("$select={}&", names.join(",")));
    let location = format!("{}/{}/delta?{select}$deltatoken=", call.root(), subject.path);
    Refusal::new(
        http::StatusCode::GONE,
        "syncStateNotFound",
        "The sync state generation is not found; a full synchronization is required.",
    )
    .header(http::header::LOCATION, &location)
}

fn latest(call: &Call<'_>, subject: &Subject, start: &DeltaToken, now: Version) -> Reply {
    let mut json = begin(call, start);
    json.end_array();
    finish(call, subject, start, now, &mut json);
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
fn finish(call: &Call<'_>, subject: &Subject, token: &DeltaToken, until: Version, json: &mut Json) {
    let next = DeltaToken {
        since: Some((until.moment, until.sequence)),
        until: None,
        kind: 0,
        slot: 0,
        member: 0,
        ..token.clone()
    };
    json.key("@odata.deltaLink");
    json.string(&link(call, subject, "$deltatoken", &next));
    json.end_object();
}

fn link(call: &Call<'_>, subject: &Subject, option: &str, next: &DeltaToken) -> String {
    format!("{}/{}/delta?{option}={}", call.root(), subject.path, token::seal(next))
}

fn write_page(
    call: &Call<'_>,
    directory: Directory<'_>,
    subject: &Subject,
    token: &DeltaToken,
) -> Result<Reply, Refusal> {
    let since = token.since.map(|(moment, sequence)| Version { moment, sequence });
    let until =
        token.until.map_or(Version::default(), |(moment, sequence)| Version { moment, sequence });
    let mut json = begin(call, token);
    let mut budget = Budget::new(call.settings);
    let mut progress = Progress { slot: token.slot, member: token.member };
    for (place, kind) in subject.kinds(token).into_iter().enumerate().skip(token.kind) {
        let selection = subject.selection(kind, token.select.as_deref())?;
        let round = Round::new(call, directory, kind, &selection, since, subject.typed);
        let finished = match &token.ids {
            Some(ids) => {
                write_filtered(directory, kind, ids, &round, &mut budget, &mut progress, &mut json)
            }
            None => round.write_from(&mut progress, &mut budget, &mut json),
        };
        if !finished {
            let (slot, member) = (progress.slot, progress.member);
            let next = DeltaToken { kind: place, slot, member, ..token.clone() };
            json.end_array();
            json.key("@odata.nextLink");
            json.string(&link(call, subject, "$skiptoken", &next));
            json.end_object();
            return Ok(Reply::ok(json));
        }
        progress = Progress { slot: 0, member: 0 };
    }
    json.end_array();
    finish(call, subject, token, until, &mut json);
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
        let id = if kind.connects() { ObjectId::of_link(id) } else { id.parse::<ObjectId>().ok() };
        let handle =
            id.and_then(|id| directory.tenant.handle(id)).filter(|handle| handle.kind == kind);
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
