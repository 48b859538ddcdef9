//! What a library user pays in types: which foreign crates the public API names.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use syn::visit::{self, Visit};
use syn::{Attribute, ImplItem, Item, UseTree, Visibility};

/// Crates whose types may stand in a public signature.
const CRATES: [&str; 13] = [
    "std",
    "core",
    "alloc",
    "crate",
    "self",
    "super",
    "Self",
    "http",
    "bytes",
    "serde_json",
    "tower",
    "tracing",
    "url",
];

/// Traits of other crates that callers meet in bounds: the ecosystem's own words for a value that
/// serializes, a stream of bytes, a body. They are no types, so nobody has to name or build one.
const TRAITS: [&str; 7] = [
    "serde::Serialize",
    "serde::Deserialize",
    "serde::de::DeserializeOwned",
    "http_body::Body",
    "futures_core::Stream",
    "tokio::io::AsyncRead",
    "tokio::io::AsyncWrite",
];

/// Where each name of a file comes from.
type Imports = BTreeMap<String, String>;

/// The foreign types that the public API of the crate at `source` names, each with its file.
///
/// `unreachable_pub` is on, so what is `pub` can be reached: the sources are the public API.
pub(super) fn foreign(source: &Path) -> Result<BTreeSet<String>, String> {
    let mut found = BTreeSet::new();
    read_file(&source.join("lib.rs"), source, &mut found)?;
    Ok(found)
}

/// Finds paths that lead into other crates.
struct Paths<'a> {
    imports: &'a Imports,
    found: BTreeSet<String>,
}

