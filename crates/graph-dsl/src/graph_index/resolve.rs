//! Walking a path through one cloud's metadata, segment by segment.

use super::{
    CloudBits, GraphIndex, MemberRecord, OperationRecord, PathSegment, Role, RootRecord,
    SegmentKind, TypeRef,
};

/// Collections whose keys are words, `…/authenticationMethodConfigurations/sms`.
const WORD_KEYS: &[&str] = &["/authenticationMethodConfigurations"];

/// What part of a path addresses.
#[derive(Clone, Debug)]
pub struct Place<'i> {
    /// Canonical spelling: Graph's letter case, keys as `{id}`, parameters as `name={value}`.
    pub path: String,
    /// What kind of thing it is.
    pub kind: PlaceKind,
    /// Its type; `None` behind an action without a result.
    pub of: Option<TypeRef>,
    /// Whether the segment is spelled as Graph spells it.
    pub spelled: bool,
    /// The entity set or singleton that the path starts with.
    pub root: &'i RootRecord,
    /// The last navigation or structural property on the way, with the type that declares it.
    pub member: Option<(usize, &'i MemberRecord)>,
    /// The action or function that is called here.
    pub operation: Option<&'i OperationRecord>,
}

/// What kind of thing a path addresses.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum PlaceKind {
    /// `/users`
    EntitySet,
    /// `/directory`
    Singleton,
    /// An item of a collection, by key.
    Key,
    /// A navigation property.
    Navigation,
    /// A structural property.
    Property,
    /// The same as a derived type.
    Cast,
    /// `$ref`
    Ref,
    /// `$count`
    Count,
    /// `$value`
    Value,
    /// An action: POST.
    Action,
    /// A function: GET.
    Function,
}

/// Why a path ends.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Miss {
    /// No entity set or singleton has this name.
    Root,
    /// The type has neither such a property nor such an operation.
    Member(TypeRef),
    /// A key behind what is no collection.
    Key(TypeRef),
    /// No alternate key of this name.
    AlternateKey(TypeRef),
    /// A cast to a type that is not derived from this one; the other is unknown when `None`.
    Cast(TypeRef, Option<usize>),
    /// A function of this name, with other parameters.
    Parameters(Vec<String>),
    /// `$ref` where nothing is linked.
    Link(TypeRef),
    /// Nothing can follow here.
    End,
}

/// How far a path leads.
#[derive(Clone, Debug)]
pub struct Resolution<'i> {
    /// One place per segment that was understood.
    pub places: Vec<Place<'i>>,
    /// Why the next segment was not.
    pub miss: Option<Miss>,
}

impl<'i> Resolution<'i> {
    /// What the whole path addresses.
    pub fn whole(&self) -> Option<&Place<'i>> {
        self.places.last().filter(|_| self.miss.is_none())
    }
}

impl Place<'_> {
    /// The link that was followed to get here, `members` in `/groups/{id}/members/{id}`.
    pub fn link(&self) -> Option<(usize, &MemberRecord)> {
        self.member.filter(|(_, member)| member.role == Role::Reference)
    }
}

