//! Names of properties: known, spelled as Graph spells them, there in every claimed cloud.

use super::{Checker, Target};
use crate::definition::Reading;
use crate::diagnostic::{Code, Finding};
use crate::graph_index::{CloudBits, MemberRecord, Role};
use crate::source::Span;

/// Where a name stands, which decides the code and what may be named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Site {
    /// A key of a body.
    Body,
    /// A key of a body that is left out when an optional argument is not given.
    OptionalBody,
    /// `$select`, `$orderby`, `$filter`, `$expand`.
    Query,
    /// A path of a schema mapping.
    Mapping,
    /// `select` or a column of a stream.
    Stream,
}

impl Site {
    fn code(self) -> Code {
        match self {
            Self::Body | Self::OptionalBody => Code::UnknownBodyKey,
            Self::Mapping => Code::UnknownMappedProperty,
            Self::Query | Self::Stream => Code::UnknownProperty,
        }
    }
}

impl Checker<'_> {
    /// The property of a type with this name, or a report that there is none.
    ///
    /// Items of a collection may be of derived types: their properties count.
    pub(super) fn property(
        &self,
        position: usize,
        name: &str,
        span: Span,
        site: Site,
        target: &Target,
        reading: &mut Reading<'_>,
    ) -> Option<&'static MemberRecord> {
        let found = self.found(position, name, target.cloud).or_else(|| {
            let elsewhere = self.found(position, name, self.index.all_clouds());
            elsewhere.filter(|it| self.index.text(it.name) == name)
        });
        let Some(member) = found else {
            self.unknown(position, name, span, site, target.cloud, reading);
            return None;
        };
        let known = self.index.text(member.name);
        if known != name {
            let message = format!("`{}` has no property `{name}`", self.name_of(position));
            let finding = Finding::new(site.code(), span, message);
            reading
                .report
                .add(finding.help(format!("Graph spells it `{known}`")).edit(span, known));
            return None;
        }
        let there = self.clouds_of(position, name, target.clouds);
        let missing = target.clouds & !there;
        if missing != 0 && site != Site::OptionalBody {
            let message = format!(
                "`{name}` of `{}` is not in the v1.0 metadata of {}",
                self.name_of(position),
                self.claims.describe(missing)
            );
            let finding = Finding::new(Code::NotInCloud, span, message);
            reading.report.add(finding.help(match site {
                Site::Body | Site::OptionalBody | Site::Query | Site::Mapping => {
                    format!("leave it out, or say `{}`", self.claims.exclusion(missing))
                }
                Site::Stream => {
                    let exclusion = self.claims.exclusion(missing);
                    format!("leave it out, or say `{exclusion}` in its column")
                }
            }));
        }
        Some(member)
    }

    fn found(
        &self,
        position: usize,
        name: &str,
        clouds: CloudBits,
    ) -> Option<&'static MemberRecord> {
        let (_, member) = self.index.property(position, name, clouds)?;
        (member.role != Role::EnumMember).then_some(member)
    }

    /// The clouds that have a property of this exact name.
    fn clouds_of(&self, position: usize, name: &str, clouds: CloudBits) -> CloudBits {
        let bits = (0..CloudBits::BITS).map(|at| 1 << at).filter(|bit| bit & clouds != 0);
        let has = |bit: &CloudBits| {
            let found = self.found(position, name, *bit);
            found.is_some_and(|it| self.index.text(it.name) == name)
        };
        bits.filter(has).fold(0, |all, bit| all | bit)
    }

    fn unknown(
        &self,
        position: usize,
        name: &str,
        span: Span,
        site: Site,
        cloud: CloudBits,
        reading: &mut Reading<'_>,
    ) {
        let owner = self.name_of(position);
        if self.index.may_be_defined(position, name, cloud) {
            return;
        }
        let open = self.index.is_open(position, cloud);
        let near = self.index.nearest_property(position, name);
        let message = format!("`{owner}` has no property `{name}`");
        let mut finding = Finding::new(site.code(), span, message).did_you_mean(span, near);
        if open && near.is_none() {
            let note = format!("`{owner}` is open: the tenant may define the property");
            finding = finding.warning().note(note);
        }
        reading.report.add(finding);
    }
}
