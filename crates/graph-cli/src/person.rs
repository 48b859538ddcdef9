//! The environment, and the person at the terminal who signs in.

use std::io;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use graph_dsl::{Lookup as _, Surroundings};
use graph_transport::DevicePrompt;

use crate::environment::Environment;
use crate::notice::ask;
use crate::sign_in::SignIns;

/// What a connection may use of this process: its environment, its terminal, a browser, and the
/// sign-ins that were kept.
pub(crate) fn surroundings(sign_ins: &SignIns) -> Surroundings {
    let variable = |name: &str| Environment.variable(name).map(|it| it.expose().to_owned());
    let around = Surroundings::new().environment(variable).on_device_code(show_code);
    #[cfg(feature = "otlp")]
    let around = around.observe(crate::telemetry::observe());
    let around = around.on_browser(|url| {
        ask(&format!("sign in with your browser; if none opens, go to\n{url}"));
        // Without a browser the person still has the address.
        let _ = open(url);
        Ok(())
    });
    match sign_ins.folder().map(Path::to_owned) {
        Some(folder) => {
            around.refresh_tokens(move |sign_in| Arc::new(SignIns::file(&folder, sign_in)))
        }
        None => around,
    }
}

fn show_code(prompt: &DevicePrompt) {
    // The authority's own sentence could say anything; these two are all that is needed.
    let plain = |text: &str| text.chars().filter(|c| !c.is_control()).collect::<String>();
    let (uri, code) = (plain(&prompt.verification_uri), plain(&prompt.user_code));
    ask(&format!("to sign in, open {uri} and enter the code {code}"));
}

/// The platform's own way to open a URL; it is one argument, and no shell reads it.
fn open(url: &str) -> io::Result<()> {
    let (program, arguments): (&str, &[&str]) = if cfg!(target_os = "macos") {
        ("open", &[])
    } else if cfg!(windows) {
        ("rundll32", &["url.dll,FileProtocolHandler"])
    } else {
        ("xdg-open", &[])
    };
    let mut command = Command::new(program);
    command.args(arguments).arg(url);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().map(drop)
}
