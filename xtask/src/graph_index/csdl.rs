//! One CSDL document: the parts that addressing and typing need.

use std::collections::BTreeMap;

use graph_dsl::graph_index::{Role, TypeKind};
use roxmltree::{Document, Node};

use super::annotations::{Annotations, flag};

/// A type by qualified name, and whether it is a collection.
pub(super) type Reference = (String, bool);

/// One cloud.
#[derive(Default)]
pub(super) struct Model {
    pub(super) roots: BTreeMap<String, Reference>,
    pub(super) types: BTreeMap<String, Type>,
    pub(super) operations: Vec<Operation>,
    pub(super) annotations: Annotations,
}

pub(super) struct Type {
    pub(super) kind: TypeKind,
    pub(super) base: Option<String>,
    pub(super) open: bool,
    pub(super) is_abstract: bool,
    pub(super) has_stream: bool,
    pub(super) members: Vec<Member>,
    pub(super) alternate_keys: Vec<String>,
}

pub(super) struct Member {
    pub(super) name: String,
    pub(super) of: Option<Reference>,
    pub(super) role: Role,
    pub(super) nullable: bool,
}

pub(super) struct Operation {
    pub(super) name: String,
    pub(super) is_action: bool,
    pub(super) binding: Reference,
    pub(super) parameters: Vec<(String, Reference, bool)>,
    pub(super) returns: Option<Reference>,
}

/// Reads a document.
pub(super) fn read(text: &str) -> Result<Model, String> {
    let document =
        Document::parse(text).map_err(|error| format!("could not read CSDL: {error}"))?;
    let schemas: Vec<Node<'_, '_>> = document
        .descendants()
        .filter(|node| node.has_tag_name("Schema") || is(node, "Schema"))
        .collect();
    let mut reader = Reader { aliases: BTreeMap::new(), model: Model::default() };
    for schema in &schemas {
        if let (Some(alias), Some(namespace)) =
            (schema.attribute("Alias"), schema.attribute("Namespace"))
        {
            reader.aliases.insert(alias.to_owned(), namespace.to_owned());
        }
    }
    for schema in schemas {
        let namespace = schema.attribute("Namespace").unwrap_or_default();
        for node in schema.children().filter(Node::is_element) {
            reader.read(node, namespace);
        }
    }
    Ok(reader.model)
}

struct Reader {
    aliases: BTreeMap<String, String>,
    model: Model,
}

impl Reader {
    fn read(&mut self, node: Node<'_, '_>, namespace: &str) {
        match node.tag_name().name() {
            "EntityType" => self.structured(node, namespace, TypeKind::Entity),
            "ComplexType" => self.structured(node, namespace, TypeKind::Complex),
            "EnumType" => self.enumeration(node, namespace),
            "Action" => self.operation(node, namespace, true),
            "Function" => self.operation(node, namespace, false),
            "EntityContainer" => self.container(node),
            "Annotations" => {
                if let Some(target) = node.attribute("Target") {
                    let target = target.replace("microsoft.graph.GraphService/", "/");
                    self.model.annotations.read(&target, node);
                }
            }
            _ => {}
        }
    }

    fn qualified(&self, name: &str) -> String {
        match name.rsplit_once('.') {
            Some((prefix, last)) => {
                format!("{}.{last}", self.aliases.get(prefix).map_or(prefix, String::as_str))
            }
            None => name.to_owned(),
        }
    }

    fn reference(&self, text: &str) -> Reference {
        let inner = text.strip_prefix("Collection(").and_then(|rest| rest.strip_suffix(')'));
        (self.qualified(inner.unwrap_or(text)), inner.is_some())
    }

