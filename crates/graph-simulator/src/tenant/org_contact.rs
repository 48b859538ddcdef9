//! Organizational contacts: people outside, known from the mail system.

use super::names;
use super::property::{Property, Shape};
use super::view::{View, moment_seconds, write_deleted, write_own_id, write_timestamp};
use crate::protocol::json::{Json, Text};
use Shape::{Boolean, Complexes, DateTime, Texts};

const JOB: u64 = 0;
const DEPARTMENT: u64 = 1;

const fn text(name: &'static str, write: fn(&View<'_>, &mut Json)) -> Property {
    Property::new(name, Shape::Text, write).read_only()
}

pub(crate) static PROPERTIES: &[Property] = &[
    Property::new("id", Shape::Text, write_own_id).read_only(),
    Property::new("deletedDateTime", DateTime, write_deleted).read_only(),
    text("companyName", |v, j| j.string(v.one_of(1, names::PARTNERS))),
    text("department", |v, j| j.optional(v.one_of_turn(DEPARTMENT, names::DEPARTMENTS))),
    text("displayName", |v, j| {
        j.text(|t| {
            t.push(given(v).0)
                .push(" ")
                .push(surname(v).0)
                .push(" (")
                .push(v.one_of(1, names::PARTNERS))
                .push(")");
        });
    }),
    text("givenName", |v, j| j.string(given(v).0)),
    text("jobTitle", |v, j| j.optional(v.one_of_turn(JOB, names::JOBS))),
    text("mail", |v, j| j.text(|t| mail(v, t))),
    text("mailNickname", |v, j| j.text(|t| nickname(v, t))),
    Property::new("onPremisesLastSyncDateTime", DateTime, |v, j| {
        j.text(|t| write_timestamp(t, moment_seconds(v.since)));
    })
    .read_only(),
    Property::new("onPremisesSyncEnabled", Boolean, |_, j| j.boolean(true)).read_only(),
    text("surname", |v, j| j.string(surname(v).0)),
    Property::new("proxyAddresses", Texts, |v, j| {
        j.begin_array();
        j.text(|t| {
            t.push("SMTP:");
            mail(v, t);
        });
        j.end_array();
    })
    .read_only(),
    Property::empty("addresses", Complexes).read_only(),
    Property::empty("phones", Complexes).read_only(),
    Property::empty("onPremisesProvisioningErrors", Complexes).read_only(),
    Property::empty("serviceProvisioningErrors", Complexes).read_only(),
];

fn given(v: &View<'_>) -> names::Name {
    v.one_of(2, names::GIVEN)
}

fn surname(v: &View<'_>) -> names::Name {
    v.one_of(3, names::SURNAMES)
}

fn nickname(v: &View<'_>, t: &mut Text<'_>) {
    t.push(given(v).1).push("_").push(surname(v).1).decimal(v.slot());
}

fn mail(v: &View<'_>, t: &mut Text<'_>) {
    nickname(v, t);
    t.push("@").push(v.one_of(1, names::PARTNERS));
}
