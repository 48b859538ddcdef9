//! What requests wrote: an overlay on the scheduled tenant, kept in memory while a simulator lives.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use bytes::Bytes;
use serde_json::{Map, Value};

use super::Relation;
use super::documents::Documents;
use crate::tenant::{CREATED, Handle, Kind, ObjectId, Stage};

/// The writes made to a tenant.
#[derive(Clone, Debug, Default)]
pub(crate) struct Overlay {
    /// The number of the last write; delta tokens carry it.
    sequence: u64,
    patches: HashMap<Handle, Patch>,
    created: [u64; Kind::ALL.len()],
    principal_names: HashMap<String, Handle>,
    app_ids: HashMap<(Kind, ObjectId), Handle>,
    edges: HashMap<(Relation, Handle), BTreeMap<Handle, EdgeChange>>,
    sources: HashMap<(Relation, Handle), BTreeSet<Handle>>,
    /// Writes to users' managers, oldest first.
    managers: HashMap<Handle, Vec<ManagerChange>>,
    reports: HashMap<Handle, BTreeSet<Handle>>,
    documents: Documents,
    photos: HashMap<Handle, Option<Bytes>>,
}

/// What was written to one object.
#[derive(Clone, Debug, Default)]
pub(crate) struct Patch {
    pub(crate) properties: Map<String, Value>,
    /// Stages with the writes that set them, oldest first; they win over the schedule.
    stages: Vec<(u64, Stage)>,
    /// The last write.
    pub(crate) changed: u64,
}

impl Patch {
    /// The stage that a write set last.
    pub(crate) fn stage(&self) -> Option<Stage> {
        self.stages.last().map(|(_, stage)| *stage)
    }

    /// The stage that a write up to `sequence` set last.
    pub(crate) fn stage_at(&self, sequence: u64) -> Option<Stage> {
        self.stages.iter().rev().find(|(write, _)| *write <= sequence).map(|(_, stage)| *stage)
    }

    /// Whether a write after `sequence` set a stage.
    pub(crate) fn passed(&self, sequence: u64, stage: Stage) -> bool {
        self.stages.iter().any(|(write, set)| *write > sequence && *set == stage)
    }
}

/// The last write to one edge.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EdgeChange {
    pub(crate) present: bool,
    pub(crate) sequence: u64,
}

/// The last write to a user's manager.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ManagerChange {
    pub(crate) manager: Option<Handle>,
    pub(crate) sequence: u64,
}

impl Overlay {
    pub(crate) fn sequence(&self) -> u64 {
        self.sequence
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.sequence == 0
    }

    fn advance(&mut self) -> u64 {
        self.sequence += 1;
        self.sequence
    }

    pub(crate) fn patch(&self, handle: Handle) -> Option<&Patch> {
        if self.is_empty() { None } else { self.patches.get(&handle) }
    }

    /// Every object of a kind with writes, in no order.
    pub(crate) fn written(&self, kind: Kind) -> impl Iterator<Item = (Handle, &Patch)> {
        self.patches
            .iter()
            .filter(move |(handle, _)| handle.kind == kind)
            .map(|(handle, patch)| (*handle, patch))
    }

    /// The number of objects of a kind that requests created.
    pub(crate) fn created(&self, kind: Kind) -> u64 {
        self.created[usize::from(kind.tag() - 1)]
    }

    /// Adds an object.
    pub(crate) fn create(&mut self, kind: Kind, properties: Map<String, Value>) -> Handle {
        let sequence = self.advance();
        let count = &mut self.created[usize::from(kind.tag() - 1)];
        let handle = Handle::new(kind, CREATED + *count);
        *count += 1;
        self.index(handle, &properties);
        let patch = Patch { properties, stages: vec![(sequence, Stage::Live)], changed: sequence };
        self.patches.insert(handle, patch);
        handle
    }

    /// Sets properties of an object.
    pub(crate) fn update(&mut self, handle: Handle, properties: Map<String, Value>) {
        let sequence = self.advance();
        self.index(handle, &properties);
        let patch = self.patches.entry(handle).or_default();
        patch.changed = sequence;
        patch.properties.extend(properties);
    }

    /// Deletes, restores or purges an object.
    pub(crate) fn set_stage(&mut self, handle: Handle, stage: Stage, deleted: Option<String>) {
        let sequence = self.advance();
        let patch = self.patches.entry(handle).or_default();
        patch.stages.push((sequence, stage));
        patch.changed = sequence;
        patch
            .properties
            .insert("deletedDateTime".into(), deleted.map_or(Value::Null, Value::String));
    }

    fn index(&mut self, handle: Handle, properties: &Map<String, Value>) {
        if let Some(Value::String(name)) = properties.get("userPrincipalName") {
            self.principal_names.insert(name.to_lowercase(), handle);
        }
        if let Some(Value::String(app_id)) = properties.get("appId")
            && let Ok(app_id) = app_id.parse()
        {
            self.app_ids.insert((handle.kind, app_id), handle);
        }
    }

