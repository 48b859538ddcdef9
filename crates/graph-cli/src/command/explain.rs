//! `graphctl explain`: the page of a diagnostic code.

use std::io::{self, Write as _};

use graph_dsl::Code;

use crate::args::ExplainArgs;
use crate::command::query::closed;
use crate::exit::Exit;
use crate::failure::Failure;

pub(crate) fn run(args: &ExplainArgs) -> Result<Exit, Failure> {
    let code: Code = args.code.parse().map_err(|_| {
        Failure::usage(format!("there is no diagnostic code `{}`", args.code))
            .hint("codes are printed in brackets: error[GD0201]")
    })?;
    writeln!(io::stdout(), "{code}: {}\n\n{}", code.title(), code.page().trim_end())
        .map_err(closed)?;
    Ok(Exit::Done)
}
