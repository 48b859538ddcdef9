//! `graphctl login` and `graphctl logout`: the sign-in of a person, before it is needed and after.

use std::path::Path;
use std::sync::{Arc, Mutex};

use graph_transport::RefreshTokenFile;

use crate::args::{Globals, LogoutArgs};
use crate::connect;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::notice::Notice;
use crate::person::surroundings;
use crate::sign_in::SignIns;
use crate::system::{self, Loaded};

/// Signs in anew: whoever was signed in before is forgotten.
pub(crate) async fn login(globals: &Globals, notice: Notice) -> Result<Exit, Failure> {
    let loaded = system::load(globals)?;
    let kept = kept(&loaded)?;
    if let Some(file) = &kept {
        forget(file)?;
    }
    connect::client(&loaded)?.sign_in().await?;
    notice.say(&match &kept {
        Some(file) => format!("signed in; kept in {}", file.path().display()),
        None => "signed in; nothing is kept of it".to_owned(),
    });
    Ok(Exit::Done)
}

/// Forgets a sign-in, or all of them.
pub(crate) fn logout(
    args: &LogoutArgs,
    globals: &Globals,
    notice: Notice,
) -> Result<Exit, Failure> {
    if args.all {
        let sign_ins = SignIns::at(globals.token_store.as_deref());
        let forgotten = sign_ins.folder().map_or(Ok(0), |folder| {
            let failed = |error| Failure::file("forget the sign-ins in", folder, &error);
            SignIns::forget_all(folder).map_err(failed)
        })?;
        notice.say(&format!("{forgotten} sign-ins forgotten"));
        return Ok(Exit::Done);
    }
    let loaded = system::load(globals)?;
    notice.say(match kept(&loaded)? {
        None => "this connection keeps no sign-in",
        Some(file) if forget(&file)? => "signed out",
        Some(_) => "nobody was signed in",
    });
    Ok(Exit::Done)
}

/// The file of the connection's sign-in; `None` where it signs in without a person, or nothing is kept.
fn kept(loaded: &Loaded) -> Result<Option<RefreshTokenFile>, Failure> {
    let Some(folder) = loaded.sign_ins.folder().map(Path::to_owned) else { return Ok(None) };
    let found = Arc::<Mutex<Option<RefreshTokenFile>>>::default();
    let told = Arc::clone(&found);
    let around = surroundings(&loaded.sign_ins).refresh_tokens(move |sign_in| {
        let file = SignIns::file(&folder, sign_in);
        *told.lock().expect("no panic while the lock is held") = Some(file.clone());
        Arc::new(file)
    });
    // The client itself is not needed: making it asks where its sign-in is kept.
    connect::client_with(loaded, &around)?;
    let found = found.lock().expect("no panic while the lock is held").clone();
    Ok(found)
}

fn forget(file: &RefreshTokenFile) -> Result<bool, Failure> {
    file.forget().map_err(|error| Failure::file("forget the sign-in in", file.path(), &error))
}