    /// The user that was given a principal name by a write; it may have another one by now.
    pub(crate) fn by_principal_name(&self, name: &str) -> Option<Handle> {
        self.principal_names.get(&name.to_lowercase()).copied()
    }

    pub(crate) fn by_app_id(&self, kind: Kind, app_id: ObjectId) -> Option<Handle> {
        self.app_ids.get(&(kind, app_id)).copied()
    }

    /// Adds or removes an edge.
    pub(crate) fn set_edge(
        &mut self,
        relation: Relation,
        source: Handle,
        target: Handle,
        present: bool,
    ) {
        let sequence = self.advance();
        self.edges
            .entry((relation, source))
            .or_default()
            .insert(target, EdgeChange { present, sequence });
        let sources = self.sources.entry((relation, target)).or_default();
        if present {
            sources.insert(source)
        } else {
            sources.remove(&source)
        };
    }

    /// The writes to the edges of one object.
    pub(crate) fn edges(
        &self,
        relation: Relation,
        source: Handle,
    ) -> Option<&BTreeMap<Handle, EdgeChange>> {
        if self.is_empty() { None } else { self.edges.get(&(relation, source)) }
    }

    pub(crate) fn edge(
        &self,
        relation: Relation,
        source: Handle,
        target: Handle,
    ) -> Option<EdgeChange> {
        self.edges(relation, source)?.get(&target).copied()
    }

    /// Objects to which an edge with this target was added.
    pub(crate) fn sources(
        &self,
        relation: Relation,
        target: Handle,
    ) -> impl Iterator<Item = Handle> + '_ {
        self.sources.get(&(relation, target)).into_iter().flatten().copied()
    }

    pub(crate) fn set_manager(&mut self, user: Handle, manager: Option<Handle>) {
        let sequence = self.advance();
        let changes = self.managers.entry(user).or_default();
        let before = changes.last().and_then(|change| change.manager);
        changes.push(ManagerChange { manager, sequence });
        if let Some(before) = before {
            self.reports.entry(before).or_default().remove(&user);
        }
        if let Some(manager) = manager {
            self.reports.entry(manager).or_default().insert(user);
        }
    }

    pub(crate) fn manager(&self, user: Handle) -> Option<ManagerChange> {
        if self.is_empty() { None } else { self.managers.get(&user)?.last().copied() }
    }

    /// Everybody that was written to be a user's manager.
    pub(crate) fn written_managers(&self, user: Handle) -> impl Iterator<Item = Handle> + '_ {
        self.managers.get(&user).into_iter().flatten().filter_map(|change| change.manager)
    }

    /// The last write to a user's manager up to a write.
    pub(crate) fn manager_at(&self, user: Handle, sequence: u64) -> Option<ManagerChange> {
        let changes = self.managers.get(&user)?;
        changes.iter().rev().find(|change| change.sequence <= sequence).copied()
    }

    /// Users whose manager was set to this one.
    pub(crate) fn reports(&self, manager: Handle) -> impl Iterator<Item = Handle> + '_ {
        self.reports.get(&manager).into_iter().flatten().copied()
    }

    /// What was written to the sets that are described as data.
    pub(crate) fn documents(&self) -> &Documents {
        &self.documents
    }

    /// The photo that a request gave to an object, or took from it.
    pub(crate) fn photo(&self, handle: Handle) -> Option<&Option<Bytes>> {
        self.photos.get(&handle)
    }

    /// Sets or removes the photo of an object.
    pub(crate) fn set_photo(&mut self, handle: Handle, photo: Option<Bytes>) {
        self.photos.insert(handle, photo);
    }

    /// Adds an entity to a set.
    pub(crate) fn create_document(&mut self, set: &str, key: &str, value: Map<String, Value>) {
        self.advance();
        self.documents.create(set, key, value);
    }

    /// Sets properties of an entity of a set.
    pub(crate) fn update_document(&mut self, set: &str, key: &str, value: Map<String, Value>) {
        self.advance();
        self.documents.update(set, key, value);
    }

    /// Removes an entity of a set.
    pub(crate) fn delete_document(&mut self, set: &str, key: &str) {
        self.advance();
        self.documents.delete(set, key);
    }

    /// The last write that touched the object or, where asked, its edges.
    pub(crate) fn last_write(&self, handle: Handle, relations: &[Relation]) -> u64 {
        if self.is_empty() {
            return 0;
        }
        let own = self.patches.get(&handle).map_or(0, |patch| patch.changed);
        relations
            .iter()
            .map(|relation| match relation {
                Relation::Manager => self.manager(handle).map_or(0, |change| change.sequence),
                relation => self
                    .edges(*relation, handle)
                    .and_then(|edges| edges.values().map(|change| change.sequence).max())
                    .unwrap_or(0),
            })
            .fold(own, u64::max)
    }
}
