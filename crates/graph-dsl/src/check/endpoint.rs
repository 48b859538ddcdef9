//! Paths: unknown segments with what was meant, letter case, casts, keys, clouds.

use super::clouds::Claims;
use super::{Checker, Target, Written};
use crate::ApiVersion;
use crate::definition::Reading;
use crate::diagnostic::{Code, Finding, suggest};
use crate::graph_index::{
    CloudBits, Miss, PathSegment, Place, PlaceKind, Resolution, SegmentKind, TypeRef,
};

impl Checker<'_> {
    /// What a path addresses; reports why it addresses nothing, or nothing in a claimed cloud.
    pub(super) fn endpoint(
        &self,
        written: &Written<'_>,
        claims: &Claims,
        version: ApiVersion,
        reading: &mut Reading<'_>,
    ) -> Option<Target> {
        let beta = version == ApiVersion::Beta;
        let all = self.index.all_clouds();
        let walked: Vec<(CloudBits, Resolution<'static>)> = (0..CloudBits::BITS)
            .map(|at| 1 << at)
            .filter(|bit| bit & all != 0)
            .map(|bit| (bit, self.index.resolve(&written.segments, bit)))
            .collect();
        let have = walked.iter().filter(|(_, it)| it.whole().is_some());
        let have = have.fold(0, |bits, (bit, _)| bits | bit);
        let claimed = claims.bits();
        let best = walked.iter().filter(|(bit, _)| have & claimed & bit != 0);
        let best = best.chain(walked.iter().filter(|(bit, _)| have & bit != 0)).next();
        let Some((cloud, found)) = best else {
            if !beta {
                let furthest = walked.iter().rev().max_by_key(|(_, it)| it.places.len());
                let found = furthest.and_then(|(bit, it)| self.miss(written, it, *bit, reading));
                reading.report.extend(found);
            }
            return None;
        };
        let missing = claimed & !have;
        if missing != 0 && !beta {
            let lost = walked.iter().find(|(bit, _)| missing & bit != 0);
            let at = lost.map_or(0, |(_, it)| it.places.len().min(written.segments.len() - 1));
            let message = format!("not in the v1.0 metadata of {}", claims.describe(missing));
            let finding = Finding::new(Code::NotInCloud, written.span(at, reading), message);
            reading.report.add(finding.help(format!("say so: `{}`", claims.exclusion(missing))));
        }
        spelling(written, &found.places, reading);
        self.deprecation(written, &found.places, reading);
        let place = found.places.last()?.clone();
        Some(Target { place, cloud: *cloud, clouds: (have & claimed).max(*cloud), beta })
    }

    /// GD0434.
    fn deprecation(&self, written: &Written<'_>, places: &[Place<'_>], reading: &mut Reading<'_>) {
        for (at, place) in places.iter().enumerate() {
            let own = match place.kind {
                PlaceKind::Navigation | PlaceKind::Property => {
                    place.member.and_then(|(_, member)| member.deprecated)
                }
                PlaceKind::Action | PlaceKind::Function => {
                    place.operation.and_then(|operation| operation.deprecated)
                }
                PlaceKind::EntitySet | PlaceKind::Singleton => {
                    place.of.and_then(|of| self.index.record(of.position()).deprecated)
                }
                _ => None,
            };
            let Some(removal) = own.map(|text| self.index.text(text)) else { continue };
            let name = written.segments[at].name();
            let message = match removal {
                "" => format!("`{name}` is deprecated"),
                date => format!("`{name}` is deprecated, removal {date}"),
            };
            let finding = Finding::new(Code::Deprecated, written.span(at, reading), message);
            reading.report.add(finding.help("keep it with `# graphctl: allow(GD0434) reason`"));
        }
    }

    /// Why no cloud has the path.
    fn miss(
        &self,
        written: &Written<'_>,
        found: &Resolution<'_>,
        cloud: CloudBits,
        reading: &Reading<'_>,
    ) -> Option<Finding> {
        let at = found.places.len();
        let segment = written.segments.get(at)?;
        let span = written.span(at, reading);
        let canonical = canonical(found, &written.segments);
        if self.index.data().overlay.beta.contains(&canonical.as_str()) {
            let message = format!("`{}` exists in beta only", segment.name());
            let finding = Finding::new(Code::BetaOnly, span, message);
            return Some(finding.help("set `version: beta`"));
        }
        let mut finding = match found.miss.as_ref()? {
            Miss::Root => self.unknown_root(segment, span),
            Miss::Member(of) => self.unknown_member(segment, *of, cloud, span),
            Miss::Key(of) => {
                let message =
                    format!("this is one `{}`: it takes no key", self.name_of(of.position()));
                Finding::new(Code::UnknownSegment, span, message)
            }
            Miss::AlternateKey(of) => self.alternate_key(segment, *of, cloud, span),
            Miss::Cast(of, to) => self.bad_cast(segment, *of, *to, span),
            Miss::Parameters(shapes) => {
                let message = format!("`{}` takes other parameters", segment.name());
                let shapes: Vec<String> = shapes.iter().map(|it| format!("`{it}`")).collect();
                Finding::new(Code::OperationParameters, span, message)
                    .help(format!("write {}", shapes.join(" or ")))
            }
            Miss::Link(_) => {
                let before = written.segments[..at].iter().rev();
                let name = before.clone().find(|it| matches!(it.kind, SegmentKind::Name));
                let name = name.map_or("this", PathSegment::name);
                Finding::new(
                    Code::UnknownSegment,
                    span,
                    format!("`{name}` is no link: it has no `$ref`"),
                )
                .help("remove `/$ref`")
            }
            Miss::End => {
                let before = at.checked_sub(1).map_or("", |at| written.segments[at].text.as_str());
                Finding::new(Code::UnknownSegment, span, format!("nothing can follow `{before}`"))
            }
        };
        if self.index.knows_path(&canonical) {
            let note = "Microsoft's permission map lists the path: it may be in beta, or newer than the index";
            finding = finding.warning().note(note);
        }
        Some(finding)
    }

    /// GD0402.
    fn unknown_root(&self, segment: &PathSegment, span: crate::source::Span) -> Finding {
        let name = segment.name();
        let message = format!("`{name}` is not an entity set in Graph v1.0");
        let finding = Finding::new(Code::UnknownEntitySet, span, message);
        let roots = &self.index.data().roots;
        let all = self.index.all_clouds();
        let mut below: Vec<String> = Vec::new();
        for root in roots.iter().filter(|root| !root.of.is_many()) {
            if let Some((_, member)) = self.index.member(root.of.position(), name, all) {
                let path =
                    format!("{}/{}", self.index.text(root.name), self.index.text(member.name));
                if !below.contains(&path) {
                    below.push(path);
                }
            }
        }
        if let [path] = below.as_slice() {
            let end = span.start + name.len();
            let edit = crate::source::Span::new(span.start, end);
            return finding.help(format!("write `/{path}`")).edit(edit, path.clone());
        }
        let names = roots.iter().map(|root| self.index.text(root.name));
        finding.did_you_mean(span, suggest(name, names))
    }

    /// GD0401.
    fn unknown_member(
        &self,
        segment: &PathSegment,
        of: TypeRef,
        cloud: CloudBits,
        span: crate::source::Span,
    ) -> Finding {
        let (index, name) = (self.index, segment.name());
        let owner = self.name_of(of.position());
        let all = index.all_clouds();
        if of.is_many() {
            let message = format!("a collection of `{owner}` has no `{name}` in Graph v1.0");
            let finding = Finding::new(Code::UnknownSegment, span, message);
            let one = index.member(of.position(), name, all).is_some()
                || !index.operations_on(of.one(), Some(name), all).is_empty();
            if one {
                return finding.help(format!("it belongs to one `{owner}`: `/{{id}}/{name}`"));
            }
            let operations = index.operations_on(of, None, cloud);
            let names = operations.into_iter().map(|it| index.operation_name(it));
            return finding.did_you_mean(span, suggest(name, names));
        }
        if name == "$count" {
            let message = format!("`$count` needs a collection; this is one `{owner}`");
            return Finding::new(Code::UnknownSegment, span, message);
        }
        let message = format!("`{owner}` has no `{name}` in Graph v1.0");
        let finding = Finding::new(Code::UnknownSegment, span, message);
        let members = index.members(of.position(), all).map(|(_, it)| index.text(it.name));
        let operations = index.operations_on(of, None, all);
        let operations = operations.into_iter().map(|it| index.operation_name(it));
        let mut names: Vec<&str> = members.chain(operations).collect();
        names.sort_unstable();
        names.dedup();
        finding.did_you_mean(span, suggest(name, names))
    }

    /// GD0425.
    fn alternate_key(
        &self,
        segment: &PathSegment,
        of: TypeRef,
        cloud: CloudBits,
        span: crate::source::Span,
    ) -> Finding {
        let owner = self.name_of(of.position());
        let SegmentKind::Call { parameters, .. } = &segment.kind else {
            return Finding::new(Code::AlternateKey, span, format!("`{owner}` has no such key"));
        };
        let names = parameters.join(", ");
        let lineage = self.index.lineage(of.position(), cloud).into_iter();
        let keys = lineage.flat_map(|it| &self.index.record(it).alternate_keys);
        let keys: Vec<String> = keys.map(|key| format!("`{}`", self.index.text(*key))).collect();
        let start = segment.text.find('(').map_or(0, |open| open + 1);
        let key =
            crate::source::Span::new(span.start + start, span.start + start + parameters[0].len());
        let message = format!("`{owner}` cannot be addressed by `{names}`");
        Finding::new(Code::AlternateKey, key, message).help(match keys.as_slice() {
            [] => "look it up with `$filter`".to_owned(),
            keys => format!("{}, or look it up with `$filter`", keys.join(", ")),
        })
    }

    /// GD0426.
    fn bad_cast(
        &self,
        segment: &PathSegment,
        of: TypeRef,
        to: Option<usize>,
        span: crate::source::Span,
    ) -> Finding {
        let owner = self.name_of(of.position());
        if let Some(to) = to {
            let message = format!("`{}` is not derived from `{owner}`", self.name_of(to));
            let derived = self.index.descendants(of.position());
            let names: Vec<String> =
                derived.iter().take(6).map(|it| format!("`{}`", self.name_of(*it))).collect();
            let finding = Finding::new(Code::UnrelatedCast, span, message);
            return match names.as_slice() {
                [] => finding.help("remove the cast"),
                names => finding.help(format!("derived: {}", names.join(", "))),
            };
        }
        let message = format!("`{}` is no type of Graph v1.0", segment.text);
        let derived = self.index.descendants(of.position()).into_iter();
        let names: Vec<&str> =
            derived.map(|it| self.index.text(self.index.record(it).name)).collect();
        let finding = Finding::new(Code::UnrelatedCast, span, message);
        finding.did_you_mean(span, suggest(&segment.text, names))
    }
}

/// The known part in Graph's spelling, the rest as written, keys as `{id}`.
fn canonical(found: &Resolution<'_>, segments: &[PathSegment]) -> String {
    let mut path = found.places.last().map(|it| it.path.clone()).unwrap_or_default();
    for segment in &segments[found.places.len()..] {
        path.push('/');
        path.push_str(match segment.kind {
            SegmentKind::Placeholder => "{id}",
            _ => &segment.text,
        });
    }
    path
}

/// GD0404.
fn spelling(written: &Written<'_>, places: &[Place<'_>], reading: &mut Reading<'_>) {
    for (at, place) in places.iter().enumerate().filter(|(_, place)| !place.spelled) {
        let last = place.path.rsplit('/').find(|it| *it != "{id}").unwrap_or_default();
        let known = last.split('(').next().unwrap_or(last);
        let segment = &written.segments[at];
        let whole = written.span(at, reading);
        let span = crate::source::Span::new(whole.start, whole.start + segment.name().len());
        let message = format!("Graph spells this `{known}`");
        let finding = Finding::new(Code::LetterCase, span, message);
        reading.report.add(finding.help(format!("write `{known}`")).edit(span, known));
    }
}
