//! Numbers, times and sizes as people say them.

/// Seconds: `under 1 s`, `25 s`, `15 min`, `5.5 h`.
pub(crate) fn time(seconds: f64) -> String {
    match seconds {
        s if s < 1.0 => "under 1 s".to_owned(),
        s if s < 120.0 => format!("{s:.0} s"),
        s if s < 7_200.0 => format!("{:.0} min", s / 60.0),
        s if s < 172_800.0 => format!("{:.1} h", s / 3_600.0),
        s => format!("{:.0} days", (s / 86_400.0).floor()),
    }
}

/// What is left of a time: `about 25 s left`.
pub(crate) fn left(seconds: f64) -> String {
    if seconds < 1.0 {
        "under 1 s left".to_owned()
    } else {
        format!("about {} left", time(seconds))
    }
}

/// Bytes: `405 MB`, `3.2 GB`; never less than one megabyte.
#[expect(clippy::cast_precision_loss, reason = "shown in at most three digits")]
pub(crate) fn size(bytes: u64) -> String {
    let mega = bytes as f64 / 1e6;
    if mega < 1_000.0 {
        format!("{:.0} MB", mega.max(1.0))
    } else {
        format!("{:.1} GB", mega / 1e3)
    }
}

/// `1,234,567`
pub(crate) fn number(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 object`, `2,000 objects`
pub(crate) fn of(amount: u64, one: &str) -> String {
    let plural = if amount == 1 { "" } else { "s" };
    format!("{} {one}{plural}", number(amount))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_as_people_say_them() {
        let times = [0.3, 25.0, 150.0, 900.0, 19_800.0, 600_000.0].map(time);
        assert_eq!(times, ["under 1 s", "25 s", "2 min", "15 min", "5.5 h", "6 days"]);
        assert_eq!([1, 405_000_000, 3_200_000_000].map(size), ["1 MB", "405 MB", "3.2 GB"]);
        assert_eq!([0, 999, 1_000, 1_234_567].map(number), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!((of(1, "object"), of(2, "object")), ("1 object".into(), "2 objects".into()));
    }
}
