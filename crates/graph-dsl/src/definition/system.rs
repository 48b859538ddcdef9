//! The top of a system file: object types and their commands.

use super::Reading;
use super::command::{CommandSource, KEYS as COMMAND_KEYS, read_command};
use super::fields::{Fields, mapping, name_issue};
use super::mapping::read_mapping;
use crate::diagnostic::{Code, Finding};
use crate::mapping::SchemaMapping;
use crate::source::{Entry, Node, NodeKind, Span, Spanned};

pub(super) const KEYS: &[&str] = &[
    "apiVersion",
    "connection",
    "extends",
    "name",
    "object_types",
    "schema_mappings",
    "streams",
    "summary",
];
pub(super) const OBJECT_KEYS: &[&str] = &["commands", "schema_mapping", "summary"];
/// Names that the command line uses itself.
const RESERVED: &[&str] = &["help", "list_commands"];

/// Most characters of `object_type.command`.
const MAX_NAME: usize = 50;

/// A system file as written.
pub(crate) struct SystemSource<'a> {
    pub(crate) name: Option<String>,
    pub(crate) extends: Option<Spanned<String>>,
    pub(crate) connection: Option<&'a Entry>,
    pub(crate) mappings: Vec<(&'a Spanned<String>, SchemaMapping)>,
    pub(crate) objects: Vec<ObjectSource<'a>>,
    pub(crate) streams: Option<&'a Entry>,
}

/// An object type as written.
pub(crate) struct ObjectSource<'a> {
    pub(crate) name: &'a Spanned<String>,
    pub(crate) schema_mapping: Option<Spanned<String>>,
    pub(crate) commands: Vec<CommandSource<'a>>,
}

/// Reads the top mapping.
pub(crate) fn read_system<'a>(root: &'a Node, reading: &mut Reading<'_>) -> SystemSource<'a> {
    let entries = root.mapping().map_or(&[][..], |mapping| &mapping.entries);
    // A fragment of the earlier system writes its object types at the top of the file.
    let fragments = entries.iter().filter(|entry| is_object_type(entry));
    let fragments: Vec<&Entry> = fragments.collect();
    let known = KEYS.iter().copied().chain(fragments.iter().map(|entry| entry.key.value.as_str()));
    let known: Vec<&str> = known.collect();
    let fields = Fields::read("the system", Span::at(root.span.start), root, &known, reading);
    check_api_version(&fields, reading);
    let mappings = fields.entries("schema_mappings", reading);
    let mappings =
        mappings.iter().map(|entry| (&entry.key, read_mapping(entry, reading))).collect();
    let declared = fields.entries("object_types", reading);
    let objects: Vec<&Entry> = declared.iter().chain(fragments).collect();
    SystemSource {
        name: fields.text("name", reading).map(|text| text.value),
        extends: fields.text("extends", reading),
        connection: fields.get("connection"),
        mappings,
        objects: objects.into_iter().filter_map(|entry| read_object(entry, reading)).collect(),
        streams: fields.get("streams"),
    }
}

fn is_object_type(entry: &Entry) -> bool {
    let commands = entry.value.mapping().and_then(|mapping| mapping.get("commands"));
    !KEYS.contains(&entry.key.value.as_str()) && commands.is_some()
}

fn check_api_version(fields: &Fields<'_>, reading: &mut Reading<'_>) {
    let Some(entry) = fields.get("apiVersion") else { return };
    let one = entry.value.scalar().is_some_and(|scalar| scalar.text == "1");
    if !one {
        let written = reading.text.slice(entry.value.span);
        let message = format!("this build understands apiVersion 1, found `{written}`");
        let finding = Finding::new(Code::UnknownApiVersion, entry.value.span, message);
        reading.report.add(finding.help("write `apiVersion: 1`, or upgrade"));
    }
}

