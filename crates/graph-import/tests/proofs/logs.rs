//! Logs of every level, searched for what must never be in them (cases: I8).

use std::io::{self, Write};
use std::sync::{Mutex, Once, PoisonError};

use tracing_subscriber::fmt::MakeWriter;

/// Lines that said too much.
static LEAKS: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Searches every log line of this process from now on.
pub(crate) fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let all = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE);
        all.with_ansi(false).with_writer(Searched).init();
    });
}

/// No access token, page token, delta token or address of a person was logged so far.
pub(crate) fn assert_no_leak() {
    let leaks = LEAKS.lock().unwrap_or_else(PoisonError::into_inner);
    assert!(leaks.is_empty(), "I8: {leaks:#?}");
}

/// What a line gives away, if it does.
fn leak(line: &str) -> Option<&'static str> {
    let unmasked = |name: &str| {
        line.match_indices(name).any(|(at, _)| {
            let value = &line[at + name.len()..];
            !value.starts_with("***") && !value.starts_with("latest")
        })
    };
    if line.contains("eyJ") {
        Some("an access token")
    } else if ["skiptoken=", "deltatoken=", "skiptoken%3D", "deltatoken%3D"]
        .into_iter()
        .any(unmasked)
    {
        Some("a page or delta token")
    } else if line.contains("userPrincipalName\":\"") || line.contains("displayName\":\"") {
        Some("a body")
    } else {
        None
    }
}

struct Searched;

impl Write for Searched {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if let Some(what) = leak(&String::from_utf8_lossy(line)) {
            let line = String::from_utf8_lossy(&line[..line.len().min(2000)]).into_owned();
            let mut leaks = LEAKS.lock().unwrap_or_else(PoisonError::into_inner);
            leaks.push(format!("{what}: {line}"));
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Searched {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        Self
    }
}

#[test]
fn what_gives_away_too_much_is_found() {
    assert_eq!(leak("GET /v1.0/users/delta?$deltatoken=***"), None);
    assert_eq!(leak("GET /v1.0/users/delta?$deltatoken=latest"), None);
    assert!(leak("GET /v1.0/users/delta?$deltatoken=abc").is_some());
    assert!(leak("GET https://x/v1.0/users?$skiptoken=***&x=1 -> $skiptoken=abc").is_some());
    assert!(leak("Authorization: Bearer eyJ0eXAi").is_some());
    assert!(leak(r#"{"value":[{"displayName":"Ada"}]}"#).is_some());
}
