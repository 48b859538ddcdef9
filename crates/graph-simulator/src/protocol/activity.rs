//! `signInActivity`: who may ask for it, and in what way (facts: graph-protocol 10.9).

use super::call::Call;
use super::errors::Refusal;
use super::sets::not_premium;
use crate::directory::Directory;
use crate::tenant::Plan;

const PROPERTY: &str = "signInActivity";
const READ: &[&str] = &["AuditLog.Read.All"];

/// Larger pages are not to be had with it, whatever `$top` says.
pub(crate) const LARGEST_PAGE: u64 = 500;

/// Whether a request selects the activity or filters by it; refuses one that may not.
pub(crate) fn asked(call: &Call<'_>, directory: Directory<'_>) -> Result<bool, Refusal> {
    let filter = call.query.filter.as_deref().unwrap_or_default();
    let filtered = filter.contains(PROPERTY);
    let selected = call.query.select.iter().flatten().any(|name| name == PROPERTY);
    if !(filtered || selected) {
        return Ok(false);
    }
    if !call.roles.has_any(READ) {
        return Err(Refusal::forbidden());
    }
    if directory.tenant.plan() < Plan::P1 {
        return Err(not_premium());
    }
    let words = filter.split_whitespace();
    let others = words.filter(|word| ["and", "or"].contains(word)).count();
    if filtered && others > 0 && filter.matches(PROPERTY).count() <= others {
        return Err(Refusal::unsupported(
            "Filter by signInActivity cannot be combined with other filters.",
        ));
    }
    Ok(true)
}
