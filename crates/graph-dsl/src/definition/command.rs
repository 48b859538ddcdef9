//! A command of an object type.

use serde_json::{Map, Value};

use super::Reading;
use super::argument::{ArgumentSource, items, read_arguments};
use super::fields::{Fields, json_of};
use super::follow_up::{EnsureSource, WaitSource, read_ensure, read_wait};
use super::outcome::{RuleSource, read_rules};
use crate::ApiVersion;
use crate::connection::CLOUD_NAMES;
use crate::diagnostic::{Code, Finding, suggest};
use crate::plan::{Advanced, Method, Permission, Safety};
use crate::source::{Entry, Mapping, NodeKind, Span, Spanned};

/// Keys of a command.
pub(super) const KEYS: &[&str] = &[
    "advanced",
    "aliases",
    "arguments",
    "auto_paginate",
    "body",
    "clouds",
    "deprecated",
    "endpoint",
    "ensure",
    "examples",
    "expect",
    "expected_outcomes",
    "headers",
    "method",
    "params",
    "permission",
    "permissions",
    "query",
    "requires",
    "response",
    "safety",
    "schema_mapping",
    "secrets",
    "split",
    "summary",
    "version",
    "wait_for",
];
pub(super) const SAFETY_KEYS: &[&str] =
    &["confirm", "delete_target", "destructive", "idempotent", "reads", "restorable"];

pub(super) const EXAMPLE_KEYS: &[&str] = &["params", "request", "summary"];
pub(super) const REQUEST_KEYS: &[&str] = &["body", "path"];

/// Actions that take something away.
const DESTRUCTIVE_ACTIONS: &[&str] = &[
    "cleanWindowsDevice",
    "invalidateAllRefreshTokens",
    "permanentDelete",
    "removeKey",
    "removePassword",
    "retire",
    "revokeSignInSessions",
    "wipe",
];

/// A command as written.
pub(crate) struct CommandSource<'a> {
    pub(crate) name: &'a Spanned<String>,
    pub(crate) summary: Option<Spanned<String>>,
    pub(crate) deprecated: Option<String>,
    pub(crate) method: Option<Spanned<Method>>,
    pub(crate) endpoint: Option<&'a Entry>,
    pub(crate) query: Option<&'a Entry>,
    pub(crate) headers: Option<&'a Entry>,
    pub(crate) body: Option<&'a Entry>,
    /// `body` is written, be it empty or unreadable.
    pub(crate) has_body_key: bool,
    pub(crate) arguments: Option<Vec<ArgumentSource>>,
    pub(crate) expect: Vec<RuleSource>,
    pub(crate) safety: Option<Safety>,
    /// The question of `safety`, with its place.
    pub(crate) confirm: Option<Spanned<String>>,
    pub(crate) permission: Permission,
    /// The same names with their places, and whether each is a delegated one.
    pub(crate) permission_names: Vec<(Spanned<String>, bool)>,
    pub(crate) requires: Vec<String>,
    pub(crate) aliases: Vec<Spanned<String>>,
    pub(crate) examples: Vec<ExampleSource<'a>>,
    pub(crate) auto_paginate: Option<bool>,
    pub(crate) binary: bool,
    pub(crate) split: bool,
    pub(crate) secrets: Vec<String>,
    pub(crate) version: Option<ApiVersion>,
    pub(crate) advanced: Advanced,
    pub(crate) unavailable_in: Vec<String>,
    pub(crate) schema_mapping: Option<Spanned<String>>,
    pub(crate) ensure: Option<EnsureSource<'a>>,
    pub(crate) wait_for: Option<WaitSource<'a>>,
}

/// An example as written.
pub(crate) struct ExampleSource<'a> {
    pub(crate) span: Span,
    pub(crate) summary: Option<String>,
    pub(crate) params: Map<String, Value>,
    /// The same as written, for places.
    pub(crate) written: Option<&'a Mapping>,
    /// What the arguments should make of the command.
    pub(crate) request: Option<ExpectedRequest<'a>>,
}

/// The request that an example expects.
pub(crate) struct ExpectedRequest<'a> {
    /// Path and query below the version, encoded.
    pub(crate) path: Option<&'a Entry>,
    pub(crate) body: Option<&'a Entry>,
}