impl GraphIndex<'_> {
    /// Walks a path in one cloud. Names are found in any letter case.
    pub fn resolve(&self, segments: &[PathSegment], cloud: CloudBits) -> Resolution<'_> {
        let mut places: Vec<Place<'_>> = Vec::with_capacity(segments.len());
        for segment in segments {
            let step = match places.last() {
                None => self.first(segment, cloud),
                Some(place) => self.step(place, segment, cloud),
            };
            match step {
                Ok(place) => places.push(place),
                Err(miss) => return Resolution { places, miss: Some(miss) },
            }
        }
        let miss = segments.is_empty().then_some(Miss::Root);
        Resolution { places, miss }
    }

    fn first(&self, segment: &PathSegment, cloud: CloudBits) -> Result<Place<'_>, Miss> {
        let name = segment.name();
        let there = || self.data.roots.iter().filter(|root| root.clouds & cloud != 0);
        let root = there()
            .find(|root| self.text(root.name) == name)
            .or_else(|| there().find(|root| self.text(root.name).eq_ignore_ascii_case(name)))
            .ok_or(Miss::Root)?;
        let known = self.text(root.name);
        let many = root.of.is_many();
        let place = Place {
            path: format!("/{known}"),
            kind: if many { PlaceKind::EntitySet } else { PlaceKind::Singleton },
            of: Some(root.of),
            spelled: known == name,
            root,
            member: None,
            operation: None,
        };
        self.with_key(place, segment, cloud)
    }

    fn step<'i>(
        &'i self,
        place: &Place<'i>,
        segment: &PathSegment,
        cloud: CloudBits,
    ) -> Result<Place<'i>, Miss> {
        let ends = matches!(place.kind, PlaceKind::Ref | PlaceKind::Count | PlaceKind::Value);
        let of = place.of.filter(|_| !ends).ok_or(Miss::End)?;
        match &segment.kind {
            SegmentKind::Placeholder => key(place, of),
            SegmentKind::System => system(place, of, &segment.text),
            _ if is_cast(segment.name()) => {
                let cast = self.cast(place, of, segment.name(), cloud);
                cast.or_else(|miss| self.operation(place, of, segment, cloud).map_err(|_| miss))
            }
            _ => self.named(place, of, segment, cloud),
        }
    }

    fn named<'i>(
        &'i self,
        place: &Place<'i>,
        of: TypeRef,
        segment: &PathSegment,
        cloud: CloudBits,
    ) -> Result<Place<'i>, Miss> {
        let called = self.operation(place, of, segment, cloud);
        let Err(miss @ Miss::Member(_)) = called else { return called };
        let member =
            (!of.is_many()).then(|| self.member(of.position(), segment.name(), cloud)).flatten();
        if let Some((owner, member)) = member {
            let known = self.text(member.name);
            let navigates = member.role != Role::Property;
            let next = Place {
                path: format!("{}/{known}", place.path),
                kind: if navigates { PlaceKind::Navigation } else { PlaceKind::Property },
                of: Some(member.of),
                spelled: known == segment.name(),
                member: Some((owner, member)),
                operation: None,
                ..*place
            };
            return self.with_key(next, segment, cloud);
        }
        let word = WORD_KEYS.iter().any(|end| place.path.ends_with(end));
        let literal = matches!(segment.kind, SegmentKind::Name) && of.is_many();
        if literal && (word || looks_like_a_key(&segment.text)) {
            key(place, of)
        } else {
            Err(miss)
        }
    }

    fn cast<'i>(
        &'i self,
        place: &Place<'i>,
        of: TypeRef,
        name: &str,
        cloud: CloudBits,
    ) -> Result<Place<'i>, Miss> {
        let full = if name.len() > 6 && name[..6].eq_ignore_ascii_case("graph.") {
            format!("microsoft.{name}")
        } else {
            name.to_owned()
        };
        let there = |at: &usize| self.record(*at).clouds & cloud != 0;
        let found = self.type_named(&full).filter(there).ok_or(Miss::Cast(of, None))?;
        if !self.is_a(found, of.position(), cloud) {
            return Err(Miss::Cast(of, Some(found)));
        }
        let known = self.text(self.record(found).name);
        Ok(Place {
            path: format!("{}/{known}", place.path),
            kind: PlaceKind::Cast,
            of: Some(of.cast(found)),
            spelled: full == known,
            operation: None,
            ..*place
        })
    }

    fn operation<'i>(
        &'i self,
        place: &Place<'i>,
        of: TypeRef,
        segment: &PathSegment,
        cloud: CloudBits,
    ) -> Result<Place<'i>, Miss> {
        let written = segment.name();
        let last = written.rsplit('.').next().unwrap_or(written);
        let found = self.operations_on(of, Some(last), cloud);
        let nearest = found.first().ok_or(Miss::Member(of))?.binding;
        let overloads: Vec<_> = found.into_iter().filter(|it| it.binding == nearest).collect();
        let wanted: &[String] = match &segment.kind {
            SegmentKind::Call { parameters, .. } => parameters,
            _ => &[],
        };
        let fits = |operation: &&OperationRecord| self.accepts(operation, wanted);
        let chosen = overloads.iter().copied().filter(fits).min_by_key(|it| it.parameters.len());
        let chosen = match chosen {
            Some(chosen) => chosen,
            None if overloads[0].is_action => {
                overloads.iter().copied().min_by_key(|it| it.parameters.len()).ok_or(Miss::End)?
            }
            None => {
                let shape = |it: &&OperationRecord| self.operation_segment(it);
                return Err(Miss::Parameters(overloads.iter().map(shape).collect()));
            }
        };
        Ok(Place {
            path: format!("{}/{}", place.path, self.operation_segment(chosen)),
            kind: if chosen.is_action { PlaceKind::Action } else { PlaceKind::Function },
            of: chosen.returns,
            spelled: self.operation_name(chosen) == last,
            root: place.root,
            member: None,
            operation: Some(chosen),
        })
    }

    /// Whether a function can be called with these parameters.
    fn accepts(&self, operation: &OperationRecord, wanted: &[String]) -> bool {
        let named = |wanted: &String| {
            let mut all = operation.parameters.iter();
            all.any(|it| self.text(it.name).eq_ignore_ascii_case(wanted))
        };
        let given = |name: &str| wanted.iter().any(|wanted| wanted.eq_ignore_ascii_case(name));
        let is_function = !operation.is_action;
        wanted.iter().all(named)
            && operation
                .parameters
                .iter()
                .all(|it| !is_function || !it.required || given(self.text(it.name)))
    }

    /// `assignLicense`, `reminderView(StartDateTime={value})`, `microsoft.graph.identityGovernance.activate`.
    fn operation_segment(&self, operation: &OperationRecord) -> String {
        let name = self.text(operation.name);
        let short = super::short(name);
        let mut segment = if short.contains('.') { name } else { short }.to_owned();
        if !operation.is_action && !operation.parameters.is_empty() {
            let parameter =
                |it: &super::ParameterRecord| format!("{}={{value}}", self.text(it.name));
            let all: Vec<String> = operation.parameters.iter().map(parameter).collect();
            segment = format!("{segment}({})", all.join(","));
        }
        segment
    }

    /// Applies the key that a segment carries: `users('…')`, `applications(appId='…')`.
    fn with_key<'i>(
        &'i self,
        place: Place<'i>,
        segment: &PathSegment,
        cloud: CloudBits,
    ) -> Result<Place<'i>, Miss> {
        let of = place.of.ok_or(Miss::End)?;
        match &segment.kind {
            SegmentKind::Keyed { .. } => {
                key(&place, of).map(|key| Place { spelled: place.spelled, ..key })
            }
            SegmentKind::Call { parameters, .. } => {
                let lineage = self.lineage(of.position(), cloud);
                let mut keys = lineage.iter().flat_map(|it| &self.record(*it).alternate_keys);
                let [wanted] = parameters.as_slice() else { return Err(Miss::AlternateKey(of)) };
                let found = keys.find(|key| self.text(**key).eq_ignore_ascii_case(wanted));
                let found = found.filter(|_| of.is_many()).ok_or(Miss::AlternateKey(of))?;
                let path = format!("{}({}={{value}})", place.path, self.text(*found));
                Ok(Place { path, kind: PlaceKind::Key, of: Some(of.one()), ..place })
            }
            _ => Ok(place),
        }
    }
}

