//! The listener that the browser is redirected to, for as long as one sign-in takes.

use std::convert::Infallible;
use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue, REFERRER_POLICY,
};
use http::{Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::credential::CredentialError;
use crate::secret::Secret;

/// How long a browser may take to send a request line, and to read the page.
const PAGE_LIMIT: Duration = Duration::from_secs(5);

/// No more than this many connections at once: browsers open spare ones.
const CONNECTIONS: usize = 16;

type Code = Result<Secret, CredentialError>;

/// A listener on 127.0.0.1 that nobody but this machine reaches.
#[derive(Debug)]
pub(super) struct Loopback {
    listener: TcpListener,
    port: u16,
}

impl Loopback {
    pub(super) async fn bind(port: u16) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let port = listener.local_addr()?.port();
        Ok(Self { listener, port })
    }

    /// `http://localhost:<port>`: Entra compares the host and ignores the port (RFC 8252, 7.3).
    pub(super) fn redirect_uri(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    /// The code of the first redirect that carries `state`; everything else is answered and forgotten.
    pub(super) async fn code(self, state: &str) -> Code {
        let (found, mut codes) = mpsc::channel(1);
        let state: Arc<str> = state.into();
        let mut connections = JoinSet::new();
        let code = loop {
            tokio::select! {
                biased;
                Some(code) = codes.recv() => break code,
                Some(_) = connections.join_next() => {}
                Ok((stream, _)) = self.listener.accept(), if connections.len() < CONNECTIONS => {
                    let (state, found) = (Arc::clone(&state), found.clone());
                    let answer = service_fn(move |request| {
                        let answer = answer(&request, &state, &found);
                        async move { Ok::<_, Infallible>(answer) }
                    });
                    let mut server = http1::Builder::new();
                    server.keep_alive(false).timer(TokioTimer::new()).header_read_timeout(PAGE_LIMIT);
                    connections.spawn(server.serve_connection(TokioIo::new(stream), answer));
                }
            }
        };
        // The person sees the page before the listener is gone; spare connections are not waited for.
        drop(self.listener);
        let _ = timeout(PAGE_LIMIT, connections.join_next()).await;
        code
    }
}

fn answer<B>(
    request: &Request<B>,
    state: &str,
    found: &mpsc::Sender<Code>,
) -> Response<Full<Bytes>> {
    if request.uri().path() != "/" || request.method() != Method::GET {
        return page(StatusCode::NOT_FOUND, "Not found", "There is nothing here.");
    }
    let query = request.uri().query().unwrap_or_default();
    let value = |name: &str| {
        let mut pairs = url::form_urlencoded::parse(query.as_bytes());
        pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    };
    if value("state").as_deref() != Some(state) {
        let text = "This page belongs to another sign-in. Go back to the program and begin again.";
        return page(StatusCode::BAD_REQUEST, "Unknown sign-in", text);
    }
    match (value("code"), value("error")) {
        (Some(code), None) => {
            let _ = found.try_send(Ok(Secret::new(code)));
            page(
                StatusCode::OK,
                "Signed in",
                "You can close this window and go back to the program.",
            )
        }
        (_, error) => {
            let described = value("error_description").or(error);
            let reason = described.as_deref().and_then(|text| text.lines().next());
            let reason: String = reason
                .unwrap_or("the authority sent no code")
                .chars()
                .filter(|c| !c.is_control())
                .collect();
            let text = escaped(&reason);
            let _ = found.try_send(Err(CredentialError::Person(reason)));
            page(StatusCode::OK, "Not signed in", &text)
        }
    }
}

/// A page without script, style sheets or images; `text` is HTML.
fn page(status: StatusCode, title: &str, text: &str) -> Response<Full<Bytes>> {
    let html = format!(
        "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>{title}</title>\n<h1>{title}</h1>\n<p>{text}</p>\n</html>\n"
    );
    let mut response = Response::new(Full::from(html));
    *response.status_mut() = status;
    for (name, value) in [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
        (CACHE_CONTROL, "no-store"),
        (REFERRER_POLICY, "no-referrer"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

/// What a stranger wrote, as text in HTML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;

    use super::*;

    async fn visit(port: u16, target: &str) -> String {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.unwrap();
        let request = format!("GET {target} HTTP/1.1\r\nhost: localhost:{port}\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    #[tokio::test]
    async fn only_the_redirect_with_our_state_ends_the_wait() {
        let loopback = Loopback::bind(0).await.unwrap();
        let port = loopback.port;
        assert_eq!(loopback.redirect_uri(), format!("http://localhost:{port}"));
        let visits = async {
            let _silent = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.unwrap();
            assert!(visit(port, "/favicon.ico").await.starts_with("HTTP/1.1 404"));
            let forged = visit(port, "/?code=forged&state=other").await;
            assert!(forged.starts_with("HTTP/1.1 400"), "{forged}");
            visit(port, "/?code=good%2Bcode&state=ours&session_state=x").await
        };
        let (code, shown) = tokio::join!(loopback.code("ours"), visits);
        assert_eq!(code.unwrap().expose(), "good+code");
        assert!(shown.contains("Signed in") && !shown.contains("good"), "{shown}");
        assert!(shown.contains("content-security-policy: default-src 'none'"), "{shown}");
    }

    #[tokio::test]
    async fn a_refusal_is_shown_as_text() {
        let loopback = Loopback::bind(0).await.unwrap();
        let target =
            "/?state=s&error=access_denied&error_description=%3Cscript%3E+AADSTS65004%0d%0aTrace";
        let visits = visit(loopback.port, target);
        let (code, shown) = tokio::join!(loopback.code("s"), visits);
        let error = code.unwrap_err().to_string();
        assert_eq!(error, "sign in with a person: <script> AADSTS65004");
        assert!(
            shown.contains("&lt;script&gt; AADSTS65004") && !shown.contains("<script>"),
            "{shown}"
        );
    }
}