impl<'ast> Visit<'ast> for Paths<'_> {
    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments: Vec<String> = path.segments.iter().map(|it| it.ident.to_string()).collect();
        let whole = match self.imports.get(&segments[0]) {
            Some(import) => [std::slice::from_ref(import), &segments[1..]].concat().join("::"),
            None => segments.join("::"),
        };
        // A single unknown word is a type of the file, a generic or of the prelude; an associated
        // type begins with a generic, which is upper case.
        let foreign = whole.contains("::") && !whole.starts_with(char::is_uppercase);
        let root = whole.split("::").next().unwrap_or_default();
        if foreign && !CRATES.contains(&root) && !TRAITS.contains(&whole.as_str()) {
            self.found.insert(whole);
        }
        visit::visit_path(self, path);
    }

    fn visit_attribute(&mut self, _: &'ast Attribute) {}

    fn visit_block(&mut self, _: &'ast syn::Block) {}
}

fn imports(prefix: &str, tree: &UseTree, into: &mut Imports) {
    let join = |name: &syn::Ident| match prefix {
        "" => name.to_string(),
        prefix => format!("{prefix}::{name}"),
    };
    match tree {
        UseTree::Path(path) => imports(&join(&path.ident), &path.tree, into),
        UseTree::Name(name) if name.ident == "self" => {
            let last = prefix.rsplit("::").next().unwrap_or_default();
            into.insert(last.to_owned(), prefix.to_owned());
        }
        UseTree::Name(name) => {
            into.insert(name.ident.to_string(), join(&name.ident));
        }
        UseTree::Rename(rename) => {
            into.insert(rename.rename.to_string(), join(&rename.ident));
        }
        UseTree::Glob(_) => {}
        UseTree::Group(group) => {
            for tree in &group.items {
                imports(prefix, tree, into);
            }
        }
    }
}

/// Whether an item is compiled into the library with default features.
fn is_shipped(attributes: &[Attribute]) -> bool {
    let text = |attribute: &Attribute| match &attribute.meta {
        syn::Meta::List(list) if list.path.is_ident("cfg") => list.tokens.to_string(),
        _ => String::new(),
    };
    attributes.iter().map(text).all(|cfg| cfg != "test" && !cfg.contains("opentelemetry"))
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

/// Visits what an item shows to other crates; bodies of functions are not.
fn read_item(item: &Item, paths: &mut Paths<'_>) {
    match item {
        Item::Use(it) if is_public(&it.vis) => {
            let mut reexported = Imports::new();
            imports("", &it.tree, &mut reexported);
            for path in reexported.into_values().filter(|path| path.contains("::")) {
                paths.visit_path(&syn::parse_str(&path).expect("an import is a path"));
            }
        }
        Item::Fn(it) if is_public(&it.vis) => paths.visit_signature(&it.sig),
        Item::Trait(it) if is_public(&it.vis) => paths.visit_item_trait(it),
        Item::Type(it) if is_public(&it.vis) => paths.visit_item_type(it),
        Item::Const(it) if is_public(&it.vis) => paths.visit_type(&it.ty),
        Item::Enum(it) if is_public(&it.vis) => paths.visit_item_enum(it),
        Item::Struct(it) if is_public(&it.vis) => {
            paths.visit_generics(&it.generics);
            for field in it.fields.iter().filter(|field| is_public(&field.vis)) {
                paths.visit_type(&field.ty);
            }
        }
        Item::Impl(it) if it.trait_.is_none() => {
            for item in &it.items {
                match item {
                    ImplItem::Fn(method) if is_public(&method.vis) => {
                        paths.visit_generics(&it.generics);
                        paths.visit_signature(&method.sig);
                    }
                    ImplItem::Const(constant) if is_public(&constant.vis) => {
                        paths.visit_type(&constant.ty);
                    }
                    _ => {}
                }
            }
        }
        _ => {}
    }
}

/// Reads a file and the modules below it.
fn read_file(file: &Path, modules: &Path, found: &mut BTreeSet<String>) -> Result<(), String> {
    let place = file.display();
    let text = std::fs::read_to_string(file)
        .map_err(|error| format!("could not read {place}: {error}"))?;
    let syntax =
        syn::parse_file(&text).map_err(|error| format!("could not parse {place}: {error}"))?;
    let shipped: Vec<&Item> = syntax.items.iter().filter(|it| is_shipped(attributes(it))).collect();
    let mut known = Imports::new();
    for item in &shipped {
        if let Item::Use(it) = item {
            imports("", &it.tree, &mut known);
        }
    }
    // Modules of the crate are no foreign crates.
    for item in &shipped {
        if let Item::Mod(it) = item {
            known.insert(it.ident.to_string(), format!("self::{}", it.ident));
        }
    }
    let mut paths = Paths { imports: &known, found: BTreeSet::new() };
    for item in &shipped {
        read_item(item, &mut paths);
        if let Item::Mod(it) = item
            && it.content.is_none()
        {
            let name = it.ident.to_string();
            let file = modules.join(format!("{name}.rs"));
            read_file(&file, &modules.join(&name), found)?;
        }
    }
    found.extend(paths.found.into_iter().map(|path| format!("{path} in {place}")));
    Ok(())
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(it) => &it.attrs,
        Item::Enum(it) => &it.attrs,
        Item::Fn(it) => &it.attrs,
        Item::Impl(it) => &it.attrs,
        Item::Mod(it) => &it.attrs,
        Item::Struct(it) => &it.attrs,
        Item::Trait(it) => &it.attrs,
        Item::Type(it) => &it.attrs,
        Item::Use(it) => &it.attrs,
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The check must be able to fail.
    #[test]
    fn a_foreign_type_in_a_signature_is_found() {
        let source = r"
            use tokio::time::{Instant, self};
            use http::HeaderMap as Headers;
            pub struct Open { pub at: Instant, hidden: hyper::Error }
            impl Open {
                pub fn at(&self, headers: &Headers) -> Vec<time::Duration> { let x: hyper::Error; x }
                pub(crate) fn inside(&self) -> hyper::Error {}
            }
        ";
        let syntax = syn::parse_file(source).expect("the source above is Rust");
        let mut known = Imports::new();
        for item in &syntax.items {
            if let Item::Use(it) = item {
                imports("", &it.tree, &mut known);
            }
        }
        let mut paths = Paths { imports: &known, found: BTreeSet::new() };
        syntax.items.iter().for_each(|item| read_item(item, &mut paths));
        let found: Vec<String> = paths.found.into_iter().collect();
        assert_eq!(found, ["tokio::time::Duration", "tokio::time::Instant"]);
    }
}
