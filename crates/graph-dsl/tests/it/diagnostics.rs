//! One case file per diagnostic code, each with a snapshot of what a person reads.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use graph_dsl::{
    Code, CompileOptions, Diagnostic, Lookup, LookupError, Sensitive, SourceFile, Variables,
    compile, compile_linked, render_human, render_json,
};

/// Codes whose case is made by code: a file too large to keep in a repository.
const GENERATED: &[Code] = &[Code::FileTooLarge];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/diagnostics")
}

/// Case files by name, `GD0101_tab_indentation`.
pub(crate) fn cases() -> BTreeMap<String, SourceFile> {
    let entries = std::fs::read_dir(folder()).expect("the folder of cases");
    let paths = entries.map(|entry| entry.expect("a readable entry").path());
    let files = paths.filter(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    files
        .map(|path| {
            let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
            let bytes = std::fs::read(&path).expect("a readable case");
            (name.clone(), SourceFile::new(format!("{name}.yaml"), bytes))
        })
        .collect()
}

/// A machine where `EMPTY` is set to nothing and everybody can read `secret.txt`.
struct Machine(Variables);

impl Lookup for Machine {
    fn variable(&self, name: &str) -> Option<Sensitive> {
        self.0.variable(name)
    }

    fn file(&self, path: &str) -> Result<Sensitive, LookupError> {
        match path {
            "secret.txt" => Err(LookupError::Shared { mode: 0o644 }),
            _ => self.0.file(path),
        }
    }

    fn secret(&self, uri: &str) -> Result<Sensitive, LookupError> {
        self.0.secret(uri)
    }
}

/// What the compiler says about the file and those that it extends, and for a clean file what
/// resolving its connection says. A file of the same name under `released` is the release before.
pub(crate) fn diagnose(source: &SourceFile) -> Vec<(SourceFile, Diagnostic)> {
    let released = std::fs::read(folder().join("released").join(&source.path)).ok();
    let released = released.map(|bytes| {
        let compiled = compile(&SourceFile::new(source.path.as_str(), bytes), None);
        std::sync::Arc::new(compiled.system.expect("a release has no errors"))
    });
    let options = CompileOptions { released, ..CompileOptions::default() };
    let mut load = |path: &str| {
        let bytes = std::fs::read(folder().join(path)).map_err(|_| "there is no such file")?;
        Ok(SourceFile::new(path, bytes))
    };
    let linked = compile_linked(source.clone(), None, &options, &mut load);
    let machine = Machine(Variables::from_iter([("EMPTY", "")]));
    let connection = linked.system.as_ref().and_then(|system| system.connection.as_ref());
    let resolved = connection.and_then(|connection| connection.resolve(&machine).err());
    let mut found = Vec::new();
    for file in linked.files {
        found.extend(file.diagnostics.into_iter().map(|it| (file.source.clone(), it)));
    }
    found.extend(resolved.into_iter().flatten().map(|it| (source.clone(), it)));
    found
}

#[test]
fn every_case_reads_as_its_snapshot() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(folder().join("snapshots"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        for (name, source) in cases() {
            let found = diagnose(&source);
            let rendered = found.iter().map(|(file, each)| render_human(each, file, false));
            let rendered: Vec<String> = rendered.collect();
            insta::assert_snapshot!(name, rendered.join("\n\n"));
        }
    });
}

#[test]
fn every_case_shows_its_code() {
    for (name, source) in cases() {
        let code: Code = name.split('_').next().unwrap_or_default().parse().expect("a code");
        let found: Vec<Code> = diagnose(&source).iter().map(|(_, each)| each.code).collect();
        assert!(found.contains(&code), "{name}: {found:?}");
    }
}

#[test]
fn every_code_has_a_case_and_a_page() {
    let names: Vec<String> = cases().into_keys().collect();
    for code in Code::ALL {
        let has_case = names.iter().any(|name| name.starts_with(code.as_str()));
        assert!(has_case || GENERATED.contains(code), "{code} has no case file");
        let page = code.page();
        assert!(page.starts_with(&format!("# {code}: ")), "{code}: the page has no title");
        assert!(
            page.contains("```yaml") || page.contains("```text"),
            "{code}: the page has no example"
        );
    }
}

#[test]
fn gd0118_a_file_over_four_mebibytes_is_refused() {
    let source = SourceFile::new("large.yaml", vec![b'#'; 5 * 1024 * 1024 + 200_000]);
    let found = compile(&source, None).diagnostics;
    assert_eq!(found.len(), 1);
    assert_eq!(
        found[0].to_string(),
        "large.yaml:1:1: error[GD0118]: file is 5.2 MiB, the limit is 4 MiB"
    );
}

#[test]
fn the_short_form_is_one_line_and_json_one_object() {
    let (_, source) =
        cases().into_iter().find(|(name, _)| name.starts_with("GD0201")).expect("a case");
    let (_, diagnostic) = &diagnose(&source)[0];
    assert_eq!(
        diagnostic.to_string(),
        "GD0201_unknown_key.yaml:7:9: error[GD0201]: \
         unknown key `endpont` in command `user.get_user_by_id`"
    );
    insta::assert_snapshot!("json_form", render_json(diagnostic));
}

#[test]
fn literal_secrets_appear_in_no_rendering() {
    for (name, source) in cases() {
        for (file, diagnostic) in diagnose(&source) {
            let human = render_human(&diagnostic, &file, false);
            let all =
                format!("{human}\n{diagnostic}\n{}\n{diagnostic:?}", render_json(&diagnostic));
            assert!(!all.contains("not-a-real"), "{name}: {human}");
        }
    }
}

/// Writes every diagnostic of every case, for whoever extends the audit.
#[test]
#[ignore = "a tool: cargo test -p graph-dsl print_the_audit -- --ignored --nocapture"]
fn print_the_audit() {
    for (name, source) in cases() {
        for (_, it) in diagnose(&source) {
            let at = it.position();
            println!("{} {name} {}:{} {} {}", it.code, at.line, at.column, it.severity, it.message);
        }
    }
}
