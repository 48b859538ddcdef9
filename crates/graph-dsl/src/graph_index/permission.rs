//! Which permissions allow a call: our repairs first, then the permission map.

use std::cmp::Reverse;

use super::{CallRecord, ClaimRecord, GraphIndex, Mark, PermissionRepair};

/// Permissions that are needed together.
pub type PermissionSet = Vec<String>;

/// What a call needs, as far as Microsoft's permission map and our repairs of it say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Needs {
    /// Sets of application permissions that allow it, the least first. Empty when there is none.
    pub application: Vec<PermissionSet>,
    /// The same for a signed-in user.
    pub delegated: Vec<PermissionSet>,
    /// Whether the first of `application` can be trusted to be the least: one plausible mark, or ours.
    pub is_least_known: bool,
    /// How many of `application`, from the first, count as least: more than one where the map marks
    /// several, or where different properties need different permissions.
    pub least_marks: usize,
    /// Why the permission map is not followed, when it is not.
    pub reason: Option<String>,
}

impl Needs {
    /// Only a signed-in user can make the call.
    pub fn is_delegated_only(&self) -> bool {
        self.application.is_empty() && !self.delegated.is_empty()
    }

    /// The least that the call needs, as a command would declare it.
    pub(crate) fn permission(&self) -> crate::Permission {
        let mut permission = crate::Permission::application(self.least());
        if self.is_delegated_only() {
            permission.delegated = self.delegated.first().cloned().unwrap_or_default();
        }
        permission
    }

    /// Nothing is known about the call.
    pub fn is_unknown(&self) -> bool {
        self.application.is_empty() && self.delegated.is_empty()
    }

    /// The least application permissions, all of them needed; empty when there is none or it is not known.
    pub fn least(&self) -> &[String] {
        self.application.first().filter(|_| self.is_least_known).map_or(&[], Vec::as_slice)
    }
}

/// Where a claim stands: least first, then by what it gives.
struct Ranked {
    set: Vec<PermissionSet>,
    is_least: bool,
    writes: bool,
    rank: (bool, u8, bool, u16, String),
}

impl GraphIndex<'_> {
    /// Whether Graph knows a permission, and in which schemes: application, delegated.
    pub fn permission_kinds(&self, name: &str) -> Option<(bool, bool)> {
        let found =
            self.data.permissions.binary_search_by(|it| self.text(it.name).cmp(name)).ok()?;
        let record = &self.data.permissions[found];
        Some((record.application > 0, record.delegated > 0))
    }

    /// Every permission that Graph knows.
    pub fn permission_names(&self) -> impl Iterator<Item = &str> {
        self.data.permissions.iter().map(|it| self.text(it.name))
    }

    /// Whether the permission map or our own list names the call, by canonical path.
    pub fn lists(&self, method: &str, path: &str) -> bool {
        self.call(method, path).is_some() || self.is_documented(method, path)
    }

    /// Whether a call is documented although no convention gives it.
    pub fn is_documented(&self, method: &str, path: &str) -> bool {
        self.data.overlay.calls.iter().any(|it| it.method == method && it.path == path)
    }

    /// Whether the permission map knows a path, whatever the method; for paths in no metadata.
    pub fn knows_path(&self, path: &str) -> bool {
        let at = self.data.calls.partition_point(|it| self.lower(it) < path.to_ascii_lowercase());
        self.data.calls.get(at).is_some_and(|it| self.text(it.path).eq_ignore_ascii_case(path))
    }

    fn lower(&self, call: &CallRecord) -> String {
        self.text(call.path).to_ascii_lowercase()
    }

    /// What a call needs: documented, else as the same resource addressed otherwise.
    pub fn needs(&self, method: &str, path: &str) -> Needs {
        let repair = self.data.overlay.permissions.iter();
        let repair = repair.clone().find(|it| it.method == method && it.path == path);
        let mut found = self.mapped(method, path).map_or_else(Needs::default, |claims| {
            let (application, least_marks) = self.ranked(claims, method, |it| it.application);
            let (delegated, _) = self.ranked(claims, method, |it| it.delegated);
            let is_least_known = least_marks > 0;
            Needs { application, delegated, is_least_known, least_marks, reason: None }
        });
        if let Some(repair) = repair {
            apply(repair, &mut found);
        }
        found
    }

    fn mapped(&self, method: &str, path: &str) -> Option<&[ClaimRecord]> {
        std::iter::once(path.to_owned())
            .chain(fallbacks(method, path))
            .find_map(|path| self.call(method, &path))
            .map(|call| self.data.claims[call.claims as usize].as_slice())
    }

    fn call(&self, method: &str, path: &str) -> Option<&CallRecord> {
        let key = (path.to_ascii_lowercase(), method);
        let found = self.data.calls.binary_search_by(|it| {
            (self.lower(it), self.text(it.method)).cmp(&(key.0.clone(), key.1))
        });
        found.ok().map(|at| &self.data.calls[at])
    }

    /// Sets of permissions in the order of preference, and how many of the first are plausibly the least.
    fn ranked(
        &self,
        claims: &[ClaimRecord],
        method: &str,
        mark: impl Fn(&ClaimRecord) -> Option<Mark>,
    ) -> (Vec<PermissionSet>, usize) {
        let changes = (method != "POST").then_some(method != "GET");
        let mut all: Vec<Ranked> = Vec::new();
        for claim in claims {
            if let Some(mark) = mark(claim) {
                all.push(self.rank(claim, mark, changes));
            }
        }
        all.sort_by(|a, b| a.rank.cmp(&b.rank));
        let least: Vec<&Ranked> = all.iter().filter(|it| it.is_least).collect();
        let read_for_write = changes == Some(true) && !least.iter().any(|it| it.writes);
        let write_for_read = changes == Some(false)
            && least.iter().all(|it| it.writes)
            && !all.iter().filter(|it| !it.is_least).all(|it| it.writes);
        let plausible = !least.is_empty() && !read_for_write && !write_for_read;
        if !plausible {
            // The mark cannot be right: what fits the method comes first.
            all.sort_by_key(|it| {
                (changes.is_some_and(|changes| it.writes != changes), it.rank.clone())
            });
        }
        let (mut sets, mut marks): (Vec<PermissionSet>, usize) = (Vec::new(), 0);
        for Ranked { set, is_least, .. } in all {
            for set in set {
                if !sets.contains(&set) {
                    marks += usize::from(is_least && plausible);
                    sets.push(set);
                }
            }
        }
        (sets, marks)
    }

    fn rank(&self, claim: &ClaimRecord, mark: Mark, changes: Option<bool>) -> Ranked {
        let record = self.data.permissions[usize::from(claim.permission)];
        let name = self.text(record.name).to_owned();
        let writes = !is_reading(&name);
        let besides = claim
            .besides
            .iter()
            .map(|at| self.text(self.data.permissions[usize::from(*at)].name).to_owned());
        let mut set: Vec<PermissionSet> = besides.map(|other| vec![name.clone(), other]).collect();
        if set.is_empty() {
            set.push(vec![name.clone()]);
        }
        let level = if record.application > 0 { record.application } else { record.delegated };
        let misfit = changes.is_some_and(|changes| writes != changes);
        let is_least = mark == Mark::Least;
        Ranked {
            set,
            is_least,
            writes: writes || name.contains("ReadWrite"),
            rank: (!is_least, level, misfit, record.breadth, name),
        }
    }
}

