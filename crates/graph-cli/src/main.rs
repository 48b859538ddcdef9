//! graphctl.
fn main() {}
