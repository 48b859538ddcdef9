//! A log, read by spans of time.

use std::time::Duration;

/// How the time of a [window stream](crate::StreamKind::Window) is cut.
///
/// The defaults are those of sign-in and audit logs (facts: graph-protocol 10.1).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Window {
    /// The property that says when an item happened, `activityDateTime`.
    pub property: String,
    /// The longest span that is asked for at once; an interrupted import begins again there.
    pub slice: Duration,
    /// How long items may take to show: younger ones are left to the next import.
    pub delay: Duration,
    /// What is read again before the last import's end, and the same again before that for as long
    /// as it brings anything new.
    pub overlap: Duration,
    /// How far back Graph keeps items: where a first import begins.
    pub retention: Duration,
}

impl Window {
    /// A window over this property: spans of a day, 20 minutes late, half an hour twice, 30 days kept.
    pub fn over(property: &str) -> Self {
        let minutes = |minutes: u64| Duration::from_secs(minutes * 60);
        Self {
            property: property.to_owned(),
            slice: minutes(24 * 60),
            delay: minutes(20),
            overlap: minutes(30),
            retention: minutes(30 * 24 * 60),
        }
    }
}