fn key<'i>(place: &Place<'i>, of: TypeRef) -> Result<Place<'i>, Miss> {
    if !of.is_many() || place.kind == PlaceKind::Function {
        return Err(Miss::Key(of));
    }
    Ok(Place {
        path: format!("{}/{{id}}", place.path),
        kind: PlaceKind::Key,
        of: Some(of.one()),
        spelled: true,
        ..*place
    })
}

fn system<'i>(place: &Place<'i>, of: TypeRef, name: &str) -> Result<Place<'i>, Miss> {
    let kind = match name {
        "$count" if of.is_many() => PlaceKind::Count,
        "$value" if !of.is_many() => PlaceKind::Value,
        "$ref" if place.link().is_some() => PlaceKind::Ref,
        "$ref" => return Err(Miss::Link(of)),
        _ => return Err(Miss::Member(of)),
    };
    Ok(Place { path: format!("{}/{name}", place.path), kind, operation: None, ..*place })
}

fn is_cast(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    lower.starts_with("microsoft.graph.") || lower.starts_with("graph.")
}

/// A GUID, an address, anything that no name of Graph looks like.
fn looks_like_a_key(text: &str) -> bool {
    text.contains(|each: char| each.is_ascii_digit() || matches!(each, '@' | '-' | '~' | '!' | ','))
}
