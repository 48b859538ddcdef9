//! What described sets hold before anything is written: a source for each, computed when it is read.

mod applications;
mod attributes;
mod devices;
mod fixed;
mod licences;
mod logs;
pub(crate) mod methods;
mod organization;
pub(crate) mod pim;
pub(crate) mod registration;
pub(crate) mod risk;
pub(crate) mod roles;

pub(crate) use applications::{extending, extension_value};
pub(crate) use attributes::custom_security_attributes;
pub(crate) use logs::activity as sign_in_activity;

use std::ops::Range;

use serde_json::{Map, Value};

use crate::protocol::sets::Scope;

/// An entity: its properties by name.
pub(crate) type Entity = Map<String, Value>;

/// The places that may hold an entity of which the time lies in some seconds.
pub(crate) type PlaceRange = fn(&Scope<'_>, Option<(u64, u64)>) -> Range<u64>;

/// Where the entities of a set come from.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Source {
    /// Nothing is there until it is written.
    None,
    /// A few entities.
    List(fn(&Scope<'_>) -> Vec<Entity>),
    /// Many entities, each computed for itself.
    Places {
        /// The places that may hold one, newest first where there is a time, and the seconds wanted.
        range: PlaceRange,
        at: fn(&Scope<'_>, u64) -> Option<Entity>,
        place_of: fn(&Scope<'_>, &str) -> Option<u64>,
        /// The property that is the time, or nothing.
        time: &'static str,
    },
}

/// The source that the table of sets names.
pub(crate) fn source(name: &str) -> Source {
    match name {
        "none" => Source::None,
        "fixed" => Source::List(fixed::list),
        "licence_details" => Source::List(licences::details),
        "skus" => Source::List(licences::skus),
        "subscriptions" => Source::List(licences::subscriptions),
        "methods" => Source::List(methods::of_set),
        "group_lifecycle" => Source::List(fixed::lifecycle_of_group),
        "federated_credentials" => Source::List(applications::federated_credentials),
        "extension_properties" => Source::List(applications::extension_properties),
        "role_definitions" => Source::List(roles::definitions),
        "role_templates" => Source::List(roles::templates),
        "role_assignments" => Source::List(roles::assignments),
        "scoped_roles" => Source::List(roles::scoped),
        "eligibility_schedules" => Source::List(pim::eligibility_schedules),
        "eligibility_instances" => Source::List(pim::eligibility_instances),
        "assignment_schedules" => Source::List(pim::assignment_schedules),
        "assignment_instances" => Source::List(pim::assignment_instances),
        "role_policies" => Source::List(pim::policies),
        "role_policy_assignments" => Source::List(pim::policy_assignments),
        "domains" => Source::List(organization::domains),
        "verification_records" => Source::List(organization::verification_records),
        "service_records" => Source::List(organization::service_records),
        "name_references" => organization::NAME_REFERENCES,
        "sync_behaviour" => Source::List(fixed::sync_behaviour),
        "organization" => Source::List(organization::organization),
        "local_credentials" => devices::LOCAL_CREDENTIALS,
        "recovery_keys" => devices::RECOVERY_KEYS,
        "sign_ins" => logs::SIGN_INS,
        "directory_audits" => logs::DIRECTORY_AUDITS,
        "registration" => registration::DETAILS,
        "risky_users" => risk::USERS,
        "risk_history" => Source::List(risk::history),
        "risk_detections" => risk::DETECTIONS,
        other => unreachable!("sets.tsv names the source '{other}', which is not among these"),
    }
}

/// The members of an object literal.
pub(crate) fn entity(value: Value) -> Entity {
    match value {
        Value::Object(members) => members,
        _ => Entity::new(),
    }
}
