//! Secrets that an answer holds: masked, unless somebody says where they may go (E15).

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;

use graph_admin::Steps;
use graph_dsl::{Envelope, Withheld};
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
    if hand_over(&envelope.secrets, args, notice)? {
        envelope.data = envelope.revealed();
    }
    Ok(())
}

/// The same for a command of several steps; revealed secrets stand beside its data.
pub(super) fn keep_steps(steps: &mut Steps, args: &RunArgs, notice: Notice) -> Result<(), Failure> {
    if hand_over(&steps.secrets, args, notice)? {
        for secret in &steps.secrets {
            steps.data[secret.name()] = secret.value.expose().into();
        }
    }
    Ok(())
}

/// Writes the secrets to the file that is named; tells whether they are to be printed instead.
fn hand_over(secrets: &[Withheld], args: &RunArgs, notice: Notice) -> Result<bool, Failure> {
    let names: Vec<&str> = secrets.iter().map(Withheld::name).collect();
    if names.is_empty() {
        return Ok(false);
    }
    let names = names.join(", ");
    match &args.secret_out {
        Some(path) => {
            write(path, secrets).map_err(|error| {
                Failure::file("write the secret to", path, &error)
                    .hint("a new secret in the answer is lost now: remove it and add another")
            })?;
            notice.say(&format!("wrote {names} to {}", path.display()));
        }
        None if !args.reveal => notice.say(&format!(
            "masked {names}: name a file with --secret-out, or print it with --reveal"
        )),
        None => {}
    }
    Ok(args.reveal)
}

/// One secret as it is, several as a JSON object by their places.
fn write(path: &Path, secrets: &[Withheld]) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let text = match secrets {
        [only] => only.value.expose().to_owned(),
        several => {
            let place = |it: &Withheld| (it.pointer.clone(), it.value.expose().into());
            Value::Object(several.iter().map(place).collect()).to_string()
        }
    };
    let mut file = options.open(path)?;
    writeln!(file, "{text}")?;
    file.sync_all()
}
