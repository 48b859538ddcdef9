//! Pipelines: `$.mail | trim | lower`, a JSONPath and named functions on what it finds.

mod function;
mod split;

use std::ops::Range;

use serde_json::Value;

use crate::diagnostic::suggest;
pub(crate) use function::{FUNCTIONS, Function, Shape};
use split::{Piece, arguments, pieces};

/// The functions after a path, in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pipeline {
    steps: Vec<Step>,
}

#[derive(Clone, Debug)]
struct Step {
    function: &'static Function,
    arguments: Vec<Value>,
}

/// A step that cannot be: its place in the text, what is wrong, and the name that was meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StepError {
    pub(crate) range: Range<usize>,
    pub(crate) message: String,
    pub(crate) meant: Option<&'static str>,
    /// What the function does, when it is known.
    pub(crate) help: Option<&'static str>,
}

/// The path of a pipeline's text, spaces around it left out.
pub(crate) fn path_of(text: &str) -> &str {
    pieces(text).first().map_or("", |piece| piece.text)
}

impl Pipeline {
    /// Compiles the steps of a text whose path yields values of a shape, and says what shape comes out.
    pub(crate) fn compile(text: &str, path: Shape) -> Result<(Self, Shape), StepError> {
        let mut steps = Vec::new();
        let mut shape = path;
        for piece in pieces(text).into_iter().skip(1) {
            let step = step(&piece)?;
            if !step.function.takes.accepts(shape) {
                let (name, takes) = (step.function.name, step.function.takes.words());
                let message = format!("`{name}` expects {takes}, got {}", shape.words());
                let help = Some(step.function.summary);
                return Err(StepError { range: piece.range(), message, meant: None, help });
            }
            shape = step.function.shape_after(shape, &step.arguments);
            steps.push(step);
        }
        Ok((Self { steps }, shape))
    }

    /// What the steps make of a value, or what the step that it does not fit expects.
    pub(crate) fn apply(&self, value: Value) -> Result<Value, &'static str> {
        self.steps
            .iter()
            .try_fold(value, |value, step| step.function.apply(&value, &step.arguments))
    }
}

fn step(piece: &Piece<'_>) -> Result<Step, StepError> {
    let wrong =
        |message: String, help| StepError { range: piece.range(), message, meant: None, help };
    let (name, written) = match piece.text.split_once('(') {
        None => (piece.text, None),
        Some((name, rest)) => match rest.strip_suffix(')') {
            Some(inner) => (name.trim_end(), Some(inner)),
            None => return Err(wrong(format!("`{name}(` is not closed"), None)),
        },
    };
    let Some(function) = FUNCTIONS.iter().find(|function| function.name == name) else {
        let meant = suggest(name, FUNCTIONS.iter().map(|function| function.name));
        let range = piece.start..piece.start + name.len();
        let message = format!("unknown function `{name}`");
        return Err(StepError { range, message, meant, help: None });
    };
    let arguments = written.map_or(Some(Vec::new()), arguments);
    match arguments.filter(|arguments| function.takes_arguments(arguments)) {
        Some(arguments) => Ok(Step { function, arguments }),
        None => Err(wrong(format!("write `{}`", function.usage), Some(function.summary))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn run(text: &str, value: Value) -> Result<Value, &'static str> {
        Pipeline::compile(text, Shape::Any).expect("a pipeline").0.apply(value)
    }

    #[test]
    fn steps_run_in_order() {
        for (text, value, expected) in [
            ("$.a | trim | lower", json!(" Ada "), json!("ada")),
            ("$.a | upper", json!("ada"), json!("ADA")),
            ("$.a | first", json!([1, 2]), json!(1)),
            ("$.a | last", json!([]), Value::Null),
            ("$.a | join(\", \")", json!(["a", null, 2]), json!("a, 2")),
            ("$.a | split('|') | sort | unique", json!("b|a|b"), json!(["a", "b"])),
            ("$.a | replace('-', '')", json!("1-2"), json!("12")),
            ("$.a | default('none')", Value::Null, json!("none")),
            ("$.a | lower | default(0)", Value::Null, json!(0)),
            ("$.a | date", json!("2026-01-02T23:00:00Z"), json!("2026-01-02")),
            ("$.a | length", json!("Åsa"), json!(3)),
            ("$.a | length", json!([1]), json!(1)),
        ] {
            assert_eq!(run(text, value), Ok(expected), "{text}");
        }
        assert_eq!(run("$.a | lower", json!(1)), Err("text"));
        assert_eq!(run("$.a | date", json!("soon")), Err("a timestamp"));
    }

    #[test]
    fn gd0506_steps_are_checked_before_they_run() {
        let refused = |text| Pipeline::compile(text, Shape::Any).unwrap_err();
        assert_eq!(refused("$.a | lowr").meant, Some("lower"));
        assert_eq!(refused("$.a | length | lower").message, "`lower` expects text, got a number");
        assert_eq!(refused("$.a | join").message, "write `join(\",\")`");
        assert_eq!(refused("$.a | join(1)").message, "write `join(\",\")`");
        assert_eq!(refused("$.a | ").message, "unknown function ``");
        assert_eq!(&"$.a | trim | lowr"[refused("$.a | trim | lowr").range], "lowr");
        assert!(Pipeline::compile("$.a | lower", Shape::List).is_err());
    }

    #[test]
    fn a_bar_inside_the_path_is_the_paths_own() {
        assert_eq!(path_of("$.a[?@.b == 'x|y' || @.c] | first"), "$.a[?@.b == 'x|y' || @.c]");
        assert_eq!(path_of(" $.a "), "$.a");
    }
}
