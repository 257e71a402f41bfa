//! TLS, according to the modes of libpq.

use super::url::{PostgresUrl, SslMode};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
};
use std::path::PathBuf;
use std::sync::Arc;
use tokio_postgres_rustls::MakeRustlsConnect;

/// The TLS connector for a URL; an error is a reason to show to users.
pub(super) fn connector(url: &PostgresUrl) -> Result<MakeRustlsConnect, String> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?;
    let config = match url.ssl_mode {
        SslMode::VerifyFull => builder.with_root_certificates(roots(url)?).with_no_client_auth(),
        SslMode::VerifyCa => {
            let roots = Arc::new(roots(url)?);
            let verifier = WebPkiServerVerifier::builder_with_provider(roots, provider.clone());
            let verifier = verifier.build().map_err(|error| error.to_string())?;
            let verifier = Arc::new(AnyName { verifier: Some(verifier), provider });
            builder.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth()
        }
        SslMode::Disable | SslMode::Prefer | SslMode::Require => {
            let verifier = Arc::new(AnyName { verifier: None, provider });
            builder.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth()
        }
    };
    Ok(MakeRustlsConnect::new(config))
}

/// The root certificates to verify the server's certificate with: those in a file, or those of the
/// system.
fn roots(url: &PostgresUrl) -> Result<RootCertStore, String> {
    let given = url.ssl_root_cert.clone();
    let given = given.or_else(|| std::env::var_os("PGSSLROOTCERT").map(PathBuf::from));
    let mut roots = RootCertStore::empty();
    let home = || {
        let path = PathBuf::from(std::env::var_os("HOME")?).join(".postgresql/root.crt");
        path.is_file().then_some(path)
    };
    let file = match given {
        Some(path) if path.as_os_str() == "system" => None,
        Some(path) => Some(path),
        None => home(),
    };
    let Some(path) = file else {
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        return Ok(roots);
    };
    let shown = path.display();
    let certificates = CertificateDer::pem_file_iter(&path)
        .map_err(|error| format!("the certificates in {shown} cannot be read: {error}"))?;
    for certificate in certificates {
        let certificate = certificate.map_err(|error| format!("{shown}: {error}"))?;
        roots.add(certificate).map_err(|error| {
            let error = error.to_string();
            match error.contains("UnsupportedCertVersion") {
                true => {
                    format!("{shown} has a certificate of X.509 version 1, which verifies nothing")
                }
                false => format!("{shown}: {error}"),
            }
        })?;
    }
    if roots.is_empty() {
        return Err(format!("{shown} contains no certificates"));
    }
    Ok(roots)
}

/// What is wrong with a server's certificate, if that is why connecting failed.
pub(super) fn explained(reason: &str) -> Option<&'static str> {
    if reason.contains("UnsupportedCertVersion") {
        return Some(
            "the certificate of the server is of X.509 version 1, which cannot be verified: \
             give it one of version 3, or do not verify it (sslmode=require)",
        );
    }
    reason.contains("UnknownIssuer").then_some(
        "the certificate of the server is signed by none of the trusted ones: \
         name its root certificate (sslrootcert=FILE), or do not verify it (sslmode=require)",
    )
}

/// Accepts a certificate for any host name; without a verifier, also from any signer, as
/// `sslmode=require` does. Such a certificate is not even parsed: a signature with a key that
/// anybody may have made proves nothing, and old servers have certificates of X.509 version 1,
/// which the parser refuses.
#[derive(Debug)]
struct AnyName {
    verifier: Option<Arc<WebPkiServerVerifier>>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for AnyName {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Some(verifier) = &self.verifier else { return Ok(ServerCertVerified::assertion()) };
        let result =
            verifier.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
        match result {
            Err(Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => Ok(ServerCertVerified::assertion()),
            other => other,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        if self.verifier.is_none() {
            return Ok(HandshakeSignatureValid::assertion());
        }
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, cert, dss, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        if self.verifier.is_none() {
            return Ok(HandshakeSignatureValid::assertion());
        }
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, cert, dss, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
