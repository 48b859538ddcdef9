//! The items of a delta page: partial objects, tombstones and slices of relationships.

use std::sync::Arc;

use super::call::Call;
use super::json::Json;
use super::select::Selection;
use crate::directory::changes::{Change, EdgeReport, MembershipReports, StageEdges, Version};
use crate::directory::{Directory, Object, Relation};
use crate::settings::{DeltaLiberties, Settings};
use crate::tenant::mix::mix;
use crate::tenant::property::Property;
use crate::tenant::view::write_id;
use crate::tenant::{Handle, Kind, Stage};

/// How much of a page is left.
pub(crate) struct Budget {
    objects: u64,
    edges: u64,
}

impl Budget {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self { objects: settings.delta_page_size, edges: settings.delta_page_edges }
    }
}

/// Where in a round a page ends: the next slot, and the next edge within its object.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Progress {
    pub(crate) slot: u64,
    pub(crate) member: u64,
}

/// One delta round over a kind.
pub(crate) struct Round<'a> {
    directory: Directory<'a>,
    kind: Kind,
    selection: &'a Selection,
    since: Option<Version>,
    /// From where on changes that the reader knows are reported again.
    replayed: Option<Version>,
    relations: Vec<Relation>,
    minimal: bool,
    liberties: DeltaLiberties,
    reports: MembershipReports,
    stage_edges: Arc<StageEdges>,
    /// Items carry `@odata.type`.
    typed: bool,
}

impl<'a> Round<'a> {
    pub(crate) fn new(
        call: &Call<'_>,
        directory: Directory<'a>,
        kind: Kind,
        selection: &'a Selection,
        since: Option<Version>,
        typed: bool,
    ) -> Self {
        let wanted = |relation: &Relation| selection.names(name(*relation));
        let mut relations: Vec<Relation> = relations(kind).iter().copied().filter(wanted).collect();
        if kind == Kind::Group && selection.is_default() {
            relations.push(Relation::Members);
        }
        let liberties = call.settings.delta_liberties;
        let replayed = since.filter(|_| liberties.replay_moments > 0).map(|since| Version {
            moment: since.moment.saturating_sub(liberties.replay_moments),
            ..since
        });
        let reports = call.settings.membership_reports;
        let stage_edges = match since {
            Some(since) if kind == Kind::Group && relations.contains(&Relation::Members) => {
                call.stage_edges.get(directory, since, reports)
            }
            _ => Arc::default(),
        };
        let minimal = call.prefers("return=minimal");
        Self {
            directory,
            kind,
            selection,
            since,
            replayed,
            relations,
            minimal,
            liberties,
            reports,
            stage_edges,
            typed,
        }
    }

    /// Writes objects from a slot on; false when the page is full before the round is over.
    pub(crate) fn write_from(
        &self,
        progress: &mut Progress,
        budget: &mut Budget,
        json: &mut Json,
    ) -> bool {
        if self.is_idle() {
            return true;
        }
        for handle in self.directory.handles(self.kind, progress.slot) {
            if handle.slot != progress.slot {
                *progress = Progress { slot: handle.slot, member: 0 };
            }
            if !self.write_object(handle, &mut progress.member, budget, json) {
                return false;
            }
            if self.is_repeated(handle) && budget.objects > 0 {
                // A repetition that finds no room for all its edges is cut: it says nothing new.
                self.write_object(handle, &mut 0, budget, json);
            }
        }
        true
    }

    fn is_repeated(&self, handle: Handle) -> bool {
        self.liberties.repeat_one_in > 0
            && mix(handle.slot).is_multiple_of(self.liberties.repeat_one_in)
    }

    /// Nothing can have changed since the reader's version.
    fn is_idle(&self) -> bool {
        self.replayed.is_none()
            && self.since.is_some_and(|since| {
                since.moment == self.directory.moment
                    && since.sequence == self.directory.overlay.sequence()
            })
    }

