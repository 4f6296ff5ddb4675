//! A tab: redirects one by one to a page, and forms without script.

use auth_tests::{Answer, Browser, FORM, NAVIGATION, Network};
use http::{Method, StatusCode};
use url::{Url, form_urlencoded};

/// A tab of one browser. Every host is `localhost`, and ports share cookies.
#[derive(Default)]
pub(crate) struct Tab {
    network: Network,
    browser: Browser,
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

impl Tab {
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
        let is_session = |(name, _): &(&String, &String)| name.starts_with("__session");
        let session = self.browser.cookies.iter().filter(is_session);
        session.map(|(name, value)| (name.clone(), value.clone())).collect()
    }

    pub(crate) fn restore(&mut self, session: &[(String, String)]) {
        self.forget_session();
        for (name, value) in session {
            self.browser.plant(name, value);
        }
    }

    pub(crate) fn forget_session(&mut self) {
        self.browser.cookies.retain(|name, _| !name.starts_with("__session"));
    }

    async fn navigate(&mut self, mut url: Url, fields: Option<&[(&str, &str)]>) -> Page {
        let mut form = fields.map(|fields| {
            form_urlencoded::Serializer::new(String::new()).extend_pairs(fields.iter().copied()).finish()
        });
        let (mut visited, mut set_cookies) = (Vec::new(), Vec::new());
        while visited.len() < MAX_REDIRECTS {
            visited.push(url.clone());
            let is_post = form.is_some();
            let answer = self.request(&url, form.take()).await;
            set_cookies.extend(answer.set_cookies().map(str::to_owned));
            if answer.header("location").is_empty() || !answer.status.is_redirection() {
                let Answer { status, body, .. } = answer;
                return Page { url, status, body, visited, set_cookies };
            }
            let status = answer.status;
            assert!(!is_post || status == StatusCode::SEE_OTHER || status == StatusCode::FOUND, "{status}");
            url = url.join(answer.location()).unwrap();
        }
        panic!("too many redirects: {visited:#?}");
    }

    async fn request(&mut self, url: &Url, form: Option<String>) -> Answer {
        let origin = url.origin().ascii_serialization();
        let mut headers = [&NAVIGATION[..], &[("accept", "text/html,*/*;q=0.8")]].concat();
        let method = if form.is_some() { Method::POST } else { Method::GET };
        if form.is_some() {
            // As every browser says of a form on a page of the same origin.
            headers.extend([FORM, ("origin", &origin), ("sec-fetch-site", "same-origin")]);
        } else {
            headers.push(("sec-fetch-site", "none"));
        }
        let body = form.unwrap_or_default();
        self.browser.send_with(&self.network, method, url.as_str(), &headers, body).await
    }
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let tag = tag.split('>').next()?;
    let (_, rest) = tag.split_once(&format!(r#" {name}=""#))?;
    rest.split('"').next()
}

const MAX_REDIRECTS: usize = 12;
