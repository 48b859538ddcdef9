//! What a crate costs those who use it: packages, foreign types, and CPU seconds of a cold build.

mod types;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What one crate with default features may cost; the one place that says so.
struct Budget {
    package: &'static str,
    /// In its tree, itself left out.
    packages: usize,
    release: bool,
    /// Of a cold build, all dependencies included.
    cpu_seconds: f64,
    /// The program that comes out of it, and its size in bytes.
    binary: Option<(&'static str, u64)>,
}

const BUDGETS: [Budget; 2] = [
    Budget {
        package: "graph-transport",
        packages: 120,
        release: false,
        cpu_seconds: 90.0,
        binary: None,
    },
    Budget {
        package: "graph-cli",
        packages: 300,
        release: true,
        cpu_seconds: 8.0 * 60.0,
        binary: Some(("graphctl", 25_000_000)),
    },
];

/// On a core that is shared with others the same work takes up to twice its seconds: only what is beyond
/// that is the crate's own doing, and a failure. The seconds are reported in any case.
const BUSY: f64 = 2.0;

/// Builds every package that has a budget.
pub(crate) const ALL: &str = "all";

/// Holds the trees and the public types to their budgets and, with `build`, builds that crate or all of
/// them into an empty folder as well, which takes minutes.
pub(crate) fn run(root: &Path, build: Option<&str>) -> Result<String, String> {
    let known = |name: &str| name == ALL || BUDGETS.iter().any(|budget| budget.package == name);
    if let Some(unknown) = build.filter(|name| !known(name)) {
        return Err(format!("`{unknown}` has no budget"));
    }
    let mut report = String::new();
    let mut over = Vec::new();
    for budget in &BUDGETS {
        let (package, most) = (budget.package, budget.packages);
        let packages = packages(root, package)?;
        let _ = writeln!(report, "{package}: {packages} packages of at most {most}");
        if packages > most {
            over.push(format!("{package} depends on more than {most} packages"));
        }
        if build.is_some_and(|name| name == ALL || name == package) {
            over.extend(cold_build(root, budget, &mut report)?);
        }
    }
    let foreign = types::foreign(&root.join("crates/graph-transport/src"))?;
    let _ =
        writeln!(report, "graph-transport: {} foreign types in public signatures", foreign.len());
    over.extend(foreign.into_iter().map(|it| format!("graph-transport shows {it}")));
    if over.is_empty() { Ok(report) } else { Err(format!("{report}{}", over.join("\n"))) }
}

/// Packages in the tree of one of ours; two versions of one count twice.
fn packages(root: &Path, package: &str) -> Result<usize, String> {
    let output = cargo(root)
        .args(["tree", "--locked", "-p", package, "-e", "normal", "--prefix", "none"])
        .args(["--format", "{p}"])
        .output()
        .map_err(|error| format!("could not run cargo tree: {error}"))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let name_and_version = |line: &str| {
        let mut words = line.split(' ');
        Some((words.next().filter(|name| !name.is_empty())?.to_owned(), words.next()?.to_owned()))
    };
    let all: BTreeSet<(String, String)> = text.lines().filter_map(name_and_version).collect();
    Ok(all.iter().filter(|(name, _)| name != package).count())
}

fn cold_build(root: &Path, budget: &Budget, report: &mut String) -> Result<Vec<String>, String> {
    let target = root.join("target/price");
    empty(&target)?;
    let before = children_seconds()?;
    let mut build = cargo(root);
    build.args(["build", "--locked", "-p", budget.package, "--target-dir"]).arg(&target);
    if budget.release {
        build.arg("--release");
    } else {
        // This workspace optimizes dependencies for its tests and leaves their debug information out;
        // whoever depends on the crate does neither.
        for usual in ["debug=2", "package.\"*\".debug=2", "package.\"*\".opt-level=0"] {
            build.args(["--config", &format!("profile.dev.{usual}")]);
        }
    }
    let status = build
        .stderr(Stdio::null())
        .status()
        .map_err(|error| format!("could not run cargo build: {error}"))?;
    if !status.success() {
        return Err(format!("{} does not build", budget.package));
    }
    let (seconds, most) = (children_seconds()? - before, budget.cpu_seconds);
    let _ = writeln!(report, "{}: cold build {seconds:.1} CPU s of at most {most}", budget.package);
    let mut over = Vec::new();
    if seconds > most * BUSY {
        over.push(format!("{} takes far more than {most} CPU s to build", budget.package));
    }
    if let Some((name, most)) = budget.binary {
        let file: PathBuf = target.join("release").join(name);
        let size = std::fs::metadata(&file)
            .map_err(|error| format!("could not find {}: {error}", file.display()))?
            .len();
        let _ = writeln!(report, "{name}: {size} bytes of at most {most}");
        if size > most {
            over.push(format!("{name} is larger than {most} bytes"));
        }
    }
    empty(&target)?;
    Ok(over)
}

fn empty(folder: &Path) -> Result<(), String> {
    if !folder.exists() {
        return Ok(());
    }
    std::fs::remove_dir_all(folder)
        .map_err(|error| format!("could not empty {}: {error}", folder.display()))
}

/// Cargo without the settings of whoever runs the chore: what others pay is measured.
fn cargo(root: &Path) -> Command {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(root).env_remove("RUSTFLAGS").env_remove("CARGO_PROFILE_DEV_DEBUG");
    cargo
}

/// User and system time of all children that have ended, and of theirs: fields 16 and 17 of
/// `/proc/self/stat`, in hundredths of a second (`proc_pid_stat(5)`).
fn children_seconds() -> Result<f64, String> {
    let stat = std::fs::read_to_string("/proc/self/stat")
        .map_err(|error| format!("CPU time is measured on Linux only: {error}"))?;
    let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let fields: Vec<u32> =
        after_name.split_whitespace().skip(13).take(2).filter_map(|it| it.parse().ok()).collect();
    match fields.as_slice() {
        [user, system] => Ok((f64::from(*user) + f64::from(*system)) / 100.0),
        _ => Err("/proc/self/stat has no times of children".to_owned()),
    }
}
