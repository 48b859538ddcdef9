//! Merge, canonical form and columns.

use graph_dsl::StreamPlan;
use proptest::prelude::*;

use super::*;
use crate::Item;

fn properties(json: &str) -> Vec<Property<'_>> {
    top_level(json).unwrap()
}

fn whole(json: &str) -> Content {
    Content::whole(&properties(json))
}

#[test]
fn the_order_of_properties_and_nulls_do_not_change_a_content() {
    assert_eq!(whole(r#"{"b":1,"a":"x","c":null}"#), whole(r#"{"a":"x","b":1}"#));
    assert_eq!(whole(r#"{"b":1,"a":"x"}"#).as_json(), r#"{"a":"x","b":1}"#);
    assert_eq!(whole("{}").as_json(), "{}");
}

/// facts: graph-protocol 5.4
#[test]
fn absent_keeps_null_clears_present_sets() {
    let before = whole(r#"{"a":"x","b":1,"c":[1]}"#);
    let after = before.merged(&properties(r#"{"b":null,"c":[2],"d":true}"#));
    assert_eq!(after.as_json(), r#"{"a":"x","c":[2],"d":true}"#);
}

#[test]
fn the_last_of_two_equal_names_wins() {
    assert_eq!(whole(r#"{"a":1,"a":2}"#).as_json(), r#"{"a":2}"#);
    assert_eq!(whole("{}").merged(&properties(r#"{"a":1,"a":null}"#)).as_json(), "{}");
}

#[test]
fn odd_names_are_escaped() {
    let content = whole(r#"{"a\"b":1}"#);
    assert_eq!(content.as_json(), r#"{"a\"b":1}"#);
    assert!(Content::stored(content.as_json().to_owned()).is_ok());
}

/// H2: a value of another type leaves the column empty and the raw object whole.
#[test]
fn columns_take_values_of_their_kind_only() {
    let plan = StreamPlan::delta("users", "user", "/users/delta")
        .column("name", "displayName", ColumnKind::Text)
        .column("enabled", "accountEnabled", ColumnKind::Boolean)
        .column("count", "count", ColumnKind::Integer)
        .column("phones", "businessPhones", ColumnKind::List)
        .column("division", "employeeOrgData.division", ColumnKind::Text)
        .column("created", "createdDateTime", ColumnKind::DateTime);
    let content = whole(
        r#"{"displayName":"Zo\u00eb","accountEnabled":false,"count":-3,"businessPhones":["1","2"],
            "employeeOrgData":{"division":"North"},"createdDateTime":"2031-01-01T00:00:00Z"}"#,
    );
    assert_eq!(
        content.cells(&plan.columns),
        [
            Cell::Text("Zoë".into()),
            Cell::Boolean(false),
            Cell::Integer(-3),
            Cell::Text(r#"["1","2"]"#.into()),
            Cell::Text("North".into()),
            Cell::Text("2031-01-01T00:00:00.000Z".into()),
        ]
    );
    let odd = whole(
        r#"{"displayName":7,"accountEnabled":"yes","count":1.5,"businessPhones":{},"employeeOrgData":[],"createdDateTime":false}"#,
    );
    assert_eq!(odd.cells(&plan.columns), vec![Cell::Null; 6]);
}

fn object() -> impl Strategy<Value = String> {
    let value = prop_oneof![
        Just("null".to_owned()),
        (0..5u8).prop_map(|n| n.to_string()),
        Just("[1,null]".to_owned())
    ];
    prop::collection::vec(("[a-d]", value), 0..6).prop_map(|pairs| {
        let pairs: Vec<_> =
            pairs.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
        format!("{{{}}}", pairs.join(","))
    })
}

proptest! {
    /// I4: a change that is laid over a content twice changes it once.
    #[test]
    fn merging_twice_is_merging_once(base in object(), change in object()) {
        let once = whole(&base).merged(&properties(&change));
        prop_assert_eq!(&once.merged(&properties(&change)), &once);
        prop_assert_eq!(Content::stored(once.as_json().to_owned()).unwrap(), once.clone());
        prop_assert_eq!(once.merged(&[]), once);
    }

    /// A whole item laid over nothing is that item.
    #[test]
    fn merging_into_nothing_is_the_whole(change in object()) {
        prop_assert_eq!(whole("{}").merged(&properties(&change)), whole(&change));
    }
}

/// H9
#[test]
fn keys_and_secrets_are_cut_out_of_credentials() {
    let json = r#"{"id":"a","keyCredentials":[{"keyId":"k","key":"MIIC","endDateTime":"2027-01-01T00:00:00Z"}],"passwordCredentials":[{"secretText":"s3cret","hint":"s3c"}],"passwordProfile":{"password":"p"},"key":"kept"}"#;
    let item = Item::read(json).unwrap();
    let whole = Content::whole(&item.properties);
    assert_eq!(
        whole.as_json(),
        r#"{"key":"kept","keyCredentials":[{"endDateTime":"2027-01-01T00:00:00Z","keyId":"k"}],"passwordCredentials":[{}],"passwordProfile":{}}"#
    );
    assert_eq!(whole.merged(&item.properties), whole, "merging brings none back");
}

#[test]
fn guids_are_in_lower_case_and_json_stays_as_it_came() {
    let plan = StreamPlan::delta("a", "b", "/users/delta")
        .column("app", "appId", ColumnKind::Guid)
        .column("roles", "appRoles", ColumnKind::Json)
        .column("none", "nothing", ColumnKind::Json);
    let item = Item::read(r#"{"id":"a","appId":"00AA","appRoles":{"a": 1},"nothing":null}"#);
    let cells = Content::whole(&item.unwrap().properties).cells(&plan.columns);
    let text = |text: &str| Cell::Text(text.to_owned());
    assert_eq!(cells, [text("00aa"), text(r#"{"a": 1}"#), Cell::Null]);
}
