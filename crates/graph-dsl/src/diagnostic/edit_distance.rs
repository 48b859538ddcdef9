//! "Did you mean": the nearest known name, or nothing.

/// The candidate within an edit distance of 2 (fewer for short names), or the only one that
/// equals the name but for case, separators or a common prefix.
pub fn suggest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let candidates: Vec<&str> = candidates.into_iter().filter(|each| *each != name).collect();
    let limit = if name.chars().count() <= 3 { 1 } else { 2 };
    let nearest = candidates
        .iter()
        .map(|each| (strsim::osa_distance(name, each), *each))
        .filter(|(distance, _)| *distance <= limit)
        .min();
    if let Some((_, found)) = nearest {
        return Some(found);
    }
    if let Some(found) =
        the_only(candidates.iter().copied().filter(|each| ends_in_word(each, name)))
    {
        return Some(found);
    }
    let folded = fold(name);
    let alike = |each: &&str| {
        let other = fold(each);
        other == folded
            || (folded.len() >= 4 && (other.contains(&folded) || folded.contains(&other)))
    };
    the_only(candidates.into_iter().filter(alike))
}

fn the_only<'a>(mut found: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    match (found.next(), found.next()) {
        (Some(only), None) => Some(only),
        _ => None,
    }
}

/// `registeredOwners` ends in the word `owners`; `deviceOwnership` does not.
fn ends_in_word(candidate: &str, word: &str) -> bool {
    let start = candidate.len().checked_sub(word.len()).filter(|start| *start > 0);
    let Some((before, last)) = start.and_then(|start| candidate.split_at_checked(start)) else {
        return false;
    };
    let boundary = last.starts_with(|first: char| first.is_ascii_uppercase())
        || before.ends_with(|each: char| !each.is_ascii_alphanumeric());
    word.len() >= 4 && boundary && last.eq_ignore_ascii_case(word)
}

fn fold(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_near_name_is_suggested_and_a_far_one_is_not() {
        let known = ["endpoint", "method", "body"];
        assert_eq!(suggest("endpont", known), Some("endpoint"));
        assert_eq!(suggest("metod", known), Some("method"));
        assert_eq!(suggest("permission", known), None);
        let owners = ["registeredOwners", "deviceOwnership", "registeredUsers"];
        assert_eq!(suggest("owners", owners), Some("registeredOwners"));
        assert_eq!(suggest("maxAttempts", ["max_attempts", "jitter"]), Some("max_attempts"));
    }
}
