//! `graphctl call METHOD PATH`: any request, through the same checks as a command of a system file.

use graph_dsl::{
    Arguments, CommandPlan, CompileOptions, Connection, Diagnostic, SourceFile, System,
    compile_with,
};
use serde_json::{Value, json};

use crate::args::{CallArgs, Globals, RunArgs};
use crate::command::run as runs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::notice::Notice;
use crate::system::{self, Loaded};

/// The command that a call becomes.
const NAME: &str = "graph.request";

pub(crate) async fn run(
    args: CallArgs,
    globals: &Globals,
    notice: Notice,
) -> Result<Exit, Failure> {
    let loaded = system::load(globals)?;
    let body = args.body.as_deref().map(runs::read_body).transpose()?;
    let system = compiled(&args, body.as_ref(), &loaded)?;
    let command = system.catalogue.get(NAME).expect("the call was just defined");
    let version = unchecked_version(&args);
    let values = match body {
        Some(body) if takes_argument(command) => Arguments::new().with("body", body),
        _ => Arguments::new(),
    };
    let args = RunArgs::of_call(args);
    runs::call(command, &values, version, &args, globals, &loaded, notice).await
}

/// A system with this one command: what is wrong with it is what would be wrong in a file.
fn compiled(args: &CallArgs, body: Option<&Value>, loaded: &Loaded) -> Result<System, Failure> {
    let (path, query) = args.path.split_once('?').unwrap_or((&args.path, ""));
    if !path.starts_with('/') || args.path.contains(['{', '}']) {
        return Err(Failure::usage(format!("`{}` is no path below the API version", args.path))
            .hint("write it like /users/ada@contoso.com?$select=id"));
    }
    let beta = args.beta || args.unchecked;
    let mut command = json!({
        "summary": "A call of its own.",
        "method": args.method.to_ascii_uppercase(),
        "endpoint": if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") },
        "version": if beta { "beta" } else { "v1.0" },
    });
    if let Some(body) = body {
        // Braces would be read as a template: then the body is passed on as it is.
        if body.to_string().contains("{{") {
            command["arguments"] = json!({ "body": { "type": "object" } });
            command["body"] = "{{ params.body }}".into();
        } else {
            command["body"] = body.clone();
        }
    }
    if !args.header.is_empty() {
        let pairs = args.header.iter().map(|(name, value)| (name.clone(), value.clone().into()));
        command["headers"] = Value::Object(pairs.collect());
    }
    if args.delete_target.is_some() {
        command["safety"] = json!({ "delete_target": "object" });
    }
    let system = json!({ "name": "call", "object_types": { "graph": { "commands": { "request": command } } } });
    let source = SourceFile::new("the call", system.to_string());
    let connection = loaded.system.connection.as_ref();
    let clouds = connection.and_then(Connection::cloud_name).into_iter().collect();
    let options = CompileOptions { clouds, ..CompileOptions::default() };
    let compiled = compile_with(&source, None, &options);
    compiled.system.ok_or_else(|| refused(args, &compiled.diagnostics))
}

fn takes_argument(command: &CommandPlan) -> bool {
    command.signature.get("body").is_some()
}

/// What is checked by name is v1.0; an unchecked call is compiled as beta, where names are not
/// looked up, and sent where it was meant to go.
fn unchecked_version(args: &CallArgs) -> Option<&'static str> {
    (args.unchecked && !args.beta).then_some("/v1.0")
}

fn refused(args: &CallArgs, diagnostics: &[Diagnostic]) -> Failure {
    let what =
        format!("`{} {}` does not pass the checks", args.method.to_ascii_uppercase(), args.path);
    let mut failure = Failure::usage(what);
    for diagnostic in diagnostics.iter().filter(|it| it.is_error()) {
        failure = failure.because_text(format!("{}: {}", diagnostic.code, diagnostic.message));
        if let Some(help) = &diagnostic.help {
            failure = failure.hint(help.clone());
        }
    }
    failure.hint("--unchecked sends a path that the metadata does not know")
}
