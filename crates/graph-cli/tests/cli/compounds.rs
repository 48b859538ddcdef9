//! Commands of several steps: they do what is left, and a repeat changes nothing.

use serde_json::Value;

use crate::support::{Place, RunningTenant};

/// Runs twice: the first time as expected, the second without a change.
fn twice(place: &Place, arguments: &[&str]) -> (Value, Value) {
    let arguments = [&["run"], arguments, &["--yes"]].concat();
    let first = place.json(&arguments);
    let second = place.json(&arguments);
    let outcome = |run: &Value| run["response"]["meta"]["outcome"].as_str().unwrap().to_owned();
    assert_eq!(
        (outcome(&first), outcome(&second)),
        ("updated".into(), "ok".into()),
        "{first}\n{second}"
    );
    (first["response"]["data"].clone(), second["response"]["data"].clone())
}

fn outcomes(data: &Value) -> Vec<String> {
    let steps = data["steps"].as_array().unwrap();
    let told = |step: &Value| {
        format!("{} {}", step["command"].as_str().unwrap_or("-"), step["outcome"].as_str().unwrap())
    };
    steps.iter().map(told).collect()
}

fn data(place: &Place, arguments: &[&str]) -> Value {
    place.json(&[&["run"], arguments].concat())["response"]["data"].clone()
}

fn ids(place: &Place, command: &str) -> Vec<String> {
    let list = data(place, &[command, "select=id,displayName"]);
    let items = list["value"].as_array().unwrap().iter();
    items.map(|it| it["id"].as_str().unwrap().to_owned()).collect()
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().ok_or_else(|| format!("{name} in {value}")).unwrap()
}

#[test]
fn a_user_is_created_then_changed_then_left_alone() {
    let tenant = RunningTenant::of(3, 20);
    let place = Place::with_tenant(&tenant);
    place.write("password.txt", "Canary-7431!x");
    let domain = data(&place, &["user.list", "top=1"])["value"][0]["userPrincipalName"].clone();
    let domain = domain.as_str().unwrap().rsplit('@').next().unwrap().to_owned();
    let upn = format!("userPrincipalName=ada.new@{domain}");
    let ensure = ["user.ensure", &upn, "displayName=Ada Lovelace", "department=Engines"];
    let without = place.run(&[&["run"], &ensure[..]].concat());
    assert_eq!(without.code, 2, "a new user needs a password: {}", without.stderr);
    let (made, again) = twice(&place, &[&ensure[..], &["password=@password.txt"]].concat());
    assert_eq!(outcomes(&made), ["user.create created"]);
    assert_eq!(outcomes(&again), ["- present"]);
    assert!(!made.to_string().contains("Canary"));
    let (changed, _) = twice(&place, &["user.ensure", &upn, "department=Sea"]);
    assert_eq!(outcomes(&changed), ["user.update updated"]);
    let user = data(
        &place,
        &[
            "user.get",
            &format!("id={}", text(&made["data"], "id")),
            "select=department,displayName",
        ],
    );
    assert_eq!((text(&user, "department"), text(&user, "displayName")), ("Sea", "Ada Lovelace"));
}

#[test]
fn a_leaver_keeps_nothing_and_a_plan_only_reads() {
    let tenant = RunningTenant::of(3, 60);
    let place = Place::with_tenant(&tenant);
    let users = ids(&place, "user.list");
    let crew = data(&place, &["group.create", "displayName=Crew", "mailNickname=crew"]);
    let crew = format!("id={}", text(&crew, "id"));
    let member = format!("member_id={}", users[0]);
    place.succeed(&["run", "group.add_member", &crew, &member]);
    place.succeed(&["run", "user.enable", &format!("id={}", users[0])]);
    let id = format!("id={}", users[0]);
    let writes = |tenant: &RunningTenant| {
        tenant
            .simulator
            .requests()
            .iter()
            .filter(|it| it.method != "GET" && !it.path_and_query.contains("/token"))
            .count()
    };
    let before = writes(&tenant);
    let plan = data(&place, &["user.offboard", &id, "--plan"]);
    assert_eq!(writes(&tenant), before, "a plan only reads");
    assert!(
        plan["steps"]
            .as_array()
            .unwrap()
            .iter()
            .all(|step| step["outcome"].is_null() || step["outcome"] == "present")
    );
    let refused = place.run(&["run", "user.offboard", &id]);
    assert_eq!(refused.code, 2, "it is destructive: {}", refused.stderr);
    let done = data(&place, &["user.offboard", &id, "--yes"]);
    let told = outcomes(&done);
    for step in
        ["user.disable updated", "user.revoke_sign_in_sessions ok", "group.remove_member deleted"]
    {
        assert!(told.iter().any(|it| it == step), "{step}: {told:?}");
    }
    assert!(done["data"]["owns"].is_array());
    let user = data(&place, &["user.get", &id, "select=accountEnabled"]);
    assert_eq!(user["accountEnabled"], false);
    let left = done["data"]["memberships_left"].as_array().unwrap().len();
    let groups = data(&place, &["user.list_groups", &id, "select=id"]);
    assert_eq!(groups["value"].as_array().unwrap().len(), left);
    let again = data(&place, &["user.offboard", &id, "--yes"]);
    assert!(!outcomes(&again).iter().any(|it| it.contains("remove_member")), "{again}");
}

