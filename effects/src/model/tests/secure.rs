//! Requests over TLS: a bundle of one's own is trusted, anything else is refused with the reason.

use std::{
    io::{Read, Write},
    net::TcpListener,
    path::PathBuf,
    sync::Arc,
    thread,
};

use quire_state::fault::FaultKind;
use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};

use super::{
    encoding::request,
    samples::{SHORT, read_text},
    server::{ask, ok, vault},
};
use crate::model::client::Clients;

/// A server with a certificate for 127.0.0.1 that `tls/ca.pem` signs. It answers every request with [`SHORT`].
fn secure_server() -> u16 {
    let certificate = CertificateDer::from_pem_slice(include_bytes!("tls/server.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("tls/server.key")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    let (listener, config) = (TcpListener::bind("127.0.0.1:0").unwrap(), Arc::new(config));
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for socket in listener.incoming() {
            let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = StreamOwned::new(connection, socket.unwrap());
            let (mut sent, mut buffer) = (Vec::new(), [0; 4096]);
            // A refused handshake ends the reading.
            while let Ok(read @ 1..) = stream.read(&mut buffer) {
                sent.extend_from_slice(&buffer[..read]);
                if sent.ends_with(b"}") {
                    let _ = stream.write_all(&ok("", SHORT.as_bytes()));
                    stream.conn.send_close_notify();
                    let _ = stream.flush();
                    break;
                }
            }
        }
    });
    port
}

#[tokio::test]
async fn a_bundle_of_one_s_own_is_trusted_and_needed() {
    let port = secure_server();
    let mut vault = vault(&format!("https://127.0.0.1:{port}/v1"));

    let (_, fault) = ask(&Clients::new(), &vault, request(Vec::new())).await;
    let fault = fault.unwrap();
    assert_eq!(fault.kind, FaultKind::Tls, "{fault:?}");
    assert!(fault.summary.contains("UnknownIssuer") && fault.hint.unwrap().contains("SSL_CERT_FILE"));

    let bundle = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/model/tests/tls/ca.pem");
    vault.ca_bundle = Some((bundle, "MY_BUNDLE".into()));
    let (reports, fault) = ask(&Clients::new(), &vault, request(Vec::new())).await;
    assert_eq!((reports.get(1..), fault), (Some(read_text(SHORT).0.as_slice()), None));

    let named = vault.providers.get_mut("test").unwrap();
    named.base_url = named.base_url.replace("127.0.0.1", "127.0.0.2");
    let (_, fault) = ask(&Clients::new(), &vault, request(Vec::new())).await;
    assert!(matches!(fault.unwrap().kind, FaultKind::Tls | FaultKind::Network));
}

#[tokio::test]
async fn a_server_that_speaks_no_tls() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        let (mut socket, _) = listener.accept().unwrap();
        let _ = socket.read(&mut [0; 64]);
        let _ = socket.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
    });
    let (_, fault) = ask(&Clients::new(), &vault(&format!("https://127.0.0.1:{port}/v1")), request(Vec::new())).await;
    let fault = fault.unwrap();
    assert_eq!(fault.kind, FaultKind::Tls, "{fault:?}");
    assert!(fault.hint.unwrap().contains("http://"));
}

#[tokio::test]
async fn a_bundle_that_is_none_is_named_with_its_variable() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bundle.pem");
    let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    for (content, told) in [
        (None, "could not be read"),
        (Some("nothing"), "contains no certificate"),
        (Some(broken), "Secure connections"),
    ] {
        if let Some(content) = content {
            std::fs::write(&file, content).unwrap();
        }
        let mut vault = vault("https://127.0.0.1:1/v1");
        vault.ca_bundle = Some((file.clone(), "MY_BUNDLE".into()));
        let (_, fault) = ask(&Clients::new(), &vault, request(Vec::new())).await;
        let fault = fault.unwrap();
        assert_eq!(fault.kind, FaultKind::Tls);
        assert!(fault.summary.contains(told), "{}", fault.summary);
        let line = fault.line();
        assert!(line.contains("bundle.pem") && line.contains("`MY_BUNDLE`"), "{line}");
        // A plain address needs no bundle, and so does not read it.
        vault.providers.get_mut("test").unwrap().base_url = "http://127.0.0.1:1/v1".into();
        let (_, fault) = ask(&Clients::new(), &vault, request(Vec::new())).await;
        assert_eq!(fault.unwrap().kind, FaultKind::Network);
    }
}