    fn structured(&mut self, node: Node<'_, '_>, namespace: &str, kind: TypeKind) {
        let name = format!("{namespace}.{}", node.attribute("Name").unwrap_or_default());
        let mut found = Type {
            kind,
            base: node.attribute("BaseType").map(|base| self.qualified(base)),
            open: flag(node, "OpenType"),
            is_abstract: flag(node, "Abstract"),
            has_stream: flag(node, "HasStream"),
            members: Vec::new(),
            alternate_keys: Vec::new(),
        };
        for child in node.children().filter(Node::is_element) {
            let role = match child.tag_name().name() {
                "Property" => Role::Property,
                "NavigationProperty" if flag(child, "ContainsTarget") => Role::Containment,
                "NavigationProperty" => Role::Reference,
                "Annotation"
                    if child.attribute("Term") == Some("Org.OData.Core.V1.AlternateKeys") =>
                {
                    found.alternate_keys = alternate_keys(child);
                    continue;
                }
                _ => continue,
            };
            let (Some(member), Some(of)) = (child.attribute("Name"), child.attribute("Type"))
            else {
                continue;
            };
            self.model.annotations.read(&format!("{name}/{member}"), child);
            found.members.push(Member {
                name: member.to_owned(),
                of: Some(self.reference(of)),
                role,
                nullable: child.attribute("Nullable") != Some("false"),
            });
        }
        self.model.annotations.read(&name, node);
        self.model.types.insert(name, found);
    }

    fn enumeration(&mut self, node: Node<'_, '_>, namespace: &str) {
        let name = format!("{namespace}.{}", node.attribute("Name").unwrap_or_default());
        let members = node.children().filter(|child| is(child, "Member"));
        let member = |child: Node<'_, '_>| Member {
            name: child.attribute("Name").unwrap_or_default().to_owned(),
            of: None,
            role: Role::EnumMember,
            nullable: false,
        };
        let found = Type {
            kind: TypeKind::Enum,
            base: None,
            open: flag(node, "IsFlags"),
            is_abstract: false,
            has_stream: false,
            members: members.map(member).collect(),
            alternate_keys: Vec::new(),
        };
        self.model.types.insert(name, found);
    }

    fn operation(&mut self, node: Node<'_, '_>, namespace: &str, is_action: bool) {
        let parameter = |child: Node<'_, '_>| {
            let optional = child
                .children()
                .any(|it| it.attribute("Term") == Some("Org.OData.Core.V1.OptionalParameter"));
            // A function's parameters stand in its URL: one that is not optional must be there.
            let required =
                !optional && (!is_action || child.attribute("Nullable") == Some("false"));
            let name = child.attribute("Name").unwrap_or_default().to_owned();
            (name, self.reference(child.attribute("Type").unwrap_or_default()), required)
        };
        let mut parameters: Vec<_> =
            node.children().filter(|child| is(child, "Parameter")).map(parameter).collect();
        if !flag(node, "IsBound") || parameters.is_empty() {
            return;
        }
        let (_, binding, _) = parameters.remove(0);
        let returns = node.children().find(|child| is(child, "ReturnType"));
        let name = node.attribute("Name").unwrap_or_default();
        self.model.operations.push(Operation {
            name: format!("{namespace}.{name}"),
            is_action,
            binding,
            parameters,
            returns: returns.and_then(|it| it.attribute("Type")).map(|it| self.reference(it)),
        });
    }

    fn container(&mut self, node: Node<'_, '_>) {
        for child in node.children().filter(Node::is_element) {
            let (of, many) = match child.tag_name().name() {
                "EntitySet" => (child.attribute("EntityType"), true),
                "Singleton" => (child.attribute("Type"), false),
                _ => continue,
            };
            let (Some(name), Some(of)) = (child.attribute("Name"), of) else { continue };
            let of = (self.qualified(of), many);
            self.model.annotations.read(&format!("/{name}"), child);
            self.model.roots.insert(name.to_owned(), of);
        }
    }
}

fn is(node: &Node<'_, '_>, name: &str) -> bool {
    node.is_element() && node.tag_name().name() == name
}

fn alternate_keys(annotation: Node<'_, '_>) -> Vec<String> {
    let values = annotation.descendants().filter(|node| is(node, "PropertyValue"));
    let names = values.filter(|node| node.attribute("Property") == Some("Name"));
    names.filter_map(|node| node.attribute("PropertyPath")).map(str::to_owned).collect()
}
