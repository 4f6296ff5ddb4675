//! Every combination of method, `Sec-Fetch-Site`, `Origin` and configuration, against the rule in other words; and
//! every page that a browser may show, against the rule that its requests obey.

use auth_runtime::Auth;
use auth_runtime::policy::Protection;
use auth_runtime::testing::TestClock;
use axum::Router;
use axum::body::Body;
use http::header::{COOKIE, ORIGIN, UPGRADE};
use http::{Request, StatusCode};
use url::Url;

use super::markers::app;
use super::{NOW, SECRET, adas_cookie, send};

marker!(SignedIn, Protection::SIGNED_IN);

/// The base URL and the trusted origins of a service.
type Origins = (Option<&'static str>, &'static [&'static str]);

const CONFIGURED: &[Origins] = &[
    (None, &[]),
    (Some("https://app.example.com"), &[]),
    (None, &["https://shop.example.com"]),
    (Some("https://app.example.com"), &["https://shop.example.com", "https://partner.example:8443"]),
    (Some("http://localhost:3000"), &["http://localhost:5173"]),
    // The own origin may be named twice.
    (Some("https://app.example.com"), &["https://app.example.com"]),
];

const METHODS: &[&str] = &[
    "GET", "HEAD", "OPTIONS", "TRACE", "POST", "PUT", "PATCH", "DELETE", "CONNECT", "PROPFIND", "BREW", "get",
];

const SITES: &[Option<&str>] = &[
    None,
    Some("same-origin"),
    Some("same-site"),
    Some("cross-site"),
    Some("none"),
    Some("Same-Origin"),
    Some("same-origin, cross-site"),
    Some(""),
];

const ORIGINS: &[Option<&str>] = &[
    None,
    Some("https://app.example.com"),
    Some("https://shop.example.com"),
    Some("https://partner.example:8443"),
    Some("https://partner.example"),
    Some("http://localhost:3000"),
    Some("http://localhost:5173"),
    Some("http://app.example.com"),
    Some("https://app.example.com:443"),
    Some("https://APP.example.com"),
    Some("https://app.example.com/"),
    Some("https://evil.example"),
    Some("null"),
    Some(""),
];

struct Service {
    app: Router,
    cookie: String,
}

impl Service {
    fn new(origins: Origins) -> Self {
        let mut builder = Auth::builder().secret(SECRET).test_clock(&TestClock::at(NOW));
        if let Some(base) = origins.0 {
            builder = builder.base_url(base);
        }
        let builder = origins.1.iter().fold(builder, |builder, origin| builder.trusted_origin(*origin));
        let auth = builder.build().unwrap();
        Self { app: app::<SignedIn>(&auth), cookie: adas_cookie(&auth) }
    }

    /// Returns whether the handler ran. A refusal is always the 403.
    async fn reached(&self, method: &str, headers: &[(&str, Option<&str>)]) -> bool {
        let mut request = Request::builder().method(method).uri("/").header(COOKIE, &self.cookie);
        for (name, value) in headers {
            if let Some(value) = value {
                request = request.header(*name, *value);
            }
        }
        match send(&self.app, request.body(Body::empty()).unwrap()).await.status {
            StatusCode::OK => true,
            StatusCode::FORBIDDEN => false,
            other => panic!("{method} {headers:?}: {other}"),
        }
    }
}

/// The rule as a list of objections.
fn is_refused((base, trusted): Origins, site: Option<&str>, origin: Option<&str>) -> bool {
    let knows_origins = base.is_some() || !trusted.is_empty();
    let is_trusted = origin.is_some_and(|origin| trusted.contains(&origin));
    let is_known = is_trusted || (origin.is_some() && origin == base);
    let says_nothing = site.is_none() && origin.is_none();
    let has_foreign_origin = origin.is_some() && knows_origins && !is_known;
    let has_unproven_origin = origin.is_some() && !knows_origins && site.is_none();
    let is_of_another_origin = matches!(site, Some("same-site" | "cross-site")) && !is_trusted;
    let is_of_unknown_site = !matches!(site, None | Some("same-origin" | "same-site" | "cross-site"));
    says_nothing || has_foreign_origin || has_unproven_origin || is_of_another_origin || is_of_unknown_site
}

#[tokio::test]
async fn csr_05_every_combination_obeys_the_rule() {
    let mut reached = 0;
    for origins in CONFIGURED {
        let service = Service::new(*origins);
        for method in METHODS {
            for (site, origin) in
                SITES.iter().flat_map(|site| ORIGINS.iter().map(move |origin| (*site, *origin)))
            {
                let is_safe = ["GET", "HEAD", "OPTIONS", "TRACE"].contains(method);
                let expected = is_safe || !is_refused(*origins, site, origin);
                let headers = [("sec-fetch-site", site), (ORIGIN.as_str(), origin)];
                let found = service.reached(method, &headers).await;
                assert_eq!(found, expected, "{method} {headers:?} {origins:?}");
                reached += usize::from(found && !is_safe);
                if *method == "GET" {
                    let upgrade = [headers[0], headers[1], (UPGRADE.as_str(), Some("websocket"))];
                    let found = service.reached(method, &upgrade).await;
                    assert_eq!(found, !is_refused(*origins, site, origin), "{upgrade:?} {origins:?}");
                }
            }
        }
    }
    assert!(reached > 0, "something passes");
}

/// Pages that a browser may show, and services that they may send to.
const PAGES: &[&str] = &[
    "https://app.example.com",
    "https://shop.example.com",
    "https://partner.example:8443",
    "https://partner.example",
    "http://app.example.com",
    "https://app.example.com:8443",
    "https://evil.example",
    "https://app.example.com.evil.example",
    "http://localhost:3000",
    "http://localhost:5173",
    // A frame in a sandbox, a `data:` URL, what a redirect led through another site.
    "null",
];

/// What a browser says in `Sec-Fetch-Site` of a request from this page to this service (Fetch Metadata §2.3).
fn site(page: &str, service: &str) -> &'static str {
    let registrable = |url: &Url| {
        let host = url.host_str().unwrap().to_owned();
        let labels: Vec<_> = host.rsplit('.').take(2).collect();
        (url.scheme().to_owned(), labels.join("."))
    };
    let Ok(page) = Url::parse(page) else { return "cross-site" };
    let service = Url::parse(service).unwrap();
    if page.origin() == service.origin() {
        "same-origin"
    } else if registrable(&page) == registrable(&service) {
        "same-site"
    } else {
        "cross-site"
    }
}

/// Browsers differ in which of the two headers they send, and when.
#[tokio::test]
async fn csr_01_no_page_of_another_site_reaches_a_handler_in_any_browser() {
    for origins in CONFIGURED {
        let service = Service::new(*origins);
        let here = origins.0.unwrap_or("https://app.example.com");
        for page in PAGES {
            let (site, origin) = (Some(site(page, here)), Some(*page));
            let is_own = *page == here || origins.1.contains(page);
            for (method, upgrade) in [("POST", None), ("DELETE", None), ("GET", Some("websocket"))] {
                for (site, origin) in [(site, origin), (site, None), (None, origin), (None, None)] {
                    let headers =
                        [("sec-fetch-site", site), (ORIGIN.as_str(), origin), (UPGRADE.as_str(), upgrade)];
                    let reached = service.reached(method, &headers).await;
                    assert!(is_own || !reached, "{page} reached {here}: {headers:?} {origins:?}");
                    // With both headers nobody is kept away from the service's own pages, once it knows them.
                    if is_own
                        && site.is_some()
                        && origin.is_some()
                        && (origins.0.is_some() || origins.1.is_empty())
                    {
                        assert!(reached, "{page} did not reach {here}: {headers:?} {origins:?}");
                    }
                }
            }
        }
    }
}
