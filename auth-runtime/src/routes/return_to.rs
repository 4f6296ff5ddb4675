//! The place where a sign-in ends: a URL of this application, by type.

use percent_encoding::percent_decode_str;
use url::{Position, Url};

use crate::auth::Auth;
use crate::config::{Owner, RoutePaths};
use crate::guard::with_mark_of;

/// A URL of the application's own origin that is no endpoint of the sign-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ReturnTo(Url);

impl ReturnTo {
    /// Resolves `requested` as a browser would. A URL that leads elsewhere becomes the application's root, and so does
    /// none. The root keeps the step-up mark of the URL.
    pub(super) fn parse(requested: Option<&str>, auth: &Auth, owner: &Owner) -> Self {
        let place = requested.and_then(|requested| resolve(requested, &owner.base_url, auth.paths()));
        match place {
            Some(place) => Self(place),
            None => Self(owner.root.clone()).with_mark_of(requested.unwrap_or_default()),
        }
    }

    /// Adds the step-up mark of the place that this one replaces, unless this one has a mark. The guard of a page that is
    /// not met at this place either can then tell that the browser comes back from a sign-in.
    pub(super) fn with_mark_of(self, replaced: &str) -> Self {
        // No guard marks a longer place, and a client decides what stands here.
        if replaced.len() > MAX_BYTES {
            return self;
        }
        let marked = with_mark_of(replaced, self.as_str()).and_then(|marked| Url::parse(&marked).ok());
        marked.map_or(self, Self)
    }

    /// Resolves `requested` as [`parse`](Self::parse) does; `None` for a URL that leads elsewhere.
    pub(super) fn parse_own(requested: &str, auth: &Auth, owner: &Owner) -> Option<Self> {
        resolve(requested, &owner.base_url, auth.paths()).map(Self)
    }

    /// Returns the absolute URL, which no client can resolve to another origin.
    pub(super) fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Returns path, query and fragment, as the transaction keeps them.
    pub(super) fn relative(&self) -> &str {
        relative(&self.0)
    }
}

fn resolve(requested: &str, base_url: &Url, paths: &RoutePaths) -> Option<Url> {
    // Browsers drop control characters from a URL, so they would follow another URL than the one checked here.
    if requested.is_empty() || requested.len() > MAX_BYTES || requested.chars().any(char::is_control) {
        return None;
    }
    let mut url = base_url.join(requested).ok()?;
    // A path that begins with two slashes would name a host once `relative` is resolved again.
    if url.path().starts_with("//") {
        let path = format!("/{}", url.path().trim_start_matches('/'));
        url.set_path(&path);
    }
    let is_ours = url.origin() == base_url.origin() && url.username().is_empty() && url.password().is_none();
    // Checked again, because encoding makes a URL up to three times as long.
    let is_short = relative(&url).len() <= MAX_BYTES;
    (is_ours && is_short && !is_endpoint(&url, paths)).then_some(url)
}

/// Returns whether the URL leads back into the sign-in, also after a proxy has normalized its path.
fn is_endpoint(url: &Url, paths: &RoutePaths) -> bool {
    let decoded = percent_decode_str(url.path()).decode_utf8_lossy().replace('\\', "/");
    let mut segments = Vec::new();
    for segment in decoded.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop();
            }
            segment => segments.push(segment),
        }
    }
    paths.contains(&format!("/{}", segments.join("/")))
}

fn relative(url: &Url) -> &str {
    &url[Position::BeforePath..]
}

/// Bytes of the longest place: longer than the URL of any page of an application, shorter than any limit on a header.
const MAX_BYTES: usize = 2_048;

#[cfg(test)]
mod tests {
    use super::*;

    fn auth(base_path: &str) -> Auth {
        Auth::builder()
            .secret("c4e19b7250fd83a6e8b1d70f42956acb")
            .domain("tenant.eu.auth0.com")
            .client_id("client")
            .client_secret("secret")
            .base_url("https://app.example.com")
            .base_path(base_path)
            .logout_path("/leave")
            .build()
            .unwrap()
    }

    fn resolved(requested: &str) -> String {
        let auth = auth("");
        ReturnTo::parse(Some(requested), &auth, auth.owner().unwrap()).as_str().to_owned()
    }

