//! Sends a request to what answers it.

use http::Method;

use super::call::Call;
use super::errors::Refusal;
use super::reply::Reply;
use super::resource::{Link, Resource};
use super::write::Writer;
use super::{
    action, consent, cost, credential, delta, extension, licence, photo, read, reference, sets,
    write,
};
use crate::directory::Directory;
use crate::tenant::{Handle, Kind};

/// Whether a request changes the directory.
pub(crate) fn writes(resource: &Resource, method: &Method) -> bool {
    match resource {
        Resource::Set(_) => sets::writes(method),
        resource => *method != Method::GET && !cost::reads_by_post(resource),
    }
}

/// Answers a request that reads.
pub(crate) fn answer_read(
    call: &Call<'_>,
    directory: Directory<'_>,
    resource: &Resource,
) -> Result<Reply, Refusal> {
    match (resource, call.method.as_str()) {
        (Resource::Collection(kind), "GET") => read::collection(call, directory, *kind),
        (Resource::Count(kind), "GET") => read::collection_count(call, directory, *kind),
        (Resource::Delta(kind), "GET") => delta::delta(call, directory, &delta::Subject::of(*kind)),
        (Resource::ObjectsDelta, "GET") => {
            delta::delta(call, directory, &delta::Subject::objects())
        }
        (Resource::Through { kind, key, link, target }, "GET") => {
            let of = read::find(directory, *kind, key)?;
            let found = consent::find(directory, of.handle(), *link, target)?;
            read::object(call, directory, &found, false)
        }
        (Resource::ObjectAction { id, name }, "POST") => {
            action::memberships(call, directory, &read::any(directory, id)?, name)
        }
        (Resource::Photo { kind, key, size, value }, "GET") => {
            let object = read::find(directory, *kind, key)?;
            photo::read(call, directory, &object, size.as_deref(), *value)
        }
        (Resource::AvailableExtensions, "POST") => extension::available(call, directory),
        (Resource::ValidateProperties, "POST") => action::validate_properties(call, directory),
        (Resource::Object(kind, key), "GET") => {
            read::object(call, directory, &read::find(directory, *kind, key)?, false)
        }
        (Resource::Linked { kind, key, link, cast }, "GET") => {
            read::linked(call, directory, &read::find(directory, *kind, key)?, *link, *cast)
        }
        (Resource::LinkedCount { kind, key, link, cast }, "GET") => {
            read::linked_count(call, directory, &read::find(directory, *kind, key)?, *link, *cast)
        }
        (Resource::DirectoryObject(id), "GET") => {
            read::object(call, directory, &read::any(directory, id)?, true)
        }
        (Resource::DeletedItems(Some(kind)), "GET") => read::deleted(call, directory, *kind),
        // facts: metadata, known holes: a list without a cast is documented as unsupported.
        (Resource::DeletedItems(None), "GET") => {
            Err(Refusal::bad_request("A type cast is required to list deleted items."))
        }
        (Resource::DeletedItem(id), "GET") => {
            read::object(call, directory, &read::deleted_item(directory, id)?, true)
        }
        (Resource::Set(target), "GET") => sets::read(call, directory, target),
        (Resource::GetByIds, "POST") => read::by_ids(call, directory),
        (Resource::Action { kind, key, name }, "POST") => {
            action::memberships(call, directory, &read::find(directory, *kind, key)?, name)
        }
        (Resource::Me, _) => {
            Err(Refusal::malformed("/me request is only valid with delegated authentication flow."))
        }
        _ => Err(Refusal::method_not_allowed()),
    }
}

