//! Every way to sign in, from the file to a client.

use graph_dsl::{
    Authentication, Certificate, Identity, Settings, SourceFile, Surroundings, Variables, compile,
    connect_with,
};

fn settings(connection: &str) -> Settings {
    let text = format!("connection: {connection}\n");
    let compiled = compile(&SourceFile::new("system.yaml", text), None);
    let errors: Vec<_> = compiled.diagnostics.iter().filter(|it| it.is_error()).collect();
    assert!(errors.is_empty(), "{connection}: {errors:#?}");
    let variables = [("S", "secret"), ("T", "tenant"), ("P", "http://u:p@proxy:3128")];
    let connection = compiled.system.unwrap().connection.unwrap();
    connection.resolve(&Variables::from_iter(variables)).unwrap()
}

fn authentication(connection: &str) -> Authentication {
    settings(connection).authentication
}

#[test]
fn every_auth_type_reads_its_own_credentials() {
    let app = "tenant_id: '${{ENV:T}}', client_id: c";
    let read = authentication(&format!(
        "{{ auth_type: azure, credentials: {{ {app}, certificate_path: app.pfx, certificate_password: '${{{{ENV:S}}}}', send_certificate_chain: true }} }}"
    ));
    let Authentication::ClientCertificate {
        tenant_id, certificate, send_certificate_chain, ..
    } = read
    else {
        panic!("{read:?}")
    };
    assert_eq!((tenant_id.as_str(), send_certificate_chain), ("tenant", true));
    let Certificate::File { path, password } = certificate else { panic!("{certificate:?}") };
    assert_eq!((path.as_str(), password.unwrap().expose()), ("app.pfx", "secret"));

    let read =
        authentication(&format!("{{ credentials: {{ {app}, certificate: '${{{{ENV:S}}}}' }} }}"));
    assert!(matches!(
        read,
        Authentication::ClientCertificate { certificate: Certificate::Pem(_), .. }
    ));
    let read = authentication("{ auth_type: workload_identity }");
    assert!(matches!(read, Authentication::WorkloadIdentity { tenant_id: None, .. }));
    let read = authentication("{ auth_type: managed_identity, credentials: { object_id: o } }");
    let Authentication::ManagedIdentity { identity, .. } = read else { panic!("{read:?}") };
    assert_eq!(identity, Some(Identity::ObjectId("o".into())));
    let read = authentication("{ auth_type: azure_cli, credentials: { tenant_id: contoso.com } }");
    assert!(matches!(read, Authentication::AzureCli { tenant_id: Some(_) }));
    let read = authentication(&format!("{{ auth_type: device_code, credentials: {{ {app} }} }}"));
    assert!(matches!(read, Authentication::DeviceCode { .. }));
    let read =
        authentication(&format!("{{ auth_type: authorization_code, credentials: {{ {app} }} }}"));
    assert!(matches!(read, Authentication::AuthorizationCode { client_secret: None, .. }));
    let read = authentication(&format!(
        "{{ auth_type: refresh_token, credentials: {{ {app}, refresh_token: '${{{{ENV:S}}}}' }} }}"
    ));
    assert!(matches!(read, Authentication::RefreshToken { .. }));
    assert!(!format!("{read:?}").contains("secret\""));
}

fn codes(connection: &str) -> Vec<String> {
    let text = format!("connection: {connection}\n");
    let compiled = compile(&SourceFile::new("system.yaml", text), None);
    compiled.diagnostics.iter().map(|it| format!("{}: {}", it.code, it.message)).collect()
}

#[test]
fn credentials_that_do_not_fit_are_named() {
    let secret = "'${{ENV:S}}'";
    let app = format!("tenant_id: t, client_id: c, client_secret: {secret}");
    let cases = [
        codes(&format!("{{ credentials: {{ {app}, certificate_path: a.pem }} }}")),
        codes("{ credentials: { tenant_id: t, client_id: c } }"),
        codes(&format!("{{ credentials: {{ {app}, certificate_password: {secret} }} }}")),
        codes("{ auth_type: managed_identity, credentials: { client_id: c, object_id: o } }"),
        codes("{ auth_type: managed_identity, credentials: { client_secret: x } }"),
        codes(
            "{ auth_type: refresh_token, credentials: { tenant_id: t, client_id: c, refresh_token: literal } }",
        ),
        codes("{ auth_type: device_code }"),
        codes("{ auth_type: azure_cli, proxy: 'http://u:p@proxy:3128' }"),
        codes("{ auth_type: managed_idenity }"),
    ];
    insta::assert_snapshot!(cases.map(|codes| codes.join("\n")).join("\n"));
}

#[test]
fn a_proxy_and_a_ca_bundle_fit_every_cloud() {
    let read = settings(
        "{ auth_type: azure_cli, cloud: us_gov_l4, proxy: '${{ENV:P}}', no_proxy: 'a,b', ca_bundle: ca.pem }",
    );
    assert_eq!(read.proxy.unwrap().expose(), "http://u:p@proxy:3128");
    assert_eq!(
        (read.no_proxy.as_deref(), read.ca_bundle.as_deref()),
        (Some("a,b"), Some("ca.pem"))
    );
}

#[test]
fn surroundings_decide_what_the_file_leaves_open() {
    let identity = settings("{ auth_type: workload_identity }");
    let missing = connect_with(&identity, &Surroundings::new()).unwrap_err();
    let source = std::error::Error::source(&missing).unwrap().to_string();
    assert!(source.contains("`AZURE_FEDERATED_TOKEN_FILE` is not set"), "{source}");
    let set = |name: &str| name.starts_with("AZURE_").then(|| "x".to_owned());
    assert!(connect_with(&identity, &Surroundings::new().environment(set)).is_ok());

    let person =
        settings("{ auth_type: device_code, credentials: { tenant_id: t, client_id: c } }");
    let nobody = connect_with(&person, &Surroundings::new()).unwrap_err();
    assert_eq!(
        nobody.to_string(),
        "sign in with `auth_type: device_code`: there is nobody to ask here"
    );
    assert!(connect_with(&person, &Surroundings::new().on_device_code(|_| ())).is_ok());

    let cli = settings("{ auth_type: azure_cli }");
    let wrong = |name: &str| (name == "HTTPS_PROXY").then(|| "ftp://x".to_owned());
    assert!(connect_with(&cli, &Surroundings::new().environment(wrong)).is_err());

    let lost = settings(
        "{ credentials: { tenant_id: t, client_id: c, certificate_path: /nonexistent.pem } }",
    );
    let error = connect_with(&lost, &Surroundings::new()).unwrap_err();
    assert_eq!(error.to_string(), "use the certificate in `/nonexistent.pem`");
}
