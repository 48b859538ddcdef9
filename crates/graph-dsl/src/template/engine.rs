//! The sandbox: one minijinja environment with an allow-list of filters and tests, and fuel.

use std::sync::OnceLock;

use minijinja::{Environment, UndefinedBehavior};

use super::filters;

/// Filters that a template may use.
pub(crate) const FILTERS: &[&str] = &[
    "default",
    "first",
    "fromjson",
    "join",
    "last",
    "length",
    "lower",
    "odata",
    "replace",
    "split",
    "tojson",
    "trim",
    "upper",
    "urlencode",
];
/// Tests that a template may use after `is`.
pub(super) const TESTS: &[&str] = &["defined", "undefined", "none", "string", "number", "boolean"];
/// Steps that one expression may take.
pub(super) const MAX_STEPS: usize = 5_000;
/// Bytes that one rendered value may have (1 MiB).
pub(crate) const MAX_OUTPUT_BYTES: usize = 1 << 20;

/// The environment that every expression is compiled in. It has no loader, no functions, no globals.
pub(super) fn environment() -> &'static Environment<'static> {
    static ENVIRONMENT: OnceLock<Environment<'static>> = OnceLock::new();
    ENVIRONMENT.get_or_init(build)
}

fn build() -> Environment<'static> {
    let mut environment = Environment::empty();
    environment.set_undefined_behavior(UndefinedBehavior::SemiStrict);
    environment.set_fuel(Some(MAX_STEPS as u64));
    environment.set_debug(false);
    environment.add_filter("default", filters::default);
    environment.add_filter("first", filters::first);
    environment.add_filter("fromjson", filters::fromjson);
    environment.add_filter("join", filters::join);
    environment.add_filter("last", filters::last);
    environment.add_filter("length", filters::length);
    environment.add_filter("lower", |text: &str| text.to_lowercase());
    environment.add_filter("odata", filters::odata);
    environment.add_filter("replace", filters::replace);
    environment.add_filter("split", filters::split);
    environment.add_filter("tojson", filters::tojson);
    environment.add_filter("trim", |text: &str| text.trim().to_owned());
    environment.add_filter("upper", |text: &str| text.to_uppercase());
    environment.add_filter("urlencode", filters::urlencode);
    add_tests(&mut environment);
    environment
}

fn add_tests(environment: &mut Environment<'static>) {
    use minijinja::value::{Value, ValueKind};
    environment.add_test("defined", |value: &Value| !value.is_undefined());
    environment.add_test("undefined", |value: &Value| value.is_undefined());
    environment.add_test("none", |value: &Value| value.is_none());
    environment.add_test("string", |value: &Value| value.kind() == ValueKind::String);
    environment.add_test("number", |value: &Value| value.kind() == ValueKind::Number);
    environment.add_test("boolean", |value: &Value| value.kind() == ValueKind::Bool);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_filter_and_test_exists() {
        for filter in FILTERS {
            let source = format!("x | {filter}('', '')");
            let error = environment().compile_expression(&source).unwrap().eval(());
            let unknown =
                error.is_err_and(|error| error.kind() == minijinja::ErrorKind::UnknownFilter);
            assert!(!unknown, "{filter}");
        }
        for test in TESTS {
            let source = format!("x is {test}");
            assert!(environment().compile_expression(&source).unwrap().eval(()).is_ok(), "{test}");
        }
    }
}
