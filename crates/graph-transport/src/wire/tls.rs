//! TLS: which servers are trusted, and what is said about those that are not.

use std::error::Error as StdError;
use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{AlertDescription, CertificateError, ClientConfig, RootCertStore};

use crate::client::BuildError;
use crate::error::BoxError;

/// TLS 1.2 and 1.3 with the bundled public roots and those of `bundles`. There is no way to accept
/// anything else (SEC-D18).
pub(super) fn config<'a>(
    bundles: impl Iterator<Item = &'a Path>,
) -> Result<ClientConfig, BuildError> {
    let mut roots = RootCertStore::empty();
    roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    for path in bundles {
        add(&mut roots, path)?;
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("the provider supports TLS 1.2 and 1.3");
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

fn add(roots: &mut RootCertStore, path: &Path) -> Result<(), BuildError> {
    let unreadable = |source: BoxError| BuildError::CaBundle { path: path.to_owned(), source };
    let before = roots.len();
    for certificate in
        CertificateDer::pem_file_iter(path).map_err(|error| unreadable(error.into()))?
    {
        let certificate = certificate.map_err(|error| unreadable(error.into()))?;
        roots.add(certificate).map_err(|error| unreadable(error.into()))?;
    }
    if roots.len() == before {
        return Err(unreadable("the file holds no certificate".into()));
    }
    Ok(())
}

/// What is wrong with a server's certificate or protocol, where that is why there is no connection.
pub(crate) fn distrust(error: &(dyn StdError + 'static)) -> Option<String> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(found) = error.downcast_ref::<rustls::Error>() {
            return explain(found);
        }
        // An I/O error hides what it wraps from its list of sources.
        let wrapped = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        cause = match wrapped {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    None
}

fn explain(error: &rustls::Error) -> Option<String> {
    Some(match error {
        rustls::Error::InvalidCertificate(reason) => match reason {
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                "its certificate has expired".to_owned()
            }
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                "its certificate is not valid yet".to_owned()
            }
            CertificateError::NotValidForName
            | CertificateError::NotValidForNameContext { .. } => {
                "its certificate is for another name".to_owned()
            }
            CertificateError::UnknownIssuer => {
                "its certificate is signed by nobody that is trusted; an authority of your own goes into `ca_bundle`".to_owned()
            }
            CertificateError::Revoked => "its certificate was revoked".to_owned(),
            other => format!("its certificate is not accepted: {other}"),
        },
        rustls::Error::PeerIncompatible(_)
        | rustls::Error::AlertReceived(AlertDescription::ProtocolVersion) => "it speaks no TLS 1.2 or 1.3".to_owned(),
        rustls::Error::PeerMisbehaved(_) => format!("its TLS is not sound: {error}"),
        _ => return None,
    })
}
