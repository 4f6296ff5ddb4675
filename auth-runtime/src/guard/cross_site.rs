//! The check whether a page of another site may have made the browser send a request (cross-site request forgery).

use http::header::{ORIGIN, UPGRADE};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method};

use crate::auth::Auth;
use crate::config::CsrfRules;
use crate::reject::{Rejection, RejectionKind, log_cross_site};

/// Refuses a request that a page of another site may have made a signed-in browser send. A request without a session
/// needs no such check: an attacker could send it without a browser.
pub(super) fn refuse_cross_site(parts: &Parts, auth: &Auth) -> Result<(), Rejection> {
    if is_cross_site(parts, auth) {
        return Err(Rejection::new(RejectionKind::CrossSiteRequest, auth.rejections(), parts));
    }
    Ok(())
}

/// Returns whether the request does not count as the application's own. If so, the log says why.
pub(crate) fn is_cross_site(parts: &Parts, auth: &Auth) -> bool {
    let Err(doubt) = judge(&parts.method, &parts.headers, auth.csrf()) else { return false };
    let headers = [SEC_FETCH_SITE, ORIGIN].map(|name| parts.headers.get(name));
    log_cross_site(doubt.code(), doubt.advice(), headers, auth.now());
    true
}

/// The reason why a request does not count as the application's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Doubt {
    ForeignOrigin,
    NeitherHeader,
    NothingToCompare,
    RepeatedHeader,
    SecFetchSite,
}

impl Doubt {
    /// Returns the reason's name in the log.
    const fn code(self) -> &'static str {
        match self {
            Self::ForeignOrigin => "foreign_origin",
            Self::NeitherHeader => "neither_header",
            Self::NothingToCompare => "no_configured_origin",
            Self::RepeatedHeader => "repeated_header",
            Self::SecFetchSite => "sec_fetch_site",
        }
    }

    /// Returns what the operator can do if the request was meant to pass.
    const fn advice(self) -> &'static str {
        match self {
            Self::ForeignOrigin => {
                "`Origin` is neither APP_BASE_URL nor in AUTH0_TRUSTED_ORIGINS (`trusted_origin`)"
            }
            Self::NeitherHeader => {
                "it has neither `Sec-Fetch-Site` nor `Origin`; a client that is no browser may send `Sec-Fetch-Site: same-origin`"
            }
            Self::NothingToCompare => {
                "it has an `Origin` alone, and no origin is configured; set APP_BASE_URL, or AUTH0_TRUSTED_ORIGINS (`trusted_origin`)"
            }
            Self::RepeatedHeader => "`Sec-Fetch-Site` or `Origin` is there twice",
            Self::SecFetchSite => {
                "`Sec-Fetch-Site` is not `same-origin`, and `Origin` is not in AUTH0_TRUSTED_ORIGINS (`trusted_origin`)"
            }
        }
    }
}

/// Judges a request by `Sec-Fetch-Site` and `Origin`, which no page can set. Each of the two that is present has to
/// speak for the request, and one has to be present. `Host` is not read, since the request's own claim about its host
/// proves nothing.
fn judge(method: &Method, headers: &HeaderMap, rules: &CsrfRules) -> Result<(), Doubt> {
    // A safe method changes nothing. A web socket is opened with GET, and any page can open one.
    if rules.is_disabled || (is_safe(method) && !is_web_socket(headers)) {
        return Ok(());
    }
    let origin = single(headers, &ORIGIN)?.map(|origin| Source::of(origin, rules));
    let site = single(headers, &SEC_FETCH_SITE)?.map(Site::of);
    match (site, origin) {
        (None, None) if rules.allows_requests_without_origin => Ok(()),
        (None, None) => Err(Doubt::NeitherHeader),
        (_, Some(Source::Foreign)) if rules.know_an_origin() => Err(Doubt::ForeignOrigin),
        // No origin is configured with which `Origin` could be compared.
        (None, Some(Source::Foreign)) => Err(Doubt::NothingToCompare),
        // In the last case the browser says that the page is of another origin, and names a trusted one.
        (None, Some(Source::Own | Source::Trusted))
        | (Some(Site::SameOrigin), _)
        | (Some(Site::AnotherOrigin), Some(Source::Trusted)) => Ok(()),
        (Some(_), _) => Err(Doubt::SecFetchSite),
    }
}

/// Returns whether the method is safe (RFC 9110 §9.2.1). An unknown method may do anything.
fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS | Method::TRACE)
}

/// Returns whether the request opens a web socket (RFC 6455 §4.1), over which the browser then lets any page talk. Over
/// HTTP/2 the handshake is a CONNECT (RFC 8441 §4), which is no safe method.
fn is_web_socket(headers: &HeaderMap) -> bool {
    let values = headers.get_all(UPGRADE).iter().map(HeaderValue::as_bytes);
    // Protocols are separated by commas, and may have a version behind a slash (RFC 9110 §7.8).
    let mut names = values.flat_map(|value| value.split(|byte| matches!(byte, b',' | b'/')));
    names.any(|name| name.trim_ascii().eq_ignore_ascii_case(b"websocket"))
}

