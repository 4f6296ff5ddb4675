//! As much of a browser as the forms need: cookies by path, redirects one by one, forms without script.

use std::collections::BTreeMap;

use http::StatusCode;
use http::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use url::{Url, form_urlencoded};

pub(crate) struct Browser {
    client: reqwest::Client,
    /// Name and path to value. Every host is `localhost`, and ports share cookies.
    jar: BTreeMap<(String, String), String>,
}

/// An answer that is no redirect.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) url: Url,
    pub(crate) status: StatusCode,
    pub(crate) body: String,
    /// What was passed on the way, the first request included.
    pub(crate) visited: Vec<Url>,
    pub(crate) set_cookies: Vec<String>,
}

impl Browser {
    pub(crate) fn new() -> Self {
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
        Self { client: client.build().unwrap(), jar: BTreeMap::new() }
    }

    /// Visits the address and follows redirects to a page.
    pub(crate) async fn get(&mut self, url: &str) -> Page {
        self.navigate(Url::parse(url).unwrap(), None).await
    }

    pub(crate) async fn post(&mut self, url: &str, fields: &[(&str, &str)]) -> Page {
        self.navigate(Url::parse(url).unwrap(), Some(fields)).await
    }

    /// Fills in the page's first form. Hidden fields go along.
    pub(crate) async fn submit(&mut self, page: &Page, fields: &[(&str, &str)]) -> Page {
        let (_, form) = page.body.split_once("<form").unwrap_or_else(|| panic!("no form: {}", page.body));
        let action = attribute(form, "action").expect("a form says where it goes");
        let hidden = form.split("<input").filter(|input| input.contains(r#"type="hidden""#));
        let hidden: Vec<_> = hidden
            .filter_map(|input| Some((attribute(input, "name")?, attribute(input, "value")?)))
            .collect();
        let all: Vec<_> = hidden.into_iter().chain(fields.iter().copied()).collect();
        self.navigate(page.url.join(action).unwrap(), Some(&all)).await
    }

    /// The session's cookies, as a thief would take them.
    pub(crate) fn session(&self) -> Vec<(String, String)> {
        let is_session = |(name, _): &(&(String, String), _)| name.0.starts_with("__session");
        self.jar.iter().filter(is_session).map(|(name, value)| (name.0.clone(), value.clone())).collect()
    }

    pub(crate) fn restore(&mut self, session: &[(String, String)]) {
        self.forget_session();
        for (name, value) in session {
            self.jar.insert((name.clone(), "/".to_owned()), value.clone());
        }
    }

    pub(crate) fn forget_session(&mut self) {
        self.jar.retain(|(name, _), _| !name.starts_with("__session"));
    }

    async fn navigate(&mut self, mut url: Url, fields: Option<&[(&str, &str)]>) -> Page {
        let mut body = fields.map(|fields| {
            form_urlencoded::Serializer::new(String::new()).extend_pairs(fields.iter().copied()).finish()
        });
        let (mut visited, mut set_cookies) = (Vec::new(), Vec::new());
        while visited.len() < MAX_REDIRECTS {
            visited.push(url.clone());
            let is_post = body.is_some();
            let request = match body.take() {
                Some(form) => {
                    let request = self.client.post(url.clone()).body(form);
                    // As every browser says of a form on a page of the same origin.
                    request
                        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
                        .header("Origin", url.origin().ascii_serialization())
                        .header("Sec-Fetch-Site", "same-origin")
                }
                None => self.client.get(url.clone()).header("Sec-Fetch-Site", "none"),
            };
            let request = request
                .header("Sec-Fetch-Mode", "navigate")
                .header("Sec-Fetch-Dest", "document")
                .header("Accept", "text/html,*/*;q=0.8")
                .header(COOKIE, self.cookies_for(url.path()));
            let response = request.send().await.unwrap();
            let (status, headers) = (response.status(), response.headers().clone());
            for line in headers.get_all(SET_COOKIE) {
                self.keep(line.to_str().unwrap(), &url);
                set_cookies.push(line.to_str().unwrap().to_owned());
            }
            let Some(location) = headers.get(LOCATION).filter(|_| status.is_redirection()) else {
                let body = response.text().await.unwrap();
                return Page { url, status, body, visited, set_cookies };
            };
            assert!(!is_post || status == StatusCode::SEE_OTHER || status == StatusCode::FOUND, "{status}");
            url = url.join(location.to_str().unwrap()).unwrap();
        }
        panic!("too many redirects: {visited:#?}");
    }

    fn cookies_for(&self, path: &str) -> String {
        let fits =
            |scope: &str| path == scope || path.starts_with(&format!("{}/", scope.trim_end_matches('/')));
        let fitting = self.jar.iter().filter(|((_, scope), _)| fits(scope));
        fitting.map(|((name, _), value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    fn keep(&mut self, line: &str, url: &Url) {
        let mut parts = line.split(';').map(str::trim);
        let (name, value) = parts.next().unwrap().split_once('=').unwrap();
        let attributes: BTreeMap<_, _> = parts
            .map(|part| part.split_once('=').unwrap_or((part, "")))
            .map(|(name, value)| (name.to_ascii_lowercase(), value))
            .collect();
        let path = attributes.get("path").copied().unwrap_or_else(|| url.path());
        let key = (name.to_owned(), path.to_owned());
        let is_over = attributes.get("max-age").is_some_and(|age| *age == "0")
            || attributes.get("expires").is_some_and(|date| date.contains(" 1970 "));
        if is_over {
            self.jar.remove(&key);
        } else {
            self.jar.insert(key, value.to_owned());
        }
    }
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let tag = tag.split('>').next()?;
    let (_, rest) = tag.split_once(&format!(r#" {name}=""#))?;
    rest.split('"').next()
}

const MAX_REDIRECTS: usize = 12;
