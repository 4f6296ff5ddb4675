//! A browser: the cookies of one user, and the requests that carry them.

use std::collections::BTreeMap;

use axum::body::{Body, to_bytes};
use http::header::{COOKIE, LOCATION, SET_COOKIE};
use http::{HeaderMap, Method, Request, Response, StatusCode};

use crate::site::{Lost, Site};

/// A browser with the cookies of one user.
#[derive(Clone, Debug)]
pub struct Browser {
    /// The value of each cookie, by name. A removed cookie is not among them.
    pub cookies: BTreeMap<String, String>,
    /// The attributes with which each cookie was last set, those of removed cookies included.
    pub attributes: BTreeMap<String, String>,
    /// What the browser says in `Sec-Fetch-Site` where a test gives no such header.
    fetch_site: Option<&'static str>,
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

impl Default for Browser {
    /// A browser without cookies, whose requests come from a page of the application.
    fn default() -> Self {
        Self { fetch_site: Some("same-origin"), ..Self::without_fetch_metadata() }
    }
}

impl Browser {
    /// A browser of before `Sec-Fetch-Site`: its requests have no headers but those that a test gives.
    pub fn without_fetch_metadata() -> Self {
        Self { cookies: BTreeMap::new(), attributes: BTreeMap::new(), fetch_site: None }
    }

    /// A browser with this cookie alone.
    pub fn with(name: &str, value: impl Into<String>) -> Self {
        let mut browser = Self::default();
        browser.plant(name, value);
        browser
    }

    /// Puts a cookie into the browser that no answer has set.
    pub fn plant(&mut self, name: &str, value: impl Into<String>) {
        self.cookies.insert(name.to_owned(), value.into());
    }

    /// The names of all cookies, sorted.
    pub fn names(&self) -> Vec<&str> {
        self.cookies.keys().map(String::as_str).collect()
    }

    /// All cookies as a `Cookie` header has them, whatever their path.
    pub fn header(&self) -> String {
        self.header_for(|_| true)
    }

    /// Sends a GET request and keeps the cookies that come back.
    pub async fn get(&mut self, site: &impl Site, url: &str) -> Answer {
        self.send(site, Method::GET, url).await
    }

    /// Sends a request and keeps the cookies that come back.
    pub async fn send(&mut self, site: &impl Site, method: Method, url: &str) -> Answer {
        self.send_with(site, method, url, &[], Body::empty()).await
    }

    /// Sends a request with these headers and this body, and keeps the cookies that come back.
    pub async fn send_with(
        &mut self,
        site: &impl Site,
        method: Method,
        url: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Answer {
        let answer = site.serve(self.request(method, url, headers, body)).await.expect("an answer");
        self.keep(&answer);
        answer
    }

    /// Sends a request and leaves the cookies as they are: its answer never arrives, or arrives late.
    pub async fn ask(&self, site: &impl Site, method: Method, url: &str) -> Answer {
        self.try_ask(site, method, url).await.expect("an answer")
    }

    /// As [`ask`](Self::ask), where an instance may be gone.
    ///
    /// # Errors
    ///
    /// There was no answer.
    pub async fn try_ask(&self, site: &impl Site, method: Method, url: &str) -> Result<Answer, Lost> {
        site.serve(self.request(method, url, &[], Body::empty())).await
    }

    /// Sends a GET request and leaves the cookies as they are.
    pub async fn peek(&self, site: &impl Site, url: &str) -> Answer {
        self.ask(site, Method::GET, url).await
    }

    /// Posts a form and leaves the cookies as they are.
    pub async fn post(&self, site: &impl Site, url: &str, form: impl Into<Body>) -> Answer {
        site.serve(self.request(Method::POST, url, &[FORM], form)).await.expect("an answer")
    }

    /// Takes the cookies of an answer, as a browser does.
    pub fn keep(&mut self, answer: &Answer) {
        for line in answer.set_cookies() {
            let (pair, attributes) = line.split_once("; ").unwrap_or((line, ""));
            let (name, value) = pair.split_once('=').expect("a cookie has a name");
            let is_over = |attribute: &str| {
                let attribute = attribute.to_ascii_lowercase();
                attribute == "max-age=0"
                    || (attribute.starts_with("expires=") && attribute.contains(" 1970 "))
            };
            if attributes.split("; ").any(is_over) {
                self.cookies.remove(name);
            } else {
                self.plant(name, value);
                self.attributes.insert(name.to_owned(), attributes.to_owned());
            }
        }
    }

    /// A request with the cookies for its path.
    fn request(
        &self,
        method: Method,
        url: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Request<Body> {
        let mut request = Request::builder().method(method).uri(url);
        let path = request.uri_ref().map(|uri| uri.path().to_owned()).unwrap_or_default();
        let cookies = self.header_for(|name| self.is_for(name, &path));
        if !cookies.is_empty() {
            request = request.header(COOKIE, cookies);
        }
        let says_site = headers.iter().any(|(name, _)| *name == "sec-fetch-site");
        if let Some(site) = self.fetch_site.filter(|_| !says_site) {
            request = request.header("sec-fetch-site", site);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(body.into()).expect("a request")
    }

    fn header_for(&self, is_wanted: impl Fn(&str) -> bool) -> String {
        let wanted = self.cookies.iter().filter(|(name, _)| is_wanted(name));
        wanted.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    /// Whether the cookie's attribute `Path` covers the path (RFC 6265 section 5.1.4).
    fn is_for(&self, name: &str, path: &str) -> bool {
        let attributes = self.attributes.get(name).map_or("", String::as_str).split("; ");
        let mut pairs = attributes.filter_map(|attribute| attribute.split_once('='));
        let scope = pairs.find(|(name, _)| name.eq_ignore_ascii_case("path")).map_or("/", |(_, scope)| scope);
        path == scope || path.starts_with(&format!("{}/", scope.trim_end_matches('/')))
    }
}

impl Answer {
    /// Reads a response to its end.
    pub async fn read(response: Response<Body>) -> Self {
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.expect("the body is whole");
        let body = String::from_utf8(body.into()).expect("the body is text");
        Self { status: parts.status, headers: parts.headers, body }
    }

    /// The complete `Set-Cookie` lines.
    pub fn set_cookies(&self) -> impl Iterator<Item = &str> {
        self.headers.get_all(SET_COOKIE).iter().map(|line| line.to_str().expect("cookies are ASCII"))
    }

    /// The URL to which the browser is sent.
    pub fn location(&self) -> &str {
        self.headers.get(LOCATION).expect("a redirect").to_str().expect("an URL is ASCII")
    }

    /// The value of a header, empty where there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("a header is ASCII"))
    }

    /// The body as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }
}

/// The media type of a form.
pub const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

/// What a browser says of a link that its user follows.
pub const NAVIGATION: [(&str, &str); 2] = [("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")];