#[test]
fn members_are_made_exactly_these_and_never_none_by_accident() {
    let tenant = RunningTenant::of(3, 60);
    let place = Place::with_tenant(&tenant);
    let users = ids(&place, "user.list");
    let crew = data(&place, &["group.create", "displayName=Crew", "mailNickname=crew"]);
    let id = format!("id={}", text(&crew, "id"));
    let members = |range: std::ops::Range<usize>| format!("member_ids={}", users[range].join(","));
    let set = |members: &str, more: &[&str]| {
        twice(&place, &[&["group.set_members", &id, members], more].concat()).0
    };
    assert_eq!(outcomes(&set(&members(0..45), &[])), ["group.add_members updated"; 3]);
    let moved = outcomes(&set(&members(2..46), &[]));
    assert_eq!(
        moved,
        ["group.add_member created", "group.remove_member deleted", "group.remove_member deleted"]
    );
    set(&members(46..47), &["mode=add"]);
    set(&members(46..47), &["mode=remove"]);
    assert_eq!(ids_of(&place, &id).len(), 44);
    let empty = ["run", "group.set_members", &id, "member_ids:=[]", "--yes"];
    let refused = place.run(&empty);
    assert_eq!(refused.code, 2);
    assert!(refused.stderr.contains("allow_empty"), "{}", refused.stderr);
    place.succeed(&[&empty[..], &["allow_empty=true"]].concat());
    assert!(ids_of(&place, &id).is_empty());
    let wrong = members(0..3) + ",00000000-0000-4000-8000-000000000001";
    let partial = place.run(&["run", "group.set_members", &id, &wrong, "--yes", "-o", "json"]);
    assert_eq!(partial.code, 6, "one of four is not there: {}", partial.stderr);
    assert_eq!(ids_of(&place, &id).len(), 3);
}

fn ids_of(place: &Place, group: &str) -> Vec<Value> {
    data(place, &["group.list_members", group, "select=id"])["value"].as_array().unwrap().clone()
}

#[test]
fn a_licence_brings_its_usage_location() {
    let tenant = RunningTenant::of(3, 20);
    let place = Place::with_tenant(&tenant);
    place.write("password.txt", "Canary-7431!x");
    let skus = data(&place, &["organization.list_subscribed_skus"]);
    let free =
        skus["value"].as_array().unwrap().iter().find(|it| it["appliesTo"] == "User").unwrap();
    let sku = format!("skuId={}", text(free, "skuId"));
    let domain = data(&place, &["user.list", "top=1"])["value"][0]["userPrincipalName"].clone();
    let domain = domain.as_str().unwrap().rsplit('@').next().unwrap().to_owned();
    let upn = format!("ada.new@{domain}");
    place.succeed(&[
        "run",
        "user.ensure",
        &format!("userPrincipalName={upn}"),
        "password=@password.txt",
    ]);
    let id = format!("id={upn}");
    let without = place.run(&["run", "user.grant_license", &id, &sku]);
    assert_eq!(without.code, 2);
    assert!(without.stderr.contains("usageLocation"), "{}", without.stderr);
    let (granted, _) = twice(&place, &["user.grant_license", &id, &sku, "usageLocation=NO"]);
    assert_eq!(outcomes(&granted), ["user.update updated", "user.assign_license updated"]);
}

