//! The `connection` block.

use super::Reading;
use super::credentials::read_sign_in;
use super::fields::Fields;
use super::setting::{Kind, read};
use super::tuning::{choice, read_concurrency, read_logging, read_retry, read_timeouts};
use crate::connection::{
    BASE_URL_HELP, BASE_URL_WITHOUT_VERSION, CLOUD_NAMES, CloudSettings, Concurrency, Connection,
    ROOT_WITH_VERSION, split_version,
};
use crate::diagnostic::{Code, Finding, suggest};
use crate::reference::Setting;
use crate::source::{Entry, Span};

pub(super) const KEYS: &[&str] = &[
    "allow_insecure_loopback",
    "auth_type",
    "authority",
    "auto_paginate",
    "base_url",
    "ca_bundle",
    "cloud",
    "credentials",
    "default_content_type",
    "graph_root",
    "logging",
    "max_concurrent_requests",
    "metadata",
    "no_proxy",
    "proxy",
    "rate_limit_key",
    "retry",
    "timeouts",
    "token",
];
/// Keys that only `cloud: custom` reads.
const CUSTOM_KEYS: &[&str] = &["graph_root", "authority", "allow_insecure_loopback", "metadata"];

/// Reads a connection. `default_concurrency` is what an absent `max_concurrent_requests` means:
/// the guide's 4, or `auto` in a file that extends another.
pub(crate) fn read_connection(
    entry: &Entry,
    default_concurrency: Concurrency,
    reading: &mut Reading<'_>,
) -> Connection {
    let fields = Fields::read("`connection`", entry.key.span, &entry.value, KEYS, reading);
    let cloud = read_cloud(&fields, entry.key.span, reading);
    let sign_in = read_sign_in(&fields, reading);
    let content_type = fields.text("default_content_type", reading);
    Connection {
        file: reading.file.to_owned(),
        cloud,
        sign_in,
        default_content_type: content_type
            .map_or_else(|| "application/json".to_owned(), |text| text.value),
        concurrency: read_concurrency(&fields, reading).unwrap_or(default_concurrency),
        rate_limit_key: read(&fields, "", "rate_limit_key", Kind::Open, reading),
        proxy: read_proxy(&fields, reading),
        no_proxy: read(&fields, "", "no_proxy", Kind::Open, reading),
        timeouts: read_timeouts(&fields, reading),
        retry: read_retry(&fields, reading),
        logging: read_logging(&fields, reading),
        auto_paginate: fields.boolean("auto_paginate", reading).is_none_or(|flag| flag.value),
    }
}

/// A proxy's URL may hold a password, which then comes from a reference.
fn read_proxy(fields: &Fields<'_>, reading: &mut Reading<'_>) -> Option<Setting> {
    let proxy = read(fields, "", "proxy", Kind::Open, reading)?;
    let span = fields.get("proxy")?.value.span;
    if proxy.literal().is_some_and(|url| url.contains('@')) {
        let message = "a literal secret in `proxy`";
        let finding = Finding::new(Code::SecretLiteral, span, message);
        let finding = finding.label("the value is not shown");
        reading.report.add(finding.help("use `${{ENV:…}}` for the whole URL"));
        return None;
    }
    Some(proxy)
}

fn read_cloud(fields: &Fields<'_>, span: Span, reading: &mut Reading<'_>) -> CloudSettings {
    let mut text = |key: &str| read(fields, "", key, Kind::Open, reading);
    let cloud = CloudSettings {
        cloud: text("cloud"),
        base_url: text("base_url"),
        graph_root: text("graph_root"),
        authority: text("authority"),
        ca_bundle: text("ca_bundle"),
        allow_insecure_loopback: false,
        metadata: None,
    };
    let allow = fields.boolean("allow_insecure_loopback", reading);
    let metadata = choice(fields, "metadata", &CLOUD_NAMES[..7], reading);
    let cloud = CloudSettings {
        allow_insecure_loopback: allow.is_some_and(|flag| flag.value),
        metadata,
        ..cloud
    };
    check_cloud(fields, &cloud, span, reading);
    check_urls(fields, &cloud, reading);
    cloud
}

