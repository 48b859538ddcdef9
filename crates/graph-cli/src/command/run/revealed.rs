//! Secrets that an answer holds: masked, unless somebody says where they may go (E15).

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;

use graph_dsl::Envelope;
use serde_json::Value;

use crate::args::RunArgs;
use crate::failure::Failure;
use crate::notice::Notice;

/// A file that exists is refused before anything is sent: the answer comes only once.
pub(super) fn refuse_early(args: &RunArgs) -> Result<(), Failure> {
    match args.secret_out.as_deref().filter(|path| path.exists()) {
        Some(path) => Err(Failure::usage(format!("`{}` exists", path.display()))
            .hint("name a new file: a secret does not overwrite another")),
        None => Ok(()),
    }
}

/// Puts the secrets of an answer where they are wanted; what is printed masks them otherwise.
pub(super) fn keep(envelope: &mut Envelope, args: &RunArgs, notice: Notice) -> Result<(), Failure> {
    let names: Vec<&str> = envelope.secrets.iter().map(graph_dsl::Withheld::name).collect();
    if names.is_empty() {
        return Ok(());
    }
    let names = names.join(", ");
    match &args.secret_out {
        Some(path) => {
            write(path, envelope).map_err(|error| {
                Failure::file("write the secret to", path, &error)
                    .hint("a new secret in the answer is lost now: remove it and add another")
            })?;
            notice.say(&format!("wrote {names} to {}", path.display()));
        }
        None if args.reveal => envelope.data = envelope.revealed(),
        None => notice.say(&format!(
            "masked {names}: name a file with --secret-out, or print it with --reveal"
        )),
    }
    Ok(())
}

/// One secret as it is, several as a JSON object by their places.
fn write(path: &Path, envelope: &Envelope) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let text = match envelope.secrets.as_slice() {
        [only] => only.value.expose().to_owned(),
        several => {
            let place = |it: &graph_dsl::Withheld| (it.pointer.clone(), it.value.expose().into());
            Value::Object(several.iter().map(place).collect()).to_string()
        }
    };
    let mut file = options.open(path)?;
    writeln!(file, "{text}")?;
    file.sync_all()
}
