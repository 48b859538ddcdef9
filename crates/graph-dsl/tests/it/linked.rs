//! Files that extend files: what is taken over, and where the problems are said to be.

use graph_dsl::{CompileOptions, Linked, SourceFile, compile_linked, render_human};

const BASE: &str = "
name: base
object_types:
  user:
    commands:
      get: { summary: Get., method: GET, endpoint: '/users/{id}' }
      list: { summary: All., method: GET, endpoint: /users }
";

fn linked(files: &[(&str, &str)]) -> Linked {
    let (path, text) = files[0];
    let mut load = |wanted: &str| {
        let found = files.iter().find(|(path, _)| *path == wanted);
        let found = found.map(|(path, text)| SourceFile::new(*path, *text));
        found.ok_or_else(|| "there is no such file".to_owned())
    };
    compile_linked(SourceFile::new(path, text), None, &CompileOptions::default(), &mut load)
}

fn rendered(linked: &Linked) -> String {
    let one = |file: &graph_dsl::CheckedFile| -> Vec<String> {
        file.diagnostics.iter().map(|it| render_human(it, &file.source, false)).collect()
    };
    linked.files.iter().flat_map(one).collect::<Vec<_>>().join("\n\n")
}

#[test]
fn a_file_takes_over_what_it_extends_and_replaces_by_name() {
    let own = "
extends: ../base.yaml
object_types:
  user:
    commands:
      list: { summary: Some., method: GET, endpoint: /users, query: { $top: 5 } }
";
    let linked = linked(&[("systems/tenant/own.yaml", own), ("systems/base.yaml", BASE)]);
    let system = linked.system.as_ref().expect("no errors");
    assert_eq!(system.name, "base");
    assert_eq!(system.catalogue.len(), 2);
    let list = system.catalogue.get("user.list").expect("replaced");
    assert_eq!(list.defined_at.file, "systems/tenant/own.yaml");
    let get = system.catalogue.get("user.get").expect("taken over");
    assert_eq!(get.defined_at.file, "systems/base.yaml");
}

#[test]
fn a_problem_is_reported_in_the_file_that_has_it() {
    let broken = BASE.replace("/users/{id}", "/user/{id}");
    let linked = linked(&[("own.yaml", "extends: base.yaml\n"), ("base.yaml", &broken)]);
    assert!(linked.system.is_none());
    let found: Vec<(&str, usize)> = linked
        .files
        .iter()
        .map(|file| (file.source.path.as_str(), file.diagnostics.len()))
        .collect();
    assert_eq!(found, [("own.yaml", 0), ("base.yaml", 1)]);
    assert_eq!(linked.files[1].diagnostics[0].file, "base.yaml");
}

#[test]
fn files_that_extend_each_other_are_a_cycle() {
    let files = [
        ("a.yaml", "extends: b.yaml\n"),
        ("b.yaml", "extends: ./c.yaml\n"),
        ("c.yaml", "extends: a.yaml\n"),
    ];
    insta::assert_snapshot!(rendered(&linked(&files)));
    let alone = linked(&[("a.yaml", "extends: a.yaml\n")]);
    assert!(rendered(&alone).contains("`a.yaml` extends `a.yaml` (cycle)"));
}

#[test]
fn a_file_that_is_not_there_is_said_where_it_is_named() {
    insta::assert_snapshot!(rendered(&linked(&[("own.yaml", "extends: bass.yaml\n")])));
}