/// Answers a request that writes.
pub(crate) fn answer_write(
    call: &Call<'_>,
    writer: &mut Writer<'_>,
    resource: &Resource,
) -> Result<Reply, Refusal> {
    if let Resource::Collection(kind) | Resource::Object(kind, _) = resource
        && !takes(*kind, call.method)
    {
        return Err(Refusal::method_not_allowed());
    }
    match (resource, call.method.as_str()) {
        (Resource::Collection(kind), "POST") => write::create(call, writer, *kind),
        (Resource::Object(kind, key), "PATCH") => write::update(call, writer, *kind, key),
        (Resource::Object(kind, key), "DELETE") => write::delete(call, writer, *kind, key),
        (Resource::Reference { .. } | Resource::Linked { .. } | Resource::Through { .. }, _) => {
            answer_link(call, writer, resource)
        }
        (Resource::DirectoryObject(id), "DELETE") => {
            let found = read::any(writer.directory(), id)?.handle();
            write::remove(call, writer, found);
            Ok(Reply::no_content())
        }
        (Resource::Action { kind, key, name }, "POST") => {
            let object = writer.find(*kind, key)?;
            act(call, writer, object, name)
        }
        (Resource::Photo { kind, key, size: None, .. }, "PUT" | "PATCH" | "DELETE") => {
            let object = writer.find(*kind, key)?;
            photo::write(call, writer, object)
        }
        (Resource::Set(target), _) => sets::write(call, writer, target),
        (Resource::Restore(id), "POST") => write::restore(call, writer, id),
        (Resource::DeletedItem(id), "DELETE") => write::purge(writer, id),
        (Resource::Invitations, "POST") => action::invite(call, writer),
        _ => Err(Refusal::method_not_allowed()),
    }
}

/// Answers a request that writes along a relationship.
fn answer_link(
    call: &Call<'_>,
    writer: &mut Writer<'_>,
    resource: &Resource,
) -> Result<Reply, Refusal> {
    match (resource, call.method.as_str()) {
        (Resource::Reference { kind, key, link, target: None }, "POST" | "PUT") => {
            let single = *link == Link::Manager;
            if single == (call.method == Method::PUT) {
                reference::add(call, writer, *kind, key, *link)
            } else {
                Err(Refusal::method_not_allowed())
            }
        }
        (Resource::Reference { kind, key, link, target }, "DELETE") => {
            reference::remove(writer, *kind, key, *link, target.as_deref())
        }
        (Resource::Linked { kind, key, link, cast: None }, "POST")
            if link.connections().is_some() =>
        {
            consent::assign(call, writer, *kind, key, *link)
        }
        (Resource::Through { kind, key, link, target }, "DELETE")
            if link.connections().is_some() =>
        {
            let of = writer.find(*kind, key)?;
            let found = consent::find(writer.directory(), of, *link, target)?.handle();
            write::remove(call, writer, found);
            Ok(Reply::no_content())
        }
        // Without `$ref` it is the object itself that is deleted (facts: graph-protocol 9.2).
        (Resource::Through { kind, key, target, .. }, "DELETE") => {
            writer.find(*kind, key)?;
            let found = target
                .parse()
                .ok()
                .and_then(|id| writer.directory().live(id))
                .map(|object| object.handle());
            write::remove(call, writer, found.ok_or_else(|| Refusal::not_found(target))?);
            Ok(Reply::no_content())
        }
        (
            Resource::Linked {
                kind: Kind::AdministrativeUnit,
                key,
                link: Link::Members,
                cast: None,
            },
            "POST",
        ) => write::create_in_unit(call, writer, key),
        _ => Err(Refusal::method_not_allowed()),
    }
}

/// Answers an action that changes the object it is bound to.
fn act(
    call: &Call<'_>,
    writer: &mut Writer<'_>,
    object: Handle,
    name: &str,
) -> Result<Reply, Refusal> {
    match name {
        "revokeSignInSessions" => Ok(action::revoke_sessions(call, writer, object)),
        "retryServiceProvisioning" => Ok(Reply::no_content()),
        // For people who may: a company administrator, a verified publisher.
        "exportPersonalData" | "setVerifiedPublisher" | "unsetVerifiedPublisher" => {
            Err(Refusal::forbidden())
        }
        "renew" => Ok(action::renew(call, writer, object)),
        "addKey" => credential::add_key(call, writer, object),
        "removeKey" => credential::remove_key(call, writer, object),
        "addTokenSigningCertificate" => credential::add_certificate(call, writer, object),
        "addPassword" => action::add_password(call, writer, object),
        "removePassword" => action::remove_password(call, writer, object),
        "assignLicense" => licence::assign(call, writer, object),
        "reprocessLicenseAssignment" => licence::reprocess(call, writer, object),
        // Delegated only: an application has no password of a user to show, and no favourites.
        "changePassword" | "addFavorite" | "removeFavorite" => Err(Refusal::forbidden()),
        name => Err(Refusal::no_segment(name)),
    }
}

/// Contacts are written by the mail system, and roles are only activated.
fn takes(kind: Kind, method: &Method) -> bool {
    match kind {
        Kind::OrgContact => false,
        Kind::DirectoryRole => *method == Method::POST,
        _ => true,
    }
}
