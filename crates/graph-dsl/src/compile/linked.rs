//! Files that extend each other: every file compiled on the one that it extends.

use super::{Base, CompileOptions, Compiled, compile_on};
use crate::diagnostic::{Code, Finding};
use crate::source::{Document, Span, read};
use crate::{Diagnostic, SourceFile, System};

/// Most files in a chain of `extends`.
const MAX_FILES: usize = 16;

/// A file of a chain and everything wrong with it.
#[derive(Debug)]
#[non_exhaustive]
pub struct CheckedFile {
    /// The file.
    pub source: SourceFile,
    /// What is wrong with it, in its order.
    pub diagnostics: Vec<Diagnostic>,
}

/// What came of a system file and of the files that it extends.
#[derive(Debug)]
#[non_exhaustive]
pub struct Linked {
    /// The system; `None` when there is an error in any of the files.
    pub system: Option<System>,
    /// The file itself first, then what it extends.
    pub files: Vec<CheckedFile>,
}

/// Compiles a file that may extend others: `extends: base.yaml`, relative to the file that says so.
///
/// `load` reads a file by its path, or says why it cannot. `embedded` is what a chain ends at: the
/// system that a file without object types extends.
pub fn compile_linked(
    source: SourceFile,
    embedded: Option<&System>,
    options: &CompileOptions,
    load: &mut dyn FnMut(&str) -> Result<SourceFile, String>,
) -> Linked {
    let mut chain = Vec::new();
    let mut files = Vec::new();
    let system = link(source, embedded, options, load, &mut chain, &mut files);
    Linked { system, files }
}

fn link(
    source: SourceFile,
    embedded: Option<&System>,
    options: &CompileOptions,
    load: &mut dyn FnMut(&str) -> Result<SourceFile, String>,
    chain: &mut Vec<String>,
    files: &mut Vec<CheckedFile>,
) -> Option<System> {
    chain.push(source.path.clone());
    let own = files.len();
    let Some((wanted, span)) = extended_file(&source) else {
        let base = Base { system: embedded, linked: false };
        let Compiled { system, diagnostics } = compile_on(&source, base, options, Vec::new());
        files.push(CheckedFile { source, diagnostics });
        return system;
    };
    let path = beside(&source.path, &wanted);
    let (base, findings) = if chain.contains(&path) || chain.len() >= MAX_FILES {
        (None, vec![cycle(chain, &path, span)])
    } else {
        match load(&path) {
            Ok(next) => (link(next, embedded, options, load, chain, files), Vec::new()),
            Err(reason) => (None, vec![unreadable(&wanted, &reason, span)]),
        }
    };
    // With a base that failed the file is checked on the embedded one, and compiles to nothing.
    let usable = base.is_some();
    let on = Base { system: base.as_ref().or(embedded), linked: true };
    let Compiled { system, mut diagnostics } = compile_on(&source, on, options, findings);
    for diagnostic in &mut diagnostics {
        kind_changed(diagnostic, &source, &files[own..]);
    }
    files.insert(own, CheckedFile { source, diagnostics });
    system.filter(|_| usable)
}

/// GD0220: what has the wrong type here has another one in a file that is extended.
fn kind_changed(diagnostic: &mut Diagnostic, source: &SourceFile, bases: &[CheckedFile]) {
    if diagnostic.code != Code::WrongType {
        return;
    }
    let keys: Vec<&str> = diagnostic.path.split('.').collect();
    let describe = |source: &SourceFile| {
        let Document { root, text, .. } = read(source);
        let root = root?;
        let mut node = &root;
        for key in &keys {
            node = &node.mapping()?.get(key)?.value;
        }
        Some((node.describe(), text.position(node.span.start).line))
    };
    let Some((found, _)) = describe(source) else { return };
    let mut known = bases.iter().filter_map(|it| Some((it, describe(&it.source)?)));
    if let Some((base, (expected, line))) = known.find(|(_, (expected, _))| *expected != found) {
        let name = keys.last().copied().unwrap_or_default();
        let place = format!("{}:{line}", base.source.path);
        diagnostic.code = Code::KindChanged;
        diagnostic.message = format!("`{name}` is {expected} in `{place}`, {found} here");
        diagnostic.notes.push(format!("`{name}` is written at {place}"));
    }
}

/// Whether `extends` names a file instead of a system.
pub(super) fn is_file(name: &str) -> bool {
    let extension = name.rsplit_once('.').map(|(_, extension)| extension);
    name.contains(['/', '\\']) || matches!(extension, Some("yaml" | "yml"))
}

/// The file that a file extends, with the place where it says so.
fn extended_file(source: &SourceFile) -> Option<(String, Span)> {
    let root = read(source).root?;
    let node = &root.mapping()?.get("extends")?.value;
    let text = node.scalar()?.text.clone();
    is_file(&text).then_some((text, node.span))
}

/// A path relative to the folder of a file, `.` and `..` resolved as written.
fn beside(file: &str, path: &str) -> String {
    let absolute = path.starts_with('/') || path.get(1..2) == Some(":");
    let folder = file.rfind(['/', '\\']).map_or("", |end| &file[..=end]);
    let joined = if absolute { path.to_owned() } else { format!("{folder}{path}") };
    let mut parts: Vec<&str> = Vec::new();
    for part in joined.split(['/', '\\']) {
        match part {
            "." => {}
            ".." if parts.last().is_some_and(|last| !matches!(*last, "" | "..")) => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    parts.join("/")
}

/// GD0219.
fn cycle(chain: &[String], path: &str, span: Span) -> Finding {
    let last = chain.last().map_or("", String::as_str);
    let message = if chain.iter().any(|known| known == path) {
        format!("`{last}` extends `{path}` (cycle)")
    } else {
        format!("more than {MAX_FILES} files extend each other")
    };
    let steps = chain.windows(2).map(|pair| format!("`{}` extends `{}`", pair[0], pair[1]));
    steps.fold(Finding::new(Code::UnknownBase, span, message), Finding::note)
}

/// GD0219.
fn unreadable(wanted: &str, reason: &str, span: Span) -> Finding {
    let message = format!("could not read `{wanted}`: {reason}");
    let finding = Finding::new(Code::UnknownBase, span, message);
    finding.help("the path is relative to this file")
}