#[test]
fn permissions_are_granted_by_name_and_consent_is_merged() {
    let tenant = RunningTenant::of(3, 40);
    let place = Place::with_tenant(&tenant);
    let app = data(&place, &["application.create", "displayName=Ship"]);
    let client =
        data(&place, &["service_principal.create", &format!("appId={}", text(&app, "appId"))]);
    let id = format!("id={}", text(&client, "id"));
    let all = data(&place, &["service_principal.list", "select=id,displayName,appRoles"]);
    let all = all["value"].as_array().unwrap();
    let has = |it: &&Value| {
        it["appRoles"].as_array().is_some_and(|roles| {
            roles.iter().any(|role| role["allowedMemberTypes"][0] == "Application")
        })
    };
    let api = all.iter().find(has).expect("an API with application permissions");
    let role = api["appRoles"]
        .as_array()
        .unwrap()
        .iter()
        .find(|it| it["allowedMemberTypes"][0] == "Application")
        .unwrap();
    let (resource, role) =
        (format!("resource={}", text(api, "id")), format!("role={}", text(role, "value")));
    twice(&place, &["service_principal.grant_application_permission", &id, &resource, &role]);
    let unknown = place.run(&[
        "run",
        "service_principal.grant_application_permission",
        &id,
        &resource,
        "role=Everything.Do",
    ]);
    assert_eq!(unknown.code, 2);
    assert!(unknown.stderr.contains("Everything.Do"), "{}", unknown.stderr);
    twice(&place, &["service_principal.grant_admin_consent", &id, &resource, "scope=User.Read"]);
    twice(
        &place,
        &["service_principal.grant_admin_consent", &id, &resource, "scope=openid User.Read"],
    );
    let grants = data(&place, &["service_principal.list_oauth2_permission_grants", &id]);
    assert_eq!(grants["value"][0]["scope"], "User.Read openid");
}

#[test]
fn an_application_gets_secrets_in_turn_and_a_federated_credential() {
    let tenant = RunningTenant::of(3, 20);
    let place = Place::with_tenant(&tenant);
    let app = data(&place, &["application.create", "displayName=Ship"]);
    let id = format!("id={}", text(&app, "id"));
    let rotate = ["application.rotate_secret", &id, "grace=PT0S", "verify=false", "--yes"];
    let first = data(&place, &rotate);
    assert_eq!(outcomes(&first), ["application.add_password created"]);
    let second = data(&place, &[&rotate[..], &["--secret-out", "secret.txt"]].concat());
    assert_eq!(
        outcomes(&second),
        ["application.add_password created", "application.remove_password deleted"]
    );
    assert!(std::fs::read_to_string(place.path("secret.txt")).unwrap().trim().len() > 10);
    let left = data(&place, &["application.get", &id, "select=passwordCredentials"]);
    assert_eq!(left["passwordCredentials"].as_array().unwrap().len(), 1);
    let federated = [
        "application.ensure_federated_credential",
        &id,
        "name=main",
        "issuer=https://token.actions.githubusercontent.com",
    ];
    twice(&place, &[&federated[..], &["subject=repo:contoso/ship:ref:refs/heads/main"]].concat());
    twice(&place, &[&federated[..], &["subject=repo:contoso/ship:ref:refs/heads/next"]].concat());
}

#[test]
fn roles_are_assigned_by_name_and_for_some_hours() {
    let tenant = RunningTenant::of(3, 20);
    let place = Place::with_tenant(&tenant);
    let principal = format!("principalId={}", ids(&place, "user.list")[0]);
    twice(&place, &["role_management.ensure_role_assignment", &principal, "role=Reports Reader"]);
    let unknown = place.run(&[
        "run",
        "role_management.ensure_role_assignment",
        &principal,
        "role=No Such Role",
    ]);
    assert_eq!(unknown.code, 2);
    let pim = data(
        &place,
        &[
            "pim.activate",
            &principal,
            "role=Message Center Reader",
            "duration=PT2H",
            "justification=Release",
        ],
    );
    assert_eq!(outcomes(&pim), ["pim.request_role_assignment created"]);
    let ended =
        data(&place, &["pim.deactivate", &principal, "role=Message Center Reader", "--yes"]);
    assert!(outcomes(&ended)[0].starts_with("pim.request_role_removal "), "{ended}");
}

#[test]
fn devices_guests_and_second_factors() {
    let tenant = RunningTenant::of(3, 60);
    let place = Place::with_tenant(&tenant);
    let few = place.run(&["run", "device.disable_stale", "older_than=PT1H", "max=0", "--yes"]);
    assert_eq!(few.code, 2, "{}", few.stderr);
    let stale =
        place.json(&["run", "device.disable_stale", "older_than=PT1H", "max=1000", "--yes"]);
    assert_eq!(stale["response"]["success"], true);
    let again = data(&place, &["device.disable_stale", "older_than=PT1H", "max=1000", "--yes"]);
    assert_eq!(outcomes(&again), ["- present"]);
    let crew = data(&place, &["group.create", "displayName=Crew", "mailNickname=crew"]);
    let groups = format!("group_ids={}", text(&crew, "id"));
    let invite = [
        "invitation.invite_and_add",
        "invitedUserEmailAddress=ada@fabrikam.example",
        "inviteRedirectUrl=https://myapps.microsoft.com",
        &groups,
    ];
    let invited = data(&place, &invite);
    assert_eq!(outcomes(&invited), ["invitation.create created", "group.add_member created"]);
    let user = format!("id={}", ids(&place, "user.list")[0]);
    let reset = data(&place, &["user.reset_mfa", &user, "--yes"]);
    assert!(
        outcomes(&reset).iter().any(|it| it == "user.create_temporary_access_pass created"),
        "{reset}"
    );
    assert_eq!(reset["data"]["temporaryAccessPass"], "***");
}

