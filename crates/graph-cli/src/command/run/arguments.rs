//! `key=text`, `key:=json`, `key=@file`, `key=@-`, and questions for what is missing.

use std::fs;
use std::io::{self, IsTerminal as _, Read as _, Write as _};
use std::path::Path;

use graph_dsl::{Argument, ArgumentKind, Arguments, CommandPlan, Lookup as _};
use serde_json::Value;

use super::{is_secret, misfit};
use crate::environment::Environment;
use crate::exit::Exit;
use crate::failure::Failure;

/// Reads the command line's arguments by the command's declared types.
pub(super) fn read(command: &CommandPlan, given: &[String]) -> Result<Arguments, Failure> {
    let mut texts: Vec<(String, String)> = Vec::new();
    let mut values: Vec<(String, Value)> = Vec::new();
    for argument in given {
        let Some((key, text)) = argument.split_once('=') else {
            return Err(Failure::usage(format!("`{argument}` is no argument"))
                .hint("write key=text, key:=json, key=@file or key=@- for stdin"));
        };
        match key.strip_suffix(':') {
            Some(key) => values.push((key.to_owned(), json(key, &literal(command, key, text)?)?)),
            None => match text.strip_prefix('@').filter(|_| is_binary(command, key)) {
                Some(source) => {
                    values.push((key.to_owned(), ArgumentKind::bytes(&content(key, source)?)));
                }
                None => texts.push((key.to_owned(), literal(command, key, text)?)),
            },
        }
    }
    let pairs = texts.iter().map(|(name, text)| (name.as_str(), text.as_str()));
    let mut arguments =
        Arguments::from_text_pairs(command, pairs).map_err(|errors| misfit(command, &errors))?;
    for (name, value) in values {
        if arguments.get(&name).is_some() {
            return Err(Failure::usage(format!("the argument `{name}` is given twice")));
        }
        arguments.insert(name, value);
    }
    Ok(arguments)
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
fn literal(command: &CommandPlan, key: &str, text: &str) -> Result<String, Failure> {
    if !is_secret(command, key) || text.starts_with('@') {
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
pub(super) fn ask(command: &CommandPlan, arguments: &mut Arguments) -> Result<(), Failure> {
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Ok(()); // the binding names what is missing
    }
    let missing: Vec<&Argument> = command
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
        let read = Arguments::from_text_pairs(command, pair);
        let read = read.map_err(|errors| misfit(command, &errors))?;
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

fn is_binary(command: &CommandPlan, key: &str) -> bool {
    command.signature.get(key).is_some_and(|argument| argument.kind == ArgumentKind::Binary)
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