    /// Writes what the round says about one object; false when the page is full, and the object or
    /// the rest of its edges must wait.
    pub(crate) fn write_object(
        &self,
        handle: Handle,
        member: &mut u64,
        budget: &mut Budget,
        json: &mut Json,
    ) -> bool {
        let change = self.change(handle);
        match change {
            Change::None => return true,
            _ if budget.objects == 0 => return false,
            Change::SoftDeleted | Change::Purged => {
                budget.objects -= 1;
                self.write_removed(handle, change, json);
                return true;
            }
            Change::Appeared | Change::Updated | Change::Replayed => {}
        }
        let appeared = change == Change::Appeared;
        let replayed = change == Change::Replayed;
        let since = if replayed { self.replayed } else { self.since };
        let edges = self.edges(handle, since, appeared);
        let object = self.directory.object(handle);
        let before = self.since.map(|since| self.directory.at(since.moment).object(handle));
        if change == Change::Updated
            && edges.iter().all(|(_, reports)| reports.is_empty())
            && !self.surfaces(&object, before.as_ref())
        {
            return true;
        }
        budget.objects -= 1;
        self.begin(&object, json);
        self.write_properties(&object, before.as_ref().filter(|_| change == Change::Updated), json);
        let complete = self.write_edges(&edges, member, budget, json);
        json.end_object();
        complete
    }

    fn change(&self, handle: Handle) -> Change {
        match self.directory.change(handle, self.since, &self.relations) {
            Change::None
                if self.stage_edges.contains_key(&handle)
                    && self.directory.object(handle).is_live() =>
            {
                Change::Updated
            }
            Change::None
                if self.replayed.is_some()
                    && self.directory.change(handle, self.replayed, &self.relations)
                        != Change::None =>
            {
                match self.removal(handle) {
                    Change::None => Change::Replayed,
                    removal => removal,
                }
            }
            Change::None if self.since.is_none() && self.liberties.removed_in_first_round => {
                self.removal(handle)
            }
            change => change,
        }
    }

    /// What the first round says of an object that is not there.
    fn removal(&self, handle: Handle) -> Change {
        match self.directory.object(handle).stage() {
            Stage::SoftDeleted => Change::SoftDeleted,
            Stage::Purged => Change::Purged,
            Stage::Live | Stage::Unborn => Change::None,
        }
    }

    fn write_removed(&self, handle: Handle, change: Change, json: &mut Json) {
        self.begin(&self.directory.object(handle), json);
        json.key("@removed");
        json.begin_object();
        json.key("reason");
        json.string(if change == Change::Purged { "deleted" } else { "changed" });
        json.end_object();
        json.end_object();
    }

    fn begin(&self, object: &Object<'_>, json: &mut Json) {
        json.begin_object();
        if self.typed {
            json.key("@odata.type");
            json.string(self.kind.odata_type());
        }
        json.key("id");
        json.string(&object.key());
    }

    /// Whether a change touched anything that is selected, or the object is back from the recycle bin
    /// (facts: graph-protocol 5.3).
    fn surfaces(&self, object: &Object<'_>, before: Option<&Object<'_>>) -> bool {
        let written = object
            .patch()
            .is_some_and(|patch| self.since.is_some_and(|since| patch.changed > since.sequence));
        let away = self.since.is_some_and(|since| self.directory.was_away(object.handle(), since));
        written
            || away
            || self
                .selected()
                .any(|property| before.is_none_or(|before| self.moved(object, before, property)))
    }

    /// Whether a property has another value than before, or had one in between: what was set and set
    /// back is reported too, because somebody may have read it meanwhile.
    fn moved(&self, object: &Object<'_>, before: &Object<'_>, property: &Property) -> bool {
        let since = self.since.map_or(self.directory.moment, |since| since.moment);
        let mut between =
            (since + 1..self.directory.moment).map(|moment| self.directory.at(moment));
        differ(object, before, property)
            || between.any(|then| differ(&then.object(object.handle()), before, property))
    }

    fn selected(&self) -> impl Iterator<Item = &'static Property> + '_ {
        self.selection.properties(self.kind).iter().copied().filter(|property| {
            property.name != "id" && !property.outside && property.observed.is_none()
        })
    }

    /// Writes the selected properties: a null only where the property may have held something.
    fn write_properties(&self, object: &Object<'_>, before: Option<&Object<'_>>, json: &mut Json) {
        let known =
            self.since.is_some() && before.is_none() && object.handle().slot < self.known_slots();
        for property in self.selected() {
            let (length, comma) = (json.len(), json.comma());
            json.key(property.name);
            let start = json.len();
            object.write(property, json);
            let null = &json.as_bytes()[start..] == b"null";
            let cleared = || {
                known
                    || object.is_written(property)
                    || before.is_some_and(|before| self.moved(object, before, property))
            };
            let unchanged = || {
                before.is_some_and(|before| {
                    !object.is_written(property) && !self.moved(object, before, property)
                })
            };
            if (null && !cleared()) || (self.minimal && unchanged()) {
                json.rewind(length, comma);
            }
        }
        self.selection.write_extensions(object, true, json);
    }

