//! Which streams an import reads, and what is different about them: the flags over the file.

use graph_dsl::StreamPlan;
use graph_import::StreamOptions;

use crate::args::ChoiceArgs;
use crate::failure::Failure;

/// The streams that are left.
pub(crate) fn apply(
    args: &ChoiceArgs,
    streams: Vec<StreamPlan>,
) -> Result<Vec<StreamPlan>, Failure> {
    if streams.is_empty() {
        return Err(Failure::usage(
            "the system describes no streams, so there is nothing to import",
        )
        .hint("add `streams:`, or leave `object_types` out to take the embedded ones"));
    }
    let mut options = StreamOptions::default();
    options.streams.clone_from(&args.streams);
    options.without.clone_from(&args.without);
    options.columns.clone_from(&args.columns);
    options.page_size = args.page_size;
    options.group_filter.clone_from(&args.group_filter);
    options.external_id.clone_from(&args.external_id);
    options.apply(streams).map_err(|error| Failure::usage(format!("failed to {error}")))
}
