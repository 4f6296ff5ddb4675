//! The cookies of a client.

use std::collections::BTreeMap;
use std::fmt;

use cookie::Cookie;
use http::header::SET_COOKIE;
use http::{HeaderMap, HeaderValue};

/// The cookies of a client, each with the path that it is for.
#[derive(Default)]
pub(super) struct Jar(BTreeMap<String, Kept>);

struct Kept {
    value: String,
    path: String,
}

impl Jar {
    /// Takes the cookies that an answer sets, and drops those that it removes.
    pub(super) fn keep(&mut self, headers: &HeaderMap) {
        // A browser passes over a line that it cannot read.
        let lines = headers.get_all(SET_COOKIE).iter().filter_map(|line| line.to_str().ok());
        for cookie in lines.filter_map(|line| Cookie::parse(line).ok()) {
            if is_removal(&cookie) {
                self.0.remove(cookie.name());
            } else {
                let path = cookie.path().unwrap_or("/").to_owned();
                self.0.insert(cookie.name().to_owned(), Kept { value: cookie.value().to_owned(), path });
            }
        }
    }

    /// Returns the `Cookie` header of a request for this path, if there are cookies for it.
    pub(super) fn header_for(&self, path: &str) -> Option<HeaderValue> {
        let wanted = self.0.iter().filter(|(_, kept)| kept.is_for(path));
        let pairs: Vec<String> = wanted.map(|(name, kept)| format!("{name}={}", kept.value)).collect();
        HeaderValue::try_from(pairs.join("; ")).ok().filter(|header| !header.is_empty())
    }
}

impl Kept {
    /// Returns whether the cookie's path covers that of a request (RFC 6265 §5.1.4).
    fn is_for(&self, path: &str) -> bool {
        let rest = path.strip_prefix(self.path.trim_end_matches('/'));
        path == self.path || rest.is_some_and(|rest| rest.starts_with('/'))
    }
}

impl FromIterator<(String, String)> for Jar {
    fn from_iter<T: IntoIterator<Item = (String, String)>>(pairs: T) -> Self {
        let whole_site = |(name, value)| (name, Kept { value, path: "/".to_owned() });
        Self(pairs.into_iter().map(whole_site).collect())
    }
}

/// Shows the names alone.
impl fmt::Debug for Jar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// Returns whether a line removes its cookie. An `Expires` counts only if it is the beginning of 1970, since a test may
/// set the clock by which the application writes the others. `Max-Age` counts before `Expires` (RFC 6265 §5.3).
fn is_removal(cookie: &Cookie<'_>) -> bool {
    match (cookie.max_age(), cookie.expires_datetime()) {
        (Some(max_age), _) => max_age.whole_seconds() <= 0,
        (None, Some(expires)) => expires.unix_timestamp() <= 0,
        (None, None) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jar(lines: &[&'static str]) -> Jar {
        let mut jar = Jar::default();
        let line = |line: &&'static str| (SET_COOKIE, HeaderValue::from_static(line));
        let mut headers = HeaderMap::new();
        headers.extend(lines.iter().map(line));
        jar.keep(&headers);
        jar
    }

    #[test]
    fn cookies_are_kept_replaced_and_removed_as_in_a_browser() {
        let set = ["a=1; Path=/; Max-Age=60; HttpOnly", "b=2"];
        let cases: [(&[&'static str], Option<&str>); 8] = [
            (&[], Some("a=1; b=2")),
            (&["a=3; Path=/"], Some("a=3; b=2")),
            (&["a=; Path=/; Max-Age=0"], Some("b=2")),
            (&["a=; Path=/; Max-Age=0", "a=4; Path=/"], Some("a=4; b=2")),
            (&["b=; Expires=Thu, 01 Jan 1970 00:00:00 GMT"], Some("a=1")),
            (&["b=5; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT"], Some("a=1; b=5")),
            (&["b=6; Expires=Fri, 01 Jan 2021 00:00:00 GMT"], Some("a=1; b=6")),
            (&["a=; Max-Age=0", "b=; Max-Age=0"], None),
        ];
        for (lines, expected) in cases {
            let jar = jar(&[&set[..], lines].concat());
            let header = jar.header_for("/");
            assert_eq!(header.as_ref().map(|header| header.to_str().unwrap()), expected, "{lines:?}");
        }
    }

    #[test]
    fn s_6265_5_1_4_a_cookie_goes_to_its_path_and_below() {
        let jar = jar(&["a=1; Path=/app"]);
        let paths = ["/app", "/app/", "/app/me", "/", "/application", "/other/app"];
        let goes: Vec<&str> = paths.into_iter().filter(|path| jar.header_for(path).is_some()).collect();
        assert_eq!(goes, ["/app", "/app/", "/app/me"]);
        assert_eq!(format!("{jar:?}"), r#"{"a"}"#);
    }
}
