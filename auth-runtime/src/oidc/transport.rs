//! HTTP to the provider: one request, one bounded answer. No redirect is followed and no request is repeated.

use std::time::Duration;

use axum::body::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use url::Url;
use url::form_urlencoded;

/// The time for one exchange, unless configured: from connecting to the last byte read. The npm
/// package's `httpTimeout`.
pub(crate) const DEFAULT_DEADLINE: Duration = Duration::from_secs(5);
/// The time for connecting, where a request must be on its way soon: long enough for a packet that gets lost, and less
/// than half of a lease.
pub(crate) const CONNECT_DEADLINE: Duration = Duration::from_secs(2);
/// The largest answer, in bytes: the npm package reads no larger one.
pub(crate) const MAX_BODY_BYTES: usize = 1024 * 1024;
/// The longest wait that is taken from a `Retry-After`, in seconds. A longer one says "gone", not "later".
const MAX_RETRY_AFTER_SECONDS: u64 = 86_400;

/// The connection pool behind every request to the provider.
#[derive(Clone, Debug)]
pub(crate) struct Transport {
    client: reqwest::Client,
    deadline: Duration,
}

/// An answer, before anything in it is believed.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    /// The media type without parameters, in lower case; empty when there was none.
    pub(crate) media_type: String,
    pub(crate) retry_after: Option<RetryAfter>,
    pub(crate) body: Vec<u8>,
}

/// The time at which to try again (RFC 9110 section 10.2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RetryAfter {
    /// Seconds from the moment of the answer.
    After(u64),
    /// Unix seconds.
    At(i64),
}

/// The reason why there is no answer. The HTTP client's own text is left out, because it can contain a URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum TransportError {
    #[error("the provider's answer is larger than this client reads")]
    BodyTooLarge,
    #[error("no connection to the provider")]
    Connect,
    #[error("the connection to the provider broke off")]
    Interrupted,
    #[error("the provider answered with a redirect, which is never followed")]
    Redirected,
    #[error("the HTTP client could not be built, perhaps for want of trusted root certificates")]
    Setup,
    #[error("the provider did not answer in time")]
    Timeout,
}

impl Transport {
    /// Sets up TLS by rustls, no proxy, no cookies, no redirects, no retries. Plain http only with `allow_insecure`.
    /// `deadline` is for one exchange, from connecting to the last byte read.
    pub(crate) fn new(allow_insecure: bool, deadline: Duration) -> Result<Self, TransportError> {
        Self::connecting_within(deadline, allow_insecure, deadline)
    }

    /// Like [`new`](Self::new), but a request without a connection within [`CONNECT_DEADLINE`] is never sent.
    pub(crate) fn prompt(allow_insecure: bool, deadline: Duration) -> Result<Self, TransportError> {
        Self::connecting_within(CONNECT_DEADLINE.min(deadline), allow_insecure, deadline)
    }

    fn connecting_within(
        connect_deadline: Duration,
        allow_insecure: bool,
        deadline: Duration,
    ) -> Result<Self, TransportError> {
        let client = reqwest::Client::builder()
            .https_only(!allow_insecure)
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .connect_timeout(connect_deadline)
            // RFC 9700: a code or a rotating refresh token is sent once. The caller decides whether to ask again.
            .retry(reqwest::retry::never())
            .user_agent(concat!("auth-runtime/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|_| TransportError::Setup)?;
        Ok(Self { client, deadline })
    }

    /// Sends a GET that asks for JSON.
    pub(crate) async fn get_json(&self, url: &Url, max_body: usize) -> Result<Answer, TransportError> {
        self.send(self.client.get(url.clone()).header(ACCEPT, "application/json"), max_body).await
    }

    /// Posts a form, and asks for JSON. `authorization` is the complete header value.
    pub(crate) async fn post_form(
        &self,
        url: &Url,
        fields: &[(&str, &str)],
        authorization: Option<&SecretString>,
    ) -> Result<Answer, TransportError> {
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let mut request = self
            .client
            .post(url.clone())
            .header(ACCEPT, "application/json")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded;charset=UTF-8")
            .body(form);
        if let Some(authorization) = authorization {
            let mut value =
                HeaderValue::from_str(authorization.expose_secret()).map_err(|_| TransportError::Setup)?;
            value.set_sensitive(true);
            request = request.header(AUTHORIZATION, value);
        }
        self.send(request, MAX_BODY_BYTES).await
    }

    /// Sends a request to an API that is not the provider's. The caller judges every answer, also a redirect.
    pub(crate) async fn call(
        &self,
        request: http::Request<Bytes>,
        max_body: usize,
    ) -> Result<http::Response<Bytes>, TransportError> {
        let request = reqwest::Request::try_from(request).map_err(|_| TransportError::Setup)?;
        let call = async {
            let response = self.client.execute(request).await.map_err(|error| blame(&error))?;
            let mut answer = http::Response::new(());
            *answer.status_mut() = response.status();
            answer.headers_mut().clone_from(response.headers());
            let body = read_body(response, max_body).await?;
            Ok(answer.map(|()| Bytes::from(body)))
        };
        tokio::time::timeout(self.deadline, call).await.unwrap_or(Err(TransportError::Timeout))
    }

    async fn send(
        &self,
        request: reqwest::RequestBuilder,
        max_body: usize,
    ) -> Result<Answer, TransportError> {
        tokio::time::timeout(self.deadline, exchange(request, max_body))
            .await
            .unwrap_or(Err(TransportError::Timeout))
    }
}

impl TransportError {
    /// Returns a stable code, for logs and metrics.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::BodyTooLarge => "body_too_large",
            Self::Connect => "connect",
            Self::Interrupted => "interrupted",
            Self::Redirected => "redirected",
            Self::Setup => "setup",
            Self::Timeout => "timeout",
        }
    }
}

