//! A browser in front of a router: cookies in, cookies out.

use std::collections::BTreeMap;

use axum::Router;
use axum::body::{Body, to_bytes};
use http::header::{COOKIE, LOCATION, SET_COOKIE};
use http::{HeaderMap, Method, Request, StatusCode};
use tower::ServiceExt as _;

/// The cookies of one user, by name.
#[derive(Clone, Debug, Default)]
pub struct Browser {
    /// By name; what has been removed is not in it.
    pub cookies: BTreeMap<String, String>,
}

/// A response that has been read to its end.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// All headers.
    pub headers: HeaderMap,
    /// The body as text.
    pub body: String,
}

impl Browser {
    /// Sends a GET request and keeps the cookies that come back.
    pub async fn get(&mut self, app: &Router, url: &str) -> Answer {
        self.send(app, Method::GET, url).await
    }

    /// Sends a request and keeps the cookies that come back.
    pub async fn send(&mut self, app: &Router, method: Method, url: &str) -> Answer {
        let answer = self.ask(app, method, url).await;
        self.keep(&answer);
        answer
    }

    /// Sends a request and leaves the cookies as they are: a response that never arrives, or arrives late.
    pub async fn ask(&self, app: &Router, method: Method, url: &str) -> Answer {
        let response = app.clone().oneshot(self.request(method, url)).await.expect("a router never fails");
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.expect("the body is whole");
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8_lossy(&body).into_owned(),
        }
    }

    /// What a browser does with the cookies of a response.
    pub fn keep(&mut self, answer: &Answer) {
        for line in answer.set_cookies() {
            let (pair, attributes) = line.split_once(';').unwrap_or((line, ""));
            let (name, value) = pair.split_once('=').expect("a cookie has a name");
            if attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }

    /// A request of a page of the same origin, with every cookie.
    pub fn request(&self, method: Method, url: &str) -> Request<Body> {
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let path = url.strip_prefix(ORIGIN).unwrap_or(url);
        Request::builder()
            .method(method)
            .uri(path)
            .header(COOKIE, cookies.join("; "))
            .header("Sec-Fetch-Site", "same-origin")
            .body(Body::empty())
            .expect("a request")
    }
}

impl Answer {
    /// The complete lines.
    pub fn set_cookies(&self) -> impl Iterator<Item = &str> {
        self.headers.get_all(SET_COOKIE).iter().map(|line| line.to_str().expect("cookies are ASCII"))
    }

    /// Where the browser is sent; empty when it is not.
    pub fn location(&self) -> &str {
        self.headers.get(LOCATION).map_or("", |location| location.to_str().expect("an URL is ASCII"))
    }
}

/// The application's own origin.
pub const ORIGIN: &str = "http://localhost:3000";