/// Returns the header's value. A browser sends it once, so a second one is a reason to refuse.
fn single<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Result<Option<&'h HeaderValue>, Doubt> {
    let mut values = headers.get_all(name).iter();
    let first = values.next();
    if values.next().is_some() { Err(Doubt::RepeatedHeader) } else { Ok(first) }
}

/// The owner of the page, by `Origin` (RFC 6454 §7.3). `null` counts as foreign.
#[derive(Clone, Copy)]
enum Source {
    Own,
    Trusted,
    Foreign,
}

impl Source {
    fn of(origin: &HeaderValue, rules: &CsrfRules) -> Self {
        match origin.as_bytes() {
            origin if rules.is_trusted(origin) => Self::Trusted,
            origin if rules.is_base(origin) => Self::Own,
            _ => Self::Foreign,
        }
    }
}

/// The relation of the page's origin to this service's, by `Sec-Fetch-Site` (Fetch Metadata §2.3).
#[derive(Clone, Copy)]
enum Site {
    SameOrigin,
    AnotherOrigin,
    /// Another value. `none` stands for what the user did in the browser itself, such as opening a page, which changes
    /// nothing by itself. If the browser repeats such a request, it is no longer known which page made it.
    Unknown,
}

impl Site {
    fn of(value: &HeaderValue) -> Self {
        match value.as_bytes() {
            b"same-origin" => Self::SameOrigin,
            b"same-site" | b"cross-site" => Self::AnotherOrigin,
            _ => Self::Unknown,
        }
    }
}

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::AuthBuilder;

    fn rules(builder: AuthBuilder) -> CsrfRules {
        builder.secret("c4e19b7250fd83a6e8b1d70f42956acb").check().unwrap().csrf
    }

    fn judged(rules: &CsrfRules, headers: &[(&'static str, &'static str)]) -> Result<(), &'static str> {
        let pairs = headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
        let mut map = HeaderMap::new();
        map.extend(pairs.map(|(name, value): (HeaderName, HeaderValue)| (name, value)));
        judge(&Method::POST, &map, rules).map_err(Doubt::code)
    }

    #[test]
    fn csr_05_the_reason_names_the_header_that_failed() {
        let (site, origin) = ("sec-fetch-site", "origin");
        let bare = rules(AuthBuilder::default());
        let known =
            rules(AuthBuilder::default().base_url("https://app.example").trusted_origin("https://b.example"));
        for (rules, headers, expected) in [
            (&known, &[][..], Err("neither_header")),
            (&known, &[(site, "same-origin")], Ok(())),
            (&known, &[(origin, "https://app.example")], Ok(())),
            (&known, &[(origin, "https://b.example")], Ok(())),
            (&known, &[(origin, "https://evil.example")], Err("foreign_origin")),
            (&known, &[(site, "same-origin"), (origin, "https://evil.example")], Err("foreign_origin")),
            (&known, &[(site, "cross-site"), (origin, "https://evil.example")], Err("foreign_origin")),
            (&known, &[(site, "cross-site"), (origin, "https://app.example")], Err("sec_fetch_site")),
            (&known, &[(site, "cross-site"), (origin, "https://b.example")], Ok(())),
            (&known, &[(site, "none"), (origin, "https://b.example")], Err("sec_fetch_site")),
            (&known, &[(site, "same-origin"), (site, "same-origin")], Err("repeated_header")),
            (&bare, &[(site, "same-origin"), (origin, "https://app.example")], Ok(())),
            (&bare, &[(site, "same-site"), (origin, "https://app.example")], Err("sec_fetch_site")),
            (&bare, &[(origin, "https://app.example")], Err("no_configured_origin")),
            (&bare, &[(site, "same-origin"), (origin, "a"), (origin, "a")], Err("repeated_header")),
        ] {
            assert_eq!(judged(rules, headers), expected, "{headers:?}");
        }
    }

    #[test]
    fn csr_12_a_web_socket_is_known_by_its_upgrade() {
        let is_one = |values: &[&'static str]| {
            let pairs = values.iter().map(|value| (UPGRADE, HeaderValue::from_static(value)));
            is_web_socket(&pairs.collect())
        };
        for values in [&["websocket"][..], &["WebSocket"], &["h2c, websocket"], &["h2c", "websocket/13"]] {
            assert!(is_one(values), "{values:?}");
        }
        for values in [&[][..], &[""], &["h2c"], &["websockets"], &["web socket"]] {
            assert!(!is_one(values), "{values:?}");
        }
    }
}
