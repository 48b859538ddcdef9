//! The keyed hash from which everything in a tenant is drawn.

/// Spreads every bit of `z` over the whole word (the finalizer of `SplitMix64`).
pub(crate) const fn mix(z: u64) -> u64 {
    let z = z.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Hashes two words.
pub(crate) const fn mix2(a: u64, b: u64) -> u64 {
    mix(mix(a) ^ b.rotate_left(23))
}

/// Hashes three words.
pub(crate) const fn mix3(a: u64, b: u64, c: u64) -> u64 {
    mix2(mix2(a, b), c)
}

/// Maps `draw` to `0..bound` without the bias or the cost of a division.
pub(crate) const fn below(draw: u64, bound: u64) -> u64 {
    ((draw as u128 * bound as u128) >> 64) as u64
}
