//! The compound commands: names, arguments, permissions.

use graph_dsl::{Argument, ArgumentKind};
use serde_json::{Value, json};

use super::{
    Compound, application, assignment, device, directory_object, group, invitation, mfa, offboard,
    pim, service_principal, user,
};
use crate::catalogue::system;

const GUID: &str = "11111111-2222-3333-4444-555555555555";
const OTHER: &str = "99999999-8888-7777-6666-555555555555";

pub(super) const COMPOUNDS: &[Compound] = &[
    Compound {
        name: "application.ensure_federated_credential",
        summary: "Let a workload sign in as an application without a secret, unless it can already.",
        destructive: false,
        reads: false,
        permissions: &["Application.ReadWrite.OwnedBy"],
        example: &[
            ("id", GUID),
            ("name", "main"),
            ("issuer", "https://token.actions.githubusercontent.com"),
            ("subject", "repo:contoso/ship:ref:refs/heads/main"),
        ],
        arguments: || arguments_of("application.create_federated_credential", &[]),
        run: |work, arguments| Box::pin(application::ensure_federated_credential(work, arguments)),
    },
    Compound {
        name: "application.rotate_secret",
        summary: "Add a client secret, prove that it signs in, and remove those of its name past their grace.",
        destructive: true,
        reads: false,
        permissions: &["Application.ReadWrite.OwnedBy"],
        example: &[("id", GUID), ("displayName", "rotated"), ("grace", "P7D")],
        arguments: || {
            vec![
                needed("id", ArgumentKind::Guid, "The application's object id."),
                given(
                    "displayName",
                    ArgumentKind::String,
                    "rotated",
                    "Secrets of this name take turns.",
                ),
                optional("endDateTime", ArgumentKind::DateTime, "When the new one expires."),
                given(
                    "grace",
                    ArgumentKind::Duration,
                    "P7D",
                    "How long an old one stays beside the new one.",
                ),
                given(
                    "verify",
                    ArgumentKind::Bool,
                    true,
                    "Whether to sign in with the new one first.",
                ),
            ]
        },
        run: |work, arguments| Box::pin(application::rotate_secret(work, arguments)),
    },
    Compound {
        name: "device.disable_stale",
        summary: "Disable devices that nobody has signed in on for some time.",
        destructive: true,
        reads: false,
        permissions: &["Device.ReadWrite.All"],
        example: &[("older_than", "P90D")],
        arguments: || {
            vec![
                given("older_than", ArgumentKind::Duration, "P90D", "Time since the last sign-in."),
                given("max", ArgumentKind::Int, 100, "Refuse if there are more."),
            ]
        },
        run: |work, arguments| Box::pin(device::disable_stale(work, arguments)),
    },
    Compound {
        name: "directory_object.resolve",
        summary: "Tell what ids, user principal names and display names stand for.",
        destructive: false,
        reads: true,
        permissions: &["Directory.Read.All"],
        example: &[("ids", "11111111-2222-3333-4444-555555555555,ada@contoso.com")],
        arguments: || vec![needed("ids", texts(), "Ids, user principal names or display names.")],
        run: |work, arguments| Box::pin(directory_object::resolve(work, arguments)),
    },
    Compound {
        name: "group.set_members",
        summary: "Add members to a group, remove them, or make them exactly these.",
        destructive: true,
        reads: false,
        permissions: &["GroupMember.ReadWrite.All"],
        example: &[("id", GUID), ("member_ids", OTHER), ("mode", "exact")],
        arguments: || {
            let modes = ["exact", "add", "remove"].map(str::to_owned).to_vec();
            vec![
                needed("id", ArgumentKind::Guid, "The group."),
                needed(
                    "member_ids",
                    ArgumentKind::List(Some(Box::new(ArgumentKind::Guid))),
                    "The members.",
                ),
                given("mode", ArgumentKind::Enum(modes), "exact", "What to do with them."),
                given(
                    "allow_empty",
                    ArgumentKind::Bool,
                    false,
                    "Whether the group may lose its last member.",
                ),
            ]
        },
        run: |work, arguments| Box::pin(group::set_members(work, arguments)),
    },
    Compound {
        name: "invitation.invite_and_add",
        summary: "Invite a guest and add them to groups.",
        destructive: false,
        reads: false,
        permissions: &["User.Invite.All", "GroupMember.ReadWrite.All"],
        example: &[
            ("invitedUserEmailAddress", "ada@fabrikam.com"),
            ("inviteRedirectUrl", "https://myapps.microsoft.com"),
            ("group_ids", GUID),
        ],
        arguments: || {
            let groups = ArgumentKind::List(Some(Box::new(ArgumentKind::Guid)));
            let mut arguments = arguments_of("invitation.create", &[]);
            arguments.push(needed("group_ids", groups, "The groups."));
            arguments
        },
        run: |work, arguments| Box::pin(invitation::invite_and_add(work, arguments)),
    },
    Compound {
        name: "pim.activate",
        summary: "Assign a directory role for some hours.",
        destructive: false,
        reads: false,
        permissions: &["RoleAssignmentSchedule.ReadWrite.Directory"],
        example: &[
            ("principalId", GUID),
            ("role", "Global Reader"),
            ("duration", "PT4H"),
            ("justification", "Release 12"),
        ],
        arguments: || {
            let mut arguments = privileged();
            arguments.push(given("duration", ArgumentKind::Duration, "PT8H", "How long it lasts."));
            arguments
        },
        run: |work, arguments| Box::pin(pim::activate(work, arguments)),
    },
    Compound {
        name: "pim.deactivate",
        summary: "End the assignment of a directory role before its time.",
        destructive: true,
        reads: false,
        permissions: &["RoleAssignmentSchedule.ReadWrite.Directory"],
        example: &[("principalId", GUID), ("role", "Global Reader")],
        arguments: privileged,
        run: |work, arguments| Box::pin(pim::deactivate(work, arguments)),
    },
    Compound {
        name: "role_management.ensure_role_assignment",
        summary: "Assign a directory role, by name or id, unless it is assigned.",
        destructive: false,
        reads: false,
        permissions: &["RoleManagement.ReadWrite.Directory"],
        example: &[("principalId", GUID), ("role", "Global Reader")],
        arguments: || {
            vec![
                needed("principalId", ArgumentKind::Guid, "Who gets the role."),
                needed(
                    "role",
                    ArgumentKind::String,
                    "The role's name or the id of its definition.",
                ),
                given("directoryScopeId", ArgumentKind::String, "/", "`/` for the tenant."),
            ]
        },
        run: |work, arguments| Box::pin(assignment::ensure(work, arguments)),
    },
    Compound {
        name: "service_principal.grant_admin_consent",
        summary: "Consent to delegated permissions for everybody, beside those consented to before.",
        destructive: false,
        reads: false,
        permissions: &["DelegatedPermissionGrant.ReadWrite.All", "Application.Read.All"],
        example: &[("id", GUID), ("resource", "Microsoft Graph"), ("scope", "User.Read openid")],
        arguments: || {
            vec![
                needed(
                    "id",
                    ArgumentKind::String,
                    "The client: service principal, app id or display name.",
                ),
                needed(
                    "resource",
                    ArgumentKind::String,
                    "The API: service principal, app id or display name.",
                ),
                needed(
                    "scope",
                    ArgumentKind::String,
                    "Delegated permissions, with spaces between.",
                ),
            ]
        },
        run: |work, arguments| Box::pin(service_principal::grant_admin_consent(work, arguments)),
    },
    Compound {
        name: "service_principal.grant_application_permission",
        summary: "Give a service principal an application permission of an API, both by name.",
        destructive: false,
        reads: false,
        permissions: &["AppRoleAssignment.ReadWrite.All", "Application.Read.All"],
        example: &[("id", GUID), ("resource", "Microsoft Graph"), ("role", "User.Read.All")],
        arguments: || {
            vec![
                needed(
                    "id",
                    ArgumentKind::String,
                    "Who gets it: service principal, app id or display name.",
                ),
                needed(
                    "resource",
                    ArgumentKind::String,
                    "The API: service principal, app id or display name.",
                ),
                needed("role", ArgumentKind::String, "The permission, such as User.Read.All."),
            ]
        },
        run: |work, arguments| {
            Box::pin(service_principal::grant_application_permission(work, arguments))
        },
    },
    Compound {
        name: "user.ensure",
        summary: "Create a user, or change what differs.",
        destructive: false,
        reads: false,
        permissions: &["User.ReadWrite.All"],
        example: &[
            ("userPrincipalName", "ada@contoso.com"),
            ("displayName", "Ada Lovelace"),
            ("department", "Engines"),
        ],
        // What is not given stays as it is: no defaults, and a password only for a new user.
        arguments: || arguments_of("user.create", &["displayName", "mailNickname", "password"]),
        run: |work, arguments| Box::pin(user::ensure(work, arguments)),
    },
    Compound {
        name: "user.grant_license",
        summary: "Assign a licence, setting the usage location that it needs.",
        destructive: false,
        reads: false,
        permissions: &["LicenseAssignment.ReadWrite.All", "User.ReadWrite.All"],
        example: &[("id", "ada@contoso.com"), ("skuId", GUID), ("usageLocation", "NO")],
        arguments: || {
            let plans = ArgumentKind::List(Some(Box::new(ArgumentKind::Guid)));
            vec![
                needed("id", ArgumentKind::UpnOrGuid, "The user."),
                needed("skuId", ArgumentKind::Guid, "The licence."),
                optional("disabledPlans", plans, "Service plans to leave out."),
                optional(
                    "usageLocation",
                    ArgumentKind::String,
                    "Two-letter country code, for a user without one.",
                ),
            ]
        },
        run: |work, arguments| Box::pin(user::grant_license(work, arguments)),
    },
    Compound {
        name: "user.offboard",
        summary: "Disable a leaver, end their sessions, and take away licences, groups and app roles.",
        destructive: true,
        reads: false,
        permissions: &[
            "User.ReadWrite.All",
            "User.RevokeSessions.All",
            "LicenseAssignment.ReadWrite.All",
            "GroupMember.ReadWrite.All",
            "AppRoleAssignment.ReadWrite.All",
            "Directory.Read.All",
        ],
        example: &[("id", "ada@contoso.com")],
        arguments: || vec![needed("id", ArgumentKind::UpnOrGuid, "The leaver.")],
        run: |work, arguments| Box::pin(offboard::offboard(work, arguments)),
    },
    Compound {
        name: "user.reset_mfa",
        summary: "Delete a user's second factors and create a temporary access pass.",
        destructive: true,
        reads: false,
        permissions: &["UserAuthenticationMethod.ReadWrite.All"],
        example: &[("id", "ada@contoso.com")],
        arguments: || {
            vec![
                needed("id", ArgumentKind::UpnOrGuid, "The user."),
                given("temporary_access_pass", ArgumentKind::Bool, true, "Whether to create one."),
                optional("lifetimeInMinutes", ArgumentKind::Int, "How long the pass is valid."),
            ]
        },
        run: |work, arguments| Box::pin(mfa::reset_mfa(work, arguments)),
    },
];