    #[test]
    fn a_place_of_the_application_is_kept() {
        assert_eq!(resolved("/orders?page=2#last"), "https://app.example.com/orders?page=2#last");
        assert_eq!(resolved("https://app.example.com/orders"), "https://app.example.com/orders");
        assert_eq!(resolved("/auth/logins"), "https://app.example.com/auth/logins");
        assert_eq!(resolved("/a?next=/leave"), "https://app.example.com/a?next=/leave");
        assert_eq!(resolved(""), "https://app.example.com/");
    }

    #[test]
    fn what_leads_elsewhere_becomes_the_root_below_the_base_path() {
        let auth = auth("/shop");
        let owner = auth.owner().unwrap();
        for requested in [None, Some("//evil.com"), Some("/shop/leave"), Some("")] {
            let place = ReturnTo::parse(requested, &auth, owner);
            assert_eq!(place.as_str(), "https://app.example.com/shop", "{requested:?}");
            assert_eq!(place.relative(), "/shop");
        }
        assert_eq!(ReturnTo::parse(Some("/shop/a"), &auth, owner).relative(), "/shop/a");
    }

    #[test]
    fn grd_08_the_root_keeps_the_mark_of_the_place_that_it_replaces() {
        for (requested, expected) in [
            ("//evil.com/?a=b&step_up_asked_at=5#c", "https://app.example.com/?step_up_asked_at=5"),
            ("/leave?step_up_asked_at=5", "https://app.example.com/?step_up_asked_at=5"),
            ("//evil.com/?step_up_asked_at=%0d%0a", "https://app.example.com/"),
            ("//evil.com/?step_up_asked_at=", "https://app.example.com/"),
            ("//evil.com/#?step_up_asked_at=5", "https://app.example.com/"),
        ] {
            assert_eq!(resolved(requested), expected, "{requested}");
        }
    }

    #[test]
    fn rdr_02_rdr_04_rdr_07_rdr_09_and_rdr_11_no_disguise_leaves_the_origin() {
        for requested in [
            "//evil.com",
            "///evil.com",
            "/\\evil.com",
            "\\\\evil.com",
            "/\t/evil.com",
            "/\n/evil.com",
            "https:evil.com/",
            "https:///evil.com",
            "http://app.example.com/",
            "https://app.example.com:8443/",
            "https://app.example.com@evil.com/",
            "https://user@app.example.com/",
            "javascript:alert(1)",
            "data:text/html,x",
            "vbscript:x",
            "file:///etc/passwd",
            "blob:https://app.example.com/x",
            "https://evil.com/app.example.com",
            "\u{ff0f}\u{ff0f}evil.com",
            "https://app.example.com\u{3002}evil.com/",
            "/%09/evil.com",
            "https://xn--80ak6aa92e.com/",
            "//app.example.com///evil.com",
            "https://app.example.com///evil.com",
        ] {
            let url = Url::parse(&resolved(requested)).unwrap();
            assert_eq!(url.origin().ascii_serialization(), "https://app.example.com", "{requested:?}");
            assert!(!url.path().starts_with("//"), "{requested:?} -> {url}");
        }
    }

    #[test]
    fn rdr_12_the_endpoints_of_the_sign_in_are_no_place_to_return_to() {
        for requested in [
            "/leave",
            "/LEAVE/",
            "/%6ceave",
            "//app.example.com//leave",
            "/auth/login?x",
            "/auth/callback/",
            "/auth//callback",
            "/auth/profile#x",
            "/auth/access-token",
            "/auth%2Flogin",
            "/auth%5Clogin",
            "/a/%2e%2e/auth/login",
            "/x/..%2fauth/login",
            "/./auth/login",
            "/x/../auth/login",
            "/.//auth/login",
            "https://app.example.com//auth/login",
        ] {
            assert_eq!(resolved(requested), "https://app.example.com/", "{requested}");
        }
        assert_eq!(resolved("/auth/logout"), "https://app.example.com/auth/logout", "it is elsewhere here");
    }

    #[test]
    fn what_a_cookie_could_not_hold_is_not_kept() {
        assert_eq!(resolved(&format!("/{}", "a".repeat(MAX_BYTES))), "https://app.example.com/");
        assert_eq!(resolved(&format!("/{}", "ä".repeat(MAX_BYTES / 4))), "https://app.example.com/");
        assert!(resolved(&format!("/{}", "a".repeat(MAX_BYTES - 1))).ends_with("aaa"));
    }
}
