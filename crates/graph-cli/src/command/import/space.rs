//! Whether the disk has room for what an import is about to write.

use std::path::Path;

use graph_import::{ImportPlan, Importer, SqliteStore};

use super::stopped;
use crate::args::ImportArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::quantity::size;

/// Plans a first load, or one of everything anew, and refuses it where the disk has too little room
/// (cases: A11). What the plan has counted serves the progress as well. Of a round of changes
/// nothing is asked; a disk that fills up in the run stops it with all that was committed in place.
pub(super) async fn check(
    importer: &Importer<SqliteStore>,
    path: &Path,
    args: &ImportArgs,
) -> Result<Option<ImportPlan>, Failure> {
    if path.exists() && !args.full {
        return Ok(None);
    }
    let plan = importer.plan(None).await.map_err(|error| stopped(&error))?;
    let directory = path.parent().filter(|it| !it.as_os_str().is_empty());
    let directory = directory.unwrap_or(Path::new("."));
    let sizes = plan.store_bytes.zip(free(directory));
    match sizes.filter(|_| !args.skip_space_check) {
        Some((grows, free)) if needed(grows) > free => Err(refusal(needed(grows), free, directory)),
        _ => Ok(Some(plan)),
    }
}

/// The file and its log, which grows beside it while much is written.
const fn needed(grows: u64) -> u64 {
    grows.saturating_add(grows / 2)
}

fn refusal(needed: u64, free: u64, directory: &Path) -> Failure {
    let (needed, free) = (size(needed), size(free));
    let what = format!(
        "the import needs about {needed} in `{}`, and {free} are free",
        directory.display()
    );
    Failure::new(Exit::LocalIo, what).hint(
        "free some space, name another place with --store, or begin all the same with --skip-space-check",
    )
}

/// What the file system offers to this user, in bytes; `None` where that cannot be found out.
fn free(directory: &Path) -> Option<u64> {
    fs4::available_space(directory).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A11
    #[test]
    fn a_refusal_says_how_much_is_needed_and_what_to_do() {
        let failure = refusal(needed(3_000_000_000), 120_000_000, Path::new("/data"));
        let text = failure.render();
        assert_eq!(failure.exit, Exit::LocalIo);
        assert!(
            text.contains("the import needs about 4.5 GB in `/data`, and 120 MB are free"),
            "{text}"
        );
        assert!(text.contains("--skip-space-check"), "{text}");
    }

    #[test]
    fn a_directory_tells_what_is_free() {
        let directory = tempfile::tempdir().unwrap();
        assert!(free(directory.path()).is_some());
        assert_eq!(free(&directory.path().join("nothing")), None);
    }
}
