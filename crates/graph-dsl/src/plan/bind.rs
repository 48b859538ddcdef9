//! Binding: a plan and arguments become a request, or every problem with the arguments.

use serde_json::Value;

use super::advanced::{Needs, needs};
use super::body::{BodyContext, text};
use super::query::{Pairs, bind, encode};
use super::{Advanced, ArgumentError, Arguments, CommandPlan, FollowUps, Method, Request, Root};
use crate::template::Scope;

const CONSISTENCY_LEVEL: &str = "ConsistencyLevel";

impl CommandPlan {
    /// The request that the arguments make of this command. Pure: no IO, no clock, no environment.
    ///
    /// `root` is where references in the body point ([`Root`]); paths stay relative to it.
    ///
    /// # Errors
    ///
    /// Every problem at once: missing and unknown arguments, values of the wrong type, values that
    /// cannot stand where the command puts them.
    pub fn bind(&self, arguments: &Arguments, root: &Root) -> Result<Request, Vec<ArgumentError>> {
        let params = self.signature.check(&self.full_name(), arguments)?;
        let scope = Scope::new(&params, &self.template.system);
        let mut errors = Vec::new();
        let path = self.template.path.bind(&scope, &mut errors);
        let mut query = bind(&self.template.query, &scope, &mut errors);
        let mut headers = self.headers(&scope, &mut errors);
        let context = BodyContext { scope: &scope, root, version: self.version };
        let body = self.template.body.as_ref();
        let bytes = body.and_then(|body| body.bytes(&scope));
        let body = body.and_then(|body| body.bind(&context, "body", &mut errors));
        let follow_ups = FollowUps::bind(self, &params, body.as_ref(), &context, &mut errors);
        self.check_follow_ups(follow_ups.as_deref(), root, &mut errors);
        if !errors.is_empty() {
            return Err(self.without_values(errors));
        }
        self.add_advanced(&path, &mut query, &mut headers);
        Ok(Request {
            method: self.method,
            path_and_query: format!("/{}{path}{}", self.version, encode(&query)),
            headers,
            body,
            content: bytes,
            idempotent: self.safety.idempotent,
            reads: self.safety.reads,
            follow_ups,
        })
    }

    fn headers(&self, scope: &Scope<'_>, errors: &mut Vec<ArgumentError>) -> Vec<(String, String)> {
        let mut headers = Vec::new();
        for (name, template) in &self.template.headers {
            let value = match template.whole() {
                Some(expression) => match expression.value(scope) {
                    Ok(None | Some(Value::Null)) => continue,
                    Ok(Some(_)) => expression.text(scope),
                    Err(error) => Err(error),
                },
                None => text(template, scope),
            };
            let refusal = match value {
                Ok(value) if value.chars().any(char::is_control) => {
                    "a header holds no control characters".to_owned()
                }
                Ok(value) => {
                    headers.push((name.clone(), value));
                    continue;
                }
                Err(error) => error.to_string(),
            };
            errors.push(ArgumentError::DoesNotFit {
                place: format!("header {name}"),
                reason: refusal,
            });
        }
        headers
    }

    /// What `ensure` reads must be bound before anything is sent.
    fn check_follow_ups(
        &self,
        follow_ups: Option<&FollowUps>,
        root: &Root,
        errors: &mut Vec<ArgumentError>,
    ) {
        if let (Some(ensure), Some(follow_ups), []) = (&self.ensure, follow_ups, errors.as_slice())
        {
            errors.extend(ensure.read.bind(&follow_ups.ensure, root).err().into_iter().flatten());
        }
    }

    /// Adds what an advanced query needs, unless the file or an argument says it already.
    fn add_advanced(&self, path: &str, query: &mut Pairs, headers: &mut Vec<(String, String)>) {
        let wanted = match self.template.advanced {
            Advanced::Always => Needs { header: true, count: !path.ends_with("/$count") },
            Advanced::Auto if self.method == Method::Get => needs(path, query),
            Advanced::Auto | Advanced::Never => return,
        };
        let has_header =
            headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(CONSISTENCY_LEVEL));
        if wanted.header && !has_header {
            headers.push((CONSISTENCY_LEVEL.to_owned(), "eventual".to_owned()));
        }
        if wanted.count && !query.iter().any(|(name, _)| name == "$count") {
            query.push(("$count".to_owned(), "true".to_owned()));
        }
    }

    /// An expression's own words may quote a value: a command with a secret keeps only the place.
    fn without_values(&self, mut errors: Vec<ArgumentError>) -> Vec<ArgumentError> {
        if self.signature.has_secret() {
            for error in &mut errors {
                if let ArgumentError::DoesNotFit { reason, .. } = error {
                    "the value does not fit here".clone_into(reason);
                }
            }
        }
        errors
    }
}
