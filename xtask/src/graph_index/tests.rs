//! Two small clouds and a small permission map, merged.

use graph_dsl::graph_index::{GraphIndex, IndexData, PathSegment, decode, decompress, encode};

use super::merge::{Merged, merge};
use super::{csdl, overlay, permissions};

/// A document with these elements in its schema.
fn document(elements: &str) -> String {
    format!(
        r#"<edmx:Edmx xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>
        <Schema Namespace="microsoft.graph" Alias="graph" xmlns="http://docs.oasis-open.org/odata/ns/edm">
        {elements}
        <EntityContainer Name="GraphService"><EntitySet Name="users" EntityType="graph.user"/></EntityContainer>
        </Schema></edmx:DataServices></edmx:Edmx>"#
    )
}

fn first() -> String {
    document(
        r#"<EntityType Name="user" OpenType="true">
             <Property Name="mail" Type="Edm.String"/><Property Name="created" Type="Edm.DateTimeOffset"/>
             <NavigationProperty Name="manager" Type="graph.user"/>
           </EntityType>
           <Action Name="revoke" IsBound="true"><Parameter Name="bindingParameter" Type="graph.user"/>
             <Parameter Name="reason" Type="Edm.String" Nullable="false"/></Action>
           <Annotations Target="microsoft.graph.user/created"><Annotation Term="Org.OData.Core.V1.Computed" Bool="true"/></Annotations>
           <Annotations Target="microsoft.graph.GraphService/users"><Annotation Term="Org.OData.Capabilities.V1.InsertRestrictions">
             <Record><PropertyValue Property="Insertable" Bool="false"/></Record></Annotation></Annotations>"#,
    )
}

fn second() -> String {
    document(
        r#"<EntityType Name="user" OpenType="true"><Property Name="mail" Type="Edm.String"/></EntityType>"#,
    )
}

fn merged() -> Merged {
    merge(&[csdl::read(&first()).unwrap(), csdl::read(&second()).unwrap()])
}

fn data(merged: &Merged) -> IndexData<'_> {
    IndexData {
        format: graph_dsl::graph_index::FORMAT,
        clouds: vec!["one", "two"],
        strings: merged.strings.all(),
        roots: merged.roots.clone(),
        types: merged.types.clone(),
        operations: merged.operations.clone(),
        ..IndexData::default()
    }
}

#[test]
fn every_record_says_in_which_clouds_it_holds() {
    let merged = merged();
    let index = GraphIndex::new(data(&merged));
    let resolves =
        |path: &str, cloud| index.resolve(&PathSegment::split(path), cloud).whole().is_some();
    assert!(resolves("/users/{id}/manager", 1) && !resolves("/users/{id}/manager", 2));
    assert!(resolves("/users/{id}/revoke", 1) && !resolves("/users/{id}/revoke", 2));
    let user = index.type_named("microsoft.graph.user").unwrap();
    let (_, mail) = index.member(user, "mail", 3).unwrap();
    assert_eq!((mail.clouds, mail.computed), (3, false));
    let (_, created) = index.member(user, "created", 3).unwrap();
    assert_eq!((created.clouds, created.computed), (1, true));
    assert_eq!(merged.roots[0].limits.map(|limits| limits.insert), Some(1));
    assert!(merged.operations[0].parameters[0].required);
}

#[test]
fn the_permission_map_is_found_by_canonical_path() {
    let mut merged = merged();
    let map = r#"{"permissions":{
        "User.Read.All":{"schemes":{"Application":{"privilegeLevel":3}},"pathSets":[
            {"schemeKeys":["Application"],"methods":["GET"],"paths":{"/USERS/{user-id}":"least=Application"}}]},
        "User.ReadWrite.All":{"schemes":{"Application":{"privilegeLevel":4}},"pathSets":[
            {"schemeKeys":["Application"],"methods":["GET","PUT"],"paths":{"/users/{id}":"","/users/{id}/manager":"least=Application"}}]}}}"#;
    let mut strings = merged.strings.clone();
    let found = permissions::read(map, &GraphIndex::new(data(&merged)), &mut strings).unwrap();
    merged.strings = strings;
    let index = GraphIndex::new(IndexData {
        permissions: found.permissions,
        claims: found.claims,
        calls: found.calls,
        ..data(&merged)
    });
    let get = index.needs("GET", "/users/{id}");
    assert_eq!(get.application, [["User.Read.All"], ["User.ReadWrite.All"]]);
    assert_eq!((get.is_least_known, get.least_marks), (true, 1));
    // A write on a link is a write on its `$ref`.
    assert_eq!(index.needs("PUT", "/users/{id}/manager/$ref").least(), ["User.ReadWrite.All"]);
    assert!(index.needs("DELETE", "/users/{id}").is_unknown());
}

#[test]
fn an_index_comes_back_as_it_was_written() {
    let merged = merged();
    let bytes = encode(&data(&merged)).unwrap();
    assert_eq!(bytes, encode(&data(&merged)).unwrap());
    let inner = decompress(&bytes).unwrap();
    let back = decode(&inner).unwrap();
    assert_eq!(back.strings, merged.strings.all());
    assert!(decompress(&bytes[..bytes.len() / 2]).is_err());
    assert!(decode(&inner[..inner.len() / 2]).is_err());
}

#[test]
fn the_committed_index_holds_the_overlay_as_it_is() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let file = overlay::read(&root).unwrap();
    let committed = GraphIndex::embedded().data();
    let listed = |overlay: &graph_dsl::graph_index::Overlay<'_>| format!("{overlay:?}");
    assert_eq!(listed(&committed.overlay), listed(&file.borrowed()), "run `cargo xtask codegen`");
}
