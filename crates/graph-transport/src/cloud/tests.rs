//! What a cloud is, and what is none.

use super::*;

fn custom(root: &str, allow_insecure_loopback: bool) -> Result<Cloud, CloudError> {
    Cloud::custom(CustomCloud {
        graph_root: root.into(),
        authority: root.into(),
        ca_bundle: None,
        allow_insecure_loopback,
    })
}

/// Z10
#[test]
fn names_round_trip() {
    for name in CloudName::FIXED {
        assert_eq!(name.as_str().parse(), Ok(name));
    }
    assert!("germany".parse::<CloudName>().is_err());
}

#[test]
fn base_url_of_the_seeds_selects_the_cloud() {
    let (cloud, version) = Cloud::from_base_url("https://graph.microsoft.us/v1.0").unwrap();
    assert_eq!((cloud.name(), version), (CloudName::UsGovL4, ApiVersion::V1_0));
    let (cloud, version) = Cloud::from_base_url("https://graph.microsoft.com/beta/").unwrap();
    assert_eq!((cloud.name(), version), (CloudName::Global, ApiVersion::Beta));
    assert!(Cloud::from_base_url("https://graph.microsoft.com.evil.example/v1.0").is_err());
}

/// SEC-A15
#[test]
fn plain_http_only_on_loopback_and_only_when_allowed() {
    assert!(custom("http://127.0.0.1:8080", true).is_ok());
    assert!(custom("http://[::1]:8080", true).is_ok());
    assert!(custom("http://localhost:8080", true).is_ok());
    assert!(custom("http://127.0.0.1:8080", false).is_err());
    assert!(custom("http://10.0.0.1", true).is_err());
    assert!(custom("http://127.0.0.1.evil.example", true).is_err());
    assert!(custom("ftp://127.0.0.1", true).is_err());
    assert!(custom("https://user@graph.example", true).is_err());
    assert!(custom("https://graph.example/v1.0/", true).is_err());
}

/// SEC-A16
#[test]
fn the_metadata_service_is_no_cloud() {
    for root in [
        "https://169.254.169.254",
        "https://[fe80::1]",
        "https://[::ffff:169.254.169.254]",
        "https://0xA9FEA9FE/",
        "https://168.63.129.16",
    ] {
        assert!(custom(root, true).is_err(), "{root}");
        assert!(Cloud::from_base_url(&format!("{root}/v1.0")).is_err());
    }
}

/// One value gives login, scope, root and audience of every cloud (facts: graph-protocol 1.1).
#[test]
fn every_cloud_is_one_value() {
    let rows: Vec<String> = CloudName::FIXED
        .into_iter()
        .map(|name| {
            let cloud = Cloud::named(name).unwrap();
            let audience = cloud.token_exchange_audience().unwrap_or("-");
            format!("{name} {} {} {audience}", cloud.authority(), cloud.default_scope())
        })
        .collect();
    insta::assert_snapshot!(rows.join("\n"), @r"
    global https://login.microsoftonline.com https://graph.microsoft.com/.default api://AzureADTokenExchange
    us_gov_l4 https://login.microsoftonline.us https://graph.microsoft.us/.default api://AzureADTokenExchangeUSGov
    us_gov_l5 https://login.microsoftonline.us https://dod-graph.microsoft.us/.default api://AzureADTokenExchangeUSGov
    china https://login.chinacloudapi.cn https://microsoftgraph.chinacloudapi.cn/.default api://AzureADTokenExchangeChina
    bleu https://login.sovcloud-identity.fr https://graph.svc.sovcloud.fr/.default -
    delos https://login.sovcloud-identity.de https://graph.svc.sovcloud.de/.default -
    govsg https://login.sovcloud-identity.sg https://graph.svc.sovcloud.sg/.default -
    ");
    let bleu = Cloud::named(CloudName::Bleu).unwrap();
    let told = bleu.clone().with_token_exchange_audience("api://x");
    assert_eq!((told.token_exchange_audience(), told.name()), (Some("api://x"), bleu.name()));
}

#[test]
fn a_tenant_is_one_segment_of_the_authority() {
    let cloud = Cloud::named(CloudName::China).unwrap();
    let url = cloud.authority_url("a/../b?c", &["oauth2", "v2.0", "token"]);
    assert_eq!(url.as_str(), "https://login.chinacloudapi.cn/a%2F..%2Fb%3Fc/oauth2/v2.0/token");
}
