//! Resolving a connection: every reference looked up, every missing one reported.

mod sign_in;

use super::{
    BASE_URL_HELP, BASE_URL_WITHOUT_VERSION, CLOUD_NAMES, CloudSettings, Connection, Endpoint,
    ROOT_WITH_VERSION, Settings, split_version,
};
use crate::ApiVersion;
use crate::diagnostic::{Code, Diagnostic, Label, Range, suggest};
use crate::reference::{Lookup, Sensitive, Setting, Unresolved};

impl Connection {
    /// The connection with its references resolved through `lookup`.
    ///
    /// # Errors
    ///
    /// One diagnostic for every variable, file or secret that is missing or empty (GD0601, GD0602),
    /// and for a resolved value that cannot be right.
    pub fn resolve(&self, lookup: &dyn Lookup) -> Result<Settings, Vec<Diagnostic>> {
        let mut resolver = Resolver { file: &self.file, lookup, diagnostics: Vec::new() };
        let endpoint = resolver.endpoint(self);
        let authentication = self.sign_in.as_ref().and_then(|sign_in| resolver.sign_in(sign_in));
        let rate_limit_key = resolver.optional(self.rate_limit_key.as_ref());
        let proxy = self.proxy.as_ref().and_then(|setting| resolver.secret(setting));
        let no_proxy = resolver.optional(self.no_proxy.as_ref());
        let ca_bundle = match &endpoint {
            Some(Endpoint::Custom { .. }) => None, // read with the cloud
            _ => resolver.optional(self.cloud.ca_bundle.as_ref()),
        };
        let diagnostics = resolver.finished();
        match (diagnostics.is_empty(), endpoint, authentication) {
            (true, Some(endpoint), Some(authentication)) => Ok(Settings {
                endpoint,
                authentication,
                default_content_type: self.default_content_type.clone(),
                max_concurrent_requests: self.concurrency,
                rate_limit_key,
                proxy,
                no_proxy,
                ca_bundle,
                timeouts: self.timeouts.clone(),
                retry: self.retry.clone(),
                logging: self.logging.clone(),
                auto_paginate: self.auto_paginate,
                metadata: self.cloud.metadata.clone(),
            }),
            _ => Err(diagnostics),
        }
    }
}

struct Resolver<'a> {
    file: &'a str,
    lookup: &'a dyn Lookup,
    diagnostics: Vec<Diagnostic>,
}