fn needed(name: &str, kind: ArgumentKind, summary: &str) -> Argument {
    let mut argument = Argument::required(name, kind);
    argument.summary = Some(summary.to_owned());
    argument
}

fn optional(name: &str, kind: ArgumentKind, summary: &str) -> Argument {
    let mut argument = needed(name, kind, summary);
    argument.required = false;
    argument
}

fn given(name: &str, kind: ArgumentKind, default: impl Into<Value>, summary: &str) -> Argument {
    let mut argument = optional(name, kind, summary);
    argument.default = Some(default.into());
    argument
}

fn texts() -> ArgumentKind {
    ArgumentKind::List(Some(Box::new(ArgumentKind::String)))
}

fn privileged() -> Vec<Argument> {
    vec![
        needed("principalId", ArgumentKind::Guid, "Who it is for."),
        needed("role", ArgumentKind::String, "The role's name or the id of its definition."),
        given("directoryScopeId", ArgumentKind::String, "/", "`/` for the tenant."),
        optional("justification", ArgumentKind::String, "Why."),
        given(
            "self",
            ArgumentKind::Bool,
            false,
            "Whether the signed-in user does it for themselves.",
        ),
        given(
            "validate_only",
            ArgumentKind::Bool,
            json!(false),
            "Whether Graph only checks the request.",
        ),
    ]
}

/// The arguments of a command of the catalogue; those named become optional and lose their defaults.
fn arguments_of(command: &str, relaxed: &[&str]) -> Vec<Argument> {
    let plan = system().catalogue.get(command);
    let mut arguments = plan
        .map(|plan| plan.signature.arguments.clone())
        .expect("a test runs every compound command");
    if !relaxed.is_empty() {
        for argument in &mut arguments {
            argument.required &= !relaxed.contains(&argument.name.as_str());
            argument.default = None;
            argument.required &= !matches!(argument.kind, ArgumentKind::Bool);
        }
    }
    arguments
}
