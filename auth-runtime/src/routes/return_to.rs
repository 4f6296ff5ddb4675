//! Where a sign-in ends: a place of this application, by type.

use url::Url;

use super::ALL;

/// A URL of the application's own origin that is no endpoint of the sign-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ReturnTo(Url);

impl ReturnTo {
    /// Resolves `requested` as a browser would; whatever leads elsewhere becomes the application's root.
    pub(super) fn parse(requested: Option<&str>, base_url: &Url) -> Self {
        let root = Self(base_url.clone());
        let Some(requested) = requested.filter(|text| text.len() <= MAX_BYTES) else { return root };
        // Browsers drop these from a URL, and everything that compared the rest was deceived.
        if requested.chars().any(|c| c.is_ascii_control()) {
            return root;
        }
        let Ok(mut url) = base_url.join(requested) else { return root };
        let is_ours =
            url.origin() == base_url.origin() && url.username().is_empty() && url.password().is_none();
        // What begins with two slashes names a host as soon as it is taken for a relative URL.
        if url.path().starts_with("//") {
            let path = format!("/{}", url.path().trim_start_matches('/'));
            url.set_path(&path);
        }
        if !is_ours || ALL.contains(&url.path().trim_end_matches('/')) {
            return root;
        }
        Self(url)
    }

    /// The absolute URL, which nothing can resolve to another origin.
    pub(super) fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Path, query and fragment, as the transaction keeps them.
    pub(super) fn relative(&self) -> &str {
        let origin = self.0.origin().ascii_serialization();
        self.0.as_str().strip_prefix(&origin).unwrap_or("/")
    }
}

/// Longer than any page of an application, shorter than any limit of a header.
const MAX_BYTES: usize = 2_048;

#[cfg(test)]
mod tests {
    use super::*;

    fn resolved(requested: &str) -> String {
        let base_url = Url::parse("https://app.example.com").unwrap();
        ReturnTo::parse(Some(requested), &base_url).as_str().to_owned()
    }

    #[test]
    fn a_place_of_the_application_is_kept() {
        assert_eq!(resolved("/orders?page=2#last"), "https://app.example.com/orders?page=2#last");
        assert_eq!(resolved("https://app.example.com/orders"), "https://app.example.com/orders");
        assert_eq!(resolved(""), "https://app.example.com/");
    }

    #[test]
    fn rdr_02_rdr_07_and_rdr_09_no_disguise_leaves_the_origin() {
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
            "/auth/logout",
            "/auth/login?x",
            "/auth/callback/",
            "/./auth/logout",
            "/x/../auth/login",
            "/.//auth/logout",
            "https://app.example.com//auth/logout",
        ] {
            assert_eq!(resolved(requested), "https://app.example.com/", "{requested}");
        }
    }
}