    /// Slots that the reader may have heard of before.
    fn known_slots(&self) -> u64 {
        self.since.map_or(0, |since| self.directory.tenant.schedule(self.kind).slots(since.moment))
    }

    fn edges(
        &self,
        handle: Handle,
        since: Option<Version>,
        appeared: bool,
    ) -> Vec<(Relation, Vec<EdgeReport>)> {
        let reports = |relation: Relation| match relation {
            Relation::Members if self.kind == Kind::Group => {
                self.member_changes(handle, since, appeared)
            }
            Relation::Manager => self.directory.manager_changes(handle, since, appeared),
            relation => self.directory.target_changes(relation, handle, since, appeared),
        };
        self.relations.iter().map(|relation| (*relation, reports(*relation))).collect()
    }

    fn member_changes(
        &self,
        group: Handle,
        since: Option<Version>,
        appeared: bool,
    ) -> Vec<EdgeReport> {
        let since = match since {
            None if self.liberties.removed_in_first_round => Some(Version::default()),
            since => since,
        };
        self.directory.member_changes(group, since, appeared, self.reports, &self.stage_edges)
    }

    /// Writes a slice of the edges from `member` on; false when the page ends before they do.
    fn write_edges(
        &self,
        edges: &[(Relation, Vec<EdgeReport>)],
        member: &mut u64,
        budget: &mut Budget,
        json: &mut Json,
    ) -> bool {
        let mut passed = 0;
        for (relation, reports) in edges {
            let skip = usize::try_from(member.saturating_sub(passed))
                .unwrap_or(usize::MAX)
                .min(reports.len());
            passed += u64::try_from(reports.len()).expect("a length");
            let rest = &reports[skip..];
            let take = rest.len().min(usize::try_from(budget.edges).unwrap_or(usize::MAX));
            if take > 0 {
                self.write_slice(*relation, &rest[..take], json);
                budget.edges -= u64::try_from(take).expect("a length");
                *member += u64::try_from(take).expect("a length");
            }
            if take < rest.len() {
                return false;
            }
        }
        *member = 0;
        true
    }

    fn write_slice(&self, relation: Relation, reports: &[EdgeReport], json: &mut Json) {
        json.key(delta_name(relation));
        json.begin_array();
        for report in reports {
            json.begin_object();
            json.key("@odata.type");
            json.string(report.target.kind.odata_type());
            json.key("id");
            write_id(self.directory.tenant.id(report.target), json);
            if report.removed {
                json.key("@removed");
                json.raw(br#"{"reason":"deleted"}"#);
            }
            json.end_object();
        }
        json.end_array();
    }
}

fn differ(object: &Object<'_>, before: &Object<'_>, property: &Property) -> bool {
    let mut now = Json::with_capacity(64);
    object.write(property, &mut now);
    let mut then = Json::with_capacity(64);
    before.write(property, &mut then);
    now.as_bytes() != then.as_bytes() || before.stage() == Stage::Unborn
}

const fn relations(kind: Kind) -> &'static [Relation] {
    match kind {
        Kind::User => &[Relation::Manager],
        Kind::Group => &[Relation::Members, Relation::Owners],
        Kind::Application | Kind::ServicePrincipal => &[Relation::Owners],
        Kind::AdministrativeUnit | Kind::DirectoryRole => &[Relation::Members],
        Kind::OrgContact | Kind::OAuth2PermissionGrant | Kind::AppRoleAssignment => &[],
        Kind::Device => &[Relation::RegisteredOwners, Relation::RegisteredUsers],
    }
}

const fn name(relation: Relation) -> &'static str {
    match relation {
        Relation::Members => "members",
        Relation::Owners => "owners",
        Relation::Manager => "manager",
        Relation::RegisteredOwners => "registeredOwners",
        Relation::RegisteredUsers => "registeredUsers",
        Relation::Sponsors => "sponsors",
    }
}

const fn delta_name(relation: Relation) -> &'static str {
    match relation {
        Relation::Members => "members@delta",
        Relation::Owners => "owners@delta",
        Relation::Manager => "manager@delta",
        Relation::RegisteredOwners => "registeredOwners@delta",
        Relation::RegisteredUsers => "registeredUsers@delta",
        Relation::Sponsors => "sponsors@delta",
    }
}