/// Reads one entry of `commands`; `misplaced` keys stand beside it instead of in it.
pub(super) fn read_command<'a>(
    object: &str,
    entry: &'a Entry,
    misplaced: &[&'a str],
    reading: &mut Reading<'_>,
) -> Option<CommandSource<'a>> {
    if entry.value.is_null() && !misplaced.is_empty() {
        return None;
    }
    let of = format!("command `{object}.{}`", entry.key.value);
    let fields = Fields::read(of, entry.key.span, &entry.value, KEYS, reading).excuse(misplaced);
    if !fields.is_readable() {
        return None;
    }
    fields.require("method", reading);
    fields.require("endpoint", reading);
    let method = read_method(&fields, reading);
    let arguments = read_arguments(&fields, reading);
    let permission_names = read_permission(&fields, reading);
    Some(CommandSource {
        name: &entry.key,
        summary: fields.text("summary", reading),
        deprecated: fields.text("deprecated", reading).map(|text| text.value),
        endpoint: fields.get("endpoint"),
        query: read_query(&fields, reading),
        headers: fields.get("headers"),
        body: fields.get("body"),
        has_body_key: fields.has("body"),
        arguments,
        expect: read_rules(&fields, reading),
        safety: method.as_ref().map(|method| read_safety(&fields, method.value, reading)),
        confirm: confirm(&fields),
        method,
        permission: permission(&permission_names),
        permission_names,
        requires: values(fields.texts("requires", reading)),
        aliases: fields.texts("aliases", reading),
        examples: read_examples(&fields, reading),
        auto_paginate: fields.boolean("auto_paginate", reading).map(|flag| flag.value),
        binary: word(&fields, "response", &["json", "binary"], reading) == Some("binary"),
        split: fields.boolean("split", reading).is_none_or(|flag| flag.value),
        secrets: values(fields.texts("secrets", reading)),
        version: read_version(&fields, reading),
        advanced: read_advanced(&fields, reading),
        unavailable_in: read_clouds(&fields, reading),
        schema_mapping: fields.text("schema_mapping", reading),
        ensure: read_ensure(&fields, reading),
        wait_for: read_wait(&fields, reading),
    })
}

fn values(texts: Vec<Spanned<String>>) -> Vec<String> {
    texts.into_iter().map(|text| text.value).collect()
}

fn read_method(fields: &Fields<'_>, reading: &mut Reading<'_>) -> Option<Spanned<Method>> {
    let word = fields.text("method", reading)?;
    if let Ok(method) = word.value.parse() {
        return Some(Spanned::new(method, word.span));
    }
    if word.value.contains("{{") {
        let message = "templates are not allowed in `method`";
        reading.report.add(Finding::new(Code::TemplateNotAllowed, word.span, message));
        return None;
    }
    let message = format!("`{}` is not an HTTP method", word.value);
    let finding = Finding::new(Code::UnknownMethod, word.span, message);
    let upper = word.value.to_ascii_uppercase();
    let known = Method::ALL.map(Method::as_str);
    reading.report.add(if known.contains(&upper.as_str()) {
        finding.help(format!("write `{upper}`")).edit(word.span, upper)
    } else {
        finding.help("one of GET, POST, PATCH, PUT, DELETE")
    });
    None
}

/// `query`, or its old spelling `params` (GD0211).
fn read_query<'a>(fields: &Fields<'a>, reading: &mut Reading<'_>) -> Option<&'a Entry> {
    let old = fields.get("params");
    if let Some(entry) = old {
        let span = entry.key.span;
        let finding = match fields.get("query") {
            Some(query) => {
                Finding::new(Code::DuplicateKey, span, "`params` and `query` are the same key")
                    .also(query.key.span, "written here as well")
                    .help("keep `query`")
            }
            None => Finding::new(
                Code::LegacyParams,
                span,
                "`params` as query string is the old spelling",
            )
            .help("rename to `query`")
            .edit(span, "query"),
        };
        reading.report.add(finding);
    }
    fields.get("query").or(old)
}

fn read_safety(fields: &Fields<'_>, method: Method, reading: &mut Reading<'_>) -> Safety {
    let mut safety = Safety::of(method);
    let Some(entry) = fields.get("safety") else { return safety };
    let declared = Fields::read("`safety`", entry.key.span, &entry.value, SAFETY_KEYS, reading);
    if let Some(reads) = declared.boolean("reads", reading) {
        safety.reads = reads.value;
        safety.idempotent |= reads.value;
    }
    if let Some(destructive) = declared.boolean("destructive", reading) {
        let known = known_destructive(fields, method).filter(|_| !destructive.value);
        if let Some(what) = known {
            let message = format!("{what} is destructive");
            let finding = Finding::new(Code::NotDestructive, destructive.span, message);
            reading.report.add(finding.help("remove the key"));
        }
        safety.destructive |= destructive.value;
    }
    if let Some(idempotent) = declared.boolean("idempotent", reading) {
        safety.idempotent = idempotent.value;
    }
    safety.restorable = declared.boolean("restorable", reading).is_some_and(|flag| flag.value);
    safety.confirm = declared.text("confirm", reading).map(|text| text.value);
    safety.deletes_target =
        word(&declared, "delete_target", &["object", "reference"], reading) == Some("object");
    safety
}

/// What is destructive, whatever the file says: DELETE, or the action of this name.
fn known_destructive(fields: &Fields<'_>, method: Method) -> Option<String> {
    if method == Method::Delete {
        return Some("DELETE".to_owned());
    }
    let endpoint = fields.get("endpoint")?.value.scalar()?;
    let last = endpoint.text.rsplit(['/', '.']).next()?;
    let destructive = method == Method::Post && DESTRUCTIVE_ACTIONS.contains(&last);
    destructive.then(|| format!("`{last}`"))
}