fn read_object<'a>(entry: &'a Entry, reading: &mut Reading<'_>) -> Option<ObjectSource<'a>> {
    reading.report.extend(name_issue("object type", &entry.key));
    let what = format!("object type `{}`", entry.key.value);
    let fields = Fields::read(what, entry.key.span, &entry.value, OBJECT_KEYS, reading);
    if !fields.is_readable() {
        return None;
    }
    let commands = fields
        .require("commands", reading)
        .map_or(&[][..], |entry| commands(&entry.value, reading));
    let mut found = Vec::new();
    for (index, command) in commands.iter().enumerate() {
        if let Some(finding) = misplaced_key(&commands[..index], command, reading) {
            reading.report.add(finding);
            continue;
        }
        reading.report.extend(name_issue("command", &command.key));
        reading.report.extend(reserved(&entry.key.value, &command.key));
        reading.report.extend(too_long(&entry.key.value, &command.key));
        let misplaced = commands[index + 1..].iter().take_while(|entry| is_misplaced(entry));
        let misplaced: Vec<&str> = misplaced.map(|entry| entry.key.value.as_str()).collect();
        found.extend(read_command(&entry.key.value, command, &misplaced, reading));
    }
    let schema_mapping = fields.text("schema_mapping", reading);
    Some(ObjectSource { name: &entry.key, schema_mapping, commands: found })
}

/// The commands, or GD0206 for a list of them.
fn commands<'a>(node: &'a Node, reading: &mut Reading<'_>) -> &'a [Entry] {
    if let NodeKind::List(items) = &node.kind {
        let start = items.first().map_or(node.span.start, |item| item.span.start);
        let dash = reading.text.as_str()[..start].rfind('-').unwrap_or(node.span.start);
        let message = "expected a mapping of command names, found a list";
        let finding = Finding::new(Code::ListOfNamed, Span::new(dash, dash + 1), message);
        reading.report.add(finding.help("`- name: x` becomes `x:`"));
        return &[];
    }
    mapping(node, reading).map_or(&[], |mapping| &mapping.entries)
}

/// GD0203: a command's key at the level of the commands.
fn misplaced_key(before: &[Entry], entry: &Entry, reading: &Reading<'_>) -> Option<Finding> {
    if !is_misplaced(entry) {
        return None;
    }
    let key = &entry.key;
    let message = format!("`{}` is not a command", key.value);
    let finding = Finding::new(Code::WrongIndentation, key.span, message);
    let owner = before.iter().rev().find(|entry| !COMMAND_KEYS.contains(&entry.key.value.as_str()));
    Some(match owner {
        Some(owner) => {
            let at = |span: Span| reading.text.position(span.start);
            let own = owner.value.mapping().and_then(|mapping| mapping.entries.first());
            let column = own.map_or(at(owner.key.span).column + 2, |own| at(own.key.span).column);
            let more = column.saturating_sub(at(key.span).column).max(1);
            finding.help(format!(
                "it looks like a key of `{}` (line {}); indent it by {more} more",
                owner.key.value,
                at(owner.key.span).line
            ))
        }
        None => finding.help("it is a key of a command; a command's name comes first"),
    })
}

fn is_misplaced(entry: &Entry) -> bool {
    let mapping = entry.value.mapping();
    let is_command =
        mapping.is_some_and(|it| it.get("endpoint").is_some() || it.get("method").is_some());
    COMMAND_KEYS.contains(&entry.key.value.as_str()) && !is_command
}

/// GD0705.
fn too_long(object: &str, name: &Spanned<String>) -> Option<Finding> {
    let full = format!("{object}.{}", name.value);
    let length = full.chars().count();
    let message = format!("`{full}` has {length} characters, names have at most {MAX_NAME}");
    let finding = || Finding::new(Code::NameTooLong, name.span, message);
    (length > MAX_NAME).then(|| finding().help("shorten it: it is typed and published as it is"))
}

fn reserved(object: &str, name: &Spanned<String>) -> Option<Finding> {
    let taken =
        RESERVED.contains(&name.value.as_str()) || (object == "graph" && name.value == "call");
    let message = format!("`{}` is reserved by the CLI", name.value);
    taken.then(|| Finding::new(Code::ReservedName, name.span, message).help("choose another name"))
}