impl RetryAfter {
    /// Returns the seconds to wait from `now`, at most a day.
    pub(crate) fn seconds(self, now: i64) -> u64 {
        let seconds = match self {
            Self::After(seconds) => seconds,
            Self::At(at) => u64::try_from(at.saturating_sub(now)).unwrap_or(0),
        };
        seconds.min(MAX_RETRY_AFTER_SECONDS)
    }
}

/// Shows the length of the body alone: bodies of the token endpoint are secrets.
impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Answer")
            .field("status", &self.status)
            .field("media_type", &self.media_type)
            .field("retry_after", &self.retry_after)
            .field("body", &format_args!("{} bytes", self.body.len()))
            .finish()
    }
}

async fn exchange(request: reqwest::RequestBuilder, max_body: usize) -> Result<Answer, TransportError> {
    let response = request.send().await.map_err(|error| blame(&error))?;
    let status = response.status();
    // Following a redirect would send credentials to another address.
    if status.is_redirection() {
        return Err(TransportError::Redirected);
    }
    let media_type = media_type(response.headers());
    let retry_after = retry_after(response.headers());
    let body = read_body(response, max_body).await?;
    Ok(Answer { status, media_type, retry_after, body })
}

/// Reads a body of at most `max_body` bytes.
async fn read_body(mut response: reqwest::Response, max_body: usize) -> Result<Vec<u8>, TransportError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| blame(&error))? {
        // Checked for every chunk, because the announced length may be missing.
        if chunk.len() > max_body.saturating_sub(body.len()) {
            return Err(TransportError::BodyTooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Names the cause of a request that failed, without the HTTP client's text.
fn blame(error: &reqwest::Error) -> TransportError {
    if error.is_timeout() {
        TransportError::Timeout
    } else if error.is_connect() {
        TransportError::Connect
    } else {
        TransportError::Interrupted
    }
}

fn media_type(headers: &HeaderMap) -> String {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn retry_after(headers: &HeaderMap) -> Option<RetryAfter> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = value.parse::<u64>() {
        return Some(RetryAfter::After(seconds));
    }
    let at = httpdate::parse_http_date(value).ok()?;
    let since_epoch = at.duration_since(std::time::UNIX_EPOCH).ok()?;
    i64::try_from(since_epoch.as_secs()).ok().map(RetryAfter::At)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    /// A server that answers every connection with `script`, one piece per 20 ms, and counts connections.
    async fn server(script: Vec<Vec<u8>>, hang_up: bool) -> (Url, Arc<AtomicUsize>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = Url::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap();
        let count = Arc::new(AtomicUsize::new(0));
        let seen = Arc::clone(&count);
        tokio::spawn(async move {
            loop {
                let (mut socket, _) = listener.accept().await.unwrap();
                seen.fetch_add(1, Ordering::SeqCst);
                let script = script.clone();
                tokio::spawn(async move {
                    let mut request = [0; 4096];
                    let _ = socket.read(&mut request).await;
                    for piece in script {
                        let _ = socket.write_all(&piece).await;
                        tokio::time::sleep(Duration::from_millis(20)).await;
                    }
                    if !hang_up {
                        tokio::time::sleep(Duration::from_secs(60)).await;
                    }
                });
            }
        });
        (url, count)
    }

    fn transport() -> Transport {
        Transport::new(true, Duration::from_millis(400)).unwrap()
    }

    #[tokio::test]
    async fn tok_02_silence_ends_at_the_deadline() {
        let (url, _) = server(vec![], false).await;
        assert_eq!(transport().get_json(&url, 100).await.unwrap_err(), TransportError::Timeout);
    }

    #[tokio::test(start_paused = true)]
    async fn tok_02_the_deadline_is_the_configured_one() {
        let (url, _) = server(vec![], false).await;
        for deadline in [Duration::from_millis(10), DEFAULT_DEADLINE, Duration::from_secs(30)] {
            let began = tokio::time::Instant::now();
            let error = Transport::new(true, deadline).unwrap().get_json(&url, 100).await.unwrap_err();
            assert_eq!((error, began.elapsed()), (TransportError::Timeout, deadline));
        }
    }

    #[tokio::test]
    async fn tok_02_a_body_that_drips_ends_at_the_deadline() {
        let mut script = vec![b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n".to_vec()];
        script.extend(std::iter::repeat_n(b"x".to_vec(), 1000));
        let (url, _) = server(script, false).await;
        assert_eq!(transport().get_json(&url, 10_000).await.unwrap_err(), TransportError::Timeout);
    }

    #[tokio::test]
    async fn tok_03_a_short_body_is_an_interruption_and_is_not_asked_for_again() {
        let (url, count) =
            server(vec![b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"a\"".to_vec()], true).await;
        let error = transport().post_form(&url, &[("a", "b")], None).await.unwrap_err();
        assert_eq!(error, TransportError::Interrupted);
        assert_eq!(count.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn s_bcp_13_a_kept_connection_that_breaks_is_no_reason_to_send_again() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = Url::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap();
        let requests = Arc::new(AtomicUsize::new(0));
        let seen = Arc::clone(&requests);
        tokio::spawn(async move {
            loop {
                let (mut socket, _) = listener.accept().await.unwrap();
                let mut request = [0; 4096];
                // The first request of a connection is answered, and the second one is its end.
                for is_answered in [true, false] {
                    if socket.read(&mut request).await.unwrap_or(0) == 0 {
                        break;
                    }
                    seen.fetch_add(1, Ordering::SeqCst);
                    if is_answered {
                        socket.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}").await.unwrap();
                    }
                }
            }
        });
        let transport = transport();
        transport.get_json(&url, 100).await.unwrap();
        let error = transport.post_form(&url, &[("refresh_token", "rt")], None).await.unwrap_err();
        assert_eq!((error, requests.load(Ordering::SeqCst)), (TransportError::Interrupted, 2));
    }

    #[tokio::test]
    async fn tok_08_no_redirect_is_followed() {
        for status in [301, 302, 303, 307, 308] {
            let (target, arrivals) =
                server(vec![b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".to_vec()], true).await;
            let head = format!("HTTP/1.1 {status} Go\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n");
            let (url, _) = server(vec![head.into_bytes()], true).await;
            let error = transport().post_form(&url, &[("client_secret", "s")], None).await.unwrap_err();
            assert_eq!(error, TransportError::Redirected);
            assert_eq!(arrivals.load(Ordering::SeqCst), 0);
        }
    }

    #[tokio::test]
    async fn jwk_02_a_body_over_the_cap_is_not_read() {
        for head in ["Content-Length: 2000", "Connection: close"] {
            let mut script = vec![format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\n").into_bytes()];
            script.push(vec![b'x'; 2000]);
            let (url, _) = server(script, true).await;
            assert_eq!(transport().get_json(&url, 1999).await.unwrap_err(), TransportError::BodyTooLarge);
            assert_eq!(transport().get_json(&url, 2000).await.unwrap().body.len(), 2000);
        }
    }

    #[tokio::test]
    async fn s_bcp_11_and_s_nist_6_plain_http_is_refused_unless_allowed() {
        let (url, count) = server(vec![], true).await;
        Transport::new(false, DEFAULT_DEADLINE).unwrap().get_json(&url, 100).await.unwrap_err();
        assert_eq!(count.load(Ordering::SeqCst), 0);
    }

    #[tokio::test]
    async fn nobody_listening_is_a_connection_error() {
        let url = {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            Url::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap()
        };
        assert_eq!(transport().get_json(&url, 100).await.unwrap_err(), TransportError::Connect);
    }

    #[test]
    fn tok_04_retry_after_is_read_in_both_forms() {
        let read = |text: &'static str| {
            retry_after(&HeaderMap::from_iter([(RETRY_AFTER, HeaderValue::from_static(text))]))
        };
        assert_eq!(read("120"), Some(RetryAfter::After(120)));
        assert_eq!(read("Thu, 01 Jan 1970 00:02:00 GMT"), Some(RetryAfter::At(120)));
        assert_eq!(read("soon"), None);
        assert_eq!(read("-1"), None);
        assert_eq!(RetryAfter::At(120).seconds(100), 20);
        assert_eq!(RetryAfter::At(120).seconds(130), 0);
        assert_eq!(RetryAfter::At(i64::MAX).seconds(i64::MIN), MAX_RETRY_AFTER_SECONDS);
        assert_eq!(RetryAfter::After(u64::MAX).seconds(0), MAX_RETRY_AFTER_SECONDS);
    }

    #[test]
    fn a_body_is_not_printed() {
        let answer = Answer {
            status: StatusCode::OK,
            media_type: String::new(),
            retry_after: None,
            body: b"secret".to_vec(),
        };
        assert!(format!("{answer:?}").contains("6 bytes"));
    }
}
