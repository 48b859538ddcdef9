//! Tests of the compound commands' functions.

use std::collections::BTreeSet;

use graph_transport::{Cloud, CloudName, GraphClient, Secret, StaticBearer};

use super::*;
use crate::{Admin, Compound};

fn admin() -> Admin {
    let credential = StaticBearer::new(Secret::new("token".to_owned()));
    let cloud = Cloud::named(CloudName::Global).unwrap();
    Admin::new(GraphClient::builder(cloud, credential).build().unwrap())
}

#[expect(clippy::default_trait_access, reason = "which options they are is said by the function")]
fn calls(admin: &Admin) -> Vec<CompoundCall<'_>> {
    let (application, pim, principal) =
        (admin.application(), admin.pim(), admin.service_principal());
    let user = admin.user();
    vec![
        application.ensure_federated_credential("", "", "", "", Default::default()),
        application.rotate_secret("", Default::default()),
        admin.device().disable_stale(Default::default()),
        admin.directory_object().resolve(&[]),
        admin.group().set_members("", &[], Default::default()),
        admin.invitation().invite_and_add("", "", &[], Default::default()),
        pim.activate("", "", Default::default()),
        pim.deactivate("", "", Default::default()),
        admin.role_management().ensure_role_assignment("", "", Default::default()),
        principal.grant_admin_consent("", "", ""),
        principal.grant_application_permission("", "", ""),
        user.ensure("", Default::default()),
        user.grant_license("", "", Default::default()),
        user.offboard(""),
        user.reset_mfa("", Default::default()),
    ]
}

#[tokio::test]
async fn every_compound_command_has_a_function_with_its_arguments() {
    let admin = admin();
    let calls = calls(&admin);
    let called: Vec<&str> = calls.iter().map(|call| call.compound().name).collect();
    let all: Vec<&str> = Compound::all().iter().map(|it| it.name).collect();
    assert_eq!(called, all);
    for call in &calls {
        let signature = call.compound().signature().arguments;
        let required: BTreeSet<String> =
            signature.iter().filter(|it| it.required).map(|it| it.name.clone()).collect();
        let given: BTreeSet<String> =
            call.arguments().iter().map(|(name, _)| name.to_owned()).collect();
        assert_eq!(given, required, "{}", call.compound().name);
        let optional: BTreeSet<&str> =
            signature.iter().filter(|it| !it.required).map(|it| it.name.as_str()).collect();
        assert_eq!(declared(call.compound().name), optional, "{}", call.compound().name);
    }
}

/// The optional arguments that this file declares for a command.
fn declared(command: &str) -> BTreeSet<&'static str> {
    let about = format!("/// Optional arguments of `{command}`.\n");
    let Some((_, after)) = include_str!("options.rs").split_once(&about) else {
        return BTreeSet::new();
    };
    let block = after.split("\n    }\n}").next().unwrap();
    let fields = block.lines().filter_map(|line| line.trim_end_matches(',').rsplit_once(" = \""));
    fields.filter_map(|(_, name)| name.strip_suffix('"')).collect()
}