impl Resolver<'_> {
    fn endpoint(&mut self, connection: &Connection) -> Option<Endpoint> {
        let cloud = &connection.cloud;
        let named = cloud.cloud.as_ref();
        let name = match named {
            Some(setting) => Some(self.cloud_name(setting)?),
            None => None,
        };
        if name.as_deref() == Some("custom") {
            return self.custom(cloud, connection.default_version());
        }
        let Some(setting) = &cloud.base_url else {
            return Some(Endpoint::Named(name.unwrap_or_else(|| "global".to_owned())));
        };
        let endpoint = Endpoint::BaseUrl { url: self.text(setting)?, cloud: name };
        self.check_version(setting, endpoint.version(), connection.default_version());
        Some(endpoint)
    }

    /// A cloud of the user's own; its keys may be missing when the name came from a reference.
    fn custom(&mut self, cloud: &CloudSettings, version: ApiVersion) -> Option<Endpoint> {
        let root = cloud.graph_root.as_ref().or(cloud.base_url.as_ref());
        for (key, setting) in [("graph_root", root), ("authority", cloud.authority.as_ref())] {
            if let (None, Some(name)) = (setting, &cloud.cloud) {
                let message = format!("`cloud: custom` has no `{key}`");
                self.report(name, Code::MissingKey, message, None);
            }
        }
        let graph_root = match (&cloud.graph_root, &cloud.base_url) {
            (Some(setting), _) => self.graph_root(setting),
            (None, Some(setting)) => self.root_of_base_url(setting, version),
            (None, None) => None,
        };
        let authority = self.optional(cloud.authority.as_ref());
        let ca_bundle = self.optional(cloud.ca_bundle.as_ref());
        Some(Endpoint::Custom {
            graph_root: graph_root?,
            authority: authority?,
            ca_bundle,
            allow_insecure_loopback: cloud.allow_insecure_loopback,
        })
    }

    /// A root that ends in a version would have it twice in every URL.
    fn graph_root(&mut self, setting: &Setting) -> Option<String> {
        let root = self.text(setting)?;
        if split_version(&root).is_some() {
            let help = "drop the version at its end".to_owned();
            self.report(setting, Code::WrongType, ROOT_WITH_VERSION.to_owned(), Some(help));
            return None;
        }
        Some(root)
    }

    /// The earlier spelling of a custom cloud's root.
    fn root_of_base_url(&mut self, setting: &Setting, compiled: ApiVersion) -> Option<String> {
        let url = self.text(setting)?;
        let Some((root, found)) = split_version(&url) else {
            let help = Some(BASE_URL_HELP.to_owned());
            self.report(setting, Code::WrongType, BASE_URL_WITHOUT_VERSION.to_owned(), help);
            return None;
        };
        self.check_version(setting, found, compiled);
        Some(root.to_owned())
    }

    fn cloud_name(&mut self, setting: &Setting) -> Option<String> {
        let name = self.text(setting)?;
        if CLOUD_NAMES.contains(&name.as_str()) {
            return Some(name);
        }
        let help = suggest(&name, CLOUD_NAMES).map_or_else(
            || format!("one of {}", CLOUD_NAMES.join(", ")),
            |found| format!("did you mean `{found}`?"),
        );
        self.report(setting, Code::WrongType, format!("unknown cloud `{name}`"), Some(help));
        None
    }

    /// Commands were compiled for the version that the file names: a reference may not change it.
    fn check_version(&mut self, setting: &Setting, found: ApiVersion, compiled: ApiVersion) {
        if found != compiled {
            let message = "a `base_url` from a reference must end in `/v1.0`".to_owned();
            let help = "write `version: beta` in the commands that need it".to_owned();
            self.report(setting, Code::WrongType, message, Some(help));
        }
    }

    fn secret(&mut self, setting: &Setting) -> Option<Sensitive> {
        match setting.resolve(self.lookup) {
            Ok(value) => Some(value),
            Err(missing) => {
                for Unresolved { code, range, message, help } in missing {
                    self.push(setting, range, code, message, help);
                }
                None
            }
        }
    }

    fn text(&mut self, setting: &Setting) -> Option<String> {
        self.secret(setting).map(|value| value.expose().to_owned())
    }

    fn optional(&mut self, setting: Option<&Setting>) -> Option<String> {
        setting.and_then(|setting| self.text(setting))
    }

    fn report(&mut self, setting: &Setting, code: Code, message: String, help: Option<String>) {
        let Some(range) = whole(setting) else { return };
        self.push(setting, range, code, message, help);
    }

    fn push(
        &mut self,
        setting: &Setting,
        range: Range,
        code: Code,
        message: String,
        help: Option<String>,
    ) {
        self.diagnostics.push(Diagnostic {
            code,
            severity: code.severity(),
            file: self.file.to_owned(),
            message,
            primary: Label { span: range, text: String::new() },
            secondary: Vec::new(),
            help,
            notes: Vec::new(),
            context: None,
            path: format!("connection.{}", setting.key),
            fix: None,
            masked: Vec::new(),
        });
    }

    fn finished(self) -> Vec<Diagnostic> {
        let mut diagnostics = self.diagnostics;
        diagnostics.sort_by_key(|each| (each.primary.span.start.offset, each.code));
        diagnostics
    }
}

fn whole(setting: &Setting) -> Option<Range> {
    let (first, last) = (setting.parts.first()?, setting.parts.last()?);
    Some(Range { start: first.1.start, end: last.1.end })
}