/// E8
#[test]
fn names_are_resolved_and_never_by_taking_the_first() {
    let tenant = RunningTenant::of(3, 20);
    let place = Place::with_tenant(&tenant);
    for nickname in ["sales-a", "sales-b"] {
        place.succeed(&[
            "run",
            "group.create",
            "displayName=Sales",
            &format!("mailNickname={nickname}"),
        ]);
    }
    place.succeed(&["run", "group.create", "displayName=Crew", "mailNickname=crew"]);
    let id = &ids(&place, "user.list")[0];
    let found = data(
        &place,
        &["directory_object.resolve", &format!("ids={id},Crew,nobody@contoso.example")],
    );
    let found = found["data"].as_array().unwrap();
    assert_eq!((text(&found[0], "type"), text(&found[1], "type")), ("user", "group"));
    assert!(found[2]["id"].is_null());
    let ambiguous = place.run(&["run", "directory_object.resolve", "ids=Sales"]);
    assert_eq!(ambiguous.code, 2);
    assert!(ambiguous.stderr.contains("2 objects have this name"), "{}", ambiguous.stderr);
}

#[test]
fn compound_commands_are_listed_and_described() {
    let place = Place::new();
    assert!(place.succeed(&["catalogue", "offboard"]).stdout.contains("user.offboard"));
    let help = place.succeed(&["catalogue", "group.set_members"]).stdout;
    assert!(help.contains("member_ids") && help.contains("several steps"), "{help}");
    let wrong = place.run(&["run", "user.ofboard", "id=x"]);
    assert!(wrong.stderr.contains("user.offboard"), "{}", wrong.stderr);
}

/// A file of leavers: each row's steps are planned, carried out, told and, where a row failed,
/// repeated alone.
#[test]
fn leavers_of_a_file_are_offboarded_row_by_row() {
    let tenant = RunningTenant::of(5, 40);
    let place = Place::with_tenant(&tenant);
    let list = place.json(&["run", "user.list", "select=id", "top=3"]);
    let ids: Vec<&str> = list["response"]["data"]["value"]
        .as_array()
        .unwrap()
        .iter()
        .take(3)
        .map(|user| user["id"].as_str().unwrap())
        .collect();
    let nobody = "00000000-0000-4000-8000-000000000009";
    place.write("leavers.csv", &format!("id\n{}\n{}\n{nobody}\n{}\n", ids[0], ids[1], ids[2]));
    let offboard = ["run", "user.offboard", "--from", "leavers.csv"];
    let lines = |text: &str| -> Vec<Value> {
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };

    let planned = place.succeed(&[&offboard[..], &["--plan"]].concat());
    assert!(planned.stderr.contains("4 rows planned"), "{}", planned.stderr);
    let plans = lines(&planned.stdout);
    assert_eq!(plans.len(), 4);
    assert!(plans[0]["steps"].as_array().unwrap().iter().any(|it| it == "disable the account"));
    assert!(plans[2]["error"].as_str().unwrap().contains("Request_ResourceNotFound"));
    assert_eq!(tenant.requests("revokeSignInSessions"), 0);

    let sent = ["--yes", "--results", "results.jsonl", "--audit", "audit.jsonl"];
    let sent = place.run(&[&offboard[..], &sent].concat());
    assert_eq!(sent.code, 6, "{}", sent.stderr);
    let mut results = lines(&sent.stdout);
    results.sort_by_key(|line| line["row"].as_u64());
    let outcomes: Vec<&str> = results.iter().map(|it| it["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["updated", "updated", "failed", "updated"]);
    assert!(results[2]["error"].as_str().unwrap().contains("Request_ResourceNotFound"));
    assert!(results[0]["data"]["steps"].as_array().unwrap().len() > 1);
    let audit = lines(&std::fs::read_to_string(place.path("audit.jsonl")).unwrap());
    assert!((1..=4).all(|row| audit.iter().any(|it| it["row"] == row && it["event"] == "sending")));

    let before = tenant.requests("revokeSignInSessions");
    let repeat =
        ["run", "user.offboard", "--from", "results.jsonl", "--only", "failed,unstarted", "--yes"];
    assert_eq!(place.run(&repeat).code, 4);
    assert_eq!(tenant.requests("revokeSignInSessions"), before);
}