fn apply(repair: &PermissionRepair<'_>, found: &mut Needs) {
    let sets = |sets: &[Vec<&str>]| -> Vec<PermissionSet> {
        sets.iter().map(|set| set.iter().map(|name| (*name).to_owned()).collect()).collect()
    };
    let merge = |ours: &[Vec<&str>], theirs: &mut Vec<PermissionSet>| {
        let mut merged = sets(ours);
        if !merged.is_empty() && !repair.replaces {
            // What the map lists besides still allows the call, unless it is part of what is needed.
            let part = |set: &PermissionSet| {
                merged.iter().any(|ours| set.iter().all(|name| ours.contains(name)))
            };
            let kept: Vec<PermissionSet> = theirs.drain(..).filter(|set| !part(set)).collect();
            merged.extend(kept);
        }
        *theirs = merged;
    };
    if let Some(application) = &repair.application {
        merge(application, &mut found.application);
        found.is_least_known = !application.is_empty() && !repair.depends_on_type;
        found.least_marks = application.len();
    }
    if let Some(delegated) = &repair.delegated {
        merge(delegated, &mut found.delegated);
    }
    found.reason = Some(repair.reason.to_owned());
}

/// `User.Read.All` and `User.ReadBasic.All`, not `User.ReadWrite.All`.
fn is_reading(name: &str) -> bool {
    name.split('.').skip(1).any(|part| matches!(part, "Read" | "ReadBasic"))
}

/// Paths whose permissions hold for this one, too: by id for an alternate key, the listed path for
/// its `$count`, `$value`, `$ref` or cast (facts: metadata, Columns, `via`).
fn fallbacks(method: &str, path: &str) -> Vec<String> {
    let mut found = Vec::new();
    if let (Some(open), Some(close)) = (path.find('('), path.find("={value})")) {
        found.push(format!("{}/{{id}}{}", &path[..open], &path[close + 9..]));
    }
    let (base, last) = path.rsplit_once('/').unwrap_or((path, ""));
    let reads = method == "GET";
    if last == "$value" || (reads && matches!(last, "$count" | "$ref")) {
        found.push(base.to_owned());
        let (before, cast) = base.rsplit_once('/').unwrap_or((base, ""));
        if reads && cast.starts_with("microsoft.graph.") {
            found.push(before.to_owned());
        }
    } else if reads && last.starts_with("microsoft.graph.") {
        found.push(base.to_owned());
    }
    found.sort_by_key(|path| Reverse(path.len()));
    found
}

/// A name without `microsoft.graph.`.
pub(crate) fn short(name: &str) -> &str {
    name.strip_prefix("microsoft.graph.").unwrap_or(name)
}
