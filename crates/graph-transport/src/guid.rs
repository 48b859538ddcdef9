//! GUIDs that name requests.

/// A GUID of random bits (RFC 9562, version 4).
pub(crate) fn guid(bits: u128) -> String {
    let bits = bits & !(0xf000_u128 << 64) & !(0xc000_u128 << 48)
        | (0x4000_u128 << 64)
        | (0x8000_u128 << 48);
    let hex = format!("{bits:032x}");
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}