fn confirm(fields: &Fields<'_>) -> Option<Spanned<String>> {
    let node = &fields.get("safety")?.value.mapping()?.get("confirm")?.value;
    Some(Spanned::new(node.scalar()?.text.clone(), node.span))
}

/// The names under `permission`, with whether each is a delegated one.
fn read_permission(fields: &Fields<'_>, reading: &mut Reading<'_>) -> Vec<(Spanned<String>, bool)> {
    let Some(entry) = fields.get("permission").or_else(|| fields.get("permissions")) else {
        return Vec::new();
    };
    let with = |delegated: bool| move |name: Spanned<String>| (name, delegated);
    if let NodeKind::Mapping(_) = &entry.value.kind {
        let keys = &["application", "delegated"];
        let named = Fields::read("`permission`", entry.key.span, &entry.value, keys, reading);
        let application = named.texts("application", reading).into_iter().map(with(false));
        let delegated = named.texts("delegated", reading).into_iter().map(with(true));
        return application.chain(delegated).collect();
    }
    fields.texts(&entry.key.value, reading).into_iter().map(with(false)).collect()
}

fn permission(names: &[(Spanned<String>, bool)]) -> Permission {
    let of = |wanted: bool| {
        let names = names.iter().filter(move |(_, delegated)| *delegated == wanted);
        names.map(|(name, _)| name.value.clone()).collect()
    };
    Permission { application: of(false), delegated: of(true) }
}

fn read_version(fields: &Fields<'_>, reading: &mut Reading<'_>) -> Option<ApiVersion> {
    let found = word(fields, "version", &["v1.0", "beta"], reading)?;
    if found == "beta"
        && let Some(entry) = fields.get("version")
    {
        let finding =
            Finding::new(Code::BetaVersion, entry.value.span, "beta can change without notice");
        reading.report.add(finding.help("say why: `# graphctl: allow(GD0418) reason`"));
        return Some(ApiVersion::Beta);
    }
    Some(ApiVersion::V1_0)
}

fn read_advanced(fields: &Fields<'_>, reading: &mut Reading<'_>) -> Advanced {
    match word(fields, "advanced", &["auto", "always", "never"], reading) {
        Some("always") => Advanced::Always,
        Some("never") => Advanced::Never,
        _ => Advanced::Auto,
    }
}

/// `clouds: { us_gov_l4: false }` names where it is missing; `clouds: [global]` where it exists.
pub(super) fn read_clouds(fields: &Fields<'_>, reading: &mut Reading<'_>) -> Vec<String> {
    let Some(entry) = fields.get("clouds") else { return Vec::new() };
    let known = &CLOUD_NAMES[..7];
    if let NodeKind::Mapping(_) = &entry.value.kind {
        let named = Fields::read("`clouds`", entry.key.span, &entry.value, known, reading);
        let missing = known
            .iter()
            .filter(|cloud| named.boolean(cloud, reading).is_some_and(|flag| !flag.value));
        return missing.map(|cloud| (*cloud).to_owned()).collect();
    }
    let listed = fields.texts("clouds", reading);
    for cloud in listed.iter().filter(|cloud| !known.contains(&cloud.value.as_str())) {
        let finding =
            Finding::new(Code::WrongType, cloud.span, format!("unknown cloud `{}`", cloud.value));
        let found = suggest(&cloud.value, known.iter().copied());
        reading.report.add(
            finding.help(format!("one of {}", known.join(", "))).did_you_mean(cloud.span, found),
        );
    }
    let offered = |cloud: &&&str| listed.iter().any(|listed| listed.value == ***cloud);
    known.iter().filter(|cloud| !offered(cloud)).map(|cloud| (*cloud).to_owned()).collect()
}

fn read_examples<'a>(fields: &Fields<'a>, reading: &mut Reading<'_>) -> Vec<ExampleSource<'a>> {
    let Some(entry) = fields.get("examples") else { return Vec::new() };
    let mut examples = Vec::new();
    for node in items(&entry.value, reading) {
        let fields = Fields::read("an example", node.span, node, EXAMPLE_KEYS, reading);
        let summary = fields.text("summary", reading).map(|text| text.value);
        let params = match fields.get("params").map(|entry| json_of(&entry.value)) {
            Some(Value::Object(params)) => params,
            _ => Map::new(),
        };
        let written = fields.get("params").and_then(|entry| entry.value.mapping());
        let request = fields.get("request").map(|entry| {
            let what = "an example's `request`";
            let fields = Fields::read(what, entry.key.span, &entry.value, REQUEST_KEYS, reading);
            ExpectedRequest { path: fields.get("path"), body: fields.get("body") }
        });
        examples.push(ExampleSource { span: node.span, summary, params, written, request });
    }
    examples
}

/// One of a few words, as the static text it equals.
fn word<'k>(
    fields: &Fields<'_>,
    key: &str,
    known: &[&'k str],
    reading: &mut Reading<'_>,
) -> Option<&'k str> {
    let found = super::tuning::choice(fields, key, known, reading)?;
    known.iter().copied().find(|word| *word == found)
}
