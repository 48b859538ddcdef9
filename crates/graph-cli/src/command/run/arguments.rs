//! `key=text`, `key:=json`, `key=@file`, `key=@-`, and questions for what is missing.

use std::fs;
use std::io::{self, IsTerminal as _, Read as _, Write as _};
use std::path::Path;

use graph_admin::Compound;
use graph_dsl::{
    Argument, ArgumentError, ArgumentKind, Arguments, CommandPlan, Lookup as _, Safety, Signature,
};
use serde_json::Value;

use crate::command::catalogue;
use crate::environment::Environment;
use crate::exit::Exit;
use crate::failure::Failure;

/// What arguments are for: a command of the catalogue or one of several steps.
pub(crate) struct Callee {
    pub(super) name: String,
    pub(super) summary: String,
    pub(super) signature: Signature,
    pub(super) safety: Safety,
    /// The least permissions, for people.
    pub(super) needs: String,
    /// A call, as a shell reads it.
    example: String,
}

impl From<&CommandPlan> for Callee {
    fn from(command: &CommandPlan) -> Self {
        Self {
            name: command.full_name(),
            summary: command.summary.clone().unwrap_or_default(),
            signature: command.signature.clone(),
            safety: command.safety.clone(),
            needs: command.permission.to_string(),
            example: catalogue::example(command),
        }
    }
}

impl From<&Compound> for Callee {
    fn from(compound: &Compound) -> Self {
        Self {
            name: compound.name.to_owned(),
            summary: compound.summary.to_owned(),
            signature: compound.signature(),
            safety: compound.safety(),
            needs: compound.permissions.join(" + "),
            example: catalogue::compound_example(compound),
        }
    }
}

impl Callee {
    pub(super) fn is(&self, key: &str, kind: &ArgumentKind) -> bool {
        self.signature.get(key).is_some_and(|argument| argument.kind == *kind)
    }

    /// All wrong arguments at once, before anything is sent.
    pub(super) fn misfit(&self, errors: &[ArgumentError]) -> Failure {
        let what = format!("the arguments do not fit `{}`", self.name);
        let failure = errors.iter().fold(Failure::usage(what), Failure::because_of);
        failure.hint(format!("for example: {}", self.example))
    }
}

/// Reads the command line's arguments by the command's declared types.
pub(super) fn read(callee: &Callee, given: &[String]) -> Result<Arguments, Failure> {
    let mut texts: Vec<(String, String)> = Vec::new();
    let mut values: Vec<(String, Value)> = Vec::new();
    for argument in given {
        let Some((key, text)) = argument.split_once('=') else {
            return Err(Failure::usage(format!("`{argument}` is no argument"))
                .hint("write key=text, key:=json, key=@file or key=@- for stdin"));
        };
        match key.strip_suffix(':') {
            Some(key) => values.push((key.to_owned(), json(key, &literal(callee, key, text)?)?)),
            None => {
                match text.strip_prefix('@').filter(|_| callee.is(key, &ArgumentKind::Binary)) {
                    Some(source) => {
                        values.push((key.to_owned(), ArgumentKind::bytes(&content(key, source)?)));
                    }
                    None => texts.push((key.to_owned(), literal(callee, key, text)?)),
                }
            }
        }
    }
    let pairs = texts.iter().map(|(name, text)| (name.as_str(), text.as_str()));
    let read = callee.signature.read_text(&callee.name, pairs);
    let mut arguments = read.map_err(|errors| callee.misfit(&errors))?;
    for (name, value) in values {
        if arguments.get(&name).is_some() {
            return Err(Failure::usage(format!("the argument `{name}` is given twice")));
        }
        arguments.insert(name, value);
    }
    Ok(arguments)
}

/// The body of `call`: JSON, `@file` or `@-`.
pub(crate) fn read_body(text: &str) -> Result<Value, Failure> {
    let text = contents("--body", text)?;
    serde_json::from_str(&text)
        .map_err(|error| Failure::usage("the body is not JSON").because(&error))
}

fn json(key: &str, text: &str) -> Result<Value, Failure> {
    serde_json::from_str(text).map_err(|error| {
        Failure::usage(format!("the value of `{key}:=` is not JSON"))
            .because(&error)
            .hint(format!("text is written {key}=…"))
    })
}

/// The text itself or what a file holds; a secret never stands on a command line, where other
/// processes and the shell's history would see it (E9).
fn literal(callee: &Callee, key: &str, text: &str) -> Result<String, Failure> {
    if !callee.is(key, &ArgumentKind::Secret) || text.starts_with('@') {
        return contents(key, text);
    }
    let Some(name) = text.strip_prefix("${{ENV:").and_then(|rest| rest.strip_suffix("}}")) else {
        let what = format!("`{key}` is a secret and must not stand on the command line");
        return Err(Failure::usage(what)
            .hint(format!("write {key}=@file, {key}=@- for stdin or {key}='${{{{ENV:NAME}}}}'")));
    };
    let value = Environment.variable(name.trim()).ok_or_else(|| {
        Failure::usage(format!("the variable `{}` of `{key}` is not set", name.trim()))
    })?;
    Ok(value.expose().to_owned())
}

/// Asks on a terminal for what is required and missing; a secret is not shown while it is typed.
pub(super) fn ask(callee: &Callee, arguments: &mut Arguments) -> Result<(), Failure> {
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Ok(()); // the binding names what is missing
    }
    let missing: Vec<&Argument> = callee
        .signature
        .arguments
        .iter()
        .filter(|it| it.required && it.default.is_none() && arguments.get(&it.name).is_none())
        .collect();
    for argument in missing {
        let prompt = format!("{} ({}): ", argument.name, argument.kind.name());
        let text = answer(argument, &prompt).map_err(|error| {
            Failure::new(Exit::LocalIo, "could not read from the terminal").because(&error)
        })?;
        let pair = [(argument.name.as_str(), text.as_str())];
        let read = callee.signature.read_text(&callee.name, pair);
        let read = read.map_err(|errors| callee.misfit(&errors))?;
        for (name, value) in read.iter() {
            arguments.insert(name, value.clone());
        }
    }
    Ok(())
}

fn answer(argument: &Argument, prompt: &str) -> io::Result<String> {
    write!(io::stderr(), "{prompt}")?;
    io::stderr().flush()?;
    if argument.kind == ArgumentKind::Secret {
        return rpassword::read_password();
    }
    let mut line = String::new();
    io::stdin().read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

/// What a file or stdin holds.
fn content(key: &str, source: &str) -> Result<Vec<u8>, Failure> {
    let read = if source == "-" {
        let mut bytes = Vec::new();
        io::stdin().read_to_end(&mut bytes).map(|_| bytes)
    } else {
        fs::read(source)
    };
    read.map_err(|error| {
        Failure::file(&format!("read the value of `{key}` from"), Path::new(source), &error)
    })
}

fn contents(key: &str, text: &str) -> Result<String, Failure> {
    let Some(source) = text.strip_prefix('@') else { return Ok(text.to_owned()) };
    let text = String::from_utf8(content(key, source)?).map_err(|error| {
        Failure::usage(format!("the value of `{key}` is not text")).because(&error)
    })?;
    Ok(text
        .strip_suffix('\n')
        .map_or(text.as_str(), |line| line.strip_suffix('\r').unwrap_or(line))
        .to_owned())
}
