//! A browser that speaks to real addresses. Each request has a connection of its own, so each may meet another instance.

use std::time::Duration;

use auth_tests::{Answer, Browser};
use http::Method;
use http::header::COOKIE;
use reqwest::redirect::Policy;
use url::Url;

#[derive(Clone)]
pub(crate) struct Visitor {
    client: reqwest::Client,
    pub(crate) browser: Browser,
}

impl Visitor {
    pub(crate) fn new() -> Self {
        let client = reqwest::Client::builder()
            .redirect(Policy::none())
            .pool_max_idle_per_host(0)
            .timeout(Duration::from_secs(60))
            .no_proxy()
            .build()
            .unwrap();
        Self { client, browser: Browser::default() }
    }

    /// Sends a request and keeps the cookies that come back.
    pub(crate) async fn send(&mut self, method: Method, url: &str) -> Answer {
        let answer = self.ask(method, url).await.unwrap();
        self.browser.keep(&answer);
        answer
    }

    pub(crate) async fn get(&mut self, url: &str) -> Answer {
        self.send(Method::GET, url).await
    }

    /// Sends a request and leaves the cookies as they are.
    ///
    /// # Errors
    ///
    /// Nobody answered.
    pub(crate) async fn ask(&self, method: Method, url: &str) -> Result<Answer, reqwest::Error> {
        let cookies = self.browser.cookies.iter().map(|(name, value)| format!("{name}={value}"));
        let request = self
            .client
            .request(method, Url::parse(url).unwrap())
            .header(COOKIE, cookies.collect::<Vec<_>>().join("; "))
            .header("Sec-Fetch-Site", "same-origin");
        let response = request.send().await?;
        let (status, headers) = (response.status(), response.headers().clone());
        Ok(Answer { status, headers, body: response.text().await? })
    }

    pub(crate) async fn post_form(&self, url: &str, form: &str) -> Answer {
        let request = self
            .client
            .post(url)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form.to_owned());
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        Answer { status, headers, body: response.text().await.unwrap() }
    }
}