/// The name is known, and the keys fit it.
fn check_cloud(fields: &Fields<'_>, cloud: &CloudSettings, span: Span, reading: &mut Reading<'_>) {
    let written = cloud.cloud.as_ref();
    let name = written.and_then(Setting::literal);
    let is_reference = written.is_some() && name.is_none();
    if let (Some(name), Some(entry)) = (&name, fields.get("cloud"))
        && !CLOUD_NAMES.contains(&name.as_str())
    {
        let finding =
            Finding::new(Code::WrongType, entry.value.span, format!("unknown cloud `{name}`"));
        reading.report.add(match suggest(name, CLOUD_NAMES) {
            found @ Some(_) => finding.did_you_mean(entry.value.span, found),
            None => finding.help(format!("one of {}", CLOUD_NAMES.join(", "))),
        });
        return;
    }
    if name.as_deref() == Some("custom") {
        check_custom(fields, cloud, span, reading);
    } else if !is_reference {
        for entry in CUSTOM_KEYS.iter().filter_map(|key| fields.get(key)) {
            let message = format!("`{}` is only read with `cloud: custom`", entry.key.value);
            let finding = Finding::new(Code::UnknownKey, entry.key.span, message);
            reading.report.add(finding.help("add `cloud: custom`, or remove the key"));
        }
    }
}

/// A custom cloud has an authority and a root: `graph_root` without a version, or `base_url` with one.
fn check_custom(fields: &Fields<'_>, cloud: &CloudSettings, span: Span, reading: &mut Reading<'_>) {
    let has_root = fields.get("graph_root").or(fields.get("base_url")).is_some();
    for (key, present) in
        [("graph_root", has_root), ("authority", fields.get("authority").is_some())]
    {
        if !present && fields.is_readable() && !reading.truncated {
            let message = format!("`cloud: custom` has no `{key}`");
            reading.report.add(Finding::new(Code::MissingKey, span, message));
        }
    }
    let literal = |setting: &Option<Setting>| setting.as_ref().and_then(Setting::literal);
    if let (Some(root), Some(entry)) = (literal(&cloud.graph_root), fields.get("graph_root"))
        && let Some((root, _)) = split_version(&root)
    {
        let finding = Finding::new(Code::WrongType, entry.value.span, ROOT_WITH_VERSION);
        let help = format!("write `{root}`");
        reading.report.add(finding.help(help).edit(entry.value.span, root.to_owned()));
    }
    match (fields.get("base_url"), fields.get("graph_root")) {
        (Some(entry), Some(_)) => {
            let message = "`base_url` and `graph_root` are two spellings of one thing";
            let finding = Finding::new(Code::UnknownKey, entry.key.span, message);
            reading.report.add(finding.help("keep `graph_root`, without a version"));
        }
        (Some(entry), None)
            if literal(&cloud.base_url).is_some_and(|url| split_version(&url).is_none()) =>
        {
            let finding = Finding::new(Code::WrongType, entry.value.span, BASE_URL_WITHOUT_VERSION);
            reading.report.add(finding.help(BASE_URL_HELP));
        }
        _ => {}
    }
}

/// GD0609: a token goes over https, or to a loopback address that the file allows.
fn check_urls(fields: &Fields<'_>, cloud: &CloudSettings, reading: &mut Reading<'_>) {
    let urls = [
        ("base_url", &cloud.base_url),
        ("graph_root", &cloud.graph_root),
        ("authority", &cloud.authority),
    ];
    for (key, setting) in urls {
        let (Some(url), Some(entry)) =
            (setting.as_ref().and_then(Setting::literal), fields.get(key))
        else {
            continue;
        };
        let plain = url.starts_with("http://");
        let loopback = ["http://127.", "http://localhost", "http://[::1]"];
        let local = plain && loopback.iter().any(|start| url.starts_with(start));
        if url.starts_with("https://") || (local && cloud.allow_insecure_loopback) {
            continue;
        }
        let (message, help) = match (plain, local) {
            (true, true) => (
                "`http://` needs permission",
                "add `allow_insecure_loopback: true` for a loopback address",
            ),
            (true, false) => ("`http://` would send the token in clear", "write `https://`"),
            _ => ("expected a URL that starts with `https://`", "write the full URL"),
        };
        let finding = Finding::new(Code::InsecureBaseUrl, entry.value.span, message);
        reading.report.add(finding.help(help));
    }
}
