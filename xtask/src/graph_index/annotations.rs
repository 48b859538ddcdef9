//! Annotations: what a target refuses, who sets it, whether it is deprecated.

use std::collections::BTreeMap;

use roxmltree::Node;

/// What is annotated about one target in one cloud.
#[derive(Clone, Default)]
#[expect(clippy::struct_excessive_bools, reason = "one flag per term that is annotated")]
pub(super) struct Annotation {
    pub(super) no_insert: bool,
    pub(super) no_update: bool,
    pub(super) no_delete: bool,
    pub(super) no_read: bool,
    pub(super) no_count: bool,
    pub(super) put: bool,
    pub(super) computed: bool,
    pub(super) immutable: bool,
    pub(super) deprecated: Option<String>,
}

/// Annotations by target: `/users`, `microsoft.graph.user`, `microsoft.graph.user/manager`.
#[derive(Default)]
pub(super) struct Annotations(BTreeMap<String, Annotation>);

impl Annotations {
    pub(super) fn get(&self, target: &str) -> Option<&Annotation> {
        self.0.get(target)
    }

    /// Reads the annotations among the children of a node.
    pub(super) fn read(&mut self, target: &str, node: Node<'_, '_>) {
        for child in node.children().filter(|child| child.tag_name().name() == "Annotation") {
            let Some(term) = child.attribute("Term") else { continue };
            let found = self.0.entry(target.to_owned()).or_default();
            found.apply(term.rsplit('.').next().unwrap_or(term), child);
        }
    }
}

impl Annotation {
    fn apply(&mut self, term: &str, node: Node<'_, '_>) {
        let denied = |name: &str| value(node, name) == Some("false");
        match term {
            "InsertRestrictions" => self.no_insert |= denied("Insertable"),
            "UpdateRestrictions" => {
                self.no_update |= denied("Updatable");
                self.put |= method(node).is_some_and(|it| it.ends_with("PUT"));
            }
            "DeleteRestrictions" => self.no_delete |= denied("Deletable"),
            "ReadRestrictions" => self.no_read |= denied("Readable"),
            "CountRestrictions" => self.no_count |= denied("Countable"),
            "Computed" => self.computed |= node.attribute("Bool") != Some("false"),
            "Immutable" => self.immutable |= node.attribute("Bool") != Some("false"),
            "Permissions" => {
                let member = node
                    .descendants()
                    .find_map(|it| (it.tag_name().name() == "EnumMember").then(|| it.text())?);
                self.computed |= member.is_some_and(|it| it.ends_with("/Read"));
            }
            "Revisions" => {
                let kind = member(node, "Kind");
                if kind.is_some_and(|kind| kind.ends_with("Deprecated")) {
                    self.deprecated =
                        Some(value(node, "RemovalDate").unwrap_or_default().to_owned());
                }
            }
            _ => {}
        }
    }
}

/// A boolean attribute.
pub(super) fn flag(node: Node<'_, '_>, name: &str) -> bool {
    node.attribute(name) == Some("true")
}

fn property<'a>(node: Node<'a, 'a>, name: &str) -> Option<Node<'a, 'a>> {
    node.descendants().find(|it| it.attribute("Property") == Some(name))
}

fn value<'a>(node: Node<'a, 'a>, name: &str) -> Option<&'a str> {
    let found = property(node, name)?;
    found
        .attribute("Bool")
        .or_else(|| found.attribute("Date"))
        .or_else(|| found.attribute("String"))
}

fn member<'a>(node: Node<'a, 'a>, name: &str) -> Option<&'a str> {
    let found = property(node, name)?;
    let inner = found.descendants().find(|it| it.tag_name().name() == "EnumMember");
    found.attribute("EnumMember").or_else(|| inner.and_then(|it| it.text()))
}

fn method<'a>(node: Node<'a, 'a>) -> Option<&'a str> {
    member(node, "UpdateMethod").or_else(|| value(node, "UpdateMethod"))
}
