//! Clouds of a system file and the metadata that describes them.

/// A cloud's name in a file, its metadata in the index, and what people call that metadata.
///
/// One schema serves both US Gov clouds (facts: metadata, first table); that they equal is unverified.
pub(crate) const CLOUDS: [(&str, &str, &str); 7] = [
    ("global", "prod", "the worldwide cloud"),
    ("us_gov_l4", "fairfax", "US Gov (Fairfax)"),
    ("us_gov_l5", "fairfax", "US Gov (Fairfax)"),
    ("china", "mooncake", "China (Mooncake)"),
    ("bleu", "bleu", "Bleu"),
    ("delos", "delos", "Delos"),
    ("govsg", "govsg", "GovSG"),
];

/// The metadata of a cloud, as the index names it: `fairfax` of `us_gov_l4`.
pub fn metadata_of(cloud: &str) -> Option<&'static str> {
    CLOUDS.iter().find(|(name, _, _)| *name == cloud).map(|(_, metadata, _)| *metadata)
}
